; Shapes that no structured program has: a cycle with two entries, which is no loop,
; around a loop; a block that jumps to itself; blocks that nothing reaches; two latches.
define void @twoEntries(i1 %c, i1 %d) {
entry:
  br i1 %c, label %a, label %b

a:                                                ; preds = %b, %entry
  br i1 %d, label %inner, label %b

inner:                                            ; preds = %inner, %a
  br i1 %d, label %inner, label %b

b:                                                ; preds = %inner, %a, %entry
  br i1 %c, label %a, label %done

done:
  ret void
}

define void @unreached(i1 %c) {
  br label %"a loop"

"a loop":
  br i1 %c, label %"a loop", label %out

out:
  ret void

dead:
  br i1 %c, label %dead, label %"a loop"
}

define void @twoLatches(i32 %n, ptr %p) {
  br label %head

head:
  switch i32 %n, label %out [
    i32 0, label %one
    i32 1, label %two
    i32 2, label %head
  ]

one:
  br label %head

two:
  %again = load i1, ptr %p
  br i1 %again, label %two, label %head

out:
  ret void
}

define i32 @numbered(i32 %0, i1 %1) {
  br label %3

3:
  %4 = phi i32 [ 0, %2 ], [ %6, %5 ]
  br label %5

5:
  %6 = add i32 %4, %0
  br i1 %1, label %3, label %7

7:
  br i1 %1, label %5, label %8

8:
  ret i32 %6
}
