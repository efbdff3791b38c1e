"""Normalisation: loops of its definition in float64, gradients, accuracy, PyTorch's figures."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import layer_norm, normalization, unit_norm
from scratchml.nn.ops.layer_norm import layer_norm_backward, layer_norm_forward
from scratchml.nn.ops.normalization import (
    batch_norm_backward,
    batch_norm_forward,
    group_norm_backward,
    group_norm_forward,
)
from scratchml.tensor.tape import constant

from .pairs import check_pair
from .pool_norm_cases import NORMALISATION, run_ours, run_torch
from .test_pooling import run_without_numba

REFERENCE = Path(__file__).parent / "reference" / "pool_norm.npz"


@pytest.fixture(params=["compiled", "numpy"])
def way(request, monkeypatch):
    """Both ways of computing: with kernels, and in plain NumPy."""
    if request.param == "numpy":
        for module in (normalization, layer_norm):
            monkeypatch.setattr(module, "compiled", lambda: False)
    return request.param


dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def normalised(x, axes, eps):
    """Return (x - mean) / sqrt(var + eps) over `axes`, in the longest floats there are."""
    x = x.astype(np.longdouble)
    d = x - x.mean(axis=axes, keepdims=True)
    d -= d.mean(axis=axes, keepdims=True)  # what the first mean was rounded by
    return d / np.sqrt((d * d).mean(axis=axes, keepdims=True) + eps)


def along(values, x):
    """Return values (C,) so that they broadcast with x (N, C, ...)."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


# Few and many positions, one sample, one channel, one position, more than a block of 4096.
SHAPES = [
    (5, 3), (40, 3), (2, 300), (300, 1), (3, 2, 7), (1, 3, 5), (33, 70, 5), (6, 3, 7, 7),
    (2, 3, 7, 8), (1, 2, 9, 9), (3, 2, 4, 5, 6), (2, 1, 70, 71), (2, 2, 1, 1), (70, 5, 48),
]  # fmt: skip

# ------------------------------------------------------------------------------ the definition


@pytest.mark.kernel
@dtypes
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_is_its_definition(way, shape, dtype):
    rng = np.random.default_rng(0)
    x = (3 + 2 * rng.standard_normal(shape)).astype(dtype)
    w, b = rng.standard_normal((2, shape[1])).astype(dtype)
    y, cache = batch_norm_forward(x, w, b, eps=1e-3)
    axes = (0, *range(2, x.ndim))
    expected = normalised(x, axes, 1e-3) * along(w, x) + along(b, x)
    ulp = np.finfo(dtype).eps
    np.testing.assert_allclose(y, expected.astype(float), rtol=0, atol=24 * ulp)
    assert y.dtype == dtype
    centre, var, r, rest = cache[0]
    np.testing.assert_allclose(centre + rest, x.mean(axis=axes, dtype=np.longdouble), rtol=2 * ulp)
    exact = x.astype(np.longdouble).var(axis=axes)
    np.testing.assert_allclose(var, exact.astype(float), rtol=8 * ulp)
    np.testing.assert_array_equal(r, 1 / np.sqrt(var + 1e-3))


@pytest.mark.kernel
@dtypes
@pytest.mark.parametrize("shape", SHAPES)
def test_given_moments_are_used(way, shape, dtype):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(dtype)
    mean, w, b = rng.standard_normal((3, shape[1])).astype(dtype)
    var = (0.5 + rng.random(shape[1])).astype(dtype)
    y, cache = batch_norm_forward(x, w, b, (mean, var), 1e-3)
    r = 1 / np.sqrt(var.astype(float) + 1e-3)
    expected = (x - along(mean, x).astype(float)) * along(w * r, x) + along(b, x)
    np.testing.assert_allclose(y, expected, rtol=0, atol=24 * np.finfo(dtype).eps)
    dx, _, _ = batch_norm_backward(y, cache)
    np.testing.assert_allclose(dx, y * along(w * r, x), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.kernel
@dtypes
@pytest.mark.parametrize("shape", [(3, 6), (1, 6, 5), (2, 6, 7, 8), (4, 12, 70, 71), (2, 6, 1, 1)])
@pytest.mark.parametrize("groups", [1, 2, 6])
def test_group_norm_is_its_definition(way, shape, groups, dtype):
    rng = np.random.default_rng(0)
    x = (3 + 2 * rng.standard_normal(shape)).astype(dtype)
    w, b = rng.standard_normal((2, shape[1])).astype(dtype)
    y, _ = group_norm_forward(x, w, b, groups, 1e-3)
    rows = normalised(x.reshape(shape[0], groups, -1), 2, 1e-3).reshape(shape)
    expected = rows * along(w, x) + along(b, x)
    np.testing.assert_allclose(y, expected.astype(float), rtol=0, atol=24 * np.finfo(dtype).eps)


@pytest.mark.kernel
@dtypes
@pytest.mark.parametrize("shape", [(3, 6), (1, 1), (5, 4, 33), (2, 5000), (70, 1), (300, 17)])
@pytest.mark.parametrize("centred", [True, False])
def test_layer_and_rms_norm_are_their_definitions(way, shape, centred, dtype):
    rng = np.random.default_rng(0)
    x = (3 + 2 * rng.standard_normal(shape)).astype(dtype)
    w, b = rng.standard_normal((2, *shape[1:])).astype(dtype)
    y, _ = layer_norm_forward(x, w, b if centred else None, 1e-3, centred, len(shape) - 1)
    rows = x.reshape(shape[0], -1).astype(np.longdouble)
    if centred:
        expected = normalised(rows, 1, 1e-3).reshape(shape) * w + b
    else:
        expected = (rows / np.sqrt((rows**2).mean(1, keepdims=True) + 1e-3)).reshape(shape) * w
    np.testing.assert_allclose(y, expected.astype(float), rtol=0, atol=24 * np.finfo(dtype).eps)


# ------------------------------------------------------------------------------ gradients

small = st.integers(1, 4)


@given(st.tuples(small, small, st.integers(1, 6)), st.booleans(), st.booleans(), st.booleans())
def test_gradients_of_batch_norm_by_differences(shape, w, b, given_):
    if shape[0] * shape[2] == 1:
        given_ = True
    rng = np.random.default_rng(0)
    C = shape[1]
    arrays = [rng.standard_normal(shape), *(rng.standard_normal(C) if k else None for k in (w, b))]
    moments = (rng.standard_normal(C), 0.5 + rng.random(C)) if given_ else None

    def forward(x, w, b):
        return batch_norm_forward(x, w, b, moments, 0.1)

    check_pair(forward, batch_norm_backward, arrays, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3, 50), (3, 2, 7, 7), (40, 2), (35, 2, 3)])
def test_gradients_of_batch_norm_by_differences_in_blocks(way, shape):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape), *rng.standard_normal((2, shape[1]))]
    check_pair(batch_norm_forward, batch_norm_backward, arrays, rtol=1e-5, atol=1e-6)


@given(small, st.sampled_from([(4, 1), (4, 2), (6, 3), (3, 3)]), st.integers(1, 5), st.booleans())
def test_gradients_of_group_norm_by_differences(n, channels, positions, affine):
    rng = np.random.default_rng(0)
    C, groups = channels
    arrays = [rng.standard_normal((n, C, positions)), None, None]
    if affine:
        arrays[1:] = rng.standard_normal((2, C))

    def forward(x, w, b):
        return group_norm_forward(x, w, b, groups, 0.1)

    check_pair(forward, group_norm_backward, arrays, rtol=1e-5, atol=1e-6)


@given(st.integers(0, 40), st.integers(1, 5), small, st.booleans(), st.booleans())
def test_gradients_of_layer_norm_by_differences(n, d1, d2, centred, affine):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((n, d1, d2)), None, None]
    if affine:
        arrays[1:] = rng.standard_normal((2, d1, d2))

    def forward(x, w, b):
        return layer_norm_forward(x, w, b, 0.1, centred, 2)

    check_pair(forward, layer_norm_backward, arrays, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("p", [0.5, 1.0, 1.5, 2.0, 3.0, np.inf])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_gradients_of_normalize_by_differences(p, dim):
    x = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 10 - 1.03
    pair = unit_norm.normalize_forward, unit_norm.normalize_backward
    check_pair(*pair, [x], p, dim, rtol=1e-5, atol=1e-6)
    check_pair(*pair, [x * 1e-3], p, dim, 1.0, rtol=1e-5)  # below eps
    y, _ = pair[0](x, p, dim)
    np.testing.assert_allclose(np.linalg.norm(y, p, axis=dim), 1.0) if p >= 1 else None


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_gradients_of_local_response_norm_by_differences(size):
    x = np.random.default_rng(0).standard_normal((2, 5, 3))
    pair = unit_norm.local_response_norm_forward, unit_norm.local_response_norm_backward
    check_pair(*pair, [x], size, 0.7, 0.6, 1.5, rtol=1e-5, atol=1e-6)


@dtypes
@pytest.mark.parametrize("shape", SHAPES)
def test_compiled_gradients_are_those_of_numpy(shape, dtype, monkeypatch):
    """To a few ulp of the sums of moduli, beside float64's."""
    rng = np.random.default_rng(0)
    x = (3 + 2 * rng.standard_normal(shape)).astype(dtype)
    dy = rng.standard_normal(shape).astype(dtype)
    w, b = rng.standard_normal((2, shape[1])).astype(dtype)
    cache = batch_norm_forward(x, w, b)[1]
    found = batch_norm_backward(dy, cache)
    monkeypatch.setattr(normalization, "compiled", lambda: False)
    wide = [a.astype(float) for a in (x, w, b)]
    expected = batch_norm_backward(dy.astype(float), batch_norm_forward(*wide)[1])
    ulp = np.finfo(dtype).eps
    n = x.size // shape[1]
    for a, e, bound in zip(found, expected, (60, 8 * n, 8 * n), strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, e, rtol=0, atol=bound * ulp)


# ------------------------------------------------------------------------------ accuracy

FAR = [(64, 4, 16, 16), (512, 6), (16, 3, 5), (4, 2, 100, 100)]


@dtypes
@pytest.mark.parametrize("shape", FAR)
def test_a_mean_of_a_million_deviations_costs_no_digits(way, shape, dtype):
    x = (1e4 + 1e-2 * np.random.default_rng(0).standard_normal(shape)).astype(dtype)
    axes = (0, *range(2, x.ndim))
    y, cache = batch_norm_forward(x, eps=1e-12)
    expected = normalised(x, axes, 1e-12).astype(float)
    np.testing.assert_allclose(y, expected, rtol=0, atol=16 * np.finfo(dtype).eps)
    exact = x.astype(np.longdouble).var(axis=axes).astype(float)
    np.testing.assert_allclose(cache[0][1], exact, rtol=8 * np.finfo(dtype).eps)
    rows = x.reshape(len(x), -1)
    if rows.shape[1] > 20:
        y, _ = layer_norm_forward(rows, eps=1e-12)
        expected = normalised(rows, 1, 1e-12).astype(float)
        np.testing.assert_allclose(y, expected, rtol=0, atol=16 * np.finfo(dtype).eps)


@pytest.mark.parametrize("shape", FAR)
def test_a_first_value_far_from_all_others(way, shape):
    """What a pivot taken from the data would suffer from."""
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    x[0] += 1e3
    axes = (0, *range(2, x.ndim))
    _, cache = batch_norm_forward(x)
    exact = x.astype(np.longdouble).var(axis=axes).astype(float)
    np.testing.assert_allclose(cache[0][1], exact, rtol=1e-6)


def test_the_gradient_with_a_mean_of_a_million_deviations(way):
    rng = np.random.default_rng(0)
    x = (1e4 + 1e-2 * rng.standard_normal((32, 4, 9, 9))).astype(np.float32)
    dy = rng.standard_normal(x.shape).astype(np.float32)
    dx, dw, db = batch_norm_backward(
        dy, batch_norm_forward(x, np.ones(4, "f"), np.zeros(4, "f"))[1]
    )
    x64 = x.astype(float)
    exact = batch_norm_backward(
        dy.astype(float), batch_norm_forward(x64, np.ones(4), np.zeros(4))[1]
    )
    scale = np.abs(exact[0]).max()
    np.testing.assert_allclose(dx, exact[0], rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(dw, exact[1], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(db, exact[2], rtol=1e-5, atol=1e-3)


@dtypes
def test_the_gradient_of_rows_with_a_mean_of_a_million_deviations(way, dtype):
    """The gradients do not change where 2^13, which is exact, is added to a row."""
    rng = np.random.default_rng(0)
    x = np.round(rng.standard_normal((40, 70)) * 2**8) / 2**10
    dy, (w, b) = (
        rng.standard_normal((40, 70)).astype(dtype),
        rng.standard_normal((2, 70)).astype(dtype),
    )
    near, far = (
        layer_norm_backward(dy, layer_norm_forward(a.astype(dtype), w, b)[1])
        for a in (x, x + 2**13)
    )
    for a, e in zip(far, near, strict=True):
        np.testing.assert_allclose(a, e, rtol=0, atol=64 * np.finfo(dtype).eps * np.abs(e).max())


def test_sums_of_many_values_are_accurate():
    """256 x 128 x 128 values of float32: a running sum in float32 would be off by 1e-3."""
    x = np.random.default_rng(0).random((256, 1, 128, 128)).astype(np.float32)
    _, cache = batch_norm_forward(x)
    np.testing.assert_allclose(cache[0][0] + cache[0][3], x.mean(dtype=float), rtol=1e-8)
    np.testing.assert_allclose(cache[0][1], x.var(dtype=float), rtol=1e-7)
    _, _, db = batch_norm_backward(x, cache)
    assert db is None
    cache = batch_norm_forward(x, None, np.zeros(1, np.float32))[1]
    np.testing.assert_allclose(batch_norm_backward(x, cache)[2], x.sum(dtype=float), rtol=1e-7)
    rows = x.reshape(-1, 64)
    cache = layer_norm_forward(rows, np.ones(64, "f"), np.zeros(64, "f"))[1]
    db = layer_norm_backward(rows, cache)[2]
    np.testing.assert_allclose(db, rows.sum(0, dtype=float), rtol=2e-7)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_channel(way, value):
    for shape in ((40, 3), (4, 3, 7, 7)):
        x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        clean, _ = batch_norm_forward(x)
        x[1, 1] = value
        with np.errstate(invalid="ignore"):
            y, _ = batch_norm_forward(x)
        assert np.isnan(y[:, 1]).all()
        np.testing.assert_array_equal(y[:, [0, 2]], clean[:, [0, 2]])
        with np.errstate(invalid="ignore"):
            y, _ = layer_norm_forward(x)
        assert np.isnan(y[1, 1]).all()
        assert np.isfinite(y[0]).all()


def test_constant_values_are_0(way):
    for shape in ((8, 3), (4, 3, 7, 7)):
        x = np.full(shape, 0.1, np.float32)
        np.testing.assert_allclose(batch_norm_forward(x)[0], 0, atol=1e-5)
        np.testing.assert_allclose(layer_norm_forward(x)[0], 0, atol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 4, 4), (2, 3, 0)])
def test_no_values(way, shape):
    x = np.zeros(shape, np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        for forward, backward in (
            (batch_norm_forward, batch_norm_backward),
            (group_norm_forward, group_norm_backward),
            (layer_norm_forward, layer_norm_backward),
        ):
            n = shape[-1] if forward is layer_norm_forward else 3
            w = np.ones(n, np.float32)
            y, cache = forward(x, w, w)
            dx, dw, db = backward(y, cache)
            assert y.shape == dx.shape == shape
            np.testing.assert_array_equal(dw, np.zeros(n))
            np.testing.assert_array_equal(db, np.zeros(n))


def test_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((70, 16, 23, 23)).astype(np.float32)
    assert x.size > normalization._LARGE
    w, b = rng.standard_normal((2, 16)).astype(np.float32)
    columns = x.reshape(-1, 529)
    calls = [
        lambda: batch_norm_forward(x, w, b),
        lambda: batch_norm_forward(x, w, b, (b, w * w)),
        lambda: batch_norm_forward(np.concatenate([x, x]), w, b, (b, w * w)),
        lambda: batch_norm_forward(columns),
        lambda: group_norm_forward(x, w, b, 4),
    ]
    halves = [batch_norm_backward] * 5
    many = np.concatenate([columns] * 4)
    assert many.size > layer_norm._LARGE
    calls.append(lambda: layer_norm_forward(many))
    halves.append(layer_norm_backward)
    for call, backward in zip(calls, halves, strict=True):
        results = []
        for n in (1, 2, 5):
            with scratchml.set_num_threads(n):
                y, cache = call()
                results.append([y, *backward(y, cache)])
        for other in results[1:]:
            for first, second in zip(results[0], other, strict=True):
                np.testing.assert_array_equal(first, second)


@dtypes
def test_any_memory_order(way, dtype):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 7, 8, 6)).astype(dtype).transpose(0, 3, 1, 2)
    x.flags.writeable = False
    w, b = rng.standard_normal((2, 6)).astype(dtype)
    w.flags.writeable = False
    for call, backward in (
        (lambda x: batch_norm_forward(x, w, b), batch_norm_backward),
        (lambda x: group_norm_forward(x, w, b, 3), group_norm_backward),
        (lambda x: layer_norm_forward(x), layer_norm_backward),
    ):
        (y, cache), (expected, expected_cache) = call(x), call(x.copy(order="C"))
        np.testing.assert_array_equal(y, expected)
        dy = np.asfortranarray(y)
        dy.flags.writeable = False
        found, exact = backward(dy, cache), backward(expected, expected_cache)
        for a, e in zip(found, exact, strict=True):
            np.testing.assert_array_equal(a, e)


# ------------------------------------------------------------------------------ functions


@pytest.mark.parametrize("i", range(len(NORMALISATION)))
def test_stored_results_of_pytorch(way, i):
    with np.load(REFERENCE) as stored:
        for j, value in enumerate(run_ours(NORMALISATION[i], np.float64)):
            expected = stored[f"normalisation:{i}:{j}"]
            np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.peer
@pytest.mark.parametrize("case", NORMALISATION)
def test_pytorch(case):
    pytest.importorskip("torch")
    ours, theirs = run_ours(case, np.float32, 1), run_torch(case, np.float32, 1)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-5)


def test_without_numba(tmp_path):
    found = run_without_numba("NORMALISATION", tmp_path / "results.npz")
    expected = [a for case in NORMALISATION for a in run_ours(case, np.float64)]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def floats(*shape):
    return constant(np.ones(shape, np.float32))


def test_running_averages_change_in_place_and_are_seen_by_the_tape():
    mean, var = floats(2), floats(2)
    x = constant(np.array([[1.0, 2], [3, 6]], np.float32))
    F.batch_norm(x, mean, var, training=True, momentum=0.25)
    np.testing.assert_allclose(mean.array, [0.75 + 0.25 * 2, 0.75 + 0.25 * 4])
    np.testing.assert_allclose(var.array, [0.75 + 0.25 * 2, 0.75 + 0.25 * 8])  # n - 1
    assert mean.version == var.version == [1]
    F.batch_norm(x, mean, var, training=False)
    assert mean.version == [1]


def test_running_averages_stay_where_a_call_fails():
    mean, var, before = floats(3), floats(3), np.ones(3)
    with pytest.raises(ValueError):
        F.batch_norm(floats(4, 3), mean, var, weight=floats(2), training=True)
    with pytest.raises(ValueError):
        F.batch_norm(floats(1, 3), mean, var, training=True)
    F.batch_norm(floats(0, 3), mean, var, training=True)
    np.testing.assert_array_equal(mean.array, before)
    np.testing.assert_array_equal(var.array, before)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, r"batch_norm: a channel must have more than one value.*\(1, 3\)",
         lambda: F.batch_norm(floats(1, 3), None, None, training=True)),
        (ValueError, r"batch_norm: weight must have one value for each of the 3 channels.*\(4,\)",
         lambda: F.batch_norm(floats(2, 3), None, None, floats(4), training=True)),
        (ValueError, r"batch_norm: running_mean must have one value for each of the 3 channels",
         lambda: F.batch_norm(floats(2, 3), floats(4), floats(3), training=True)),
        (ValueError, "batch_norm: evaluation needs running_mean and running_var",
         lambda: F.batch_norm(floats(2, 3), None, None)),
        (ValueError, "batch_norm: give both of running_mean and running_var, or neither",
         lambda: F.batch_norm(floats(2, 3), None, floats(3), training=True)),
        (ValueError, r"batch_norm: input must have shape \(N, C\).*got \(3,\)",
         lambda: F.batch_norm(floats(3), None, None, training=True)),
        (TypeError, "batch_norm: weight must be of the input's dtype float32, got float64",
         lambda: F.batch_norm(floats(2, 3), None, None, constant(np.ones(3)), training=True)),
        (TypeError, "batch_norm: input must be of floating-point dtype, got int64",
         lambda: F.batch_norm(constant(np.ones((2, 3), int)), None, None, training=True)),
        (ValueError, r"group_norm: num_groups must divide.*num_groups=2.*\(4, 3\)",
         lambda: F.group_norm(floats(4, 3), 2)),
        (ValueError, "group_norm: num_groups must divide", lambda: F.group_norm(floats(4, 3), 0)),
        (ValueError, r"instance_norm: a channel must have more than one position.*\(4, 3, 1\)",
         lambda: F.instance_norm(floats(4, 3, 1))),
        (ValueError, "instance_norm: evaluation needs running_mean",
         lambda: F.instance_norm(floats(4, 3, 2), use_input_stats=False)),
        (ValueError, r"layer_norm: the input's shape must end in.*\(4, 3\).*\(4,\)",
         lambda: F.layer_norm(floats(4, 3), (4,))),
        (ValueError, r"layer_norm: weight must have the shape of normalized_shape=\(3,\).*\(2,\)",
         lambda: F.layer_norm(floats(4, 3), (3,), floats(2))),
        (TypeError, "layer_norm: normalized_shape must be a sequence of integers, got 3",
         lambda: F.layer_norm(floats(4, 3), 3)),
        (ValueError, "rms_norm: the input's shape must end in", lambda: F.rms_norm(floats(3), ())),
        (ValueError, "normalize: p must be more than 0", lambda: F.normalize(floats(2, 3), 0)),
        (IndexError, "normalize: there is no axis dim=2", lambda: F.normalize(floats(2, 3), dim=2)),
        (ValueError, "local_response_norm: size must be at least 1",
         lambda: F.local_response_norm(floats(2, 3, 4), 0)),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(error, message, call):
    with pytest.raises(error, match=message):
        call()


def test_changing_the_input_before_the_gradient_is_noticed():
    x = constant(np.random.default_rng(0).standard_normal((4, 3))).requires_grad_()
    for y in (
        F.batch_norm(x, None, None, training=True),
        F.layer_norm(x, (3,)),
        F.group_norm(x, 1),
    ):
        x.version[0] += 1
        with pytest.raises(RuntimeError, match="changed in place"):
            y.backward(constant(np.ones((4, 3))))
