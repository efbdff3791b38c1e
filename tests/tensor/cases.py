"""Operations on tensors, each written once and run by this library and by PyTorch.

A case is (name, function of the library and of tensors, the tensors' kinds). A kind is a shape and
a range of values: "any" away from kinks, "positive", "unit" inside of (-1, 1), "above_one".
"""

import numpy as np

RANGES = {"any": (-2.0, 2.0), "positive": (0.3, 2.0), "unit": (-0.9, 0.9), "above_one": (1.1, 3.0)}


def values(case, dtype=np.float64):
    """Return the arrays of a case: distinct values, so that no two tie."""
    name, _, kinds = case
    rng = np.random.default_rng(sum(map(ord, name)))
    arrays = []
    for shape, kind in kinds:
        low, high = RANGES[kind]
        n = int(np.prod(shape))
        steps = (rng.permutation(n) + rng.uniform(0.2, 0.8)) / max(n, 1)
        arrays.append((low + (high - low) * steps).reshape(shape).astype(dtype))
    return arrays


def one(shape=(3, 4), kind="any"):
    return ((shape, kind),)


def two(a=(3, 4), b=(3, 4), kinds=("any", "any")):
    return ((a, kinds[0]), (b, kinds[1]))


def _unary():
    ranges = {
        "log": "positive", "log2": "positive", "log10": "positive", "log1p": "positive",
        "sqrt": "positive", "rsqrt": "positive", "reciprocal": "positive", "asin": "unit",
        "acos": "unit", "atanh": "unit", "acosh": "above_one",
    }  # fmt: skip
    names = (
        "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal square abs neg sin cos tan asin "
        "acos atan sinh cosh asinh acosh atanh floor ceil round trunc frac sign relu sigmoid tanh "
        "erf"
    )
    for name in names.split():
        yield name, lambda T, x, name=name: getattr(T, name)(x), one(kind=ranges.get(name, "any"))


ARITHMETIC = [
    ("add", lambda T, x, y: x + y, two()),
    ("add row", lambda T, x, y: x + y, two(b=(4,))),
    ("add column", lambda T, x, y: x + y, two(b=(3, 1))),
    ("add outer", lambda T, x, y: x + y, two((4,), (3, 1))),
    ("add number", lambda T, x: 2 + x + 1.5, one()),
    ("add alpha", lambda T, x, y: T.add(x, y, alpha=-0.5), two(b=(4,))),
    ("sub", lambda T, x, y: x - y, two(b=(3, 1))),
    ("sub alpha", lambda T, x, y: T.sub(x, y, alpha=3), two()),
    ("rsub", lambda T, x: 2.5 - x, one()),
    ("mul", lambda T, x, y: x * y, two(b=(2, 1, 4))),
    ("mul number", lambda T, x: 3 * x * 0.5, one()),
    ("mul itself", lambda T, x: x * x * x, one()),
    ("div", lambda T, x, y: x / y, two(b=(4,), kinds=("any", "positive"))),
    ("div number", lambda T, x: x / 3, one()),
    ("rdiv", lambda T, x: 3 / x, one(kind="positive")),
    ("div trunc", lambda T, x, y: T.div(x, y, rounding_mode="trunc"), two(kinds=("any", "unit"))),
    ("div floor", lambda T, x, y: T.div(x, y, rounding_mode="floor"), two(kinds=("any", "unit"))),
    ("floordiv", lambda T, x: x.detach() // 0.3, one()),
    ("remainder", lambda T, x, y: x % y, two(kinds=("any", "unit"))),
    ("fmod", lambda T, x, y: T.fmod(x, y), two(kinds=("any", "unit"))),
    ("pow 2", lambda T, x: x**2, one()),
    ("pow 3", lambda T, x: x**3, one()),
    ("pow half", lambda T, x: x**0.5, one(kind="positive")),
    ("pow -1", lambda T, x: x**-1, one(kind="positive")),
    ("pow 0", lambda T, x: x**0, one()),
    ("pow tensors", lambda T, x, y: x**y, two(b=(4,), kinds=("positive", "any"))),
    ("rpow", lambda T, x: 2**x, one()),
    ("clamp", lambda T, x: x.clamp(-0.5, 0.7), one()),
    ("clamp min", lambda T, x: T.clamp(x, min=0.1), one()),
    ("clamp tensors", lambda T, x, y: T.clamp(x, y, y + 1), two(b=(4,))),
    ("atan2", lambda T, x, y: T.atan2(x, y), two(b=(4,))),
    ("lerp", lambda T, x, y: T.lerp(x, y, 0.3), two()),
    ("addcmul", lambda T, x, y: T.addcmul(x, x, y, value=0.5), two(b=(4,))),
    ("addcdiv", lambda T, x, y: T.addcdiv(x, x, y, value=2), two(kinds=("any", "positive"))),
    ("maximum", lambda T, x, y: T.maximum(x, y), two(b=(4,))),
    ("minimum", lambda T, x, y: T.minimum(x, y), two(b=(3, 1))),
    ("where", lambda T, x, y: T.where(x > 0, x * 2, y), two(b=(4,))),
    ("where number", lambda T, x: T.where(x > 0, x, -1.0), one()),
    ("masked_fill", lambda T, x: x.masked_fill(x > 0.5, -3.0), one()),
]

PRODUCTS = [
    ("matmul", lambda T, a, b: a @ b, two((3, 4), (4, 5))),
    ("matmul vectors", lambda T, a, b: a @ b, two((4,), (4,))),
    ("matmul row", lambda T, a, b: a @ b, two((4,), (4, 5))),
    ("matmul column", lambda T, a, b: a @ b, two((3, 4), (4,))),
    ("matmul batch", lambda T, a, b: a @ b, two((2, 3, 4), (2, 4, 5))),
    ("matmul broadcast", lambda T, a, b: a @ b, two((2, 1, 3, 4), (3, 4, 2))),
    ("matmul folded", lambda T, a, b: a @ b, two((2, 3, 4), (4, 5))),
    ("matmul left broadcast", lambda T, a, b: a @ b, two((3, 4), (2, 4, 5))),
    ("matmul batch vector", lambda T, a, b: a @ b, two((2, 3, 4), (4,))),
    ("matmul vector batch", lambda T, a, b: a @ b, two((4,), (2, 4, 5))),
    ("matmul itself", lambda T, a: a @ a.t() @ a, one()),
    ("matmul transposed", lambda T, a, b: a.transpose(0, 1) @ b.T, two((4, 3), (5, 4))),
    ("mm", lambda T, a, b: T.mm(a, b), two((3, 4), (4, 5))),
    ("bmm", lambda T, a, b: T.bmm(a, b), two((2, 3, 4), (2, 4, 5))),
    ("mv", lambda T, a, b: T.mv(a, b), two((3, 4), (4,))),
    ("dot", lambda T, a, b: T.dot(a, b), two((4,), (4,))),
    ("outer", lambda T, a, b: T.outer(a, b), two((4,), (3,))),
    ("inner", lambda T, a, b: T.inner(a, b), two((2, 4), (3, 4))),
    ("addmm", lambda T, a, b: T.addmm(a[0], a, b, beta=0.5, alpha=2), two((3, 4), (4, 4))),
    ("einsum ij,jk", lambda T, a, b: T.einsum("ij,jk->ik", a, b), two((3, 4), (4, 5))),
    ("einsum sum", lambda T, a, b: T.einsum("ij,k->i", a, b), two((3, 4), (2,))),
    ("einsum implicit", lambda T, a, b: T.einsum("ij,jk", a, b), two((3, 4), (4, 5))),
    ("einsum diagonal", lambda T, a: T.einsum("ii->i", a), one((3, 3))),
    ("einsum trace", lambda T, a: T.einsum("ii", a), one((3, 3))),
    ("einsum batch", lambda T, a, b: T.einsum("...ij,...jk->...ik", a, b), two((2, 3, 4), (4, 2))),
    ("einsum ones", lambda T, a, b: T.einsum("...ij,...j->...i", a, b), two((1, 3, 4), (2, 4))),
    ("einsum heads", lambda T, a, b: T.einsum("bqd,bkd->bqk", a, b), two((2, 3, 4), (2, 5, 4))),
    ("einsum three", lambda T, a, b: T.einsum("ij,jk,ij->k", a, b, a), two((3, 4), (4, 2))),
    ("einsum transpose", lambda T, a: T.einsum("ijk->kij", a), one((2, 3, 4))),
]

REDUCTIONS = [
    ("sum", lambda T, x: x.sum(), one()),
    ("sum 0", lambda T, x: x.sum(0), one()),
    ("sum dims", lambda T, x: T.sum(x, dim=(0, -1), keepdim=True), one((2, 3, 4))),
    ("sum last", lambda T, x: x.sum(-1, keepdim=True), one((2, 3, 4))),
    ("mean", lambda T, x: x.mean(), one()),
    ("mean 1", lambda T, x: x.mean(1), one((2, 3, 4))),
    ("mean dims", lambda T, x: x.mean((0, 2), keepdim=True), one((2, 3, 4))),
    ("var", lambda T, x: x.var(), one()),
    ("var 0", lambda T, x: x.var(0, unbiased=False), one()),
    ("var dims", lambda T, x: T.var(x, (1, 2), keepdim=True), one((2, 3, 4))),
    ("var correction", lambda T, x: T.var(x, dim=1, correction=2), one()),
    ("std", lambda T, x: x.std(), one()),
    ("std 1", lambda T, x: x.std(1, keepdim=True), one()),
    ("prod", lambda T, x: x.prod(), one()),
    ("prod 1", lambda T, x: x.prod(1, keepdim=True), one((2, 3, 4))),
    ("prod zero", lambda T, x: (x * (x > 0)).prod(0), one()),
    ("max", lambda T, x: x.max(), one()),
    ("max 1", lambda T, x: x.max(1)[0], one()),
    ("max 0 kept", lambda T, x: T.max(x, 0, keepdim=True).values, one((2, 3, 4))),
    ("min", lambda T, x: x.min(), one()),
    ("min -1", lambda T, x: x.min(-1).values, one()),
    ("amax", lambda T, x: T.amax(x, dim=(0, 2)), one((2, 3, 4))),
    ("amin", lambda T, x: x.amin(1, keepdim=True), one()),
    ("logsumexp", lambda T, x: T.logsumexp(x, 1), one()),
    ("logsumexp dims", lambda T, x: T.logsumexp(x, (0, 1), keepdim=True), one()),
    ("norm", lambda T, x: x.norm(), one()),
    ("norm 1", lambda T, x: T.norm(x, 1, dim=1), one()),
    ("norm 3", lambda T, x: T.norm(x, 3, dim=0, keepdim=True), one()),
    ("norm inf", lambda T, x: T.norm(x, float("inf"), dim=1), one()),
    ("cumsum", lambda T, x: x.cumsum(1), one()),
    ("cumprod", lambda T, x: x.cumprod(0), one()),
    ("cumprod zero", lambda T, x: (x * (x > 0)).cumprod(1), one()),
    ("softmax", lambda T, x: x.softmax(1), one((2, 3, 4))),
    ("log_softmax", lambda T, x: T.log_softmax(x, dim=-1), one()),
    ("sort", lambda T, x: x.sort(1, descending=True)[0], one()),
    ("topk", lambda T, x: T.topk(x, 2, dim=0).values, one()),
    ("topk smallest", lambda T, x: x.topk(3, largest=False)[0], one()),
    ("median", lambda T, x: x.median(), one()),
    ("median 1", lambda T, x: x.median(1).values, one()),
]

SHAPES = [
    ("view", lambda T, x: x.view(2, -1), one()),
    ("reshape", lambda T, x: x.t().reshape(2, 6), one()),
    ("flatten", lambda T, x: x.flatten(1), one((2, 3, 4))),
    ("unflatten", lambda T, x: x.unflatten(1, (2, -1)), one()),
    ("permute", lambda T, x: x.permute(2, 0, 1), one((2, 3, 4))),
    ("movedim", lambda T, x: x.movedim((0, 1), (-1, 0)), one((2, 3, 4))),
    ("meshgrid", lambda T, x, y: T.meshgrid(x, y, indexing="xy")[1] * x, two((3,), (2,))),
    ("trace", lambda T, x: x.trace(), one()),
    ("transpose", lambda T, x: x.transpose(0, -1), one((2, 3, 4))),
    ("mT", lambda T, x: x.mT, one((2, 3, 4))),
    ("squeeze", lambda T, x: x.squeeze(), one((1, 3, 1, 2))),
    ("squeeze 0", lambda T, x: T.squeeze(x, 0), one((1, 3, 1, 2))),
    ("unsqueeze", lambda T, x: x.unsqueeze(-1) * 2, one()),
    ("expand", lambda T, x: x.expand(2, 3, -1), one((3, 1))),
    ("expand more", lambda T, x: x.expand(2, 3, 4) * 1.5, one((3, 1))),
    ("repeat", lambda T, x: x.repeat(2, 1, 3), one((2, 3))),
    ("tile", lambda T, x: T.tile(x, (2,)), one()),
    ("repeat_interleave", lambda T, x: x.repeat_interleave(2, dim=1), one()),
    ("cat", lambda T, x, y: T.cat([x, y, x], dim=1), two(b=(3, 2))),
    ("stack", lambda T, x, y: T.stack((x, y), dim=-1), two()),
    ("hstack", lambda T, x, y: T.hstack((x, y)), two()),
    ("vstack", lambda T, x, y: T.vstack((x, y)), two(b=(4,))),
    ("split", lambda T, x: x.split(3, dim=1)[1] * x.split([1, 3], 1)[0], one()),
    ("chunk", lambda T, x: x.chunk(2, 0)[0], one()),
    ("unbind", lambda T, x: x.unbind(1)[2] * x.unbind(1)[0], one()),
    ("narrow", lambda T, x: x.narrow(1, 1, 2), one()),
    ("select", lambda T, x: T.select(x, 1, -1), one()),
    ("flip", lambda T, x: x.flip(0, 1), one()),
    ("roll", lambda T, x: x.roll(1, 0), one()),
    ("roll flat", lambda T, x: T.roll(x, 5), one()),
    ("roll dims", lambda T, x: T.roll(x, (1, -2), (0, 1)), one()),
    ("tril", lambda T, x: x.tril(), one()),
    ("triu", lambda T, x: T.triu(x, diagonal=1), one((2, 3, 4))),
    ("diag", lambda T, x: T.diag(x), one((3,))),
    ("diag of", lambda T, x: T.diag(x, 1), one()),
    ("diagonal", lambda T, x: T.diagonal(x, 0, 1, 2), one((2, 3, 4))),
    ("clone", lambda T, x: x.clone() * x, one()),
    ("contiguous", lambda T, x: x.t().contiguous(), one()),
]

PICKS = [
    ("index", lambda T, x: x[1], one()),
    ("index last", lambda T, x: x[-1, -2], one()),
    ("slice", lambda T, x: x[1:, ::2], one()),
    ("ellipsis", lambda T, x: x[..., 1], one((2, 3, 4))),
    ("none", lambda T, x: x[:, None, 1:3], one()),
    ("mask", lambda T, x: x[x > 0], one()),
    ("row mask", lambda T, x: x[T.tensor([True, False, True])], one()),
    ("list", lambda T, x: x[[2, 0, 2]], one()),
    ("pairs", lambda T, x: x[T.tensor([0, 1, 1]), T.tensor([3, 2, 2])], one()),
    ("column list", lambda T, x: x[:, T.tensor([3, 3, 0])], one()),
    ("grid", lambda T, x: x[T.tensor([[0], [2]]), T.tensor([1, 2])], one()),
    ("number and list", lambda T, x: x[0, :, T.tensor([1, 2])], one((2, 3, 4))),
    ("apart", lambda T, x: x[T.tensor([0, 1]), :, T.tensor([1, 2])], one((2, 3, 4))),
    ("none and list", lambda T, x: x[None, :, T.tensor([1, 2])], one()),
    ("gather", lambda T, x: x.gather(1, T.tensor([[0, 0, 3], [1, 2, 0]])), one()),
    ("take_along_dim", lambda T, x: T.take_along_dim(x, T.tensor([[2], [0], [1]]), 1), one()),
    ("index_select", lambda T, x: T.index_select(x, 1, T.tensor([0, 3, 3])), one()),
    ("masked_select", lambda T, x: T.masked_select(x, x < 0), one()),
    ("scatter", lambda T, x, y: x.scatter(1, T.tensor([[1, 0], [3, 2]]), y), two(b=(2, 2))),
    ("scatter number", lambda T, x: T.scatter(x, 0, T.tensor([[1, 0]]), 5.0), one()),
    ("scatter_add", lambda T, x, y: x.scatter_add(0, T.tensor([[1, 1], [1, 0]]), y), two(b=(2, 2))),
    ("index_add", lambda T, x, y: x.index_add(0, T.tensor([2, 2]), y, alpha=2), two(b=(2, 4))),
    ("index_copy", lambda T, x, y: T.index_copy(x, 0, T.tensor([2, 0]), y), two(b=(2, 4))),
    ("index_fill", lambda T, x: x.index_fill(1, T.tensor([1]), 7.0), one()),
]


def changed(change):
    """Return a function that changes a copy of its first tensor in place, and goes on."""

    def function(T, x, *others):
        copy = x * 1
        change(T, copy, *others)
        return copy * 2

    return function


INPLACE = [
    ("add_", changed(lambda T, x, y: x.add_(y, alpha=2)), two(b=(4,))),
    ("iadd", changed(lambda T, x, y: x.__iadd__(y)), two()),
    ("sub_", changed(lambda T, x, y: x.sub_(y)), two()),
    ("mul_", changed(lambda T, x, y: x.mul_(y)), two()),
    ("mul_ number", changed(lambda T, x: x.mul_(3)), one()),
    ("div_", changed(lambda T, x, y: x.div_(y)), two(kinds=("any", "positive"))),
    ("pow_", changed(lambda T, x: x.pow_(2)), one()),
    ("exp_", changed(lambda T, x: x.exp_()), one()),
    ("relu_", changed(lambda T, x: x.relu_()), one()),
    ("sigmoid_", changed(lambda T, x: x.sigmoid_()), one()),
    ("clamp_", changed(lambda T, x: x.clamp_(-0.5, 0.5)), one()),
    ("zero_", changed(lambda T, x: x.zero_()), one()),
    ("fill_", changed(lambda T, x: x.fill_(2.0)), one()),
    ("copy_", changed(lambda T, x, y: x.copy_(y)), two(b=(4,))),
    ("addcmul_", changed(lambda T, x, y: x.addcmul_(y, y, value=0.5)), two()),
    ("lerp_", changed(lambda T, x, y: x.lerp_(y, 0.3)), two()),
    ("masked_fill_", changed(lambda T, x: x.masked_fill_(x.detach() > 0, 0.0)), one()),
    (
        "scatter_add_",
        changed(lambda T, x, y: x.scatter_add_(0, T.tensor([[1, 1]]), y)),
        two(b=(1, 2)),
    ),
    ("index_add_", changed(lambda T, x, y: x.index_add_(0, T.tensor([1]), y[:1])), two()),
    ("set row", changed(lambda T, x, y: x.__setitem__(1, y)), two(b=(4,))),
    ("set slice", changed(lambda T, x, y: x.__setitem__((slice(None), 1), y * 2)), two(b=(3,))),
    ("set mask", changed(lambda T, x: x.__setitem__(x.detach() > 0, 0.5)), one()),
    ("set list", changed(lambda T, x, y: x.__setitem__(T.tensor([2, 0]), y)), two(b=(2, 4))),
    ("set broadcast", changed(lambda T, x, y: x.__setitem__(slice(1, 3), y)), two(b=(1, 4))),
    ("row mul_", changed(lambda T, x, y: x[1].mul_(y)), two(b=(4,))),
    ("view add_", changed(lambda T, x, y: x.view(-1)[2:6].add_(y)), two(b=(4,))),
    ("t exp_", changed(lambda T, x: x.t()[1].exp_()), one()),
    ("two views", changed(lambda T, x, y: (x[0].mul_(y), x[:, 1].mul_(y[:3]))), two(b=(4,))),
]

CASES = [*_unary(), *ARITHMETIC, *PRODUCTS, *REDUCTIONS, *SHAPES, *PICKS, *INPLACE]
