"""How unlike the targets of a node are (its impurity), and what a split gains.

With weights w_i, W their sum, c_k the weight of class k, y^ the mean and m the median of the y_i:

    gini             sum_k c_k / W (1 - c_k / W)               the odds that two draws differ
    entropy          sum_k c_k / W log2(W / c_k)               bits to name a draw
    squared_error    sum_i w_i (y_i - y^)^2 / W                the variance
    absolute_error   sum_i w_i |y_i - m| / W
    poisson          sum_i w_i (y_i log(y_i / y^) + y^ - y_i) / W      half the mean deviance

and for several outputs, the mean of theirs. The gain of a split is W I - W_L I_L - W_R I_R, where I
is the impurity; it is never negative, so what rounding leaves below zero is zero. Two identities
save subtracting large numbers,

    squared_error    gain = W_L W_R / W (y^_L - y^_R)^2
    poisson          gain = S_L log(y^_L / y^) + S_R log(y^_R / y^),   S = sum_i w_i y_i

and 1 - c_k / W is summed over the other classes: the gain of a split is right to a few units in
the last place of W I, however rare a class is. Under poisson a child of mean zero is forbidden.

Source: Breiman, Friedman, Olshen, Stone, "Classification and regression trees" (1984), chapters 4
(gini, entropy) and 8 (squared and absolute error).
"""

from typing import Any

import numpy as np

from scratchml.tree.nodes import Target


def describe(target: Target, y: Any, w: Any) -> tuple[float, Any]:
    """Return the impurity of a node and its value, (n_outputs, max n_classes or 1).

    Parameters
    ----------
    target : Target
        The criterion and the numbers of classes.
    y : ndarray of shape (n, n_outputs)
        The targets of the node's samples.
    w : ndarray of shape (n,)
        Their weights, all positive.
    """
    n_outputs = y.shape[1]
    value = np.zeros((n_outputs, max(target.n_classes, default=1)))
    weighted = 0.0
    for k in range(n_outputs):
        if target.n_classes:
            counts = _one_hot(y[:, k], w, target.n_classes[k]).sum(axis=0)
            value[k, : len(counts)] = counts / counts.sum()
            weighted += _CLASS_IMPURITIES[target.criterion](counts)
        elif target.criterion == "absolute_error":
            value[k] = _median(y[:, k], w)
            weighted += w @ np.abs(y[:, k] - value[k])
        else:
            value[k] = _mean(y[:, k], w)
            deviations = _deviance if target.criterion == "poisson" else _squares
            weighted += w @ deviations(y[:, k], value[k])
    return float(weighted / w.sum() / n_outputs), value


def gains(target: Target, y: Any, w: Any, cuts: Any) -> Any:
    """Return what is gained by sending the first k samples to the left, for each k in `cuts`.

    Parameters
    ----------
    target : Target
    y : ndarray of shape (n, n_outputs)
        The targets of the node's samples in the order of a column.
    w : ndarray of shape (n,)
        Their weights, all positive.
    cuts : ndarray of shape (n_cuts,)
        Integers k, 0 < k < n.

    Returns
    -------
    ndarray of shape (n_cuts,)
        At least 0; -inf for a split that the criterion forbids.
    """
    total = np.zeros(len(cuts))
    for k in range(y.shape[1]):
        if target.n_classes:
            impurity = _CLASS_IMPURITIES[target.criterion]
            total += _class_gains(impurity, y[:, k], w, cuts, target.n_classes[k])
        else:
            total += _REGRESSION_GAINS[target.criterion](y[:, k], w, cuts)
    return np.maximum(total, np.where(total == -np.inf, -np.inf, 0.0)) / y.shape[1]


def sides(values: Any, cuts: Any) -> tuple[Any, Any]:
    """Return the sums of the first k rows and of the others, for each k in `cuts`.

    Each is summed from its own end: the difference to the total would not be zero where it should.
    """
    return np.cumsum(values, axis=0)[cuts - 1], np.cumsum(values[::-1], axis=0)[::-1][cuts]


def _class_gains(impurity, codes, w, cuts, n_classes):
    weights = _one_hot(codes, w, n_classes)
    left, right = sides(weights, cuts)
    return impurity(weights.sum(axis=0)) - impurity(left) - impurity(right)


def _one_hot(codes, w, n_classes):
    """Return the weight of sample i in column k if its class is k, else 0: (n, n_classes)."""
    return np.where(codes[:, None] == np.arange(n_classes), w[:, None], 0.0)


def _others(c):
    """Return W - c_k for each class k, as a sum of the other weights."""
    return c @ (1 - np.eye(c.shape[-1]))


def _gini(c):
    return (c * (_others(c) / c.sum(axis=-1, keepdims=True))).sum(axis=-1)


def _entropy(c):
    ratio = np.divide(_others(c), c, out=np.zeros_like(c), where=c > 0)  # W / c_k - 1
    return (c * np.log1p(ratio)).sum(axis=-1) / np.log(2)


def _mean(y, w):
    """Return the mean; the second step takes out the rounding of the first one."""
    mean = w @ y / w.sum()
    return mean + w @ (y - mean) / w.sum()


def _squares(y, mean):
    return (y - mean) ** 2


def _deviance(y, mean):
    ratio = np.divide(y, mean, out=np.ones_like(y), where=y > 0)
    return y * np.log(ratio) + (mean - y)


def _median(y, w):
    """Return the value below and above which lies half of the weight; halfway, if two are."""
    order = np.argsort(y, kind="stable")
    below = np.cumsum(w[order])
    half = below[-1] / 2
    i = np.searchsorted(below, half)  # the first with below >= half
    if below[i] == half:
        return y[order[i]] / 2 + y[order[i + 1]] / 2
    return y[order[i]]


def _squared_gains(y, w, cuts):
    y = y - _mean(y, w)  # the means below are small then, and so is their rounding
    weight_left, weight_right = sides(w, cuts)
    sum_left, sum_right = sides(w * y, cuts)
    difference = sum_left / weight_left - sum_right / weight_right
    return weight_left * (weight_right / w.sum()) * difference**2


def _absolute_gains(y, w, cuts):
    def spread(part):
        return w[part] @ np.abs(y[part] - _median(y[part], w[part]))

    whole = spread(slice(None))
    return np.array([whole - spread(slice(k)) - spread(slice(k, None)) for k in cuts])


def _poisson_gains(y, w, cuts):
    total = np.zeros(len(cuts))
    allowed = np.ones(len(cuts), dtype=bool)
    mean = w @ y / w.sum()
    for weights, sums in zip(sides(w, cuts), sides(w * y, cuts), strict=True):
        positive = sums > 0
        ratio = np.divide(sums / weights, mean, out=np.ones_like(sums), where=positive)
        total += sums * np.log(ratio)
        allowed &= positive
    return np.where(allowed, total, -np.inf)


_CLASS_IMPURITIES: dict[str, Any] = {"gini": _gini, "entropy": _entropy}  # of weights c_k, times W
_REGRESSION_GAINS: dict[str, Any] = {
    "squared_error": _squared_gains,
    "absolute_error": _absolute_gains,
    "poisson": _poisson_gains,
}
