"""The estimator protocol: scikit-learn's conventions, kept without importing or inheriting it.

What an estimator gets from here: parameters read off the signature of ``__init__``, rules for them
checked at `fit`, all-or-nothing fits, checked and recorded features, scores, data-frame output,
pickling, and the tags by which scikit-learn's own tools (Pipeline, GridSearchCV, check_estimator)
recognise it.

    class Ridge(RegressorMixin, Estimator):
        _rules = {"alpha": real(0.0)}

        def __init__(self, alpha=1.0): ...

        @atomic
        def fit(self, X, y): ...
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from scratchml._core.exceptions import not_fitted
from scratchml._core.rules import Rule, check_parameters
from scratchml._core.validation import check_array, check_X_y, feature_names

F = TypeVar("F", bound=Callable[..., Any])


def atomic(fit: F) -> F:
    """Make `fit` all or nothing: after any exception the earlier fitted state stands whole.

    Also checks the parameters first, and, unless this is a warm start or a ``partial_fit``, forgets
    what an earlier fit learned, so that a second fit equals a fresh one.
    """

    @functools.wraps(fit)
    def fit_or_restore(self: Estimator, *args: Any, **kwargs: Any) -> Any:
        check_parameters(self._rules, vars(self), type(self).__name__)
        before = self.__dict__.copy()
        try:
            if fit.__name__ != "partial_fit" and not getattr(self, "warm_start", False):
                self.__dict__ = {k: v for k, v in before.items() if not _is_learned(k)}
            return fit(self, *args, **kwargs)
        except BaseException:  # Ctrl-C too
            self.__dict__ = before
            raise

    return fit_or_restore  # type: ignore[return-value]


class Estimator:
    """Base of all estimators.

    A subclass stores its hyper-parameters under their own names in ``__init__`` and does nothing
    else there; what `fit` learns goes to attributes that end in an underscore.
    """

    _rules: ClassVar[Mapping[str, Rule]] = {}
    _tags: ClassVar[
        Mapping[str, Any]
    ] = {}  # e.g. {"input_tags.allow_nan": True}; joined over bases

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the hyper-parameters.

        Parameters
        ----------
        deep : bool
            Also those of nested estimators, as ``name__parameter``.

        Returns
        -------
        dict
            Parameter name -> value.
        """
        params: dict[str, Any] = {}
        for name in _parameter_names(type(self)):
            value = getattr(self, name)
            params[name] = value
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                params.update({f"{name}__{k}": v for k, v in value.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Self:
        """Set hyper-parameters, also of nested estimators by ``name__parameter``.

        Parameters
        ----------
        **params : object
            Parameter values.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there is no such parameter; nothing is set then.
        """
        valid = self.get_params(deep=True)
        own: dict[str, Any] = {}
        nested: dict[str, dict[str, Any]] = {}
        for key, value in params.items():
            name, _, rest = key.partition("__")
            if name not in valid:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: "
                    f"{list(self.get_params(deep=False))}."
                )
            if rest:
                nested.setdefault(name, {})[rest] = value
            else:
                own[name] = value
        for name, value in own.items():
            setattr(self, name, value)
        for name, values in nested.items():
            own.get(name, valid[name]).set_params(**values)
        return self

    def __repr__(self) -> str:
        defaults = _parameter_defaults(type(self))  # type: ignore[arg-type]
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params(deep=False).items()
            if name not in defaults or not _same(value, defaults[name])
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return any(_is_learned(name) for name in vars(self))

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description of this estimator; only scikit-learn calls this."""
        from sklearn.utils import (
            ClassifierTags,
            InputTags,
            RegressorTags,
            Tags,
            TargetTags,
            TransformerTags,
        )

        tags = Tags(
            estimator_type=None, target_tags=TargetTags(required=False), input_tags=InputTags()
        )
        parts = {
            "classifier_tags": ClassifierTags,
            "regressor_tags": RegressorTags,
            "transformer_tags": TransformerTags,
        }
        for base in reversed(type(self).__mro__):
            for path, value in vars(base).get("_tags", {}).items():
                part, _, name = path.rpartition(".")
                if part and getattr(tags, part) is None:
                    setattr(tags, part, parts[part]())
                setattr(getattr(tags, part) if part else tags, name, copy.copy(value))
        return tags

    def _check_X(self, X: Any, *, reset: bool = False, **options: Any) -> Any:
        """Return `X` checked (`check_array`), its features recorded (`reset`) or compared.

        An ndarray, or, for a sparse `X` and with ``accept_sparse=True``, CSR.
        """
        options.setdefault("estimator", self)
        if reset:
            self._record_features(X)
            array = check_array(X, **options)
            if array.ndim == 2:
                self.n_features_in_ = array.shape[1]
            return array
        if not isinstance(X, np.ndarray) or hasattr(self, "feature_names_in_"):
            self._compare_feature_names(X)
        array = check_array(X, **options)
        expected = getattr(self, "n_features_in_", None)
        if expected is not None and array.ndim == 2 and array.shape[1] != expected:
            raise ValueError(
                f"X has {array.shape[1]} features, but {type(self).__name__} is expecting "
                f"{expected} features as input."
            )
        return array

    def _check_X_y(self, X: Any, y: Any, **options: Any) -> tuple[Any, np.ndarray]:
        """Return `X` and `y` checked for a fit (`check_X_y`), the features recorded."""
        self._record_features(X)
        X, y = check_X_y(X, y, estimator=self, **options)
        self.n_features_in_ = X.shape[1]
        return X, y

    def _record_features(self, X: Any) -> None:
        names = feature_names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _compare_feature_names(self, X: Any) -> None:
        fitted, given = getattr(self, "feature_names_in_", None), feature_names(X)
        if fitted is None and given is None:
            return
        import warnings

        name = type(self).__name__
        if fitted is None:
            warnings.warn(
                f"X has feature names, but {name} was fitted without feature names", stacklevel=4
            )
        elif given is None:
            warnings.warn(
                f"X does not have valid feature names, but {name} was fitted with feature names",
                stacklevel=4,
            )
        elif len(fitted) != len(given) or (fitted != given).any():
            raise ValueError(_names_differ(fitted, given))


def clone(estimator: Any) -> Any:
    """Return an unfitted copy with the same hyper-parameters.

    Parameters
    ----------
    estimator : estimator, or a list, tuple or dict of them
        Any object with ``get_params``, scikit-learn's included; parameters are deep-copied, nested
        estimators cloned.

    Returns
    -------
    estimator
        ``type(estimator)(**parameters)``.
    """
    if isinstance(estimator, list | tuple | set | frozenset):
        return type(estimator)(clone(e) for e in estimator)
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        return copy.deepcopy(estimator)
    if hasattr(estimator, "__sklearn_clone__"):
        return estimator.__sklearn_clone__()
    fresh = type(estimator)(**{k: clone(v) for k, v in estimator.get_params(deep=False).items()})
    if hasattr(estimator, "_sklearn_output_config"):
        fresh._sklearn_output_config = dict(estimator._sklearn_output_config)
    return fresh


def is_fitted(estimator: Any) -> bool:
    """Return whether `estimator`, ours or another's, has learned anything.

    Parameters
    ----------
    estimator : object
        A class that keeps what it learned elsewhere defines ``__sklearn_is_fitted__``.
    """
    own = getattr(estimator, "__sklearn_is_fitted__", None)
    return own() if own is not None else any(_is_learned(name) for name in vars(estimator))


def check_is_fitted(estimator: Any) -> None:
    """Raise NotFittedError unless `estimator` has been fitted.

    Parameters
    ----------
    estimator : Estimator
        Any.
    """
    if not is_fitted(estimator):
        raise not_fitted(estimator)


def is_classifier(estimator: Any) -> bool:
    """Return whether `estimator`, ours or scikit-learn's, is a classifier.

    Parameters
    ----------
    estimator : object
        Any.
    """
    if hasattr(estimator, "_estimator_type"):
        return estimator._estimator_type == "classifier"
    if hasattr(estimator, "__sklearn_tags__") and not isinstance(estimator, Estimator):
        return estimator.__sklearn_tags__().estimator_type == "classifier"
    return False


def _is_learned(name: str) -> bool:
    return name.endswith("_") and not name.startswith("__")


@functools.cache
def _parameter_defaults(cls: type) -> dict[str, Any]:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    return {
        p.name: p.default for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }


def _parameter_names(cls: type) -> list[str]:
    if cls.__init__ is object.__init__:  # type: ignore[misc]
        return []
    return sorted(_parameter_defaults(cls))


def _same(value: Any, default: Any) -> bool:
    """Whether a parameter still has its default; arrays and NaN never raise."""
    if value is default:
        return True
    try:
        both_nan = value != value and default != default
        return type(value) is type(default) and bool(value == default or both_nan)
    except (ValueError, TypeError):
        return False


def _names_differ(fitted: np.ndarray, given: np.ndarray) -> str:
    message = "The feature names should match those that were passed during fit.\n"
    unseen = sorted(set(given) - set(fitted))
    missing = sorted(set(fitted) - set(given))
    if unseen:
        message += "Feature names unseen at fit time:\n" + _listing(unseen)
    if missing:
        message += "Feature names seen at fit time, yet now missing:\n" + _listing(missing)
    if not unseen and not missing:
        message += "Feature names must be in the same order as they were in fit.\n"
    return message


def _listing(names: list[str]) -> str:
    shown = [f"- {name}\n" for name in names[:5]]
    return "".join(shown) + ("- ...\n" if len(names) > 5 else "")
