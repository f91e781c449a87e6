define void @scale(float* noalias %x, float* noalias %y, i64 %n) {
entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr inbounds float, float* %x, i64 %i
  %v = load float, float* %p, align 4
  %w = fmul contract float %v, %v
  %q = getelementptr inbounds float, float* %y, i64 %i
  store float %w, float* %q, align 4
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, 4096
  br i1 %done, label %out, label %loop

out:
  ret void
}

define void @prefix(float* noalias %x, float* noalias %y) {
entry:
  br label %loop

loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %sum = phi float [ 0.0, %entry ], [ %w, %loop ]
  %p = getelementptr inbounds float, float* %x, i64 %i
  %v = load float, float* %p, align 4
  %w = fadd float %sum, %v
  %q = getelementptr inbounds float, float* %y, i64 %i
  store float %w, float* %q, align 4
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, 4096
  br i1 %done, label %out, label %loop

out:
  ret void
}
