"""Forests that predict numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.mixins import RegressorMixin
from scratchml.ensemble.forest import Forest
from scratchml.tree.nodes import Target
from scratchml.tree.settings import regression_target


class ForestRegressor(RegressorMixin, Forest):
    """Base of the forests that predict numbers."""

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean of the trees' predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of float64, shape (n_samples,) or (n_samples, n_outputs)
            Predicted values.
        """
        means = self._means(X)[:, :, 0]
        return means[:, 0] if means.shape[1] == 1 else means

    def _target(self, y: np.ndarray, weight: Any) -> tuple[Target, Any]:
        target = regression_target(y, self.criterion)
        self._check_outputs(target.y.shape[1])
        return target, weight

    def _estimate_out_of_bag(self, X: np.ndarray, target: Target) -> None:
        from scratchml.metrics import r2_score

        means = self._out_of_bag_means(X)
        values, true = means[:, :, 0], target.y
        if values.shape[1] == 1:
            values, true = values[:, 0], true[:, 0]
        score = self.oob_score if callable(self.oob_score) else r2_score
        self.oob_prediction_ = values
        self.oob_score_ = score(true, values)
