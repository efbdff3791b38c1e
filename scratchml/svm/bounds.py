"""l1_min_c: where the path of an L1 penalty begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.rules import boolean, check_parameters, option, real
from scratchml._core.targets import check_classification_targets, encode_labels
from scratchml._core.validation import check_array, check_consistent_length, column_or_1d
from scratchml.svm.linear_rows import combine, rows_of

_RULES = {
    "loss": option("squared_hinge", "log"),
    "fit_intercept": boolean(),
    "intercept_scaling": real(0, closed="neither"),
}


def l1_min_c(
    X: Any,
    y: Any,
    *,
    loss: str = "squared_hinge",
    fit_intercept: bool = True,
    intercept_scaling: float = 1.0,
) -> float:
    """Return the largest C with which an L1 penalty leaves all coefficients zero.

    At zero, each coefficient's slope of the loss is ``c C |x_j'y|``, with y = 1 or -1 for a class
    and the rest, c = 2 for the squared hinge and 1/2 for the logistic loss. Zero is the solution as
    long as none exceeds the slope of the penalty, which is 1.

    Parameters
    ----------
    X : array-like or scipy sparse matrix of shape (n_samples, n_features)
        Samples.
    y : array-like of shape (n_samples,)
        Labels.
    loss : {"squared_hinge", "log"}, default="squared_hinge"
        Loss of the model: that of `LinearSVC`, or the logistic one.
    fit_intercept : bool, default=True
        Whether the model has an intercept, penalised like the coefficients.
    intercept_scaling : float, default=1.0
        The model's.

    Returns
    -------
    float
        The C. A little above it, the first coefficient is no longer zero. Without class weights.

    Raises
    ------
    ValueError
        If there is no such C, because X is zero wherever the classes differ, or an argument is
        wrong.

    References
    ----------
    G.-X. Yuan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A comparison of optimization methods and
    software for large-scale L1-regularized linear classification", JMLR 11 (2010).

    Examples
    --------
    >>> from scratchml.svm import l1_min_c
    >>> l1_min_c([[1.0], [3.0]], ["a", "b"])
    0.25
    """
    given = {
        "loss": loss,
        "fit_intercept": fit_intercept,
        "intercept_scaling": intercept_scaling,
    }
    check_parameters(_RULES, given, "l1_min_c")
    X = check_array(X, dtype=np.float64, accept_sparse=True)
    y = column_or_1d(y)
    check_consistent_length(X=X, y=y)
    check_classification_targets(y)
    classes, codes = encode_labels(y)
    rows = rows_of(X, float(intercept_scaling) if fit_intercept else 0.0)
    own = [codes == k for k in ([1] if len(classes) == 2 else range(len(classes)))]
    largest = max(np.abs(combine(rows, np.where(o, 1.0, -1.0))).max() for o in own)
    if largest == 0:
        raise ValueError(
            "Ill-posed l1_min_c calculation: l1 will always select zero coefficients for this "
            "data, as no feature tells the classes apart."
        )
    return float((0.5 if loss == "squared_hinge" else 2.0) / largest)
