"""The sunspot numbers: as published, each sample the years before its target."""

import hashlib
import sys

import numpy as np
import pytest

from scratchml.datasets import load_sunspots
from scratchml.datasets.bundled import FOLDER

# SHA-256 of the little-endian float64 column SUNACTIVITY of statsmodels 0.15's sunspots.csv
CHECKSUM = "66c86ecdcd5950f61f6243f924fdfa10"


def test_the_series_is_the_published_one():
    series = load_sunspots().series
    assert series.shape == (309,)
    assert hashlib.sha256(series.astype("<f8").tobytes()).hexdigest()[:32] == CHECKSUM
    assert series[1957 - 1700] == series.max() == 190.2  # the strongest maximum on record
    assert (series[1810 - 1700], series[2008 - 1700]) == (0.0, 2.9)


@pytest.mark.parametrize("n_lags", [1, 3, 12, 308])
def test_a_sample_holds_the_years_before_its_target(n_lags):
    bunch = load_sunspots(n_lags=n_lags)
    assert bunch.data.shape == (309 - n_lags, n_lags)
    assert bunch.data.dtype == bunch.target.dtype == np.float64
    assert bunch.years.dtype == np.int64
    assert bunch.data.flags.c_contiguous
    assert bunch.data.flags.writeable
    assert len(bunch.feature_names) == n_lags
    for row, target, year in zip(bunch.data, bunch.target, bunch.years, strict=True):
        at = year - 1700
        np.testing.assert_array_equal(row, bunch.series[at - n_lags : at])
        assert target == bunch.series[at]
    assert bunch.years[-1] == 2008


def test_names_say_how_long_before():
    names = ["3 years before", "2 years before", "1 year before"]
    assert load_sunspots(n_lags=3).feature_names == names


def test_pair_and_description():
    bunch, (X, y) = load_sunspots(), load_sunspots(return_X_y=True)
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)
    assert "samples {}, features {}".format(*bunch.data.shape) in bunch.DESCR
    assert bunch.frame is None


def test_each_call_returns_fresh_arrays():
    bunch = load_sunspots()
    bunch.data[:], bunch.target[:], bunch.series[:] = -1, -1, -1
    again = load_sunspots()
    assert min(again.data.min(), again.target.min(), again.series.min()) == 0
    assert not np.shares_memory(again.data, again.series)


@pytest.mark.extra
def test_frames():
    pandas = pytest.importorskip("pandas")
    bunch = load_sunspots(n_lags=2, as_frame=True)
    assert list(bunch.frame.columns) == ["2 years before", "1 year before", "target"]
    assert isinstance(bunch.target, pandas.Series)
    assert bunch.frame.iloc[0].tolist() == [5.0, 11.0, 16.0]


def test_as_frame_without_pandas_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"load_sunspots\(as_frame=True\) needs pandas"):
        load_sunspots(as_frame=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_lags", 0), ("n_lags", 309), ("n_lags", 2.0), ("n_lags", None), ("return_X_y", 1)],
)
def test_errors_name_parameter_and_value(name, value):
    with pytest.raises(ValueError, match=rf"'{name}' parameter of load_sunspots .* Got {value}"):
        load_sunspots(**{name: value})


def test_the_licence_names_the_file_and_its_source():
    licence = (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "sunspots.npz" in licence
    assert "statsmodels Developers" in licence
