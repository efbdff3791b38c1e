"""The yearly sunspot numbers: a real series to predict."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.rules import check_parameters, integer
from scratchml.datasets.bundled import FOLDER, pack


def load_sunspots(*, n_lags: int = 12, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return the sunspot numbers of 1700 to 2008, each with those of the years before it.

    Parameters
    ----------
    n_lags : int, default=12
        How many years before it a sample knows, from 1 to 308.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Return pandas objects: ``data`` a DataFrame, ``target`` a Series, ``frame`` both.

    Returns
    -------
    Bunch
        ``data`` (309 - n_lags, n_lags) float64, the oldest year first, ``target`` (309 - n_lags,)
        float64 in 0..190.2, ``years`` (309 - n_lags,) int64 of the targets, ``series`` (309,)
        float64 from the year 1700 on, ``feature_names``, ``frame`` (None without `as_frame`),
        ``DESCR``.

    Raises
    ------
    ValueError
        If `n_lags` is not an integer from 1 to 308.
    ImportError
        If `as_frame` is True and pandas is not installed.

    Notes
    -----
    Samples are in order of time: to judge a forecast, hold out the last ones, as with
    ``train_test_split(X, y, shuffle=False)``.

    References
    ----------
    G. U. Yule (1927), "On a method of investigating periodicities in disturbed series".
    A. S. Weigend, B. A. Huberman, D. E. Rumelhart (1990), "Predicting the future: a connectionist
    approach": the split into the years up to 1920 and after.

    Examples
    --------
    >>> from scratchml.datasets import load_sunspots
    >>> sunspots = load_sunspots(n_lags=3)
    >>> sunspots.data.shape, int(sunspots.years[0])
    ((306, 3), 1703)
    >>> sunspots.data[0].tolist(), sunspots.target[0].tolist()
    ([5.0, 11.0, 16.0], 23.0)
    """
    check_parameters({"n_lags": integer(1, 308)}, {"n_lags": n_lags}, "load_sunspots")
    with np.load(FOLDER / "sunspots.npz", allow_pickle=False) as file:
        series, first = file["tenths"] / 10, int(file["first_year"])
    windows = np.lib.stride_tricks.sliding_window_view(series, n_lags + 1)
    names = [f"{lag} years before" for lag in range(n_lags, 1, -1)] + ["1 year before"]
    return pack(
        "sunspots",
        windows[:, :-1].copy(),
        windows[:, -1].copy(),
        names,
        return_X_y,
        as_frame,
        years=np.arange(first + n_lags, first + len(series)),
        series=series,
    )
