"""What the machines that predict numbers share."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.mixins import RegressorMixin
from scratchml.svm.base import BaseSVM
from scratchml.svm.settings import positive_weights
from scratchml.svm.smo import Dual, Solution


class BaseSVR(RegressorMixin, BaseSVM):
    """Base of SVR and NuSVR."""

    C: float

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the machine.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or (n_samples, n_samples)
            Samples, used as float64; with ``kernel="precomputed"`` the kernel matrix. A callable
            kernel takes whatever it can compare.
        y : array-like of shape (n_samples,)
            Numbers.
        sample_weight : float or array-like of shape (n_samples,), optional
            Factors by which each sample's C is multiplied. Samples of weight zero or less take no
            part.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` iterations do not suffice.
        """
        X, y = self._check_fit(X, y, y_numeric=True)
        weight = positive_weights(sample_weight, len(y))
        index = np.flatnonzero(weight > 0)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
            rows = self._training_rows(X)
            rows, dual = self._problem(
                rows if len(index) == len(y) else rows.take(index), y[index], self.C * weight[index]
            )
            (solution,) = self._solve(rows, [np.arange(len(rows))], [dual])
            b, intercept = self._coefficients(solution)
        self._learn(X, index, b[None], np.array([intercept]))
        self.n_iter_ = solution.n_iter
        self._report([dual], [solution])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted value of each sample.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features or n_samples_fit)
            Samples; with ``kernel="precomputed"`` their kernel values with those of the fit.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Numbers.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        return self._decide(X)[:, 0]

    def _problem(self, rows: Any, y: np.ndarray, bound: np.ndarray) -> tuple[Any, Dual]:
        raise NotImplementedError

    def _coefficients(self, solution: Solution) -> tuple[np.ndarray, float]:
        raise NotImplementedError
