"""The methods of Tensor that are functions of the package as well."""

from scratchml.tensor import (
    arithmetic,
    comparison,
    conversion,
    elementwise,
    extremes,
    indexing,
    products,
    reductions,
    shaping,
)
from scratchml.tensor.tape import Taped


class Methods(Taped):
    """x.f(...) is f(x, ...)."""

    __slots__ = ()

    add = __add__ = __radd__ = arithmetic.add
    sub = subtract = __sub__ = arithmetic.sub
    __rsub__ = arithmetic.rsub
    mul = multiply = __mul__ = __rmul__ = arithmetic.mul
    div = divide = true_divide = __truediv__ = arithmetic.div
    floor_divide = __floordiv__ = arithmetic.floor_divide
    remainder = __mod__ = arithmetic.remainder
    pow = __pow__ = arithmetic.pow
    matmul = __matmul__ = products.matmul
    neg = __neg__ = elementwise.neg
    exp = elementwise.exp
    log = elementwise.log
    eq = __eq__ = comparison.eq
    ne = __ne__ = comparison.ne
    lt = __lt__ = comparison.lt
    le = __le__ = comparison.le
    gt = __gt__ = comparison.gt
    ge = __ge__ = comparison.ge
    permute = shaping.permute
    transpose = shaping.transpose
    t = shaping.t
    squeeze = shaping.squeeze
    unsqueeze = shaping.unsqueeze
    expand = shaping.expand
    expand_as = shaping.expand_as
    unflatten = shaping.unflatten
    sum = reductions.sum
    mean = reductions.mean
    max = extremes.max
    min = extremes.min
    argmax = extremes.argmax
    view = shaping.view
    reshape = shaping.reshape
    flatten = shaping.flatten
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    to = conversion.to
    float = conversion.float
    double = conversion.double
    long = conversion.long
    int = conversion.int
    byte = conversion.byte
    bool = conversion.to_bool
    type = conversion.type
    type_as = conversion.type_as
    clone = conversion.clone
    contiguous = conversion.contiguous
    abs = __abs__ = elementwise.abs
    sqrt = elementwise.sqrt
    std = reductions.std
    var = reductions.var
