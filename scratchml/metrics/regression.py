"""Errors of predicted numbers: squared, absolute, relative; and the share of variance explained.

For one output with e_i = y_i - p_i and weights w (one by default), means weighted by w:

    MSE    mean e_i^2              RMSE   sqrt(MSE)
    MAE    mean |e_i|              MAPE   mean |e_i| / max(|y_i|, eps)
    MedAE  median |e_i|            max    max |e_i|
    R2     1 - sum w e_i^2 / sum w (y_i - mean y)^2
    EV     1 - mean (e_i - mean e)^2 / mean (y_i - mean y)^2      (R2 without the bias of e)

R2 and EV of a constant y are 0/0 or -inf; `force_finite` makes them 1 for a perfect prediction and
0 otherwise. Several outputs give several numbers, returned as they are or averaged. The weighted
median is the least |e| at which half of the weight is reached, or the mean with the next one where
that is met exactly.

References
----------
.. [1] Draper & Smith, *Applied Regression Analysis*, 3rd ed., Wiley, 1998, section 1.3.
.. [2] Hyndman & Fan, "Sample quantiles in statistical packages", American Statistician 50(4), 1996,
   definition 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.exceptions import InvalidParameterError, UndefinedMetricWarning, warn
from scratchml._core.rules import boolean, check_parameters
from scratchml._core.validation import check_array, check_consistent_length, check_sample_weight

_FORCE_FINITE = {"force_finite": boolean()}


def mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """Return the mean of the squared errors.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers. The result has the precision of the most precise of them.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values"} or array-like of shape (K,)
        The mean over outputs, each output's own, or their mean weighted so.

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        The error in squared units of y, at least 0.

    Raises
    ------
    ValueError
        If shapes differ, a value is not finite, or the weights are no weights.

    Examples
    --------
    >>> from scratchml.metrics import mean_squared_error
    >>> mean_squared_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.375
    """
    return _mean_error("mean_squared_error", y_true, y_pred, sample_weight, multioutput, _square)


def root_mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """Return the square root of the mean squared error, averaged over outputs after the root.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values"} or array-like of shape (K,)
        The mean over outputs, each output's own, or their mean weighted so.

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        The error in units of y, at least 0.

    Examples
    --------
    >>> from scratchml.metrics import root_mean_squared_error
    >>> root_mean_squared_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.6123724356957945
    """
    pairs = _check("root_mean_squared_error", y_true, y_pred, sample_weight, multioutput)
    errors = np.sqrt(np.average(_square(pairs), axis=0, weights=pairs.sample_weight))
    return _over_outputs(errors, pairs.multioutput)


def mean_absolute_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """Return the mean of the absolute errors.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values"} or array-like of shape (K,)
        The mean over outputs, each output's own, or their mean weighted so.

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        The error in units of y, at least 0.

    Examples
    --------
    >>> from scratchml.metrics import mean_absolute_error
    >>> mean_absolute_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.5
    """
    return _mean_error("mean_absolute_error", y_true, y_pred, sample_weight, multioutput, _absolute)


def mean_absolute_percentage_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """Return the mean of the absolute errors relative to the true values.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values"} or array-like of shape (K,)
        The mean over outputs, each output's own, or their mean weighted so.

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        A share, not per cent: 1 means off by as much as the value itself. Large, but finite, where
        a true value is zero.

    Examples
    --------
    >>> from scratchml.metrics import mean_absolute_percentage_error
    >>> mean_absolute_percentage_error([4.0, -0.5, 2.0, 8.0], [3.0, 0.0, 2.0, 8.0])
    0.3125
    """

    def relative(pairs: Pairs) -> np.ndarray:
        eps = pairs.y_true.dtype.type(np.finfo(np.float64).eps)
        return _absolute(pairs) / np.maximum(np.abs(pairs.y_true), eps)

    owner = "mean_absolute_percentage_error"
    return _mean_error(owner, y_true, y_pred, sample_weight, multioutput, relative)


def median_absolute_error(
    y_true: Any, y_pred: Any, *, multioutput: Any = "uniform_average", sample_weight: Any = None
) -> Any:
    """Return the median of the absolute errors, which outliers cannot move.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    multioutput : {"uniform_average", "raw_values"} or array-like of shape (K,)
        The mean over outputs, each output's own, or their mean weighted so.
    sample_weight : array-like of shape (n,), optional
        Weights; half of their sum lies below the median.

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        The error in units of y, at least 0.

    Examples
    --------
    >>> from scratchml.metrics import median_absolute_error
    >>> median_absolute_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.5
    """
    pairs = _check("median_absolute_error", y_true, y_pred, sample_weight, multioutput)
    errors = _absolute(pairs)
    if pairs.sample_weight is None:
        median = np.median(errors, axis=0)
    else:
        median = np.array([_weighted_median(e, pairs.sample_weight) for e in errors.T])
    return _over_outputs(median, pairs.multioutput)


def max_error(y_true: Any, y_pred: Any) -> float:
    """Return the largest absolute error.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        True and predicted numbers.

    Returns
    -------
    float
        The error in units of y, at least 0.

    Raises
    ------
    ValueError
        If there are several outputs, lengths differ, or a value is not finite.

    Examples
    --------
    >>> from scratchml.metrics import max_error
    >>> max_error([3, 2, 7, 1], [4, 2, 7, 1])
    1.0
    """
    pairs = _check("max_error", y_true, y_pred, None, "uniform_average")
    if pairs.y_true.shape[1] > 1:
        raise ValueError("Multioutput not supported in max_error")
    return float(_absolute(pairs).max())


def r2_score(
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    multioutput: Any = "uniform_average",
    force_finite: bool = True,
) -> Any:
    """Return the coefficient of determination, the share of y's variance that is predicted.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values", "variance_weighted"}, array-like or None
        The mean over outputs, each output's own, their mean weighted by the outputs' variances, or
        weighted as given. None is "uniform_average".
    force_finite : bool
        Replace the NaN and -inf of a constant y by 1 (perfect) and 0 (not).

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        1 is perfect, 0 as good as the mean of y, and there is no lower bound.

    Warns
    -----
    UndefinedMetricWarning
        For fewer than two samples; the result is NaN.

    Examples
    --------
    >>> from scratchml.metrics import r2_score
    >>> r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.9486081370449679
    """
    check_parameters(_FORCE_FINITE, {"force_finite": force_finite}, "r2_score")
    how = "uniform_average" if multioutput is None else multioutput
    pairs = _check("r2_score", y_true, y_pred, sample_weight, how, variance=True)
    if len(pairs.y_true) < 2:
        warn(
            "R^2 score is not well-defined with less than two samples.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return float("nan")
    unexplained = _square(pairs)
    deviation = pairs.y_true - np.average(pairs.y_true, axis=0, weights=pairs.sample_weight)
    deviation *= deviation
    if pairs.sample_weight is not None:
        unexplained *= pairs.sample_weight[:, None]
        deviation *= pairs.sample_weight[:, None]
    return _one_minus_ratio(
        unexplained.sum(axis=0), deviation.sum(axis=0), pairs.multioutput, force_finite
    )


def explained_variance_score(
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    multioutput: Any = "uniform_average",
    force_finite: bool = True,
) -> Any:
    """Return the share of y's variance that is predicted, a constant error forgiven.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted numbers.
    sample_weight : array-like of shape (n,), optional
        Weights.
    multioutput : {"uniform_average", "raw_values", "variance_weighted"} or array-like of shape (K,)
        The mean over outputs, each output's own, their mean weighted by the outputs' variances, or
        weighted as given.
    force_finite : bool
        Replace the NaN and -inf of a constant y by 1 (perfect) and 0 (not).

    Returns
    -------
    float, or ndarray of shape (K,) for "raw_values"
        1 is best; never less than `r2_score`.

    Examples
    --------
    >>> from scratchml.metrics import explained_variance_score
    >>> explained_variance_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.9571734475374732
    """
    owner = "explained_variance_score"
    check_parameters(_FORCE_FINITE, {"force_finite": force_finite}, owner)
    pairs = _check(owner, y_true, y_pred, sample_weight, multioutput, variance=True)
    variances = []
    for values in (pairs.y_true - pairs.y_pred, pairs.y_true):
        centred = values - np.average(values, axis=0, weights=pairs.sample_weight)
        variances.append(np.average(centred**2, axis=0, weights=pairs.sample_weight))
    return _one_minus_ratio(variances[0], variances[1], pairs.multioutput, force_finite)


class Pairs(NamedTuple):
    """Checked input: columns are outputs."""

    y_true: np.ndarray  # (n, K)
    y_pred: np.ndarray  # (n, K)
    sample_weight: np.ndarray | None  # (n,)
    multioutput: Any  # a name, or weights (K,)


def _check(
    owner: str,
    y_true: Any,
    y_pred: Any,
    sample_weight: Any,
    multioutput: Any,
    variance: bool = False,
) -> Pairs:
    check_consistent_length(y_true=y_true, y_pred=y_pred, sample_weight=sample_weight)
    dtype = _common_float(y_true, y_pred, sample_weight)
    true = check_array(y_true, name="y_true", dtype=dtype, ndim=(1, 2))
    pred = check_array(y_pred, name="y_pred", dtype=dtype, ndim=(1, 2))
    weight = check_sample_weight(sample_weight, len(true), dtype)
    true = true[:, None] if true.ndim == 1 else true
    pred = pred[:, None] if pred.ndim == 1 else pred
    if true.shape[1] != pred.shape[1]:
        raise ValueError(
            f"y_true and y_pred have different number of output ({true.shape[1]}!={pred.shape[1]})"
        )
    return Pairs(true, pred, weight, _output_weights(owner, multioutput, true.shape[1], variance))


def _common_float(*arrays: Any) -> np.dtype:
    """Return the most precise float dtype among the arrays that have one, else float64.

    Lists and integers have none: they follow the others.
    """
    dtypes = [a.dtype for a in arrays if isinstance(getattr(a, "dtype", None), np.dtype)]
    floats = [d for d in dtypes if d.kind == "f"]
    return np.result_type(*floats) if floats else np.dtype(np.float64)


def _output_weights(owner: str, multioutput: Any, n_outputs: int, variance: bool) -> Any:
    """Check `multioutput`: one of the names, or a weight for each output."""
    names = ("raw_values", "uniform_average", "variance_weighted")[: 3 if variance else 2]
    if isinstance(multioutput, str):
        if multioutput not in names:
            raise InvalidParameterError(
                f"The 'multioutput' parameter of {owner} must be a str among {set(names)} or an "
                f"array-like. Got {multioutput!r} instead."
            )
        return multioutput
    if not (hasattr(multioutput, "__len__") or hasattr(multioutput, "__array__")):
        raise InvalidParameterError(
            f"The 'multioutput' parameter of {owner} must be a str among {set(names)} or an "
            f"array-like. Got {multioutput!r} instead."
        )
    weights = check_array(multioutput, name="multioutput", ndim=1)
    if n_outputs == 1:
        raise ValueError("Custom weights are useful only in multi-output cases.")
    if len(weights) != n_outputs:
        raise ValueError(
            f"There must be equally many custom weights ({len(weights)}) as outputs ({n_outputs})."
        )
    return weights


def _mean_error(
    owner: str, y_true: Any, y_pred: Any, sample_weight: Any, multioutput: Any, error: Any
) -> Any:
    pairs = _check(owner, y_true, y_pred, sample_weight, multioutput)
    errors = np.average(error(pairs), axis=0, weights=pairs.sample_weight)
    return _over_outputs(errors, pairs.multioutput)


def _square(pairs: Pairs) -> np.ndarray:
    error = pairs.y_true - pairs.y_pred
    error *= error
    return error


def _absolute(pairs: Pairs) -> np.ndarray:
    error = pairs.y_pred - pairs.y_true
    return np.abs(error, out=error)


def _over_outputs(errors: np.ndarray, multioutput: Any) -> Any:
    if isinstance(multioutput, str):
        return errors if multioutput == "raw_values" else float(np.average(errors))
    return float(np.average(errors, weights=multioutput))


def _one_minus_ratio(part: np.ndarray, whole: np.ndarray, how: Any, force_finite: bool) -> Any:
    """1 - part / whole for each output, then averaged."""
    constant = whole == 0
    if force_finite:
        ratio = np.divide(part, whole, out=np.zeros_like(part), where=~constant)
        ratio[constant & (part != 0)] = 1
        scores = 1 - ratio
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = 1 - part / whole
    weights = None
    if not isinstance(how, str):
        weights = how
    elif how == "raw_values":
        return scores
    elif how == "variance_weighted" and not constant.all():
        weights = whole
    return float(np.average(scores, weights=weights))


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> Any:
    """Return the value at which half of the weight is reached, ties split evenly."""
    kept = weight > 0
    values, weight = values[kept], weight[kept]
    order = np.argsort(values)
    values, reached = values[order], np.cumsum(weight[order])
    half = reached[-1] / 2
    k = min(int(np.searchsorted(reached, half)), len(values) - 1)
    if reached[k] - half > np.finfo(values.dtype).eps or k + 1 == len(values):
        return values[k]
    return (values[k] + values[k + 1]) / 2
