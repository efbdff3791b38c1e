"""A fitted classifier with the calibrators of its decision values.

One decision value f (two classes) is calibrated to P = (1 - p, p). With K > 2 classes and their
decision values f_1 ... f_K, each class against the rest is a problem of two classes, and the K
probabilities, fitted one by one, are divided by their sum (Zadrozny, Elkan 2002, section 5.2):

    P(k) = p_k(f_k) / sum_j p_j(f_j),     or 1 / K where all p_j are zero

Temperature scaling takes the logits of all classes at once.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml.calibration.isotonic_calibrator import IsotonicCalibrator
from scratchml.calibration.sigmoid_calibrator import SigmoidCalibrator
from scratchml.calibration.temperature_calibrator import TemperatureCalibrator

CALIBRATORS = {
    "sigmoid": SigmoidCalibrator,
    "isotonic": IsotonicCalibrator,
    "temperature": TemperatureCalibrator,
}
LEAST = 1e-12  # added to probabilities before their logarithm is taken for a logit


class CalibratedClassifier:
    """A fitted classifier and its calibrators, as `CalibratedClassifierCV` keeps them.

    Parameters
    ----------
    estimator : estimator
        Fitted classifier, ours or another's.
    calibrators : list of calibrator
        Fitted: one for each of the classifier's classes; for two classes, or temperature scaling,
        one.
    classes : ndarray of shape (n_classes,)
        All classes, sorted; the classifier may have seen fewer of them.
    method : {"sigmoid", "isotonic", "temperature"}, default="sigmoid"
        What the calibrators do.

    Examples
    --------
    >>> from scratchml.calibration import CalibratedClassifierCV
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = CalibratedClassifierCV(LogisticRegression(), cv=3).fit(X, y)
    >>> [(pair.estimator, len(pair.calibrators)) for pair in model.calibrated_classifiers_]
    [(LogisticRegression(), 3), (LogisticRegression(), 3), (LogisticRegression(), 3)]
    >>> model.calibrated_classifiers_[0].predict_proba(X[:1]).round(2)
    array([[0.73, 0.27, 0.  ]])
    """

    def __init__(
        self, estimator: Any, calibrators: list[Any], *, classes: Any, method: str = "sigmoid"
    ) -> None:
        self.estimator = estimator
        self.calibrators = calibrators
        self.classes = classes
        self.method = method

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the calibrated probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, as the classifier takes them.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of ``classes``; zero for one that the classifier never saw.
        """
        seen = positions(self.estimator.classes_, self.classes)
        name = response_method(self.estimator)
        f = scores(getattr(self.estimator, name)(X), name, len(seen), self.method)
        P = np.zeros((len(f), len(self.classes)))
        if len(self.calibrators) == 1:
            P[:, seen] = self.calibrators[0].predict_proba(f)
            return P
        for k, column, calibrator in zip(seen, f.T, self.calibrators, strict=True):
            P[:, k] = calibrator.predict_proba(column)[:, 1]
        total = P.sum(axis=1, keepdims=True)
        P[:, seen] = np.where(total > 0, P[:, seen] / np.where(total > 0, total, 1), 1 / len(seen))
        return P

    def __repr__(self) -> str:
        return f"CalibratedClassifier({self.estimator!r}, method={self.method!r})"

    def _get_state(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        return cls(
            state["estimator"],
            state["calibrators"],
            classes=state["classes"],
            method=state["method"],
        )


def calibrate(
    estimator: Any,
    response: Any,
    codes: np.ndarray,
    classes: np.ndarray,
    method: str,
    weight: np.ndarray | None,
) -> CalibratedClassifier:
    """Return a fitted classifier with calibrators fitted to what it said of other samples.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    response : array-like of shape (n,) or (n, K)
        What its `response_method` returned for the samples.
    codes : ndarray of int64, shape (n,)
        Their true classes, as positions in `classes`.
    classes : ndarray of shape (n_classes,)
        All classes.
    method : {"sigmoid", "isotonic", "temperature"}
        How to calibrate.
    weight : ndarray of shape (n,) or None
        Weights of the samples.
    """
    seen = positions(estimator.classes_, classes)
    f = scores(response, response_method(estimator), len(seen), method)
    make = CALIBRATORS[method]
    if method == "temperature":
        number = np.full(len(classes), -1)
        number[seen] = np.arange(len(seen))
        known = number[codes] >= 0  # a class that the classifier never saw has no logit
        w = None if weight is None else weight[known]
        fitted = [make().fit(f[known], number[codes][known], w)]
    elif f.ndim == 1:
        fitted = [make().fit(f, codes == seen[1], weight)]
    else:
        fitted = [make().fit(f[:, j], codes == k, weight) for j, k in enumerate(seen)]
    return CalibratedClassifier(estimator, fitted, classes=classes, method=method)


def response_method(estimator: Any) -> str:
    """Return the name of the method whose values are calibrated.

    Parameters
    ----------
    estimator : estimator
        A classifier.
    """
    return "decision_function" if hasattr(estimator, "decision_function") else "predict_proba"


def scores(response: Any, name: str, K: int, method: str) -> np.ndarray:
    """Return what a calibrator takes, (n,) or (n, K), of what a classifier of K classes says.

    Parameters
    ----------
    response : array-like of shape (n,) or (n, K)
        What the classifier's method returned.
    name : {"decision_function", "predict_proba"}
        That method.
    K : int
        Number of classes that the classifier knows.
    method : {"sigmoid", "isotonic", "temperature"}
        How to calibrate.
    """
    f = np.asarray(response, dtype=np.float64)
    if f.ndim == 2 and f.shape[1] == 1:
        f = f[:, 0]
    if K < 2 or f.shape[1:] != (() if K == 2 and name == "decision_function" else (K,)):
        raise ValueError(
            f"{name} of the classifier, which knows {K} class(es), returned the shape {f.shape}; "
            "calibration needs two classes at least, and one column for each if there are more "
            "(decision_function_shape='ovr'). Stratified folds keep all classes in training."
        )
    if name == "predict_proba" and method == "temperature":
        return np.log(f + LEAST)
    return f[:, 1] if name == "predict_proba" and K == 2 else f


def positions(some: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return where each of `some` classes stands among all.

    Parameters
    ----------
    some : ndarray of shape (K,)
        Classes of one classifier.
    classes : ndarray of shape (n_classes,)
        All, sorted.
    """
    found = {label: k for k, label in enumerate(np.asarray(classes).tolist())}
    labels = np.asarray(some).tolist()
    if missing := [label for label in labels if label not in found]:
        raise ValueError(
            f"The classifier knows the classes {labels}, but y lacks {missing}: calibration needs "
            "samples of all of them."
        )
    return np.array([found[label] for label in labels])
