"""erf, and the normal distribution, for the inside of kernels and for arrays; no branches.

Everything stands on the tail Phi(-a), a >= 0, of the normal distribution, as the product of
exp(-a^2 / 2) with a function that falls smoothly from 1/2 towards 0:

    R(a) = exp(a^2 / 2) Phi(-a) = erfcx(z) / 2,    erfcx(z) = exp(z^2) erfc(z),  z = a / sqrt(2)

float64: (1 + 2 z) erfcx(z) = C(t), t = (z - K) / (z + K), a Chebyshev series cut off at degree 24
and written in powers of t; computed with 50 digits for K = 3.75, error 2e-17 (Shepherd and
Laframboise 1981, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc(x) in 0 <= x < infinity",
Mathematics of Computation 36). float32: R(a) = P(a) / Q(a) of degrees 4 and 5, the best fit over
[0, 13.5], error 6e-9 (by Lawson's reweighted least squares; Cody 1969, "Rational Chebyshev
approximations for the error function", is the model). All its coefficients are positive.

    Phi(x) = Phi(-a)            for x = -a < 0,   1 - Phi(-a)  for x = a >= 0
    erf(x) = x S(x^2)           for |x| < 1: S a series as C, of s in [0, 1]
           = +-(1 - 2 Phi(-|x| sqrt(2)))          otherwise

Phi never subtracts from 1 what is nearly 1, so its lower tail keeps its digits. So does
exp(-a^2 / 2): rounding a^2 / 2 alone would cost that many units in the last place. In float64, with
a = h + l, h so short that h^2 is exact, it is exp(-h^2 / 2) exp(-d), d = (a + h) l / 2 small. In
float32 the square is fused into the reduction of the exponent; where a machine has no fused product
the far tail loses six bits.

Worst errors in units in the last place (tests/_core/test_erf.py measures them):

                erf    Phi    exp(-x^2 / 2)
    float32     2.4    4.0    1.0
    float64     2.0    6.6    2.0
"""

import numpy as np

from scratchml._core.elementary import exp64
from scratchml._core.jit import ByDtype, jit

_CONTRACT = frozenset({"contract"})
_F = np.float32

_SHORT64 = np.float64(1.5 * 2.0**32)  # added and subtracted, leaves 20 bits after the point
_MOST64, _MOST32 = np.float64(39.0), np.float32(13.26)  # exp(-a^2 / 2) is 0 from there on
_ROUND32 = np.float32(1.5 * 2.0**23)
_ROOT2_64, _ROOT2_32 = np.float64(1.4142135623730951), np.float32(1.41421356)
_ROOT_HALF64 = np.float64(0.7071067811865476)
_HALF_INV_LOG2_32 = np.float32(0.72134752)
_LOG2_HIGH32 = np.float32(float.fromhex("0x1.62e400p-1"))  # 15 bits: times 127 exact
_LOG2_LOW32 = np.float32(float.fromhex("0x1.7f7d1cp-20"))


@jit(fastmath=_CONTRACT)
def erf64(x):
    """Compute erf(x) in float64."""
    a = abs(x)
    tail, _ = _tail64(a * _ROOT2_64)
    near, far = x * _series64(a * a), 1.0 - 2.0 * tail
    return near if a < 1.0 else -far if x < 0.0 else far


@jit(fastmath=_CONTRACT)
def erf32(x):
    """Compute erf(x) in float32."""
    a = abs(x)
    tail, _ = _tail32(a * _ROOT2_32)
    near, far = x * _series32(a * a), _F(1.0) - _F(2.0) * tail
    return near if a < _F(1.0) else -far if x < _F(0.0) else far


@jit(fastmath=_CONTRACT)
def normal64(x):
    """Compute Phi(x), the probability of a number below x, and exp(-x^2 / 2)."""
    tail, bell = _tail64(abs(x))
    return tail if x < 0.0 else 1.0 - tail, bell


@jit(fastmath=_CONTRACT)
def normal32(x):
    """Compute Phi(x), the probability of a number below x, and exp(-x^2 / 2)."""
    tail, bell = _tail32(abs(x))
    return tail if x < _F(0.0) else _F(1.0) - tail, bell


erf = ByDtype("erf", erf32, erf64)
normal = ByDtype("normal", normal32, normal64)


@jit(fastmath=_CONTRACT)
def _tail64(a):
    """Return Phi(-a) and exp(-a^2 / 2)."""
    a = _MOST64 if a > _MOST64 else a
    h = (a + _SHORT64) - _SHORT64
    d = (h + a) * (h - a) * 0.5
    bell = exp64(-0.5 * h * h) * (1.0 + d * (1.0 + d * (1 / 2 + d * (1 / 6))))
    return bell * _ratio64(a), bell


@jit(fastmath=_CONTRACT)
def _tail32(a):
    """Return Phi(-a) and exp(-a^2 / 2) = 2^-n exp(-r), r = a^2 / 2 - n log 2."""
    a = _MOST32 if a > _MOST32 else a
    n = (a * _HALF_INV_LOG2_32 * a + _ROUND32) - _ROUND32
    r = (a * _F(0.5) * a - n * _LOG2_HIGH32) - n * _LOG2_LOW32
    q = _F(-1 / 120) + r * (_F(1 / 720) - r * _F(1 / 5040))
    q = _F(1 / 2) + r * (_F(-1 / 6) + r * (_F(1 / 24) + r * q))
    bits = np.float32((_ROUND32 + _F(127.0)) - n).view(np.int32)
    bell = (_F(1.0) - (r - r * r * q)) * np.int32(bits << np.int32(23)).view(np.float32)
    return bell * _ratio32(a), bell


@jit(fastmath=_CONTRACT)
def _ratio64(a):
    """Compute R(a) for a in [0, 1e100]; arithmetic only, so arrays will do as well."""
    z = a * _ROOT_HALF64
    u = 0.5 / ((z + 3.75) * (1.0 + 2.0 * z))
    t = (z - 3.75) * (2.0 + 4.0 * z) * u
    c = 4.2514714447963898e-10
    c = -3.7442100809620186e-9 + t * (-5.1739902140113096e-9 + t * (3.1114333809799252e-10 + t * c))
    c = -2.5866850716155885e-7 + t * (2.3263508708859124e-8 + t * (3.8675334242222357e-8 + t * c))
    c = -9.7355989673677493e-7 + t * (1.7516376488490621e-6 + t * (-5.7218230603224088e-8 + t * c))
    c = 5.1649098892682403e-5 + t * (2.238423915508223e-5 + t * (-1.1444146237700523e-5 + t * c))
    c = 1.7556258528952954e-3 + t * (2.9371366559134482e-4 + t * (-2.9015408054084171e-4 + t * c))
    c = -0.058693398589636774 + t * (0.028362277418956404 + t * (-9.7465795580292755e-3 + t * c))
    c = 0.082276738490145208 + t * (-0.10880393014174886 + t * (0.092304321160377478 + t * c))
    c = 1.2375126308378276 + t * (-0.14024059858554696 + t * (3.5854154854644294e-3 + t * c))
    return c * ((z + 3.75) * u)


@jit(fastmath=_CONTRACT)
def _ratio32(a):
    """Compute R(a) for a in [0, 13.5]; arithmetic only, so arrays will do as well."""
    p = _F(0.500000003) + a * (
        _F(0.436147492) + a * (_F(0.181646775) + a * (_F(0.0400983836) + a * _F(0.00403704726)))
    )
    q = _F(1.19590007) + a * (_F(0.465277718) + a * (_F(0.100518952) + a * _F(0.010119238)))
    q = _F(1.0) + a * (_F(1.67017991) + a * q)
    return p / q


@jit(fastmath=_CONTRACT)
def _series64(s):
    """Compute erf(x) / x from s = x^2 in [0, 1]."""
    c = 5.9589307431349412e-11
    c = -1.6350354461959656e-7 + s * (1.4660051998394848e-8 + s * (-1.1373902296430912e-9 + s * c))
    c = 1.2055331122299265e-4 + s * (-1.4925595519506043e-5 + s * (1.6461004480962035e-6 + s * c))
    c = -0.026866170645077334 + s * (5.2239776248232226e-3 + s * (-8.548326981129666e-4 + s * c))
    return 1.1283791670955126 + s * (-0.37612638903183748 + s * (0.11283791670954882 + s * c))


@jit(fastmath=_CONTRACT)
def _series32(s):
    """Compute erf(x) / x from s = x^2 in [0, 1]."""
    c = _F(7.88249711e-5)
    c = _F(-0.0268543288) + s * (_F(5.18931194e-3) + s * (_F(-8.01885499e-4) + s * c))
    return _F(1.12837917) + s * (_F(-0.376126269) + s * (_F(0.112835975) + s * c))


def erf_array(x):
    """Compute erf of an array of floats, without compiling."""
    a = np.abs(x)
    tail, _ = _tail_array(a * x.dtype.type(_ROOT2_64))
    series = _series32 if x.dtype == np.float32 else _series64
    near = a * series.py_func(np.minimum(a * a, 1))
    return np.copysign(np.where(a < 1, near, 1 - 2 * tail), x)


def normal_array(x):
    """Compute Phi(x) and exp(-x^2 / 2) of an array of floats, without compiling."""
    tail, bell = _tail_array(np.abs(x))
    return np.where(x < 0, tail, 1 - tail), bell


def _tail_array(a):
    if a.dtype == np.float32:
        bell = np.exp(a.astype(np.float64) ** 2 / -2).astype(a.dtype)
        a = np.minimum(a, _MOST32)
        bell *= a < _MOST32
        return bell * _ratio32.py_func(a), bell
    a = np.minimum(a, _MOST64)
    h = (a + _SHORT64) - _SHORT64
    bell = np.exp(h * h / -2) * np.exp((h + a) * (h - a) / 2)
    return bell * _ratio64.py_func(a), bell
