"""FrozenEstimator: a fitted estimator that ``fit`` and ``clone`` leave alone."""

from __future__ import annotations

import sys
from typing import Any, Self

from scratchml._core.estimator import check_is_fitted, is_fitted


class FrozenEstimator:
    """Wrap a fitted estimator so that fitting it again does nothing.

    Its attributes and methods are those of the estimator; only ``fit`` does nothing, and
    ``fit_predict`` and ``fit_transform`` are not there. A copy by `clone` is the same object.

    Parameters
    ----------
    estimator : estimator
        Fitted, ours or another's.

    See Also
    --------
    scratchml.calibration.CalibratedClassifierCV : Calibrates a classifier that is fitted already.

    Examples
    --------
    >>> from scratchml.frozen import FrozenEstimator
    >>> from scratchml.linear_model import LinearRegression
    >>> model = FrozenEstimator(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))
    >>> model.fit([[0.0], [1.0]], [5.0, 5.0]).predict([[3.0]]).round(6)
    array([6.])
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def __getattr__(self, name: str) -> Any:
        copied = name.startswith("__") and not name.startswith("__sklearn")
        if copied or name in ("estimator", "fit_predict", "fit_transform"):
            raise AttributeError(f"{name} is not available for frozen estimators.")
        return getattr(self.estimator, name)

    def fit(self, X: Any = None, y: Any = None, *args: Any, **params: Any) -> Self:
        """Do nothing.

        Parameters
        ----------
        X, y : object
            Ignored.
        *args, **params : object
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        NotFittedError
            If the estimator inside is not fitted.
        """
        check_is_fitted(self.estimator)
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the estimator inside; its own parameters are out of reach.

        Parameters
        ----------
        deep : bool
            Ignored.

        Returns
        -------
        dict
            ``{"estimator": estimator}``.
        """
        return {"estimator": self.estimator}

    def set_params(self, **params: Any) -> Self:
        """Replace the estimator inside.

        Parameters
        ----------
        **params : object
            Only ``estimator``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter of the estimator inside is meant: a fit would not heed it.
        """
        if others := sorted(params.keys() - {"estimator"}):
            raise ValueError(
                f"You cannot set parameters of the inner estimator in a frozen estimator, since "
                f"calling fit has no effect; got {others}. Set them on .estimator itself."
            )
        self.estimator = params.get("estimator", self.estimator)
        return self

    def __repr__(self) -> str:
        return f"FrozenEstimator(estimator={self.estimator!r})"

    def __sklearn_clone__(self) -> Self:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self.estimator)

    def _get_state(self) -> dict[str, Any]:
        return {"estimator": self.estimator}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        return cls(state["estimator"])


def is_frozen(estimator: Any) -> bool:
    """Return whether `estimator` is frozen, by our class or scikit-learn's.

    Parameters
    ----------
    estimator : object
        Any.
    """
    theirs = getattr(sys.modules.get("sklearn.frozen"), "FrozenEstimator", FrozenEstimator)
    return isinstance(estimator, FrozenEstimator | theirs)
