"""The methods of Tensor that are functions of the package as well: x.f(...) is f(x, ...)."""

from scratchml.tensor import (
    activations,
    arithmetic,
    axes,
    combined,
    comparison,
    conversion,
    copies,
    division,
    elementwise,
    expanding,
    extremes,
    filled_like,
    filling,
    gathering,
    hooks,
    indexing,
    inplace,
    logic,
    masks,
    matrices,
    norms,
    products,
    reductions,
    repeating,
    sampling,
    scans,
    searching,
    shaping,
    sizes,
    slices,
    sorting,
    splitting,
    triangles,
)
from scratchml.tensor.tape import Taped


class Methods(Taped):
    """What the modules of this package do with tensors, as methods."""

    __slots__ = ()

    add = __add__ = __radd__ = arithmetic.add
    sub = subtract = __sub__ = arithmetic.sub
    mul = multiply = __mul__ = __rmul__ = arithmetic.mul
    div = divide = true_divide = __truediv__ = division.div
    floor_divide = __floordiv__ = division.floor_divide
    remainder = __mod__ = division.remainder
    fmod = division.fmod
    pow = __pow__ = arithmetic.pow
    __rsub__ = arithmetic.rsub
    __rtruediv__ = division.rdiv
    __rfloordiv__ = division.rfloor_divide
    __rmod__ = division.rremainder
    __rpow__ = arithmetic.rpow
    matmul = __matmul__ = matrices.matmul
    mm = products.mm
    bmm = products.bmm
    mv = products.mv
    dot = products.dot
    inner = products.inner
    outer = products.outer
    addmm = products.addmm
    exp = elementwise.exp
    exp2 = elementwise.exp2
    expm1 = elementwise.expm1
    log = elementwise.log
    log2 = elementwise.log2
    log10 = elementwise.log10
    log1p = elementwise.log1p
    sqrt = elementwise.sqrt
    rsqrt = elementwise.rsqrt
    reciprocal = elementwise.reciprocal
    square = elementwise.square
    abs = absolute = __abs__ = elementwise.abs
    neg = negative = __neg__ = elementwise.neg
    sin = elementwise.sin
    cos = elementwise.cos
    tan = elementwise.tan
    asin = elementwise.asin
    acos = elementwise.acos
    atan = elementwise.atan
    sinh = elementwise.sinh
    cosh = elementwise.cosh
    asinh = elementwise.asinh
    acosh = elementwise.acosh
    atanh = elementwise.atanh
    floor = elementwise.floor
    ceil = elementwise.ceil
    round = elementwise.round
    trunc = elementwise.trunc
    frac = elementwise.frac
    sign = elementwise.sign
    relu = activations.relu
    sigmoid = activations.sigmoid
    tanh = activations.tanh
    erf = activations.erf
    softmax = activations.softmax
    log_softmax = activations.log_softmax
    clamp = clip = combined.clamp
    lerp = combined.lerp
    addcmul = combined.addcmul
    addcdiv = combined.addcdiv
    eq = __eq__ = comparison.eq
    ne = __ne__ = comparison.ne
    lt = __lt__ = comparison.lt
    le = __le__ = comparison.le
    gt = __gt__ = comparison.gt
    ge = __ge__ = comparison.ge
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    logical_not = comparison.logical_not
    logical_and = comparison.logical_and
    logical_or = comparison.logical_or
    logical_xor = comparison.logical_xor
    bitwise_and = __and__ = __rand__ = comparison.bitwise_and
    bitwise_or = __or__ = __ror__ = comparison.bitwise_or
    bitwise_xor = __xor__ = __rxor__ = comparison.bitwise_xor
    bitwise_not = __invert__ = comparison.bitwise_not
    all = logic.all
    any = logic.any
    equal = logic.equal
    isclose = logic.isclose
    allclose = logic.allclose
    where = logic.where_method
    sum = reductions.sum
    mean = reductions.mean
    var = reductions.var
    std = reductions.std
    prod = scans.prod
    logsumexp = norms.logsumexp
    norm = norms.norm
    max = extremes.max
    min = extremes.min
    amax = extremes.amax
    amin = extremes.amin
    maximum = extremes.maximum
    minimum = extremes.minimum
    argmax = searching.argmax
    argmin = searching.argmin
    sort = sorting.sort
    argsort = sorting.argsort
    topk = sorting.topk
    median = sorting.median
    cumsum = scans.cumsum
    cumprod = scans.cumprod
    unique = searching.unique
    bincount = searching.bincount
    reshape = shaping.reshape
    view = shaping.view
    flatten = ravel = shaping.flatten
    unflatten = shaping.unflatten
    permute = axes.permute
    transpose = swapaxes = axes.transpose
    t = axes.t
    squeeze = axes.squeeze
    unsqueeze = axes.unsqueeze
    expand = expanding.expand
    expand_as = expanding.expand_as
    broadcast_to = expanding.broadcast_to
    split = splitting.split
    chunk = splitting.chunk
    unbind = splitting.unbind
    narrow = splitting.narrow
    select = splitting.select
    repeat = repeating.repeat
    tile = repeating.tile
    repeat_interleave = repeating.repeat_interleave
    flip = repeating.flip
    roll = repeating.roll
    tril = triangles.tril
    triu = triangles.triu
    diag = triangles.diag
    diagonal = triangles.diagonal
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    gather = gathering.gather
    take_along_dim = gathering.take_along_dim
    scatter = gathering.scatter
    scatter_add = gathering.scatter_add
    index_select = slices.index_select
    index_add = slices.index_add
    index_copy = slices.index_copy
    index_fill = slices.index_fill
    masked_fill = masks.masked_fill
    masked_select = masks.masked_select
    nonzero = searching.nonzero
    to = conversion.to
    float = conversion.float
    double = conversion.double
    long = conversion.long
    int = conversion.int
    byte = conversion.byte
    bool = conversion.to_bool
    type = conversion.type
    type_as = conversion.type_as
    clone = copies.clone
    contiguous = copies.contiguous
    cpu = copies.cpu
    view_as = copies.view_as
    reshape_as = copies.reshape_as
    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial
    register_hook = hooks.register_hook
    retain_grad = hooks.retain_grad
    add_ = __iadd__ = inplace.add_
    sub_ = __isub__ = inplace.sub_
    mul_ = __imul__ = inplace.mul_
    div_ = __itruediv__ = inplace.div_
    floor_divide_ = __ifloordiv__ = inplace.floor_divide_
    remainder_ = __imod__ = inplace.remainder_
    fmod_ = inplace.fmod_
    pow_ = __ipow__ = inplace.pow_
    addcmul_ = inplace.addcmul_
    addcdiv_ = inplace.addcdiv_
    lerp_ = inplace.lerp_
    clamp_ = clip_ = inplace.clamp_
    exp_ = inplace.exp_
    expm1_ = inplace.expm1_
    log_ = inplace.log_
    log1p_ = inplace.log1p_
    sqrt_ = inplace.sqrt_
    rsqrt_ = inplace.rsqrt_
    reciprocal_ = inplace.reciprocal_
    square_ = inplace.square_
    abs_ = inplace.abs_
    neg_ = inplace.neg_
    sin_ = inplace.sin_
    cos_ = inplace.cos_
    floor_ = inplace.floor_
    ceil_ = inplace.ceil_
    round_ = inplace.round_
    trunc_ = inplace.trunc_
    tanh_ = inplace.tanh_
    sigmoid_ = inplace.sigmoid_
    relu_ = inplace.relu_
    masked_fill_ = inplace.masked_fill_
    scatter_ = inplace.scatter_
    scatter_add_ = inplace.scatter_add_
    index_add_ = inplace.index_add_
    index_fill_ = inplace.index_fill_
    index_copy_ = inplace.index_copy_
    tril_ = inplace.tril_
    triu_ = inplace.triu_
    logical_not_ = inplace.logical_not_
    bitwise_and_ = __iand__ = inplace.bitwise_and_
    bitwise_or_ = __ior__ = inplace.bitwise_or_
    bitwise_xor_ = __ixor__ = inplace.bitwise_xor_
    bitwise_not_ = inplace.bitwise_not_
    fill_ = inplace.fill_
    zero_ = inplace.zero_
    copy_ = inplace.copy_
    uniform_ = filling.uniform_
    normal_ = filling.normal_
    bernoulli_ = filling.bernoulli_
    random_ = filling.random_
    exponential_ = filling.exponential_
    size = sizes.size
    numel = nelement = sizes.numel
    dim = ndimension = sizes.dim
    tolist = sizes.tolist
    stride = sizes.stride
    element_size = sizes.element_size
    data_ptr = sizes.data_ptr
    is_contiguous = sizes.is_contiguous
    is_floating_point = sizes.is_floating_point
    is_complex = sizes.is_complex
    atan2 = arithmetic.atan2
    movedim = moveaxis = axes.movedim
    trace = triangles.trace
    count_nonzero = searching.count_nonzero
    cuda = copies.cuda
    new_zeros = filled_like.new_zeros
    new_ones = filled_like.new_ones
    new_empty = filled_like.new_empty
    new_full = filled_like.new_full
    new_tensor = filled_like.new_tensor
