// The steps of random programs, by families. What cladopt imports must be drawn by one of them, which a test checks.
#pragma once

#include "random_step.h"

namespace random_program {

// random_steps_pointwise.cpp: one lane at a time, also comparisons and casts.
Forms pointwise();
// random_steps_shapes.cpp: views that keep at least one element; what moves, joins and makes tensors.
Forms views();
Forms shapes();
Forms creations();
// random_steps_reductions.cpp: reductions, normalisations, sorting; losses.
Forms reductions();
Forms losses();
// random_steps_products.cpp: products of matrices, convolutions, windows.
Forms products();
Forms windows();
// random_steps_indices.cpp
Forms indices();
// random_steps_code.cpp: code as people write it; what cladopt refuses.
Choices code();
Choices refused();

}  // namespace random_program
