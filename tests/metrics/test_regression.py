"""Regression errors: by hand, by definition, invariant, live."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.metrics as ours
from scratchml._core.exceptions import UndefinedMetricWarning

MEANS = ["mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error"]
ERRORS = [*MEANS, "root_mean_squared_error", "median_absolute_error"]
SHARES = ["r2_score", "explained_variance_score"]


def random_pairs(seed, outputs=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    shape = (n, outputs) if outputs > 1 else n
    y = rng.normal(size=shape)
    return y.astype(dtype), (y + rng.normal(size=shape)).astype(dtype), rng.random(n) + 0.1


def test_by_hand():
    y, p = [1.0, 2.0, 4.0], [2.0, 2.0, 1.0]
    assert ours.mean_squared_error(y, p) == 10 / 3
    assert ours.root_mean_squared_error(y, p) == np.sqrt(10 / 3)
    assert ours.mean_absolute_error(y, p) == 4 / 3
    assert ours.median_absolute_error(y, p) == 1.0
    assert ours.max_error(y, p) == 3.0
    assert ours.mean_absolute_percentage_error(y, p) == (1 + 0 + 0.75) / 3
    assert ours.r2_score(y, p) == pytest.approx(1 - 10 / (14 / 3), abs=1e-15)
    # the error's mean is 2/3, its variance 10/3 - 4/9; y's variance is 14/9
    assert ours.explained_variance_score(y, p) == pytest.approx(1 - (26 / 9) / (14 / 9), abs=1e-15)
    assert ours.mean_squared_error(y, p, sample_weight=[2, 1, 1]) == 11 / 4
    assert ours.median_absolute_error(y, p, sample_weight=[1, 1, 3]) == 3.0
    assert ours.median_absolute_error(y, p, sample_weight=[1, 1, 2]) == 2.0  # met exactly at 1


@given(st.integers(0, 2**31))
def test_definition(seed):
    y, p, w = random_pairs(seed)
    terms = list(zip(w, y, p, strict=True))
    mse = sum(wi * (a - b) ** 2 for wi, a, b in terms) / sum(w)
    mae = sum(wi * abs(a - b) for wi, a, b in terms) / sum(w)
    mean = sum(wi * a for wi, a, _ in terms) / sum(w)
    r2 = 1 - mse * sum(w) / sum(wi * (a - mean) ** 2 for wi, a, _ in terms)
    # sequential sums of up to 40 terms
    assert ours.mean_squared_error(y, p, sample_weight=w) == pytest.approx(mse, rel=1e-14)
    assert ours.mean_absolute_error(y, p, sample_weight=w) == pytest.approx(mae, rel=1e-14)
    assert ours.r2_score(y, p, sample_weight=w) == pytest.approx(r2, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", ERRORS + SHARES)
@given(seed=st.integers(0, 2**31))
def test_repeated_rows_are_weights(name, seed):
    y, p, w = random_pairs(seed)
    times = np.ceil(4 * w).astype(int)
    metric = getattr(ours, name)
    assert metric(np.repeat(y, times), np.repeat(p, times)) == pytest.approx(
        metric(y, p, sample_weight=times), rel=1e-12, abs=1e-13
    )


@given(st.integers(0, 2**31))
def test_scaling(seed):
    y, p, w = random_pairs(seed)
    for name, power in (("mean_squared_error", 2), ("mean_absolute_error", 1), ("r2_score", 0)):
        metric = getattr(ours, name)  # powers of two scale without rounding
        scaled = metric(4 * y, 4 * p, sample_weight=w)
        assert scaled == 4**power * metric(y, p, sample_weight=w)


def test_constant_y():
    for name in SHARES:
        metric = getattr(ours, name)
        assert metric([3.0, 3.0], [3.0, 3.0]) == 1.0
        assert metric([3.0, 3.0], [3.0, 4.0]) == 0.0
        assert np.isnan(metric([3.0, 3.0], [3.0, 3.0], force_finite=False))
        assert metric([3.0, 3.0], [3.0, 4.0], force_finite=False) == -np.inf


def test_one_sample():
    with pytest.warns(UndefinedMetricWarning, match="less than two samples"):
        assert np.isnan(ours.r2_score([1.0], [2.0]))
    assert ours.mean_squared_error([1.0], [3.0]) == 4.0


def test_several_outputs():
    y, p = [[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]]
    raw = ours.mean_squared_error(y, p, multioutput="raw_values")
    np.testing.assert_array_equal(raw, [1.25 / 3, 1.0])
    assert ours.mean_squared_error(y, p, multioutput=[0.25, 0.75]) == pytest.approx(
        0.25 * 1.25 / 3 + 0.75, abs=1e-16
    )
    with pytest.raises(ValueError, match="equally many custom weights"):
        ours.mean_squared_error(y, p, multioutput=[1, 2, 3])
    with pytest.raises(ValueError, match="'multioutput' parameter of mean_squared_error"):
        ours.mean_squared_error(y, p, multioutput="variance_weighted")
    with pytest.raises(ValueError, match="Multioutput not supported"):
        ours.max_error(y, p)


BAD = [
    (([1.0, 2.0], [1.0]), {}, ValueError, "inconsistent"),
    (([1.0, np.nan], [1.0, 1.0]), {}, ValueError, "y_true contains NaN"),
    (([1.0, 1.0], [1.0, np.inf]), {}, ValueError, "y_pred contains infinity"),
    (([], []), {}, ValueError, "minimum of 1 is required"),
    (([[1.0, 2.0]], [[1.0]]), {}, ValueError, "different number of output"),
    (([[[1.0]]], [[[1.0]]]), {}, ValueError, "dim 3"),
    ((["a", "b"], ["a", "b"]), {}, ValueError, "strings"),
    (([1.0, 2.0], [1.0, 2.0]), {"sample_weight": [1.0, np.nan]}, ValueError, "NaN"),
    (([1.0, 2.0], [1.0, 2.0]), {"sample_weight": [0.0, 0.0]}, ValueError, "zero"),
    (([1.0, 2.0], [1.0, 2.0]), {"multioutput": [1.0]}, ValueError, "only in multi-output cases"),
]


@pytest.mark.parametrize(("args", "options", "error", "match"), BAD)
@pytest.mark.parametrize("name", ERRORS + SHARES)
def test_bad_input(name, args, options, error, match):
    with pytest.raises(error, match=match):
        getattr(ours, name)(*args, **options)


def test_inputs_are_not_written_to():
    y, p, w = random_pairs(0)
    for array in (y, p, w):
        array.flags.writeable = False
    for name in ERRORS + SHARES:
        getattr(ours, name)(y, p, sample_weight=w)


@pytest.mark.peer
@pytest.mark.parametrize("name", ERRORS + SHARES)
@given(
    seed=st.integers(0, 2**31),
    outputs=st.integers(1, 3),
    weighted=st.booleans(),
    dtype=st.sampled_from([np.float64, np.float32]),
    how=st.sampled_from(["uniform_average", "raw_values"]),
)
def test_live(name, seed, outputs, weighted, dtype, how):
    theirs = pytest.importorskip("sklearn.metrics")
    y, p, w = random_pairs(seed, outputs, dtype)
    options = {"sample_weight": w.astype(dtype) if weighted else None, "multioutput": how}
    mine = getattr(ours, name)(y, p, **options)
    reference = getattr(theirs, name)(y, p, **options)
    assert type(mine) is type(reference)
    rtol = 1e-15 if dtype is np.float64 else 2e-6
    np.testing.assert_allclose(mine, reference, rtol=rtol, atol=1e-15)
