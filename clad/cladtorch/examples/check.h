// An example that is wrong says so and fails.
#pragma once

#include <cstdlib>
#include <iostream>

#define CHECK_THAT(condition)                                                              \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      std::cerr << __FILE__ << ":" << __LINE__ << ": not so: " << #condition << std::endl; \
      std::exit(1);                                                                        \
    }                                                                                      \
  } while (false)
