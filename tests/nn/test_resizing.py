"""interpolate: gradients, adjointness, and PyTorch's outputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.ops.resizing import linear_taps, nearest_taps, resize_backward, resize_forward
from scratchml.tensor.tape import constant

from .pairs import check_adjoint, check_pair

lengths = st.integers(1, 6)


def taps_for(kind, sizes, outputs):
    """Return taps for the last axes, with the lengths' own ratio as the step."""
    taps = []
    for k, (n, m) in enumerate(zip(sizes, outputs, strict=True), -len(sizes)):
        if kind == "aligned":
            step = (n - 1) / max(m - 1, 1)
        else:
            step = n / m
        if kind in ("nearest", "exact"):
            taps.append(nearest_taps(k, n, m, step, kind == "exact"))
        else:
            taps.append(linear_taps(k, n, m, step, kind == "aligned", np.dtype(float)))
    return tuple(taps)


def by_loops(kind, x, outputs):
    """Interpolate (H, W) value by value."""

    def parts(o, n, m):
        if kind == "nearest":
            return [(min(o * n // m, n - 1), 1.0)]
        if kind == "exact":
            return [(min((2 * o + 1) * n // (2 * m), n - 1), 1.0)]
        if kind == "aligned":
            t = o * (n - 1) / (m - 1) if m > 1 else 0.0
        else:
            t = max(0.0, (o + 0.5) * n / m - 0.5)
        i = min(int(t + 1e-12), n - 1)
        return [(i, 1 - (t - i)), (min(i + 1, n - 1), t - i)]

    y = np.zeros(outputs)
    for a, b in np.ndindex(outputs):
        for i, u in parts(a, x.shape[0], outputs[0]):
            for j, v in parts(b, x.shape[1], outputs[1]):
                y[a, b] += u * v * x[i, j]
    return y


kinds = pytest.mark.parametrize("kind", ["nearest", "exact", "linear", "aligned"])


@kinds
@settings(max_examples=40)
@given(st.tuples(lengths, lengths), st.tuples(lengths, lengths))
def test_values_of_loops_gradients_and_adjointness(kind, sizes, outputs):
    x = np.random.default_rng(0).standard_normal((2, *sizes))
    taps = taps_for(kind, sizes, outputs)
    y, _ = resize_forward(x, taps)
    np.testing.assert_allclose(y[1], by_loops(kind, x[1], outputs), rtol=0, atol=1e-12)
    check_adjoint(resize_forward, resize_backward, x, taps)
    check_pair(resize_forward, resize_backward, [x], taps)


CASES = [
    ((2, 3, 5), {"size": 8}),
    ((2, 3, 5, 4), {"size": (3, 7), "mode": "nearest-exact"}),
    ((2, 3, 5, 4), {"scale_factor": (1.7, 0.6)}),
    ((2, 3, 5, 4), {"scale_factor": 2.3, "recompute_scale_factor": True}),
    ((2, 3, 5), {"scale_factor": 1.6, "mode": "linear"}),
    ((2, 3, 5, 4), {"size": (9, 2), "mode": "bilinear"}),
    ((2, 3, 5, 4), {"scale_factor": 2, "mode": "bilinear", "align_corners": True}),
    ((2, 3, 5, 4), {"scale_factor": 1.3, "mode": "bilinear", "align_corners": False}),
    ((1, 2, 3, 4, 2), {"size": (5, 3, 4), "mode": "trilinear"}),
    ((2, 3, 5, 4), {"size": (3, 7), "mode": "area"}),
    ((0, 3, 5, 4), {"size": 3}),
]


@pytest.mark.peer
@pytest.mark.parametrize(("shape", "options"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pytorch(shape, options, dtype):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    ours, theirs = constant(x).requires_grad_(), torch.tensor(x, requires_grad=True)
    y, z = F.interpolate(ours, **options), torch.nn.functional.interpolate(theirs, **options)
    tight = {"rtol": 0, "atol": 16 * np.finfo(dtype).eps}
    np.testing.assert_allclose(y.array, z.detach().numpy(), **tight)
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    y.backward(constant(dy))
    z.backward(torch.tensor(dy))
    np.testing.assert_allclose(ours.grad.array, theirs.grad.numpy(), **tight)
    assert (y.array.dtype, ours.grad.array.dtype) == (dtype, dtype)


def test_what_is_not_finite_stays_where_it_is():
    x = np.zeros((1, 1, 1, 8))
    x[..., 1] = np.inf
    y = F.interpolate(constant(x), (1, 16), mode="bilinear").array
    assert np.isfinite(y[..., 6:]).all()


IMAGE = constant(np.zeros((1, 2, 3, 3), np.float32))


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("give either size or scale_factor", {}),
        ("give either size or scale_factor", {"size": 2, "scale_factor": 2}),
        ("size must have one value for each of the 2 axes", {"size": (2, 2, 2)}),
        ("the output would have size", {"scale_factor": 0.1}),
        ("mode must be one of", {"size": 2, "mode": "bicubic"}),
        ("mode must be one of .* got 'linear'", {"size": 2, "mode": "linear"}),
        ("align_corners has no meaning", {"size": 2, "align_corners": True}),
        ("recompute_scale_factor has no meaning", {"size": 2, "recompute_scale_factor": True}),
    ],
)
def test_what_cannot_be_is_refused(message, options):
    with pytest.raises(ValueError, match=f"interpolate: {message}"):
        F.interpolate(IMAGE, **options)
