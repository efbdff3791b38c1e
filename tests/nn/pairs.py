"""What a forward/backward pair is checked with: central differences, and adjointness.

    check_pair(conv2d_forward, conv2d_backward, [x, w, b], stride=2)

compares the gradient with (L(x + h u) - L(x - h u)) / 2h, where L = <y, r> for a random r, one
number at a time in float64; that is the definition, and it costs two forwards for each number.
"""

import numpy as np


def gradients(backward, cache, dy, n):
    """Return the backward half's answer as a list of `n`."""
    if n == 1:
        return [backward(dy, cache)]
    return list(backward(dy, cache, (True,) * n))


def numerical_gradient(f, x, r, h=1e-6):
    """Return d<f(x), r>/dx by central differences."""
    dx = np.empty_like(x)
    for i in np.ndindex(x.shape):
        at = x[i]
        x[i] = at + h
        above = np.vdot(f(), r)
        x[i] = at - h
        below = np.vdot(f(), r)
        x[i] = at
        dx[i] = (above - below) / (2 * h)
    return dx


def check_pair(forward, backward, arrays, *args, seed=0, h=1e-6, rtol=1e-6, atol=1e-7, **options):
    """Assert that `backward` gives the derivatives of `forward` for each of `arrays` (float64).

    An array of None, or of integers, is passed on and not differentiated.
    """
    arrays = [None if a is None else np.array(a) for a in arrays]
    y, cache = forward(*arrays, *args, **options)
    r = np.random.default_rng(seed).standard_normal(y.shape)
    before = r.copy()
    computed = gradients(backward, cache, r, len(arrays))
    np.testing.assert_array_equal(r, before, err_msg="the backward half changed dy")
    for i, (a, dx) in enumerate(zip(arrays, computed, strict=True)):
        if a is None or a.dtype.kind != "f":
            continue
        assert (dx.shape, dx.dtype) == (a.shape, a.dtype)
        expected = numerical_gradient(lambda: forward(*arrays, *args, **options)[0], a, r, h)
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(dx, expected, rtol=rtol, atol=atol * scale, err_msg=f"input {i}")


def check_adjoint(forward, backward, x, *args, rtol=1e-12, **options):
    """Assert <A x, y> = <x, A' y> for a pair that is linear in its first input."""
    y, cache = forward(x, *args, **options)
    r = np.random.default_rng(1).standard_normal(y.shape)
    dx = backward(r, cache)
    dx = dx[0] if isinstance(dx, tuple) else dx
    scale = np.linalg.norm(y) * np.linalg.norm(r)
    assert abs(np.vdot(y, r) - np.vdot(x, dx)) <= rtol * max(scale, 1.0)
