"""Pipeline: transformers and an estimator in a row, used as one estimator.

    fit:      X_0 = X;  X_k = step_k.fit_transform(X_{k-1}, y) for all steps but the last;
              last.fit(X_{n-1}, y)
    predict:  last.predict(step_{n-1}.transform(... step_1.transform(X)))

A step "passthrough" (or None) hands its input on.  The pipeline has the methods of its last step,
and only those: ``hasattr`` tells the truth.

All or nothing: if the fit of a step fails or is interrupted, every step, and every estimator that
is a parameter of one, is put back as it was before.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Self

from scratchml._core.estimator import atomic
from scratchml._core.exceptions import not_fitted
from scratchml._core.rules import Rule, boolean, none
from scratchml.pipeline.composition import Composition, is_active
from scratchml.pipeline.steps import (
    all_or_nothing,
    check_steps,
    fit_transform_step,
    if_all_have,
    if_last_has,
    split_params,
    timed,
)


def _forwarded(name: str, returned: str) -> Any:
    """Make the method `name`: transform X by all steps but the last, then call the last one's."""

    def method(self: Any, X: Any, **params: Any) -> Any:
        return getattr(self._last, name)(self._through(X), **params)

    method.__name__, method.__qualname__ = name, f"Pipeline.{name}"
    method.__doc__ = f"""Return the last step's ``{name}`` of the transformed rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.
        **params : object
            Passed to the last step.

        Returns
        -------
        {returned}
        """
    return if_last_has(name)(method)


class Pipeline(Composition):
    """Apply transformers one after the other and an estimator at the end.

    The steps' parameters are reached as ``step__parameter``, in `set_params` and in parameter
    grids; a step itself is replaced under its name. Steps are fitted in place, not copied.

    Parameters
    ----------
    steps : list of (str, estimator)
        Names and estimators, ours or scikit-learn's; all but the last with ``fit`` and
        ``transform``; "passthrough" or None do nothing.
    transform_input : None
        Must be None.
    memory : None
        Must be None: fitted steps are not cached.
    verbose : bool, default=False
        Print the time that each step takes to fit.

    Attributes
    ----------
    named_steps : dict of str to estimator
        The steps by name, also as its attributes.
    classes_ : ndarray of shape (n_classes,)
        The last step's classes.
    n_features_in_ : int
        Number of columns that the first step saw in `fit`.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if the first step has them.

    Examples
    --------
    >>> from scratchml.linear_model import LinearRegression
    >>> from scratchml.pipeline import Pipeline
    >>> from scratchml.preprocessing import StandardScaler
    >>> model = Pipeline([("scale", StandardScaler()), ("fit", LinearRegression())])
    >>> print(model.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).predict([[3.0]]).round(6))
    [7.]
    >>> model.set_params(scale__with_mean=False)["scale"]
    StandardScaler(with_mean=False)
    """

    _rules: ClassVar = {
        "steps": Rule("a list of (str, estimator) tuples", lambda v: isinstance(v, list | tuple)),
        "transform_input": none(),
        "memory": none(),
        "verbose": boolean(),
    }

    def __init__(
        self,
        steps: Any,
        *,
        transform_input: None = None,
        memory: None = None,
        verbose: bool = False,
    ):
        self.steps = steps
        self.transform_input = transform_input
        self.memory = memory
        self.verbose = verbose

    @atomic
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit the steps one after the other, each to what the earlier ones make of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.
        y : array-like of shape (n_samples,), optional
            Targets, passed to all steps.
        **params : object
            ``step__name=value`` is passed to that step's ``fit`` as ``name=value``.

        Returns
        -------
        self
        """
        with all_or_nothing(self):
            X, last_params = self._fit_transformers(X, y, params)
            with timed(self, len(self.steps) - 1):
                if self._last != "passthrough":
                    self._last.fit(X, y, **last_params)
        return self

    @if_last_has("fit_transform", "transform")
    @atomic
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit all steps and return what they make of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.
        y : array-like of shape (n_samples,), optional
            Targets, passed to all steps.
        **params : object
            See `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
        """
        with all_or_nothing(self):
            X, last_params = self._fit_transformers(X, y, params)
            with timed(self, len(self.steps) - 1):
                return fit_transform_step(self._last, X, y, last_params)

    @if_last_has("fit_predict")
    @atomic
    def fit_predict(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit all steps and return the last one's ``fit_predict``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.
        y : array-like of shape (n_samples,), optional
            Targets, passed to all steps.
        **params : object
            See `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        with all_or_nothing(self):
            X, last_params = self._fit_transformers(X, y, params)
            with timed(self, len(self.steps) - 1):
                return self._last.fit_predict(X, y, **last_params)

    predict = _forwarded("predict", "ndarray of shape (n_samples,)")
    predict_proba = _forwarded("predict_proba", "ndarray of shape (n_samples, n_classes)")
    predict_log_proba = _forwarded("predict_log_proba", "ndarray of shape (n_samples, n_classes)")
    decision_function = _forwarded("decision_function", "ndarray of shape (n_samples, ...)")
    score_samples = _forwarded("score_samples", "ndarray of shape (n_samples,)")

    @if_last_has("score")
    def score(self, X: Any, y: Any = None, sample_weight: Any = None, **params: Any) -> float:
        """Return the last step's score of the transformed rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.
        y : array-like of shape (n_samples,), optional
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Passed to the last step unless None.
        **params : object
            Passed to the last step.

        Returns
        -------
        float
        """
        if sample_weight is not None:
            params["sample_weight"] = sample_weight
        return self._last.score(self._through(X), y, **params)

    @if_last_has("transform")
    def transform(self, X: Any) -> Any:
        """Return what all steps make of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the first step takes.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
        """
        X = self._through(X)
        return X if self._last == "passthrough" else self._last.transform(X)

    @if_all_have("inverse_transform")
    def inverse_transform(self, X: Any) -> Any:
        """Undo all steps, the last one first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out)
            Transformed rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        self._check_is_fitted()
        for _, step in reversed(self._active()):
            X = step.inverse_transform(X)
        return X

    @if_all_have("get_feature_names_out")
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the columns that come out of the last step.

        Parameters
        ----------
        input_features : array-like of str, shape (n_features_in_,), optional
            Names of the columns that the first step takes.

        Returns
        -------
        ndarray of object, shape (n_features_out,)
        """
        for _, step in self._active():
            input_features = step.get_feature_names_out(input_features)
        return input_features

    def _check_is_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise not_fitted(self)

    def _through(self, X: Any) -> Any:
        """Return `X` transformed by all steps but the last."""
        self._check_is_fitted()
        for _, step in self._named()[:-1]:
            if is_active(step):
                X = step.transform(X)
        return X

    def _fit_transformers(self, X: Any, y: Any, params: dict) -> tuple[Any, dict]:
        """Fit all steps but the last; return what they make of `X`, and the last's parameters."""
        check_steps(self)
        by_step = split_params(params, [name for name, _ in self.steps])
        for k, (name, step) in enumerate(self.steps[:-1]):
            with timed(self, k):
                if is_active(step):
                    X = fit_transform_step(step, X, y, by_step[name])
        return X, by_step[self.steps[-1][0]]


def make_pipeline(
    *steps: Any, transform_input: None = None, memory: None = None, verbose: bool = False
) -> Pipeline:
    """Make a pipeline whose steps are named after their classes, in lower case.

    Parameters
    ----------
    *steps : estimator
        The steps; of several of one class each gets a number: "scaler-1", "scaler-2".
    transform_input, memory : None
        Must be None, see `Pipeline`.
    verbose : bool, default=False
        Print the time that each step takes to fit.

    Returns
    -------
    Pipeline

    Examples
    --------
    >>> from scratchml.linear_model import Ridge
    >>> from scratchml.pipeline import make_pipeline
    >>> from scratchml.preprocessing import StandardScaler
    >>> make_pipeline(StandardScaler(), Ridge(alpha=0.5))
    Pipeline(steps=[('standardscaler', StandardScaler()), ('ridge', Ridge(alpha=0.5))])
    """
    names = [s if isinstance(s, str) else type(s).__name__.lower() for s in steps]
    total, seen, named = Counter(names), Counter[str](), []
    for name, step in zip(names, steps, strict=True):
        seen[name] += 1
        named.append((name if total[name] == 1 else f"{name}-{seen[name]}", step))
    return Pipeline(named, transform_input=transform_input, memory=memory, verbose=verbose)
