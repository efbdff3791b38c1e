"""What estimators of one kind share: classifiers and regressors a score, transformers frames."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from scratchml._core.frames import output_frame


class ClassifierMixin:
    """What all classifiers share: their kind and their score."""

    _estimator_type = "classifier"
    _tags: ClassVar[Mapping[str, Any]] = {
        "estimator_type": "classifier",
        "classifier_tags.multi_class": True,
        "target_tags.required": True,
    }

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of rows whose class is predicted right.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Test rows.
        y : array-like of shape (n_samples,)
            True classes.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.

        Returns
        -------
        float
            Accuracy, in [0, 1].
        """
        from scratchml.metrics import accuracy_score

        return accuracy_score(y, self.predict(X), sample_weight=sample_weight)  # type: ignore


class RegressorMixin:
    """What all regressors share: their kind and their score."""

    _estimator_type = "regressor"
    _tags: ClassVar[Mapping[str, Any]] = {
        "estimator_type": "regressor",
        "regressor_tags.poor_score": False,
        "target_tags.required": True,
    }

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the coefficient of determination of the prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Test rows.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            True values.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.

        Returns
        -------
        float
            R^2 = 1 - sum (y - prediction)^2 / sum (y - mean y)^2; at most 1.
        """
        from scratchml.metrics import r2_score

        return r2_score(y, self.predict(X), sample_weight=sample_weight)  # type: ignore


class TransformerMixin:
    """What all transformers share: ``fit_transform`` and output as data frames."""

    _tags: ClassVar[Mapping[str, Any]] = {"transformer_tags.preserves_dtype": ["float64"]}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("transform", "fit_transform"):
            if name in cls.__dict__:
                setattr(cls, name, _with_frames(cls.__dict__[name]))

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit to `X` and return it transformed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,), optional
            Targets, where the transformer uses them.
        **fit_params : object
            Passed to `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            ``fit(X, y).transform(X)``; a frame after ``set_output``.
        """
        return self.fit(X, y, **fit_params).transform(X)  # type: ignore[attr-defined]

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what ``transform`` returns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            Arrays or frames with the columns of ``get_feature_names_out``; None changes nothing.

        Returns
        -------
        self
        """
        if transform not in (None, "default", "pandas", "polars"):
            raise ValueError(
                "transform must be one of 'default', 'pandas', 'polars' or None, "
                f"got {transform!r}."
            )
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}  # clone() keeps this name
        return self


def _with_frames(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``transform`` return a frame where `set_output` asked for one."""

    @functools.wraps(method)
    def transform(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        return output_frame(self, X, method(self, X, *args, **kwargs))

    return transform
