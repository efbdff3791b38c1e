"""Isotonic regression for plain decision values (method: `isotonic`)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml.calibration.calibrator import Calibrator
from scratchml.calibration.isotonic import Steps, evaluate, fit_isotonic


class IsotonicCalibrator(Calibrator):
    """Isotonic regression: the rising function of the decision value that fits the labels best.

    No assumption but that larger values do not mean the positive class less. It needs more samples
    than a sigmoid, some 1000, and gives steps, so ranks can be tied.

    Attributes
    ----------
    X_thresholds_ : ndarray of shape (n_corners,)
        Decision values at the function's corners, rising.
    y_thresholds_ : ndarray of shape (n_corners,)
        Probabilities of the positive class there; linear between them, constant beyond.
    classes_ : ndarray of shape (2,)
        The classes; the second is the positive one.

    See Also
    --------
    SigmoidCalibrator : Two parameters, for few samples.

    References
    ----------
    Zadrozny, Elkan, "Transforming classifier scores into accurate multiclass probability
    estimates", KDD 2002.

    Examples
    --------
    >>> from scratchml.calibration import IsotonicCalibrator
    >>> model = IsotonicCalibrator().fit([1, 2, 3, 4, 5], [0, 1, 0, 1, 1])
    >>> model.predict_proba([0, 2, 3.5, 9]).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75], [0.0, 1.0]]
    """

    def __init__(self) -> None:
        pass

    @atomic
    def fit(self, decision_values: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the function.

        Parameters
        ----------
        decision_values : array-like of shape (n_samples,)
            Any scores that rise with the certainty of the positive class.
        y : array-like of shape (n_samples,)
            Labels of two classes; or booleans, or 0 and 1, of which one may be missing.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative; 2 counts as the sample twice.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If lengths differ, a value is not finite, or there are not two classes.
        """
        f, codes, w = self._check_fit(decision_values, y, sample_weight)
        self.X_thresholds_, self.y_thresholds_ = fit_isotonic(f, codes.astype(np.float64), w)
        return self

    def predict_proba(self, decision_values: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        decision_values : array-like of shape (n_samples,)
            Scores on the scale of those fitted.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            Probabilities in the order of ``classes_``.
        """
        f = self._check_predict(decision_values)
        p = evaluate(Steps(self.X_thresholds_, self.y_thresholds_), f)
        return np.stack([1 - p, p], axis=1)
