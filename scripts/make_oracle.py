#!/usr/bin/env python3
"""Records what LibTorch computes for every ATen op that cladopt imports.

    python3 scripts/make_oracle.py engine/testdata/oracle [--split] [GROUP...]

Each group is one traced function of many independent cases, written as NAME.graph
and NAME.safetensors, once in f32 and once in f64. --split writes each case as a graph
of its own, to find the one that fails. Needs torch 2.x; the numbers of a group depend
on its own seed only.
"""
import json
import math
import os
import re
import struct
import sys
import warnings

import torch
import torch.nn.functional as F

A = torch.ops.aten
NAN, INF = math.nan, math.inf
I64, I32, I8, BOOL = torch.int64, torch.int32, torch.int8, torch.bool

# At and next to the kinks of piecewise ops, and what is not a number.
SMALL = [NAN, INF, -INF, 0.0, -0.0, 0.25, -0.25, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0, 0.9375, -0.9375]
LARGE = [6.0, -6.0, 6.5, -6.5, 15.0, -15.0, 20.0, -20.0, 20.5, -20.5, 50.0, -50.0, 90.0, -90.0, 110.0, -110.0, 1e4, -1e4, 1e30, -1e30]

SAFE = {torch.float32: "F32", torch.float64: "F64", I64: "I64", I32: "I32", I8: "I8", torch.int16: "I16", BOOL: "BOOL", torch.uint8: "U8"}


# LibTorch's code for f32, for f64 and for what is left over of a vector differ at NaN
# or infinity in some ops. There is nothing to agree with, so these inputs leave them out:
# the gradients of elu, celu, selu and hardswish at NaN; gelu at infinity; the gradients of acosh
# outside of its domain, of pow(x, 1.5) and pow(x, -0.5) at -inf and -0 (pow(x, 0.5) is
# sqrt there), of xlogy(0, inf), of clamp where a bound is NaN.
NUMBERS = [x for x in SMALL if not math.isnan(x)]
FINITE = [x for x in SMALL if math.isfinite(x)]


class Group:
    """The cases of one graph, in one floating type."""

    def __init__(self, name, dtype):
        self.name, self.dtype = name, dtype
        self.cases = []
        torch.manual_seed(sum(map(ord, name)))

    def v(self, *values, grad=True):
        """A vector of these values, or one tensor of nested lists."""
        x = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
        return torch.tensor(x, dtype=self.dtype).requires_grad_(grad)

    def s(self, value, grad=True):
        return torch.tensor(value, dtype=self.dtype).requires_grad_(grad)

    def r(self, *shape, lo=-2.0, hi=2.0, grad=True):
        """Random values, drawn so that both floating types get the same ones."""
        x = (torch.rand(shape, dtype=torch.float64) * (hi - lo) + lo).to(torch.float32)
        return x.to(self.dtype).requires_grad_(grad)

    def perm(self, *shape, grad=True):
        """Random values without ties."""
        n = math.prod(shape)
        x = (torch.randperm(n, dtype=I64) - n // 2).to(torch.float64) / 4
        return x.reshape(shape).to(self.dtype).requires_grad_(grad)

    def small(self):
        return self.v(*SMALL)

    def numbers(self):
        return self.v(*NUMBERS)

    def large(self):
        return self.v(*LARGE)

    def i(self, *values, dtype=I64):
        x = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
        return torch.tensor(x, dtype=dtype)

    def case(self, fn, *inputs):
        """fn(*inputs) gives a tensor or several; inputs are tensors."""
        self.cases.append((fn, inputs))


def write_safetensors(path, tensors):
    header, offset, blobs = {}, 0, []
    for name, t in tensors:
        data = t.detach().clone(memory_format=torch.contiguous_format).reshape(-1).view(torch.uint8).numpy().tobytes() if t.numel() else b""
        header[name] = {"dtype": SAFE[t.dtype], "shape": list(t.shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        blobs.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def flat(x):
    return [x] if isinstance(x, torch.Tensor) else [z for y in x for z in flat(y)]


def leaf(x):
    """A fresh leaf with the same values and strides."""
    y = torch.empty_strided(x.shape, x.stride(), dtype=x.dtype)
    with torch.no_grad():
        y.copy_(x)
    return y.requires_grad_(x.requires_grad)


def respell_convolutions(text):
    """The tracer spells every convolution aten::_convolution; scripts spell them by the
    functions that take fewer arguments. Every second one becomes that, every third
    aten::convolution."""
    dims = {v: len(sizes.split(",")) for v, sizes in re.findall(r"(%[\w.]+) : \w+\(([\d, ]+), strides", text)}
    flags = dict(re.findall(r"(%[\w.]+) : bool = prim::Constant\[value=(\d)\]", text))
    count = 0

    def spell(match):
        nonlocal count
        count += 1
        a = match.group(2).split(", ")
        if count % 3 == 1:
            return match.group(0)
        # Of _convolution alone the tracer records the type before autograd has seen it.
        head = match.group(1).replace("requires_grad=0", "requires_grad=1") + " = "
        if count % 3 == 0:
            return head + "aten::convolution(" + ", ".join(a[:9]) + ")"
        n = dims[a[1]] - 2
        if flags[a[6]] == "1":
            return head + "aten::conv_transpose%dd(%s)" % (n, ", ".join(a[:5] + [a[7], a[8], a[5]]))
        return head + "aten::conv%dd(%s)" % (n, ", ".join(a[:6] + [a[8]]))

    return re.sub(r"(?m)^(.*) = aten::_convolution\(([^)]*)\)", spell, text)


def record(folder, name, cases):
    inputs = [leaf(x) for _, xs in cases for x in xs]

    def f(*args):
        outs, at = [], 0
        for fn, xs in cases:
            outs += flat(fn(*args[at:at + len(xs)]))
            at += len(xs)
        return tuple(outs)

    traced = torch.jit.trace(f, tuple(leaf(x) for x in inputs), check_trace=False)
    outs = f(*inputs)
    g = torch.Generator().manual_seed(len(cases))
    tensors = [("input.%d" % i, x) for i, x in enumerate(inputs)]
    tensors += [("output.%d" % i, y) for i, y in enumerate(outs)]
    seeded = [(i, y) for i, y in enumerate(outs) if y.requires_grad]
    adjoints = [(torch.randint(-8, 9, y.shape, generator=g) / 4 + 0.125).to(y.dtype) for _, y in seeded]
    tensors += [("grad_output.%d" % i, d) for (i, _), d in zip(seeded, adjoints)]
    wanted = [(i, x) for i, x in enumerate(inputs) if x.requires_grad]
    if seeded:
        grads = torch.autograd.grad([y for _, y in seeded], [x for _, x in wanted], adjoints, allow_unused=True)
        for (i, x), d in zip(wanted, grads):
            if d is None or d._is_zerotensor():
                d = torch.zeros_like(x)
            tensors.append(("grad_input.%d" % i, d))
    with open(os.path.join(folder, name + ".graph"), "w") as out:
        out.write(respell_convolutions(traced.graph.str(False)))
    write_safetensors(os.path.join(folder, name + ".safetensors"), tensors)


# ---- the cases ----

def unary(g, names):
    for n in names:
        for x in (g.small(), g.large()):
            g.case(getattr(A, n), x)


def arithmetic(g):
    """add sub mul div and their kin, by tensors and numbers, with broadcasting."""
    for n in ("add", "sub", "subtract", "rsub"):
        op = getattr(A, n)
        g.case(lambda x, y, op=op: op.Tensor(x, y, alpha=1), g.r(2, 3), g.r(3))
        g.case(lambda x, y, op=op: op.Tensor(x, y, alpha=-2), g.r(2, 1), g.r(1, 3))
        g.case(lambda x, op=op: op.Scalar(x, 2.5, 3), g.small())
    for n in ("mul", "multiply"):
        op = getattr(A, n)
        g.case(op.Tensor, g.small(), g.s(-0.0))
        g.case(op.Tensor, g.r(2, 1, 3), g.r(4, 1))
        g.case(lambda x, op=op: op.Scalar(x, -1.5), g.small())
    for n in ("div", "divide", "true_divide"):
        op = getattr(A, n)
        g.case(op.Tensor, g.small(), g.v([[1.0], [0.0], [-0.0], [INF], [NAN], [-3.0]]))
        g.case(lambda x, op=op: op.Scalar(x, 4), g.small())
        g.case(lambda x, op=op: op.Scalar(x, 0.0), g.small())
    for n in ("div", "divide"):
        op = getattr(A, n)
        for mode in ("floor", "trunc", None) if n == "div" else ():
            g.case(lambda x, y, op=op, mode=mode: op.Tensor_mode(x, y, rounding_mode=mode), g.small(), g.v([[0.75], [-0.75], [0.0], [INF], [-INF]]))
            g.case(lambda x, op=op, mode=mode: op.Scalar_mode(x, 0.5, rounding_mode=mode), g.small())
    g.case(lambda x, y: A.floor_divide(x, y), g.r(5, grad=False), g.v(0.3, -0.3, 1.0, 0.0, INF, grad=False))
    g.case(lambda x: A.floor_divide.Scalar(x, 0.3), g.r(5, grad=False))
    for n in ("fmod", "remainder"):
        op = getattr(A, n)
        g.case(op.Tensor, g.small(), g.v([[0.75], [-0.75], [0.0], [INF], [-INF], [NAN]], grad=n == "fmod"))
        g.case(lambda x, op=op: op.Scalar(x, 0.75), g.small())
        g.case(lambda x, op=op: op.Scalar(x, -1.0), g.small())
    g.case(A.remainder.Tensor, g.r(6), g.v(0.75, -0.75, 0.3, -0.3, 5.0, -5.0))
    g.case(lambda x, y, z: A.addcmul(x, y, z, value=0.5), g.r(2, 3), g.r(3), g.r(2, 1))
    g.case(lambda x, y, z: A.addcdiv(x, y, z, value=-2), g.r(2, 3), g.r(3), g.r(2, 1, lo=0.5))
    g.case(lambda x, y, z: A.addcmul(x, y, z), g.v(1.0, INF, NAN), g.v(0.0, 1.0, 2.0), g.v(INF, 1.0, 2.0))
    for w in (0.25, 0.5, 0.75, 1.0):
        g.case(lambda x, y, w=w: A.lerp.Scalar(x, y, w), g.r(4), g.r(4))
    g.case(A.lerp.Tensor, g.r(2, 4), g.r(2, 4), g.v(0.0, 0.25, 0.5, 1.0))
    g.case(lambda x: A.neg(x), g.small())
    g.case(lambda x: A.negative(x), g.small())
    g.case(lambda x, y: A.add(x, y), g.r(0, 3), g.r(1, 3))
    g.case(lambda x, y: A.mul(x, y), g.s(1.5), g.s(-2.0))


def powers(g):
    g.case(A.pow.Tensor_Tensor, g.v([[0.0], [-0.0], [1.0], [-1.0], [2.0], [-2.0], [0.5], [INF], [-INF], [NAN]]),
           g.v(0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -0.5, INF, -INF, NAN))
    g.case(A.pow.Tensor_Tensor, g.r(2, 3, lo=0.2), g.r(3))
    positive = [x for x in SMALL if math.copysign(1, x) > 0]
    for e in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 2.5, 0.0, 4.0):
        g.case(lambda x, e=e: A.pow.Tensor_Scalar(x, e), g.v(*(positive if e in (-0.5, 1.5) else SMALL)))
    for b in (2, 0.5, 1, 0, 0.0, -1.0, -2.0):
        g.case(lambda x, b=b: A.pow.Scalar(b, x), g.small())
    unary(g, ["sqrt", "rsqrt", "reciprocal", "square", "exp", "exp2", "expm1", "log", "log1p", "log2", "log10"])
    g.case(A.logaddexp, g.v([[0.0], [INF], [-INF], [NAN], [1.0], [-100.0]]), g.v(0.0, INF, -INF, NAN, 1.0, 100.0))
    g.case(A.logaddexp, g.r(2, 3), g.r(3))
    g.case(A.xlogy.Tensor, g.v([[0.0], [-0.0], [1.0], [-2.0], [INF], [NAN]]), g.v(0.0, 1.0, 2.0, -1.0, NAN))
    g.case(A.xlogy.Tensor, g.v(0.0, 1.0, -2.0, grad=False), g.v(INF, INF, INF))
    g.case(lambda x: A.xlogy.Scalar_Self(0.0, x), g.small())
    g.case(lambda x: A.xlogy.Scalar_Self(2.0, x), g.small())
    g.case(lambda x: A.xlogy.Scalar_Other(x, 0.0), g.small())
    g.case(lambda x: A.xlogy.Scalar_Other(x, 3.0), g.small())


def transcendental(g):
    unary(g, ["sin", "cos", "tan"])
    # Beyond this LibTorch itself differs between its vector and scalar code.
    g.cases = [(f, xs) if len(xs[0]) != len(LARGE) else (f, (g.v(*LARGE[:16]),)) for f, xs in g.cases]
    unary(g, ["asin", "arcsin", "acos", "arccos", "atan", "arctan", "sinh", "cosh", "tanh", "asinh", "arcsinh", "atanh", "arctanh", "erf", "special_erf", "erfc", "special_erfc"])
    for n in ("acosh", "arccosh"):
        g.case(getattr(A, n), g.v(NAN, INF, 1.0, 1.25, 2.0, 50.0, 1e4, 1e30))
        g.case(getattr(A, n), g.v(*SMALL, grad=False))
    for n in ("atan2", "arctan2"):
        g.case(getattr(A, n), g.v([[0.0], [-0.0], [1.0], [-1.0], [INF], [-INF], [NAN]]), g.v(0.0, -0.0, 1.0, -1.0, INF, -INF, NAN))
    for n in ("lgamma", "special_gammaln", "digamma", "special_digamma", "special_psi"):
        g.case(getattr(A, n), g.v(NAN, INF, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.0, 10.5, 20.0))
        g.case(getattr(A, n), g.v(-0.25, -0.5, -1.5, -2.75, -7.5))
    g.case(lambda x: (A.lgamma(x), A.digamma(x)), g.v(0.0, -1.0, -2.0, -INF, 1e4))


def rounding(g):
    unary(g, ["abs", "absolute", "sign", "sgn", "floor", "ceil", "round", "trunc", "fix", "frac"])


def activations(g):
    unary(g, ["relu", "relu6", "hardsigmoid", "sigmoid", "log_sigmoid", "silu", "mish", "leaky_relu",
              "hardtanh", "hardshrink", "softshrink", "softplus"])
    for n in ("selu", "elu", "celu", "hardswish"):
        for x in (g.numbers(), g.large(), g.v(NAN, 1.0, grad=False)):
            g.case(getattr(A, n), x)
    for x in (lambda: g.v(NAN, *FINITE), g.large):
        g.case(A.gelu, x())
        g.case(lambda x: A.gelu(x, approximate="tanh"), x())
    g.case(lambda x: A.leaky_relu(x, 0.25), g.small())
    g.case(lambda x: A.leaky_relu(x, -0.5), g.small())
    g.case(lambda x: A.elu(x, 1.5, 2.0, 0.5), g.numbers())
    g.case(lambda x: A.celu(x, 0.5), g.numbers())
    g.case(lambda x: A.hardtanh(x, -0.5, 2), g.small())
    g.case(lambda x: A.threshold(x, 0.5, -7), g.small())
    g.case(lambda x: A.hardshrink(x, 1.0), g.small())
    g.case(lambda x: A.hardshrink(x, 0.0), g.small())
    g.case(lambda x: A.softshrink(x, 1.0), g.small())
    g.case(lambda x: A.softplus(x, 2, 5), g.small())
    g.case(lambda x: A.softplus(x, 0.5, 1), g.large())
    g.case(A.prelu, g.small(), g.v(0.25))
    g.case(A.prelu, g.v([[1.0, -1.0, 0.0], [-2.0, 2.0, NAN]]), g.v(0.25, -0.5, 1.0))
    g.case(A.prelu, g.r(2, 3, 2), g.r(3))
    g.case(lambda x: A.glu(x), g.r(2, 6))
    g.case(lambda x: A.glu(x, 0), g.r(4, 3))
    g.case(lambda x: A.glu(x, -2), g.r(2, 4, 1))
    g.case(lambda x: A.dropout(x, 0.5, False), g.r(3))
    g.case(A.relu, g.s(-1.0))
    g.case(A.gelu, g.r(0))


def clamping(g):
    edge = lambda: g.v(NAN, INF, -INF, -1.0, -1.0 - 2**-20, 0.0, 1.0, 1.0 + 2**-20, 2.0)
    for n in ("clamp", "clip"):
        op = getattr(A, n)
        g.case(lambda x, op=op: op(x, -1, 1), edge())
        g.case(lambda x, op=op: op(x, 1.0, 1.0), edge())
        g.case(lambda x, op=op: op(x, 1.0, -1.0), edge())
        g.case(lambda x, op=op: op(x, None, 1.0), edge())
        g.case(lambda x, op=op: op(x, -1.0, None), edge())
        g.case(lambda x, op=op: op(x, -INF, INF), edge())
        g.case(lambda x, l, h, op=op: op.Tensor(x, l, h), edge(), g.v([[-1.0], [1.0]]), g.v([[1.0], [1.0]]))
        g.case(lambda x, l, h, op=op: op.Tensor(x, l, h), g.v(INF, -INF, 0.0, 3.0, 2.0, -1.0), g.s(2.0), g.s(-1.0))
        g.case(lambda x, l, h, op=op: op.Tensor(x, l, h), g.v(NAN, 0.0, 3.0, grad=False), g.v([[NAN], [1.0]], grad=False), g.v([[1.0], [NAN]], grad=False))
        g.case(lambda x, l, op=op: op.Tensor(x, l, None), edge(), g.s(-1.0))
        g.case(lambda x, h, op=op: op.Tensor(x, None, h), edge(), g.v([[1.0], [-1.0]]))
    for n in ("clamp_min", "clamp_max"):
        op = getattr(A, n)
        g.case(lambda x, op=op: op(x, 1.0), edge())
        g.case(op.Tensor, edge(), g.v([[1.0], [NAN], [-1.0], [INF]]))
    a, b = lambda: g.v([[0.0], [-0.0], [1.0], [NAN], [INF], [-INF]]), lambda: g.v(0.0, 1.0, NAN, INF, -INF)
    for op in (A.maximum, A.minimum, A.fmax, A.fmin, A.max.other, A.min.other):
        g.case(op, a(), b())


def selection(g):
    c = lambda: g.i([True, False, True], dtype=BOOL)
    g.case(A.where.self, c(), g.v(1.0, NAN, INF), g.v(NAN, 2.0, NAN))
    g.case(A.where.self, g.i([[True], [False]], dtype=BOOL), g.r(3), g.r(2, 1))
    g.case(lambda c, y: A.where.ScalarSelf(c, 1.5, y), c(), g.r(3))
    g.case(lambda c, x: A.where.ScalarOther(c, x, -INF), c(), g.r(3))
    g.case(lambda c: A.where.Scalar(c, 1.5, 2.5), c())
    g.case(lambda x, m: A.masked_fill.Scalar(x, m, -INF), g.r(2, 3), c())
    g.case(lambda x, m, v: A.masked_fill.Tensor(x, m, v), g.r(2, 3), c(), g.s(1.5))
    g.case(lambda x, m: A.masked_fill.Scalar(x, m, 2), g.v(NAN, NAN, 1.0), c())


def comparisons(g):
    names = ["eq", "ne", "lt", "le", "gt", "ge", "not_equal", "less", "less_equal", "greater", "greater_equal"]
    for n in names:
        op = getattr(A, n)
        g.case(op.Tensor, g.small(), g.v([[0.0], [1.0], [NAN], [INF]]))
        g.case(lambda x, op=op: op.Scalar(x, 0.5), g.small())
        g.case(op.Tensor, g.i(-3, 0, 2**40), g.i([[0], [2**40 + 1]]))
        g.case(lambda x, op=op: op.Scalar(x, 1), g.i(-3, 0, 1))
        g.case(lambda x, op=op: op.Scalar(x, 1.5), g.i(1, 2))
        g.case(op.Tensor, g.i(True, False, dtype=BOOL), g.i([[True], [False]], dtype=BOOL))
    for n in ("isnan", "isinf", "isfinite", "logical_not"):
        g.case(getattr(A, n), g.small())
        g.case(getattr(A, n), g.i(-1, 0, 5))
    for n in ("logical_and", "logical_or", "logical_xor"):
        g.case(getattr(A, n), g.small(), g.v([[0.0], [NAN], [2.0]]))
        g.case(getattr(A, n), g.i(True, False, dtype=BOOL), g.i([[True], [False]], dtype=BOOL))
        g.case(getattr(A, n), g.i(0, 3), g.i([[0], [-1]]))
    for n in ("bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__", "__xor__"):
        op = getattr(A, n)
        for t in (I64, I32, I8):
            g.case(op.Tensor, g.i(-1, 0, 5, 100, dtype=t), g.i([[3], [-7]], dtype=t))
        g.case(lambda x, op=op: op.Scalar(x, 6), g.i(-1, 0, 5, 100))
        g.case(op.Tensor, g.i(True, False, dtype=BOOL), g.i([[True], [False]], dtype=BOOL))
    g.case(A.bitwise_not, g.i(-1, 0, 5))
    g.case(A.bitwise_not, g.i(True, False, dtype=BOOL))


def integers(g):
    """Integer and boolean elements, and what is promoted to floats."""
    edge = [-2**62, -7, -1, 0, 1, 7, 2**62]
    for n in ("add", "sub", "mul", "maximum", "minimum", "fmax", "fmin"):
        g.case(getattr(A, n), g.i(*edge), g.i([[3], [-5]]))
        g.case(getattr(A, n), g.i(-100, 0, 100, dtype=I8), g.i([[100], [-100]], dtype=I8))
    g.case(lambda x, y: A.add(x, y, alpha=3), g.i(*edge), g.i(2))
    for t in (I64, I32, I8):
        x = lambda: g.i(-7, -6, -1, 0, 1, 6, 7, dtype=t)
        y = lambda: g.i([[2], [-2], [3], [-3]], dtype=t)
        for op in (A.fmod, A.remainder, A.floor_divide, A.div):
            g.case(op, x(), y())
        for mode in ("floor", "trunc"):
            g.case(lambda x, y, mode=mode: A.div(x, y, rounding_mode=mode), x(), y())
        g.case(lambda x: (A.abs(x), A.neg(x), A.sign(x), A.square(x), A.relu(x)), x())
        g.case(lambda x: (A.clamp(x, -1, 2), A.clamp_min(x, 0), A.clamp_max(x, 3), A.hardtanh(x, -2, 3)), x())
        g.case(lambda x: (A.floor(x), A.ceil(x), A.round(x), A.trunc(x)), x())
        g.case(lambda x: (A.pow(x, 2), A.pow(x, 3), A.pow(x, 0)), x())
        g.case(lambda x: (A.sum(x), A.prod(x), A.cumsum(x, 0), A.amax(x, 0), A.amin(x, 0), A.any(x), A.all(x)), x())
        g.case(lambda x: (A.mul.Scalar(x, 2.5), A.add.Scalar(x, 1), A.div.Scalar(x, 2), A.sqrt(A.abs(x)), A.exp(x), A.sigmoid(x), A.tanh(x)), x())
    g.case(lambda x: (A.floor_divide.Scalar(x, 2), A.floor_divide.Scalar(x, -3), A.remainder.Scalar(x, 3), A.fmod.Scalar(x, -3)), g.i(-7, -1, 0, 1, 7))
    g.case(lambda x: A.pow(2.5, x), g.i(0, 1, 5, 10))
    b = lambda: g.i(True, False, dtype=BOOL)
    g.case(lambda x, y: (A.add(x, y), A.mul(x, y), A.maximum(x, y), A.minimum(x, y)), b(), g.i([[True], [False]], dtype=BOOL))
    g.case(lambda x: (A.sum(x), A.prod(x), A.cumsum(x, 0), A.any(x), A.all(x), A.amax(x, 0), A.amin(x, 0)), b())
    g.case(lambda x: (A.exp(x), A.div.Scalar(x, 2), A.add.Scalar(x, 1), A.add.Scalar(x, 1.5), A.mul.Scalar(x, 2)), g.i(True, False, dtype=BOOL))
    g.case(lambda x, y: (A.add(x, y), A.mul(y, x), A.sub(x, y), A.div(y, x)), g.r(3), g.i(1, 2, 3))
    g.case(lambda x, y: (A.add(x, y), A.mul(x, y)), g.i(1, 2, dtype=I32), g.i(True, False, dtype=BOOL))
    g.case(lambda x, y: (A.add(x, y), A.mul(x, y)), g.i(1, 2, dtype=I8), g.i(300, -300))
    g.case(lambda x, y: A.mul(x, y), g.i(1, 2, dtype=I8), g.i(3))   # a tensor of rank 0 does not widen
    g.case(lambda x: (A.mean(x, dtype=g.dtype), A.sum(x, dtype=g.dtype), A.prod(x, dtype=g.dtype), A.cumsum(x, 0, dtype=g.dtype)), g.i(1, 2, 4))
    g.case(lambda x: (A.sum(x, dtype=I32), A.prod(x, dtype=I8), A.sum(x, [0], False, dtype=I8)), g.i(1, 2, 300))
    g.case(lambda x: (A.argmax(x), A.argmin(x), A.max(x, 0), A.min(x, 0), A.max(x), A.min(x)), g.i(5, -3, 5, -3, 0))
    g.case(lambda x: (A.sort(x, stable=True), A.topk(x, 2), A.flip(x, [0]), A.count_nonzero(x)), g.i(5, -3, 7, 0, 2))
    g.case(lambda x, y: A.matmul(x, y), g.i([[1, 2], [3, -4]]), g.i([[5, 6], [-7, 8]]))


def promotion(g):
    """Operands and numbers of different kinds in one op."""
    i = lambda *v: g.i(*(v or (-3, 0, 2, 5)))
    x = lambda: g.v(-1.5, 0.0, 2.0, 7.25)
    g.case(lambda x: (A.clamp(x, 0.5, None), A.clamp(x, -1, 2.5), A.clamp_min(x, 0.5), A.clamp_max(x, 1.5)), i())
    g.case(lambda x: (A.pow(x, 0.5), A.pow(x, 2.0), A.pow(x, 1)), i(1, 4, 9))
    g.case(lambda x, y: (A.maximum(x, y), A.minimum(x, y), A.atan2(x, y), A.fmax(y, x)), i(), x())
    g.case(lambda x, y: (A.eq(x, y), A.lt(x, y), A.ge(y, x)), i(), x())
    g.case(lambda x, y: (A.remainder(x, y), A.fmod(x, y), A.div(x, y, rounding_mode="floor")), i(), g.v(0.75, 2.0, -1.5, 3.0, grad=False))
    g.case(lambda x: (A.remainder.Scalar(x, 1.5), A.fmod.Scalar(x, 0.75), A.floor_divide.Scalar(x, 1.5)), i())
    g.case(lambda x: (A.remainder.Scalar(x, 2), A.add.Scalar(x, 1, 2), A.sub.Scalar(x, 3), A.rsub.Scalar(x, 1)), i())
    g.case(lambda c, x, y: (A.where(c, x, y), A.where(c, y, x)), g.i([True, False, True, False], dtype=BOOL), i(), x())
    g.case(lambda c, x: (A.where.ScalarOther(c, x, 2), A.where.ScalarSelf(c, 1.5, x)), g.i([True, False, True, False], dtype=BOOL), i())
    g.case(lambda x, m: A.masked_fill.Scalar(x, m, 7), i(), g.i([True, False, True, False], dtype=BOOL))
    g.case(lambda x, y: (A.cat([x, y]), A.stack([y, x])), i(), x())
    g.case(lambda x, y: A.cat([x, y]), i(), g.i(1, 2, dtype=I32))
    g.case(lambda x, y, z: A.addcmul(x, y, z, value=2), i(), i(), i(1, 2, 3, 4))
    g.case(lambda x: (A.full_like(x, 3), A.ones_like(x), A.zeros_like(x), A.new_full(x, [2], 5)), i())
    g.case(lambda x: (A.sum(x, [0], True), A.prod(x, 0), A.cumsum(x, 0), A.amax(x), A.argmax(x)), g.i(3, -2, 7, dtype=torch.int16))
    g.case(lambda x: (A.logical_not(x), A.isnan(x), A.abs(x), A.sign(x), A.neg(x)), g.i(3, -2, 0, dtype=torch.int16))
    g.case(lambda x, i, y: (A.scatter(x, 0, i, y), A.scatter_add(x, 0, i, y), A.index_add(x, 0, i, y), A.index_copy(x, 0, i, y)), i(), g.i(2, 0), g.i(10, 20))
    g.case(lambda x, i: (A.gather(x, 0, i), A.index_select(x, 0, i), A.index(x, [i]), A.flip(x, [0]), A.topk(x, 1)), i(), g.i(2, 0))
    g.case(lambda x: (A.eye(2, dtype=I64), A.arange(3, dtype=g.dtype), A.full([2], 2.5, dtype=I64), A.linspace(0, 2, 3, dtype=g.dtype)), g.r(1))
    g.case(lambda x, y: (A.add(x, y), A.mul(x, y), A.sub(x, y)), g.i(100, -100, dtype=I8), g.i(1, 2, dtype=torch.int16))
    g.case(lambda x, y: (A.mul(x, y), A.add(y, x), A.div(y, x)), x(), g.s(2.5))
    g.case(lambda x, y: (A.mul(x, y), A.add(y, x)), i(), torch.tensor(3, dtype=I8))
    g.case(lambda x, y: A.mul(x, y), i(), g.s(2.5, grad=False))
    g.case(lambda x, y: (A.bitwise_and(x, y), A.bitwise_or(y, x), A.__xor__(x, y)), g.i(True, False, dtype=BOOL), g.i(6, 3))
    g.case(lambda x, y: (A.logical_and(x, y), A.logical_xor(y, x)), i(), x())
    g.case(lambda x: (A.relu(x), A.relu6(x), A.threshold(x, 1, 9), A.square(x), A.exp2(x), A.rsqrt(A.abs(x)), A.reciprocal(x), A.log(A.abs(x))), i())
    g.case(lambda x: (A.mean(A.to.dtype(x, g.dtype)), A.any(x), A.all(x), A.count_nonzero(x), A.sort(x), A.unbind(x)), i())
    g.case(lambda x: (A.tril(x), A.triu(x, 1), A.constant_pad_nd(x, [1, 1], 4), A.repeat(x, [2, 1]), A.masked_fill.Scalar(x, A.gt(x, 2), 0)), g.i([[1, 2], [3, 4]]))
    g.case(lambda x, y: (A.linear(x, y), A.mm(x, A.t(y)), A.mv(x, A.select(y, 0, 0)), A.dot(A.select(x, 0, 0), A.select(y, 0, 1))), g.i([[1, 2], [3, 4]]), g.i([[5, 6], [7, 8]]))
    g.case(lambda x: (A.one_hot(x, 3), A.embedding(A.to.dtype(A.one_hot(x, 3), g.dtype), x)), g.i(2, 0, 1))


def casts(g):
    other = torch.float64 if g.dtype == torch.float32 else torch.float32
    nums = lambda: g.v(0.0, -0.0, 0.5, -0.5, 1.0, -1.75, 100.25, -100.75)
    for t in (other, g.dtype, I64, I32, I8, BOOL):
        g.case(lambda x, t=t: A.to.dtype(x, t), nums())
    g.case(lambda x: A.to.dtype(x, BOOL), g.v(NAN, INF, 0.0, -0.0, 1e-30))
    g.case(lambda x: A.to.dtype(x, other), g.small())
    g.case(lambda x: A.to.device(x, torch.device("cpu"), other), nums())
    g.case(lambda x: A.to.dtype_layout(x, dtype=other), nums())
    g.case(lambda x, y: (A.to.other(x, y), A.type_as(x, y)), nums(), torch.tensor([1.0], dtype=other))
    for t in (g.dtype, I32, I8, BOOL):
        g.case(lambda x, t=t: A.to.dtype(x, t), g.i(-1, 0, 1, 127, 128, 300, -129))
        g.case(lambda x, t=t: A.to.dtype(x, t), g.i(True, False, dtype=BOOL))
        g.case(lambda x, t=t: A.to.dtype(x, t), g.i(-1, 0, 100, dtype=I8))
    g.case(lambda x: (A.clone(x), A.detach(x), A.alias(A.neg(x)), A.contiguous(A.neg(x)), A.lift_fresh(A.neg(x))), g.r(2, 3))
    g.case(lambda x: A.mul(A.detach(x), x), g.r(3))
    g.case(lambda x: A.mul(A.sin(A.detach(A.exp(x))), A.cos(x)), g.r(3))

    def without_gradient(x):
        with torch.no_grad():
            y = A.sum(A.mul(x, x), [1], True)
        return A.div(x, y)
    g.case(without_gradient, g.r(2, 3))
    g.case(lambda x: A.clone(x), g.r(3, 2).detach().t().requires_grad_())


def mixed(g):
    """Both floating types in one op; apart, since f32 anywhere widens the tolerance."""
    other, wide = torch.float64 if g.dtype == torch.float32 else torch.float32, torch.float64
    g.case(lambda x, y: A.mul(x, y), g.r(3), torch.tensor(2.5, dtype=torch.float64))
    g.case(lambda x, y: (A.add(x, y), A.atan2(y, x), A.maximum(x, y)), g.r(3), g.r(2, 1).detach().to(other).requires_grad_())
    g.case(lambda x: (A.sum(x, dtype=other), A.mean(x, [0], dtype=other), A.prod(x, dtype=other), A.cumsum(x, 1, dtype=other)), g.r(2, 3))
    g.case(lambda x: (A.linalg_vector_norm(x, 2, dtype=wide), A.norm.ScalarOpt_dtype(x, 2, dtype=wide), A.norm.ScalarOpt_dim_dtype(x, 2, [0], False, dtype=wide)), g.r(2, 3))
    g.case(lambda x: (A.softmax(x, 1, dtype=other), A.log_softmax(x, 1, dtype=other)), g.r(2, 3))


def creation(g):
    kw = {"dtype": g.dtype}
    g.case(lambda x: (A.full([2, 3], 1.5, **kw), A.zeros([2], **kw), A.ones([0, 2], **kw), A.full([], 2, dtype=I64), A.full([2], 1, dtype=BOOL)), g.r(1))
    g.case(lambda x: (A.full_like(x, -INF), A.zeros_like(x), A.ones_like(x), A.zeros_like(x, dtype=I64)), g.r(2, 2))
    g.case(lambda x: (A.new_zeros(x, [3]), A.new_ones(x, [1, 2]), A.new_full(x, [2], 7), A.new_full(x, [2], 7.5, dtype=I64)), g.r(1))
    g.case(lambda x: A.mul(A.zeros_like(A.empty_like(x)), x), g.r(2))
    g.case(lambda x: (A.zeros_like(A.empty([2, 3], **kw)), A.ones_like(A.new_empty(x, [2]))), g.r(1))
    g.case(lambda x: A.add(x, A.scalar_tensor(2.5, **kw)), g.r(2))
    g.case(lambda x: (A.arange(5), A.arange(2.5, **kw), A.arange.start(-2, 3), A.arange.start_step(0, 1, 0.25, **kw), A.arange.start_step(5, -4, -3), A.arange(0)), g.r(1))
    g.case(lambda x: (A.linspace(0, 1, 5, **kw), A.linspace(-1, 1, 1, **kw), A.linspace(3, -3, 7, **kw), A.linspace(0, 1, 0, **kw)), g.r(1))
    g.case(lambda x: (A.eye(3, **kw), A.eye.m(2, 3, **kw), A.eye.m(3, 0, **kw)), g.r(1))
    for d in (0, 1, -1, 5, -5):
        g.case(lambda x, d=d: (A.tril(x, d), A.triu(x, d)), g.r(3, 4))
    g.case(lambda x: (A.tril(x), A.triu(x)), g.v([[[NAN, INF], [-INF, NAN]]]))


def defaults(g):
    """What LibTorch's default dtype decides, which is here that of the group."""
    def case(fn, *inputs):
        def f(*xs):
            torch.set_default_dtype(g.dtype)
            try:
                return fn(*xs)
            finally:
                torch.set_default_dtype(torch.float32)
        g.case(f, *inputs)

    case(lambda x: (A.ones([3]), A.zeros([2, 1]), A.full([2], 0.1), A.scalar_tensor(0.1), A.scalar_tensor(2), A.add(A.mul(A.empty([2]), 0), x)), g.r(2))
    case(lambda x: (A.arange(0.5), A.arange.start_step(0, 1, 0.1), A.linspace(0, 1, 4), A.eye(2), A.full([2], 3)), g.r(1))
    ints = lambda: g.i([-3, 7, 2])
    case(lambda i, j: (A.div(i, j), A.true_divide(i, j), A.div.Scalar(i, 3), A.div(i, 3), A.div.Scalar_mode(i, 0.3, rounding_mode="floor")), ints(), ints())
    case(lambda i: (A.add.Scalar(i, 0.1), A.mul.Scalar(i, 0.1), A.sub.Scalar(i, 0.1, 2), A.rsub.Scalar(i, 0.1), A.mul(i, 2.0), A.add(i, 3)), ints())
    case(lambda i: (A.sqrt(i), A.sigmoid(i), A.exp(i), A.log(i), A.sin(i), A.rsqrt(i), A.reciprocal(i), A.tanh(i), A.erf(i)), g.i(1, 2, 3))
    case(lambda i: (A.sqrt(i), A.sigmoid(i), A.reciprocal(i), A.logit(i), A.mul.Scalar(i, 0.1), A.pow.Tensor_Scalar(i, 0.3), A.clamp(i, 0.1, 0.7)), g.i(True, False, dtype=BOOL))
    case(lambda i: (A.pow.Tensor_Scalar(i, 0.3), A.pow.Scalar(0.3, i), A.pow.Tensor_Scalar(i, -1.0), A.clamp(i, 0.1, 2.3), A.clamp_min(i, 2.3)), g.i(1, 2, 3))
    case(lambda i: (A.remainder.Scalar(i, 0.7), A.fmod.Scalar(i, 0.7), A.floor_divide.Scalar(i, 0.7)), g.i(1, 2, 3))
    case(lambda i, j: (A.atan2(i, j), A.xlogy(i, j), A.deg2rad(i), A.rad2deg(i), A.logit(i, 0.1)), g.i(1, 2, 3), g.i(2, 3, 5, dtype=I32))
    case(lambda c, i: (A.where.Scalar(c, 0.1, 0.2), A.where.ScalarOther(c, i, 0.2), A.where.ScalarSelf(c, 1, i), A.mul(A.where.Scalar(c, 0.1, 0.2), i)), g.i(True, False, True, dtype=BOOL), ints())
    case(lambda x, i: A.mul(x, A.div(i, 3)), g.r(3), ints())
    case(lambda i: (A.mean(A.add.Scalar(i, 0.1)), A.sum(i), A.softmax(A.mul.Scalar(i, 0.1), 0)), ints())


def views(g):
    x3 = lambda: g.r(2, 3, 4)
    g.case(lambda x: (A.permute(x, [2, 0, 1]), A.permute(x, [-1, -3, -2])), x3())
    g.case(lambda x: (A.reshape(x, [6, 4]), A.reshape(x, [-1]), A.view(x, [2, -1]), A._unsafe_view(x, [24]), A.reshape(x, [1, 24, 1])), x3())
    g.case(lambda x: (A.reshape(x, [0, 5]), A.reshape(x, [3, -1]), A.view(x, [0])), g.r(0, 3))
    g.case(lambda x: (A.view(x, []), A.reshape(x, [])), g.r(1, 1))
    g.case(lambda x, y: (A.view_as(x, y), A.reshape_as(x, y)), g.r(6), g.r(2, 3, grad=False))
    g.case(lambda x: (A.flatten(x), A.flatten(x, 1), A.flatten(x, 0, -2), A.ravel(x)), x3())
    g.case(lambda x: (A.flatten(x), A.ravel(x)), g.s(2.5))
    g.case(lambda x: (A.unsqueeze(x, 0), A.unsqueeze(x, -1), A.unsqueeze(x, 1)), g.r(2, 3))
    g.case(lambda x: (A.unflatten(x, 0, [2, 3]), A.unflatten(x, -1, [3, -1])), g.r(6))
    g.case(lambda x: (A.squeeze(x), A.squeeze.dim(x, 0), A.squeeze.dim(x, -1), A.squeeze.dims(x, [0, 2])), g.r(1, 3, 1))
    g.case(lambda x: A.squeeze.dim(x, 1), g.r(1, 3))
    g.case(lambda x: (A.t(x), A.numpy_T(x), A.mT(x), A.adjoint(x)), g.r(2, 3))
    g.case(lambda x: A.t(x), g.r(3))
    g.case(lambda x: (A.transpose(x, 0, -1), A.swapaxes(x, 0, 1), A.swapdims(x, -1, -2)), x3())
    g.case(lambda x: (A.movedim(x, 0, -1), A.movedim(x, [0, 1], [1, 2]), A.moveaxis(x, 2, 0), A.moveaxis(x, [0], [1])), x3())
    g.case(lambda x: (A.repeat(x, [2, 3]), A.repeat(x, [2, 1, 1]), A.repeat(x, [0, 1])), g.r(2, 2))
    g.case(lambda x: (A.expand(x, [4, 2, 3]), A.expand(x, [-1, 3]), A.broadcast_to(x, [2, 3])), g.r(2, 1))
    g.case(lambda x, y: A.expand_as(x, y), g.r(3), g.r(2, 3, grad=False))
    g.case(lambda x: (A.expand(x, [0]), A.expand(x, [2, 3])), g.s(1.5))
    g.case(lambda x: (A.slice(x, 0, 1, 3), A.slice(x, -1, None, None, 2), A.slice(x, 1, -2, 2**62), A.slice(x, 0, 3, 1), A.slice(x, 0, -100, 100)), g.r(4, 5))
    g.case(lambda x: (A.narrow(x, 0, 1, 2), A.narrow(x, -1, 0, 0)), g.r(4, 5))
    g.case(lambda x: (A.select(x, 0, 1), A.select(x, -1, -1)), g.r(4, 5))
    g.case(lambda x: (A.unbind(x), A.unbind(x, -1), A.chunk(x, 3, 1), A.chunk(x, 2), A.unsafe_chunk(x, 2, -1)), g.r(3, 5))
    g.case(lambda x: (A.split(x, 2, 1), A.split(x, 7), A.unsafe_split(x, 2, -1)), g.r(3, 5))
    g.case(lambda x: (A.split_with_sizes(x, [1, 0, 4], 1), A.unsafe_split_with_sizes(x, [2, 1]), A.split.sizes(x, [2, 3], -1)), g.r(3, 5))
    g.case(lambda x, y: (A.slice_scatter(x, y, 1, 1, 4, 2), A.slice_scatter(x, y, -1, 0, 2)), g.r(3, 4), g.r(3, 2))
    g.case(lambda x, y: (A.select_scatter(x, y, 1, -1), A.select_scatter(x, y, -1, 0)), g.r(3, 4), g.r(3))
    g.case(lambda x, y: A.broadcast_tensors([x, y]), g.r(3, 1), g.r(4))
    g.case(lambda x: (A.reshape(x, [6]), A.view(x, [3, 2]), A.contiguous(x), A.add(x, x), A.sum(x, [0])), torch.rand(2, 3, dtype=g.dtype).t().requires_grad_())
    g.case(lambda x: (A.flip(x, [0]), A.flip(x, [-1, 0]), A.flip(x, [])), g.r(2, 3))
    g.case(lambda x, y: (A.cat([x, y], 1), A.cat([x, x, y], -1)), g.r(2, 3), g.r(2, 1))
    g.case(lambda x, y: A.cat([x, y]), g.r(0), g.r(2, 2))
    g.case(lambda x, y: (A.stack([x, y]), A.stack([x, y], -1)), g.r(2, 3), g.r(2, 3))
    g.case(lambda x, y: A.stack([x, y]), g.s(1.0), g.s(2.0))
    g.case(lambda x: (A.constant_pad_nd(x, [1, 2]), A.constant_pad_nd(x, [1, -1, 0, 2], 3.5), A.pad(x, [0, 1]), A.pad(x, [1, 1, 2, 0], "constant", -1.0)), g.r(2, 3))


def reductions(g):
    m = lambda: g.v([[1.0, -2.0, NAN], [INF, 0.5, -0.5], [-INF, INF, 3.0], [0.0, -0.0, 2.0]])
    x = lambda: g.r(2, 3, 4)
    for n in ("sum", "mean"):
        op = getattr(A, n)
        g.case(lambda x, op=op: (op(x), op(x, [1]), op(x, [0, -1], True), op(x, [-2]), op(x, None), op(x, [], True)), x())
        g.case(lambda x, op=op: (op(x), op(x, [1]), op(x, [0], True)), m())
        g.case(lambda x, op=op: (op(x), op(x, [0]), op(x, [1])), g.r(0, 3))
        g.case(lambda x, op=op: (op(x), op(x, [0])), g.s(2.5))
    g.case(lambda x: (A.logsumexp(x, [1]), A.logsumexp(x, [0, 2], True), A.logsumexp(x, [-1])), x())
    g.case(lambda x: A.logsumexp(x, [1]), g.v([[-INF, -INF], [INF, 1.0], [NAN, 1.0], [-INF, 1.0], [INF, INF], [1000.0, 1000.0]]))
    g.case(lambda x: A.logsumexp(x, [0]), g.r(0, 2))
    for n in ("var", "std"):
        op = getattr(A, n)
        g.case(lambda x, op=op: (op(x), op(x, False), op(x, [1]), op(x, [0, -1], False, True), op.correction(x, [1], correction=2),
                                 op.correction(x, None, correction=0, keepdim=True), op.correction(x, [2], correction=0.5)), x())
        # As many or fewer elements than are subtracted.
        g.case(lambda x, op=op: (op.correction(x, [1], correction=3), op.correction(x, [1], correction=4.5), op.correction(x, None, correction=6)), g.r(2, 3))
        # Apart: compiled code may add the adjoints of both before it multiplies by infinity.
        g.case(lambda x, op=op: op(x, [1]), m())
        g.case(lambda x, op=op: op(x, [1], False), m())
        g.case(lambda x, op=op: (op(x, [1]), op(x, [1], False)), g.r(3, 1))
        g.case(lambda x, op=op: op(x, [1], False), g.v([[1.0, 1.0], [2.0, 2.5]]))
        mean = getattr(A, n + "_mean")
        g.case(lambda x, op=mean: (op(x), op(x, False), op(x, [1]), op(x, [0, -1], False, True), op.correction(x, [1], correction=2),
                                   op.correction(x, None, correction=0, keepdim=True)), x())
    g.case(lambda x: (A.prod(x), A.prod(x, 1), A.prod(x, -1, True)), x())
    g.case(lambda x: (A.prod(x), A.prod(x, 0), A.prod(x, 1)), g.v([[2.0, 0.0, 3.0], [0.0, 0.0, 2.0], [1.0, -1.5, 2.0]]))
    g.case(lambda x: (A.prod(x, 1), A.prod(x)), g.r(2, 0))
    g.case(lambda x: (A.prod(x), A.prod(x, 0)), g.s(2.5))
    g.case(lambda x: (A.any(x), A.all(x), A.any(x, 1), A.all(x, -1, True)), m())
    g.case(lambda x: (A.any(x), A.all(x), A.any(x, 0), A.all(x, 0), A.any.dims(x, [0, 1]), A.all.dims(x, [1]), A.any.dims(x, None, True), A.all.dims(x)), g.i([[True, False], [True, True]], dtype=BOOL))
    g.case(lambda x: (A.any(x), A.all(x), A.any(x, 1)), g.i([], dtype=BOOL).reshape(2, 0))
    for o in (2, 1, 0, INF, -INF, 3, 0.5, -1, 2.5):
        g.case(lambda x, o=o: (A.linalg_vector_norm(x, o), A.linalg_vector_norm(x, o, [1], True)), g.r(2, 3))
        g.case(lambda x, o=o: A.linalg_vector_norm(x, o, [1]), g.v([[3.0, 0.0, 4.0], [0.0, 0.0, 0.0], [NAN, 1.0, 0.0], [INF, 1.0, 2.0], [1.0, -1.0, 1.0]]))
        g.case(lambda x, o=o: (A.norm(x, o), A.norm(x, o, [1]), A.norm(x, o, [0, 1], True)), g.r(2, 3))
    g.case(lambda x: (A.norm(x), A.frobenius_norm.dim(x, [0, 1]), A.frobenius_norm.dim(x, [1], True), A.linalg_norm(x), A.linalg_norm(x, 2, [1])), g.r(2, 3))
    g.case(lambda x: A.linalg_vector_norm(x), g.r(0))
    for n in ("amax", "amin"):
        op = getattr(A, n)
        g.case(lambda x, op=op: (op(x), op(x, [1]), op(x, [0, -1], True)), x())
        g.case(lambda x, op=op: (op(x, [1]), op(x)), m())
        g.case(lambda x, op=op: (op(x, [1]), op(x)), g.v([[2.0, 2.0, 1.0], [1.0, 1.0, 1.0]]))
    for op in (A.max, A.min):
        g.case(lambda x, op=op: (op(x), op(x, 1), op(x, -1, True)), x())
        g.case(lambda x, op=op: (op(x, 1), op(x, 0)), m())
        g.case(lambda x, op=op: (op(x, 1), op(x)), g.v([[2.0, 2.0, 1.0], [1.0, 1.0, 1.0]]))
        g.case(lambda x, op=op: (op(x, 0), op(x)), g.s(2.5))
        for values in ((1.0, NAN, 3.0, NAN, 5.0), (INF, 1.0, -INF, INF), (2.0, 2.0, NAN), (3.0, 1.0, 1.0, 3.0)):
            g.case(lambda x, op=op: op(x), g.v(*values))
        g.case(lambda x, op=op: op(x, 1), g.r(0, 3))
    for op in (A.argmax, A.argmin):
        g.case(lambda x, op=op: (op(x), op(x, 1), op(x, -1, True)), x())
        g.case(lambda x, op=op: (op(x), op(x, 1), op(x, 0)), m())
        g.case(lambda x, op=op: (op(x), op(x, 1)), g.v([[2.0, 2.0, 1.0], [1.0, 1.0, 1.0]]))
    g.case(lambda x: (A.count_nonzero(x), A.count_nonzero(x, 1), A.count_nonzero(x, [0, 1])), m())
    g.case(lambda x: (A.cumsum(x, 0), A.cumsum(x, -1)), m())
    g.case(lambda x: A.cumsum(x, 1), x())
    g.case(lambda x: A.cumsum(x, 0), g.s(2.5))
    g.case(lambda x: A.cumsum(x, 1), g.r(2, 0))
    # f32 is added up in double: the sum comes back from beyond f32, and loses no small terms.
    g.case(lambda x: A.cumsum(x, 0), g.v(1e38, 1e38, 1e38, 1e38, -1e38))
    g.case(lambda x: A.cumsum(x, 0), g.v(*[1.0] + [2.0**-24] * 3000 + [-1.0] * 2))


def sorting(g):
    v = lambda: g.v([[3.0, NAN, -INF, 0.5, INF], [2.0, 1.0, -1.0, 5.0, 4.0]])
    for d in (False, True):
        g.case(lambda x, d=d: (A.sort(x, -1, d), A.argsort(x, 1, d)), v())
        g.case(lambda x, d=d: (A.sort.stable(x, stable=True, dim=0, descending=d), A.argsort.stable(x, stable=True, dim=0, descending=d)),
               g.v([[1.0, 2.0], [1.0, 0.0], [0.0, 2.0], [1.0, 0.0]]))
        g.case(lambda x, d=d: (A.topk(x, 2, -1, d), A.topk(x, 1, 0, d), A.topk(x, 5, 1, d)), v())
        g.case(lambda x, d=d: A.sort(x, 1, d), g.perm(2, 4, 3))
    g.case(lambda x: A.msort(x), g.perm(4, 2))
    g.case(lambda x: (A.sort(x), A.topk(x, 1)), g.s(2.5))
    g.case(lambda x: (A.sort(x), A.topk(x, 0)), g.r(2, 0))


def contractions(g):
    g.case(A.mm, g.r(2, 3), g.r(3, 4))
    g.case(A.bmm, g.r(2, 2, 3), g.r(2, 3, 2))
    g.case(A.mv, g.r(2, 3), g.r(3))
    g.case(A.dot, g.r(3), g.r(3))
    g.case(A.matmul, g.r(3), g.r(3))
    g.case(A.matmul, g.r(2, 3), g.r(3))
    g.case(A.matmul, g.r(3), g.r(3, 2))
    g.case(A.matmul, g.r(2, 1, 2, 3), g.r(4, 3, 2))
    g.case(A.matmul, g.r(3), g.r(2, 3, 2))
    g.case(A.matmul, g.r(2, 2, 3), g.r(3))
    g.case(A.matmul, g.r(2, 0), g.r(0, 3))
    g.case(A.matmul, g.r(0, 2), g.r(2, 3))
    g.case(A.mm, g.v([[NAN, 0.0], [INF, 1.0]]), g.v([[0.0, 1.0], [2.0, 0.0]]))
    g.case(A.mm, torch.rand(3, 2, dtype=g.dtype).t().requires_grad_(), torch.rand(4, 3, dtype=g.dtype).t().requires_grad_())
    g.case(A.linear, g.r(2, 3), g.r(4, 3), g.r(4))
    g.case(lambda x, w: A.linear(x, w), g.r(3), g.r(4, 3))
    g.case(A.linear, g.r(2, 2, 3), g.r(4, 3), g.r(4))
    g.case(A.linear, g.r(0, 3), g.r(4, 3), g.r(4))
    g.case(A.addmm, g.r(4), g.r(2, 3), g.r(3, 4))
    g.case(lambda b, x, y: A.addmm(b, x, y, beta=0.5, alpha=-2), g.r(2, 4), g.r(2, 3), g.r(3, 4))
    g.case(lambda b, x, y: A.addmm(b, x, y, beta=0, alpha=1), g.v([[NAN, 1.0], [INF, 2.0]]), g.r(2, 3), g.r(3, 2))
    g.case(lambda b, x, y: A.baddbmm(b, x, y, beta=2, alpha=0.5), g.r(2, 2, 2), g.r(2, 2, 3), g.r(2, 3, 2))
    g.case(lambda b, x, y: A.baddbmm(b, x, y), g.r(2), g.r(2, 2, 3), g.r(2, 3, 2))
    for causal in (False, True):
        g.case(lambda q, k, v, c=causal: A.scaled_dot_product_attention(q, k, v, None, 0.0, c), g.r(1, 2, 3, 4), g.r(1, 2, 5, 4), g.r(1, 2, 5, 3))
    g.case(lambda q, k, v: A.scaled_dot_product_attention(q, k, v, scale=0.25), g.r(2, 3, 4), g.r(2, 3, 4), g.r(2, 3, 4))
    g.case(lambda q, k, v, m: A.scaled_dot_product_attention(q, k, v, m), g.r(1, 2, 3, 4), g.r(1, 2, 3, 4), g.r(1, 2, 3, 4), g.r(3, 3))
    g.case(lambda q, k, v, m: A.scaled_dot_product_attention(q, k, v, m), g.r(1, 1, 2, 4), g.r(1, 1, 3, 4), g.r(1, 1, 3, 4),
           g.i([[True, False, True], [False, False, False]], dtype=BOOL))


def einsums(g):
    e = lambda text: lambda *x: A.einsum(text, list(x))
    m, n = lambda: g.r(2, 3), lambda: g.r(3, 4)
    for text in ("ij,jk->ik", "ij,jk", "ij,jk->ki", "ij , jk -> kij", "ij,jk->j", "ij,jk->", "iB,Ba", "bA,Aa->"):
        g.case(e(text), m(), n())
    for text in ("ij->ji", "ij->i", "ij->", "ba", "bA", "...->...", "i...->...i", "...j->..."):
        g.case(e(text), m())
    g.case(lambda x: (e("ii")(x), e("ii->i")(x), e("ii,ij->j")(x, x)), g.r(3, 3))
    g.case(lambda x: (e("iji->j")(x), e("...i")(x), e("ijk,kji->j")(x, x)), g.r(2, 3, 2).detach().requires_grad_())
    g.case(lambda x: (e("iijj->ij")(x), e("ijji")(x), e("iiii->i")(x)), g.r(2, 2, 2, 2))
    g.case(e("bij,bjk->bik"), g.r(2, 2, 3), g.r(2, 3, 2))
    g.case(e("bhid,bhjd->bhij"), g.r(2, 2, 3, 2), g.r(2, 2, 4, 2))
    g.case(e("bihd,bjhd->bhij"), g.r(2, 3, 2, 2), g.r(2, 4, 2, 2))
    g.case(e("bij,bjk->bik"), g.r(1, 2, 3), g.r(2, 3, 2))
    g.case(e("...ij,...jk->...ik"), g.r(2, 1, 2, 3), g.r(3, 3, 2))
    g.case(e("...ij,jk"), g.r(2, 2, 3), g.r(3, 2))
    g.case(e("i...,...j->ij"), g.r(2, 3), g.r(3, 2))
    g.case(e("i,j->ij"), g.r(2), g.r(3))
    g.case(e("i,i->i"), g.r(3), g.r(3))
    g.case(e("ij,ij->"), g.r(1, 3), g.r(2, 3))
    g.case(e("ij,jk,kl->il"), m(), n(), g.r(4, 2))
    g.case(e("bn,anm,bm->ba"), g.r(2, 3), g.r(2, 3, 2), g.r(2, 2))
    g.case(e("i,i,i,j->j"), g.r(3), g.r(3), g.r(1), g.r(2))
    g.case(e(",i->i"), g.s(1.5), g.r(3))
    g.case(e("ij,jk->ik"), g.r(2, 0), g.r(0, 3))
    g.case(e("ij,jk->ik"), g.r(0, 2), g.r(2, 3))
    g.case(e("ij,jk->ik"), torch.rand(3, 2, dtype=g.dtype).t().requires_grad_(), torch.rand(4, 3, dtype=g.dtype).t().requires_grad_())
    g.case(e("ij,jk->ik"), g.v([[NAN, 0.0], [INF, 1.0]]), g.v([[0.0, 1.0], [2.0, 0.0]]))
    g.case(lambda x, y: (A.outer(x, y), A.ger(x, y)), g.r(2), g.r(3))
    g.case(A.outer, g.r(2), g.i(1, 2))
    g.case(A.inner, g.r(2, 3), g.r(2, 2, 3))
    g.case(A.inner, g.r(3), g.r(3))
    g.case(A.inner, g.s(2.0), g.r(2, 3))
    g.case(A.vdot, g.r(3), g.r(3))
    g.case(lambda x, y: (A.tensordot(x, y, [1, 2], [1, 0]), A.tensordot(x, y, [-1], [0])), g.r(2, 3, 4), g.r(4, 3, 2))
    g.case(lambda x, y: A.tensordot(x, y, [], []), g.r(2), g.r(3))
    g.case(lambda x, y: A.kron(x, y), g.r(2, 3), g.r(3, 1))
    g.case(lambda x, y: A.kron(x, y), g.r(2), g.r(2, 2))
    g.case(lambda x, y, z: (A.addmv(x, y, z), A.addmv(x, y, z, beta=0.5, alpha=-2), A.addmv(x, y, z, beta=0)), g.r(2), g.r(2, 3), g.r(3))
    g.case(lambda x, y, z: (A.addbmm(x, y, z), A.addbmm(x, y, z, beta=0.5, alpha=-2)), g.r(2, 2), g.r(3, 2, 3), g.r(3, 3, 2))
    g.case(lambda x, y, z: A.linalg_multi_dot([x, y, z]), g.r(2, 3), g.r(3, 4), g.r(4, 2))
    g.case(lambda x, y, z: A.linalg_multi_dot([x, y, z]), g.r(3), g.r(3, 4), g.r(4))


def rearranging(g):
    x3 = lambda: g.r(2, 3, 4)
    g.case(lambda x: (A.roll(x, [1], [0]), A.roll(x, [-1, 5], [1, -1]), A.roll(x, [5]), A.roll(x, [0], [1]), A.roll(x, [-13])), x3())
    g.case(lambda x: (A.roll(x, [1]), A.roll(x, [2, 1], [0, 0])), torch.rand(2, 3, dtype=g.dtype).t().requires_grad_())
    g.case(lambda x: A.roll(x, [1]), g.s(2.5))
    g.case(lambda x: A.roll(x, [1], [0]), g.r(0, 2))
    g.case(lambda x: (A.diagonal(x), A.diagonal(x, 1), A.diagonal(x, -1), A.diagonal(x, 2, 1, 0), A.diagonal(x, 3), A.diagonal(x, -4)), g.r(3, 4))
    g.case(lambda x: (A.diagonal(x, 0, 0, 2), A.diagonal(x, -1, -1, 1), A.diagonal(x, 1, 1, 2)), x3())
    g.case(lambda x: A.diagonal(x), g.r(0, 3))
    g.case(lambda x: A.trace(x), g.r(3, 4))
    g.case(lambda x: A.trace(x), g.r(4, 2))
    g.case(lambda x: A.trace(x), g.r(0, 2))
    g.case(lambda x: A.trace(x), g.i([[1, 2], [3, 4]], dtype=I32))
    g.case(lambda x: (A.diag(x), A.diag(x, 2), A.diag(x, -1)), g.r(3))
    g.case(lambda x: (A.diag(x), A.diag(x, 1), A.diag(x, -1)), g.r(3, 2))
    g.case(lambda x: (A.diag_embed(x), A.diag_embed(x, 1), A.diag_embed(x, -2, 0, 2), A.diag_embed(x, 1, 1, 0)), g.r(2, 3))
    g.case(lambda x: A.diag_embed(x, 1), g.r(2, 0))


def distances(g):
    g.case(lambda x: A.logit(x), g.v(0.0, 1.0, 0.25, 0.5, 0.9375, -0.5, 1.5, NAN))
    g.case(lambda x: (A.logit(x, 0.25), A.logit(x, 0.0), A.logit(x, 0.1)), g.v(0.25, 0.75, 0.125, 0.5, 0.9375, -0.5, 1.5, NAN))
    g.case(lambda x: A.logit(x), g.i(0, 1))
    g.case(lambda x: (A.nan_to_num(x), A.nan_to_num(x, 1.5, 2.5, -3.5)), g.small())
    g.case(lambda x: A.nan_to_num(x), g.i(0, 1))
    g.case(lambda x, y: (A.cross(x, y), A.cross(x, y, 1), A.linalg_cross(x, y)), g.r(3, 3), g.r(3, 3))
    g.case(lambda x, y: A.linalg_cross(x, y, dim=0), g.r(3, 1), g.r(3, 2))
    g.case(lambda x, y: A.cross(x, y), torch.rand(3, 2, dtype=g.dtype).t().requires_grad_(), g.r(2, 3))
    g.case(lambda x, y: (A.cosine_similarity(x, y), A.cosine_similarity(x, y, 0), A.cosine_similarity(x, y, -1, 2.0)), g.r(2, 3), g.r(2, 3))
    g.case(lambda x, y: A.cosine_similarity(x, y, 0), g.v(0.0, 0.0), g.v(1.0, 2.0))
    g.case(lambda x, y: A.cosine_similarity(x, y, 1), g.r(2, 1, 3), g.r(4, 3))
    g.case(lambda x, y: (A.pairwise_distance(x, y), A.pairwise_distance(x, y, 1.0), A.pairwise_distance(x, y, 3.0, 0.5, True), A.pairwise_distance(x, y, INF)), g.r(2, 3), g.r(2, 3))
    g.case(lambda x, y: A.pairwise_distance(x, y, 2.0, 0.0), g.v([1.0, 2.0]), g.v([[1.0, 2.0], [1.0, 3.0]]))


def repeating(g):
    g.case(lambda x: (A.tile(x, [2]), A.tile(x, [2, 1, 3]), A.tile(x, [])), g.r(2, 3))
    g.case(lambda x: (A.repeat_interleave(x, 2), A.repeat_interleave(x, 3, 1), A.repeat_interleave(x, 2, -2), A.repeat_interleave(x, 1, 0)), g.r(2, 3))
    g.case(lambda x: A.repeat_interleave(x, 2), g.s(1.5))
    g.case(lambda x: (A.flipud(x), A.fliplr(x)), g.r(2, 3))
    g.case(lambda x: (A.deg2rad(x), A.rad2deg(x)), g.small())
    g.case(lambda x: (A.deg2rad(x), A.rad2deg(x)), g.i(90, -3))


def norms(g):
    m = lambda: g.v([[1.0, -2.0, NAN], [INF, 0.5, -0.5], [-INF, -INF, -INF], [0.0, -0.0, 2.0], [-INF, 1.0, 2.0], [1000.0, 999.0, 0.0]])
    for n in ("softmax", "log_softmax"):
        op = getattr(A, n)
        under = getattr(A, "_" + n)
        special = getattr(A, "special_" + n)
        g.case(lambda x, op=op: (op(x, 1), op(x, 0), op(x, -1)), g.r(2, 3, 4))
        g.case(lambda x, op=op: op(x, 1), m())
        g.case(lambda x, op=op: op(x, 0), g.s(2.5))
        g.case(lambda x, op=op: op(x, 0), g.r(0, 2))
        g.case(lambda x, op=under: op(x, 1, False), g.r(2, 3))
        g.case(lambda x, op=special: op(x, 1), g.r(2, 3))
    g.case(lambda x: A._safe_softmax(x, 1), m())
    g.case(lambda x: A._safe_softmax(x, -1), g.r(2, 3))
    g.case(lambda x, w, b: A.layer_norm(x, [3], w, b), g.r(2, 3), g.r(3), g.r(3))
    g.case(lambda x: (A.layer_norm(x, [2, 3]), A.layer_norm(x, [3], eps=0.1)), g.r(2, 2, 3))
    g.case(lambda x: A.layer_norm(x, [2]), g.v([[1.0, 1.0], [NAN, 1.0], [INF, 1.0]]))
    g.case(lambda x, w: A.layer_norm(x, [3], w), g.r(2, 3), g.r(3))
    g.case(lambda x, w, b: A.native_layer_norm(x, [3], w, b, 1e-5)[0], g.v([[-1.5, 0.25, 2.0], [0.5, -2.0, 1.0]]), g.r(3), g.r(3))
    g.case(lambda x: A.layer_norm(x, [3]), g.r(0, 3))
    g.case(lambda x, w: A.rms_norm(x, [3], w), g.r(2, 3), g.r(3))
    g.case(lambda x: (A.rms_norm(x, [3]), A.rms_norm(x, [2, 3], None, 0.1)), g.r(2, 2, 3))
    g.case(lambda x, w: A._fused_rms_norm(x, [3], w, 1e-5)[0], g.r(2, 3), g.r(3))
    for shape in ((4, 3), (2, 3, 2), (2, 3, 2, 2)):
        g.case(lambda x, w, b, m, v: A.batch_norm(x, w, b, m, v, False, 0.1, 1e-5, False), g.r(*shape), g.r(3), g.r(3), g.r(3, grad=False), g.r(3, lo=0.5, grad=False))
        g.case(lambda x, w, b: A.batch_norm(x, w, b, None, None, True, 0.1, 1e-5, False), g.r(*shape), g.r(3), g.r(3))
    g.case(lambda x: A.batch_norm(x, None, None, None, None, True, 0.1, 0.1, False), g.r(4, 3))
    g.case(lambda x, w, b: A.instance_norm(x, w, b, None, None, True, 0.1, 1e-5, False), g.r(2, 3, 4), g.r(3), g.r(3))
    g.case(lambda x: A.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False), g.r(2, 3, 2, 2))
    g.case(lambda x, w, b: A.group_norm(x, 2, w, b), g.r(2, 4, 3), g.r(4), g.r(4))
    g.case(lambda x: A.group_norm(x, 1, None, None, 0.1), g.r(2, 3))


def losses(g):
    for r in (0, 1, 2):
        for op in (A.mse_loss, A.l1_loss, A.smooth_l1_loss, A.huber_loss, A.kl_div):
            g.case(lambda x, y, op=op, r=r: op(x, y, r), g.r(2, 3), g.r(2, 3))
        g.case(lambda x, y, r=r: A.soft_margin_loss(x, y, r), g.r(2, 3), g.v([[1.0, -1.0, 1.0]] * 2, grad=False))
        g.case(lambda x, y, r=r: (A.smooth_l1_loss(x, y, r, 0.5), A.huber_loss(x, y, r, 0.5), A.l1_loss(x, y, r), A.mse_loss(x, y, r)),
               g.v(0.0, 0.5, -0.5, 1.0, 0.25), g.v(0.0, 0.0, 0.0, 0.0, 0.0))
        for op in (A.smooth_l1_loss, A.huber_loss):
            g.case(lambda x, y, op=op, r=r: (op(x, y, r), op(x, y, r, 0.5)), g.v(NAN, 0.25, 3.0, 0.5), g.v(0.0, NAN, 1.0, 0.0))
        g.case(lambda x, y, r=r: (A.kl_div(x, y, r), A.kl_div(x, y, r, log_target=True)), g.r(4), g.v(0.0, 0.5, 1.0, 0.25))
        g.case(lambda x, y, w, r=r: A.binary_cross_entropy(x, y, w, r), g.r(2, 3, lo=0.1, hi=0.9), g.r(2, 3, lo=0, hi=1), g.r(3, grad=False))
        g.case(lambda x, y, r=r: A.binary_cross_entropy(x, y, None, r), g.v(0.0, 1.0, 0.5, 0.0, 1.0), g.v(0.0, 1.0, 0.25, 1.0, 0.0, grad=False))
        g.case(lambda x, y, w, p, r=r: A.binary_cross_entropy_with_logits(x, y, w, p, r), g.r(2, 3), g.r(2, 3, lo=0, hi=1), g.r(3, grad=False), g.r(3, lo=0.5, grad=False))
        g.case(lambda x, y, r=r: A.binary_cross_entropy_with_logits(x, y, None, None, r), g.v(0.0, -0.0, 50.0, -50.0, 200.0, -200.0), g.v(0.0, 1.0, 1.0, 0.0, 0.0, 1.0, grad=False))
        for op in (A.nll_loss_nd, A.nll_loss, A.cross_entropy_loss):
            g.case(lambda x, y, op=op, r=r: op(x, y, None, r), g.r(3, 4), g.i(0, 3, 1))
            g.case(lambda x, y, w, op=op, r=r: op(x, y, w, r, 2), g.r(4, 3), g.i(0, 2, 1, 2), g.r(3, lo=0.5, grad=False))
        for op in (A.nll_loss_nd, A.nll_loss2d, A.cross_entropy_loss):
            g.case(lambda x, y, w, op=op, r=r: op(x, y, w, r, 1), g.r(2, 3, 2, 2), g.i([[[0, 1], [2, 1]], [[1, 0], [0, 2]]]), g.r(3, lo=0.5, grad=False))
        g.case(lambda x, y, r=r: A.nll_loss_forward(x, y, None, r, -100), g.r(3, 4), g.i(0, 3, -100))
        g.case(lambda x, y, w, r=r: A.nll_loss2d_forward(x, y, w, r, -100), g.r(1, 3, 2, 2), g.i([[[0, 1], [2, 1]]]), g.r(3, lo=0.5, grad=False))
        g.case(lambda x, y, r=r: A.cross_entropy_loss(x, y, None, r, -100, 0.25), g.r(3, 4), g.i(0, 3, 1))
        g.case(lambda x, y, w, r=r: A.cross_entropy_loss(x, y, w, r, 0, 0.25), g.r(3, 4), g.i(0, 3, 1), g.r(4, lo=0.5, grad=False))
        g.case(lambda x, y, r=r: A.cross_entropy_loss(x, y, None, r), g.r(2, 3), g.r(2, 3, lo=0, hi=1))
        g.case(lambda x, y, w, r=r: A.cross_entropy_loss(x, y, w, r, -100, 0.1), g.r(2, 3, 2), g.r(2, 3, 2, lo=0, hi=1), g.r(3, lo=0.5, grad=False))
        g.case(lambda x, y, r=r: A.nll_loss(x, y, None, r), g.r(2, 3), g.i(-100, -100))
        g.case(lambda x, y, r=r: A.cross_entropy_loss(x, y, None, r), g.r(4), g.i(2).reshape([]))


def margins(g):
    signs = lambda *v: g.v(*v, grad=False)
    for r in (0, 1, 2):
        g.case(lambda x, y, t, r=r: A.margin_ranking_loss(x, y, t, 0.25, r), g.r(2, 3), g.r(2, 3), signs([[1.0, -1.0, 1.0]] * 2))
        g.case(lambda x, y, t, r=r: A.margin_ranking_loss(x, y, t, 0.0, r), g.v(1.0, 2.0, 0.5, NAN), g.v(1.0, 1.0, 2.0, 1.0), signs(1.0, -1.0, 1.0, 1.0))
        g.case(lambda x, t, r=r: A.hinge_embedding_loss(x, t, 1.0, r), g.r(2, 4), signs([[1.0, -1.0, -1.0, 0.0]] * 2))
        g.case(lambda x, t, r=r: A.hinge_embedding_loss(x, t, 0.5, r), g.v(0.5, 0.25, 1.0, NAN), g.i(-1, -1, -1, 1))
        g.case(lambda x, y, t, r=r: A.cosine_embedding_loss(x, y, t, 0.25, r), g.r(4, 3), g.r(4, 3), signs(1.0, -1.0, -1.0, 0.0))
        g.case(lambda x, y, t, r=r: A.cosine_embedding_loss(x, y, t, -0.5, r), g.r(3), g.r(3), g.i(-1).reshape([]))
        g.case(lambda x, y, z, r=r: A.triplet_margin_loss(x, y, z, 1.0, 2.0, 1e-6, False, r), g.r(4, 3), g.r(4, 3), g.r(4, 3))
        g.case(lambda x, y, z, r=r: A.triplet_margin_loss(x, y, z, 3.0, 1.0, 0.5, True, r), g.r(2, 4, 3), g.r(2, 4, 3), g.r(1, 4, 3))
        for log in (True, False):
            g.case(lambda x, y, r=r, log=log: A.poisson_nll_loss(x, y, log, False, 1e-8, r), g.r(2, 3, lo=0.1), g.r(2, 3, lo=0.1))
            g.case(lambda x, y, r=r, log=log: A.poisson_nll_loss(x, y, log, True, 0.25, r), g.r(5, lo=0.1), signs(0.5, 1.0, 2.0, 3.0, 17.0))


def indexing(g):
    x = lambda: g.r(3, 4)
    g.case(lambda x, i: (A.index_select(x, 0, i), A.index_select(x, -1, i)), x(), g.i(2, 0, 2))
    g.case(lambda x, i: A.index_select(x, 0, i), x(), g.i([]))
    g.case(lambda x, i: A.gather(x, 1, i), x(), g.i([[0, 3], [1, 1]]))
    g.case(lambda x, i: A.gather(x, -2, i), x(), g.i([[0, 2, 1, 1]]))
    g.case(lambda x, i: A.take_along_dim(x, i, 1), x(), g.i([[0], [3], [3]]))
    g.case(lambda x, i: A.take_along_dim(x, i), x(), g.i(0, 11, 5))
    g.case(lambda x, i, y: (A.scatter(x, 1, i, y), A.scatter_add(x, 1, i, y)), x(), g.i([[0, 3], [1, 2]]), g.r(2, 2))
    g.case(lambda x, i, y: A.scatter_add(x, 0, i, y), x(), g.i([[0, 0, 0, 0], [0, 2, 0, 1]]), g.r(2, 4))
    g.case(lambda x, i: (A.scatter(x, 0, i, 2.5), A.scatter(x, -1, i, -1)), x(), g.i([[0, 1], [2, 0]]))
    g.case(lambda x, i, y: (A.index_add(x, 0, i, y), A.index_add(x, 0, i, y, alpha=-0.5)), x(), g.i(0, 2, 0), g.r(3, 4))
    g.case(lambda x, i, y: A.index_add(x, -1, i, y), x(), g.i(3, 1), g.r(3, 2))
    g.case(lambda x, i, y: A.index_copy(x, 0, i, y), x(), g.i(2, 0), g.r(2, 4))
    g.case(lambda x, i: (A.index_fill(x, 0, i, 1.5), A.index_fill(x, 1, i, 2)), x(), g.i(0, 2))
    g.case(lambda x, i, v: A.index_fill(x, 1, i, v), x(), g.i(0, 2), g.s(0.5))
    g.case(lambda w, i: (A.embedding(w, i), A.embedding(w, i, 1)), g.r(4, 3), g.i([[0, 1], [3, 1]]))
    g.case(lambda x: A.one_hot(x, 4), g.i(0, 3, 1))
    g.case(lambda x, i: (A.index(x, [i]), A._unsafe_index(x, [i]), A.index(x, [None, i])), x(), g.i(2, -1, 0))
    g.case(lambda x, i, j: (A.index(x, [i, j]), A.index(x, [i, None, j])), g.r(3, 4, 2).detach().requires_grad_(), g.i(0, -1), g.i(1, 0))
    g.case(lambda x, i, j: A.index(x, [i, j]), x(), g.i([[0], [2]]), g.i(1, 3, 0))
    g.case(lambda x, i, y: (A.index_put(x, [i], y), A.index_put(x, [i], y, True)), x(), g.i(2, 0), g.r(2, 4))
    g.case(lambda x, i, y: A.index_put(x, [i], y, True), x(), g.i(1, 1, -2), g.r(4))
    g.case(lambda x, i, j, y: A.index_put(x, [i, j], y), x(), g.i(2, 0), g.i(3, -4), g.s(1.5))
    g.case(lambda x, i, y: A._index_put_impl(x, [i], y, True, False), x(), g.i(2, 0), g.r(2, 4))
    g.case(lambda x, m, y: A.index_put(x, [m], y), x(), g.i([[True, False, True, False]] * 3, dtype=BOOL), g.s(7.0))


def windows(g):
    conv = lambda x, w, b, *a: (A.convolution(x, w, b, *a), A._convolution(x, w, b, *a, False, False, True, True))
    g.case(lambda x, w, b: conv(x, w, b, [1, 1], [0, 0], [1, 1], False, [0, 0], 1), g.r(1, 2, 4, 4), g.r(3, 2, 2, 3), g.r(3))
    g.case(lambda x, w: conv(x, w, None, [2, 1], [1, 2], [1, 2], False, [0, 0], 1), g.r(2, 2, 5, 4), g.r(2, 2, 2, 2))
    g.case(lambda x, w, b: conv(x, w, b, [1, 2], [1, 0], [1, 1], True, [0, 1], 1), g.r(1, 2, 3, 3), g.r(2, 3, 2, 2), g.r(3))
    g.case(lambda x, w: conv(x, w, None, [1], [1], [1], False, [0], 2), g.r(1, 4, 4), g.r(2, 2, 3))
    g.case(lambda x, w, b: (A.conv1d(x, w, b), A.conv1d(x, w, b, [2], [1], [1])), g.r(2, 2, 5), g.r(3, 2, 3), g.r(3))
    g.case(lambda x, w, b: (A.conv2d(x, w, b), A.conv2d(x, w, b, [1, 2], [1, 1], [2, 1])), g.r(1, 2, 4, 4), g.r(2, 2, 2, 2), g.r(2))
    g.case(lambda x, w: A.conv2d(x, w, None, [1, 1], [0, 0], [1, 1], 2), g.r(1, 2, 3, 3), g.r(4, 1, 2, 2))
    g.case(lambda x, w: A.conv2d(x, w), g.r(2, 3, 3), g.r(1, 2, 2, 2))
    for _ in range(3):  # one for each spelling
        g.case(lambda x, w, b: A.conv3d(x, w, b, [1, 1, 1], [1, 0, 0]), g.r(1, 1, 2, 3, 2), g.r(2, 1, 2, 2, 2), g.r(2))
        g.case(lambda x, w: A.conv_transpose3d(x, w), g.r(1, 1, 2, 2, 2), g.r(1, 2, 2, 1, 2))
    g.case(lambda x, w, b: (A.conv_transpose1d(x, w, b), *[A.conv_transpose1d(x, w, b, [2], [1], [1]) for _ in range(3)]), g.r(1, 2, 3), g.r(2, 2, 3), g.r(2))
    g.case(lambda x, w: A.conv_transpose2d(x, w, None, [2, 2], [0, 0], [0, 0], 2, [1, 1]), g.r(1, 2, 2, 2), g.r(2, 1, 2, 2))
    for d, shape in ((1, (1, 2, 6)), (2, (1, 2, 5, 4)), (3, (1, 1, 4, 3, 4))):
        pool = getattr(A, "max_pool%dd" % d)
        g.case(lambda x, p=pool, d=d: (p(x, [2] * d), p(x, [3] * d, [2] * d, [1] * d), p(x, [2] * d, [2] * d, [0] * d, [1] * d, True)), g.perm(*shape))
        mean = getattr(A, "avg_pool%dd" % d)
        g.case(lambda x, p=mean, d=d: (p(x, [2] * d), p(x, [3] * d, [2] * d, [1] * d), p(x, [3] * d, [2] * d, [1] * d, False, False), p(x, [2] * d, [2] * d, [0] * d, True)), g.r(*shape))
        for n in ("", "_")[:d]:  # there is no _adaptive_avg_pool1d
            adaptive = getattr(A, "%sadaptive_avg_pool%dd" % (n, d))
            g.case(lambda x, p=adaptive, d=d: (p(x, [1] * d), p(x, [2] * d)), g.r(1, 2, *[4] * d))
    g.case(lambda x: (A.max_pool1d(x, [2], [1]), A.max_pool1d(x, [2], [1], [0], [2])), g.v([[1.0, 1.0, NAN, -INF, INF, -INF]]))
    g.case(lambda x: A.avg_pool2d(x, [2, 2], [1, 1], [0, 0], False, True, 3), g.r(2, 3, 3))
    g.case(lambda x: A.max_pool2d(x, [2, 2], [1, 1]), g.v([[[1.0, 1.0, 2.0], [1.0, 2.0, 2.0]]]))


def inplace(g):
    """Writes to an intermediate, by every kind of op that has such a form."""
    for n in ("add", "sub", "mul", "div", "pow", "maximum", "fmod", "remainder", "eq", "lt"):
        if hasattr(A, n + "_"):
            g.case(lambda x, y, n=n: getattr(A, n + "_")(A.clone(x), y), g.r(2, 3, lo=0.2), g.r(3, lo=0.3, grad=n not in ("remainder", "fmod")))
    for n in ("neg", "sqrt", "rsqrt", "reciprocal", "square", "exp", "log", "sin", "tanh", "sigmoid", "relu", "abs", "floor", "silu", "hardswish",
              "leaky_relu", "elu", "hardtanh", "erf", "trunc", "sign", "log1p", "expm1", "atan"):
        g.case(lambda x, n=n: getattr(A, n + "_")(A.clone(x)), g.r(4, lo=0.2))
    g.case(lambda x, y: A.copy_(A.clone(x), y), g.r(2, 3), g.r(3))
    g.case(lambda x: (A.zero_(A.clone(x)), A.fill_(A.clone(x), 2.5)), g.r(3))
    g.case(lambda x, y: A.fill_(A.clone(x), y), g.r(3), g.s(0.5))
    g.case(lambda x, y: A.masked_fill_(A.clone(x), y, -1.0), g.r(2, 2), g.i([True, False], dtype=BOOL))
    g.case(lambda x, y: A.add_(A.select(A.clone(x), 0, 1), y), g.r(2, 3), g.r(3))
    g.case(lambda x, i, y: (A.index_add_(A.clone(x), 0, i, y), A.index_put_(A.clone(x), [i], y), A.index_copy_(A.clone(x), 0, i, y)), g.r(3, 2), g.i(2, 0), g.r(2, 2))
    g.case(lambda x, i, y: (A.scatter_(A.clone(x), 0, i, y), A.scatter_add_(A.clone(x), 0, i, y)), g.r(3, 2), g.i([[2, 0]]), g.r(1, 2))
    g.case(lambda x, y, z: (A.addcmul_(A.clone(x), y, z), A.addcdiv_(A.clone(x), y, z)), g.r(2, 2), g.r(2, 2), g.r(2, 2, lo=0.5))
    g.case(lambda x: (A.clamp_(A.clone(x), -1, 1), A.clamp_min_(A.clone(x), 0), A.clamp_max_(A.clone(x), 0)), g.r(4))


GROUPS = [arithmetic, powers, transcendental, rounding, activations, clamping, selection, comparisons, integers, promotion, casts, mixed, creation, defaults, views,
          reductions, sorting, contractions, einsums, rearranging, distances, repeating, norms, losses, margins, indexing, windows, inplace]


def main(args):
    warnings.filterwarnings("ignore")
    split = "--split" in args
    folder, *names = [a for a in args if a != "--split"]
    os.makedirs(folder, exist_ok=True)
    for make in GROUPS:
        if names and make.__name__ not in names:
            continue
        for suffix, dtype in (("f32", torch.float32), ("f64", torch.float64)):
            g = Group(make.__name__, dtype)
            make(g)
            if not split:
                record(folder, "%s_%s" % (g.name, suffix), g.cases)
                continue
            for i, case in enumerate(g.cases):
                try:
                    record(folder, "%s_%s_%03d" % (g.name, suffix, i), [case])
                except Exception as e:  # told, so that the case can be mended
                    print("%s %s case %d: %s" % (g.name, suffix, i, str(e).split("\n")[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
