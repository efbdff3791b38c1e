"""Temperature scaling for plain logits (method: `temperature`)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml.calibration.calibrator import Calibrator
from scratchml.calibration.temperature import fit_temperature, softmax


class TemperatureCalibrator(Calibrator):
    """Temperature scaling: softmax(beta z) for logits z, with one beta for all classes.

    One parameter, which changes how sure the probabilities are and leaves their order.

    Attributes
    ----------
    beta_ : float
        The inverse temperature, in [exp(-10), exp(10)].
    classes_ : ndarray of shape (n_classes,)
        The classes, in the order of the columns.
    n_iter_ : int
        Steps of Newton's method.

    See Also
    --------
    SigmoidCalibrator : Also moves the point where the classes are as likely.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> from scratchml.calibration import TemperatureCalibrator
    >>> logits = [[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]
    >>> model = TemperatureCalibrator().fit(logits, ["a", "b", "c", "c"])
    >>> round(model.beta_, 3), model.predict_proba([[4.0, 0.0, 0.0]]).round(2)
    (0.448, array([[0.75, 0.12, 0.12]]))
    """

    def __init__(self) -> None:
        pass

    @atomic
    def fit(self, decision_values: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the temperature.

        Parameters
        ----------
        decision_values : array-like of shape (n_samples, n_classes) or (n_samples,)
            Logits, or logarithms of probabilities; of two classes also one value f, which stands
            for the logits -f and f.
        y : array-like of shape (n_samples,)
            Labels, as many kinds as columns; or column numbers, not all of which need occur.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative; 2 counts as the sample twice.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If lengths differ, a value is not finite, or classes and columns do not match.
        """
        f, codes, w = self._check_fit(decision_values, y, sample_weight, columns=True)
        result = fit_temperature(_logits(f), codes, w)
        self.beta_, self.n_iter_ = result.beta, result.n_iter
        return self

    def predict_proba(self, decision_values: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        decision_values : array-like of shape (n_samples, n_classes) or (n_samples,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of ``classes_``.
        """
        f = self._check_predict(decision_values, columns=True)
        return softmax(self.beta_ * _logits(f))


def _logits(f: np.ndarray) -> np.ndarray:
    return f if f.ndim == 2 else np.stack([-f, f], axis=1)
