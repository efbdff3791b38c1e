"""Normal numbers from uniform ones in blocks of 16, to the last bit those of PyTorch.

    sqrt(-2 log(1 - u)) cos(2 pi v),  sqrt(-2 log(1 - u)) sin(2 pi v)        Box & Muller 1958

In float32 the last bit depends on how log, cos and sin are computed. PyTorch's numbers come from
the polynomials of Moshier's Cephes library, with a x + b rounded once: such a step is taken here
in float64, where the product is exact, and rounded to float32.

    log    m 2^e with m in [sqrt(1/2), sqrt(2)); log m = x - x^2 / 2 + x^3 P(x) for x = m - 1; log 2
           is added in two parts, of which the larger is exact
    cos, sin    the angle less a multiple of pi / 4, taken off in three parts; then 1 - z / 2 +
           z^2 C(z) and x + x z S(z) for z = x^2, exchanged and negated by octants
"""

from typing import Any

import numpy as np

BLOCK = 16
HALF = 8
ROWS = 4096  # so that the steps' arrays stay in the cache

LOG = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
    *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
)
LOG_2 = (-2.12194440e-4, 0.693359375)
COS = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
SIN = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
QUARTER_PI = (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)

f32 = np.float32


def box_muller(u: np.ndarray) -> np.ndarray:
    """Return normal numbers made from uniform ones, of which there are whole blocks."""
    u = u.reshape(-1, BLOCK)
    if u.dtype != np.float32:
        radius = np.sqrt(-2 * np.log(1 - u[:, :HALF]))
        angle = (2 * np.pi) * u[:, HALF:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()
    out = np.empty_like(u)
    for start in range(0, len(u), ROWS):
        part = u[start : start + ROWS]
        radius = np.sqrt(f32(-2) * _log(f32(1) - part[:, :HALF]))
        sin, cos = _sin_cos(f32(2 * np.pi) * part[:, HALF:])
        out[start : start + ROWS, :HALF] = radius * cos
        out[start : start + ROWS, HALF:] = radius * sin
    return out.ravel()


def _fused(a: np.ndarray, x: Any, b: Any) -> np.ndarray:
    """Return a x + b, rounded once."""
    x = f32(x) if isinstance(x, float) else x
    b = f32(b) if isinstance(b, float) else b
    return (a.astype(np.float64) * x + b).astype(f32)


def _polynomial(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Return a polynomial by Horner's rule, the highest power first."""
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = _fused(y, x, c)
    return y


def _log(x: np.ndarray) -> np.ndarray:
    m, e = np.frexp(x)
    low = m < f32(np.sqrt(0.5))
    e = e.astype(f32) - low
    x = np.where(low, m + m - f32(1), m - f32(1))
    z = x * x
    y = _fused(_polynomial(x, LOG) * x, z, e * f32(LOG_2[0]))
    y = y - z * f32(0.5)  # half of z is exact
    return _fused(e, LOG_2[1], x + y)


def _sin_cos(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sines and cosines of angles that are not negative."""
    octant = ((x * f32(4 / np.pi)).astype(np.int32) + 1) & ~1
    count = octant.astype(f32)
    for part in QUARTER_PI:
        x = _fused(count, part, x)
    z = x * x
    even = _fused(_polynomial(z, COS) * z, z, z * f32(-0.5)) + f32(1)
    odd = _fused(_polynomial(z, SIN) * z, x, x)
    swapped = octant & 2 != 0
    sin = np.where(swapped, even, odd)
    cos = np.where(swapped, odd, even)
    return np.where(octant & 4 != 0, -sin, sin), np.where((octant - 2) & 4 == 0, -cos, cos)
