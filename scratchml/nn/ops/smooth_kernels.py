"""Compiled loops of `scratchml.nn.ops.smooth`: one pass over flat arrays, nothing in between.

The number 1 is an argument, of the arrays' type: written out, it would be a float64 and make all
of the arithmetic so.
"""

from scratchml._core.elementary import exp, expm1_negative, log1p_exp
from scratchml._core.elementary import sigmoid as logistic
from scratchml._core.elementary import tanh as hyperbolic
from scratchml._core.erf import erf as error_function
from scratchml._core.erf import normal
from scratchml._core.jit import jit


@jit("void(const T[::1], T[::1])")
def sigmoid(x, y):
    """Write 1 / (1 + exp(-x))."""
    for i in range(x.size):
        y[i] = logistic(x[i])


@jit("void(const T[::1], const T[::1], T[::1], T)")
def sigmoid_gradient(dy, y, dx, one):
    """Write dy y (1 - y)."""
    for i in range(y.size):
        dx[i] = dy[i] * ((one - y[i]) * y[i])


@jit("void(const T[::1], T[::1])")
def tanh(x, y):
    """Write tanh(x)."""
    for i in range(x.size):
        y[i] = hyperbolic(x[i])


@jit("void(const T[::1], const T[::1], T[::1], T)")
def tanh_gradient(dy, y, dx, one):
    """Write dy (1 - y^2)."""
    for i in range(y.size):
        dx[i] = dy[i] * ((one - y[i]) * (one + y[i]))


@jit("void(const T[::1], T[::1])")
def silu(x, y):
    """Write x s(x)."""
    for i in range(x.size):
        y[i] = x[i] * logistic(x[i])


@jit("void(const T[::1], const T[::1], T[::1], T)")
def silu_gradient(dy, x, dx, one):
    """Write dy s (1 + x (1 - s))."""
    for i in range(x.size):
        s = logistic(x[i])
        dx[i] = dy[i] * (s * (one + x[i] * (one - s)))


@jit("void(const T[::1], T[::1])")
def gelu(x, y):
    """Write x Phi(x)."""
    for i in range(x.size):
        below, _ = normal(x[i])
        y[i] = x[i] * below


@jit("void(const T[::1], const T[::1], T[::1], T)")
def gelu_gradient(dy, x, dx, factor):
    """Write dy (Phi(x) + x phi(x)), where phi(x) = factor exp(-x^2 / 2)."""
    for i in range(x.size):
        below, bell = normal(x[i])
        dx[i] = dy[i] * (below + x[i] * (bell * factor))


@jit("void(const T[::1], T[::1], T, T)")
def gelu_tanh(x, y, a, b):
    """Write x s(a x + b x^3)."""
    for i in range(x.size):
        v = x[i]
        y[i] = v * logistic(v * (a + b * (v * v)))


@jit("void(const T[::1], const T[::1], T[::1], T, T, T)")
def gelu_tanh_gradient(dy, x, dx, a, b, one):
    """Write dy (s + x s (1 - s) (a + 3 b x^2))."""
    for i in range(x.size):
        v = x[i]
        q = b * (v * v)
        s = logistic(v * (a + q))
        dx[i] = dy[i] * (s + (v * (a + q + q + q)) * (s * (one - s)))


@jit("void(const T[::1], T[::1], T)")
def mish(x, y, one):
    """Write x tanh(log(1 + exp(x)))."""
    for i in range(x.size):
        t, _ = _tanh_softplus(x[i], one)
        y[i] = x[i] * t


@jit("void(const T[::1], const T[::1], T[::1], T)")
def mish_gradient(dy, x, dx, one):
    """Write dy (t + x (1 - t^2) s(x)), t = tanh(log(1 + exp(x)))."""
    for i in range(x.size):
        t, rest = _tanh_softplus(x[i], one)
        dx[i] = dy[i] * (t + x[i] * (rest * logistic(x[i])))


@jit
def _tanh_softplus(x, one):
    """Return t = ((1 + e)^2 - 1) / ((1 + e)^2 + 1), e = exp(x), and 1 - t^2.

    Both parts of the fraction are divided by exp(2 x) for x > 0, so that nothing overflows.
    """
    u = exp(-abs(x))
    two = one + one
    n = one + two * u if x > 0 else u * (u + two)
    r = two * (u * u) if x > 0 else two
    d = n + r
    return n / d, (r / d) * ((d + n) / d)


@jit("void(const T[::1], T[::1], T, T)")
def softplus(x, y, beta, threshold):
    """Write log(1 + exp(beta x)) / beta, or x where beta x > threshold."""
    for i in range(x.size):
        z = beta * x[i]
        y[i] = x[i] if z > threshold else log1p_exp(z) / beta


@jit("void(const T[::1], const T[::1], T[::1], T, T)")
def softplus_gradient(dy, x, dx, beta, threshold):
    """Write dy s(beta x), or dy where beta x > threshold."""
    for i in range(x.size):
        z = beta * x[i]
        dx[i] = dy[i] if z > threshold else dy[i] * logistic(z)


@jit("void(const T[::1], T[::1])")
def logsigmoid(x, y):
    """Write -log(1 + exp(-x))."""
    for i in range(x.size):
        y[i] = -log1p_exp(-x[i])


@jit("void(const T[::1], const T[::1], T[::1])")
def logsigmoid_gradient(dy, x, dx):
    """Write dy s(-x)."""
    for i in range(x.size):
        dx[i] = dy[i] * logistic(-x[i])


@jit("void(const T[::1], T[::1], T, T, T)")
def elu(x, y, alpha, scale, rate):
    """Write scale x where x > 0, else alpha (exp(rate x) - 1)."""
    for i in range(x.size):
        v = x[i]
        y[i] = scale * v if v > 0 else alpha * expm1_negative(rate * v)


@jit("void(const T[::1], const T[::1], T[::1], T, T, T)")
def elu_gradient(dy, x, dx, alpha, scale, rate):
    """Write dy scale where x > 0, else dy alpha rate exp(rate x)."""
    for i in range(x.size):
        v = x[i]
        dx[i] = dy[i] * (scale if v > 0 else alpha * rate * exp(rate * v))


@jit("void(const T[::1], T[::1])")
def erf(x, y):
    """Write erf(x)."""
    for i in range(x.size):
        y[i] = error_function(x[i])
