"""Platt's sigmoid for plain decision values (method: `sigmoid`)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.exceptions import ConvergenceWarning, warn
from scratchml.calibration.calibrator import Calibrator
from scratchml.calibration.sigmoid import fit_sigmoid, sigmoid


class SigmoidCalibrator(Calibrator):
    """Platt's sigmoid: P(positive class) = 1 / (1 + exp(a f + b)) for a decision value f.

    Two parameters, fitted by maximum likelihood to targets that are kept off 0 and 1 by what a
    uniform prior says for so many samples: good for few samples, and for decision values that
    separate the classes. The values must not be those of samples that the classifier was fitted
    to; `CalibratedClassifierCV` sees to that.

    Attributes
    ----------
    a_ : float
        Slope; negative if larger values mean the positive class.
    b_ : float
        Offset.
    classes_ : ndarray of shape (2,)
        The classes; the second is the positive one.
    n_iter_ : int
        Steps of Newton's method.
    certificate_ : dict of str to float
        "objective", the cross-entropy reached; "decrease", an estimate of how far above its
        minimum it was before the last step.

    See Also
    --------
    IsotonicCalibrator : Any function that rises, for 1000 samples and more.
    CalibratedClassifierCV : Fits a classifier and calibrates it on samples held out.

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", 2000. Lin, Lin, Weng, "A note on
    Platt's probabilistic outputs for support vector machines", Machine Learning 68, 2007.

    Examples
    --------
    >>> from scratchml.calibration import SigmoidCalibrator
    >>> model = SigmoidCalibrator().fit([-2.0, -1.0, 0.5, 3.0], ["no", "no", "yes", "yes"])
    >>> model.predict_proba([-1.0, 1.0]).round(2)
    array([[0.63, 0.37],
           [0.38, 0.62]])
    """

    def __init__(self) -> None:
        pass

    @atomic
    def fit(self, decision_values: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit slope and offset.

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
        result = fit_sigmoid(f, codes == 1, w)
        self.a_, self.b_, self.n_iter_ = result.A, result.B, result.n_iter
        self.certificate_ = {"objective": result.objective, "decrease": result.decrease}
        if not result.converged:
            warn(
                f"The sigmoid's fit stopped after {result.n_iter} steps, an estimated "
                f"{result.decrease:.2g} above the minimum.",
                ConvergenceWarning,
                stacklevel=3,
            )
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
            Probabilities in the order of ``classes_``; each to full relative accuracy.
        """
        f = self._check_predict(decision_values)
        p, q = sigmoid(self.a_ * f + self.b_)
        return np.stack([q, p], axis=1)
