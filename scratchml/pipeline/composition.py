"""A composition of named estimators: what Pipeline is apart from fitting and predicting.

Steps by name, number and slice; parameters of steps as ``step__parameter``; what scikit-learn asks
about the whole, answered by the first step (input) and the last one (kind, classes).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np

from scratchml._core.estimator import Estimator, is_fitted


class Composition(Estimator):
    """Base of Pipeline; a subclass has the parameter `steps`, a list of (str, estimator)."""

    steps: Any
    verbose: bool

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what the steps' ``transform`` returns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            Arrays or frames; None changes nothing.

        Returns
        -------
        self
        """
        for name, step in self._active():
            if hasattr(step, "set_output"):
                step.set_output(transform=transform)
            elif hasattr(step, "transform") and transform is not None:
                raise ValueError(f"Step {name!r}, {step!r}, has no set_output.")
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with the steps by name and theirs as ``step__parameter``.

        Parameters
        ----------
        deep : bool
            Also the steps and their parameters.

        Returns
        -------
        dict
        """
        params = super().get_params(deep=False)
        for name, step in self._named() if deep else []:
            params[name] = step
            if hasattr(step, "get_params") and not isinstance(step, type):
                params.update({f"{name}__{k}": v for k, v in step.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, steps by name, and parameters of steps as ``step__parameter``.

        Parameters
        ----------
        **params : object
            Values.

        Returns
        -------
        self
        """
        before = self.steps
        try:
            self.steps = params.pop("steps", self.steps)
            replaced = {name: params.pop(name) for name, _ in self._named() if name in params}
            if replaced:
                self.steps = [(name, replaced.get(name, step)) for name, step in self.steps]
            return super().set_params(**params)
        except Exception:
            self.steps = before
            raise

    @property
    def named_steps(self) -> dict[str, Any]:
        """The steps by name."""
        return _Steps(self._named())

    @property
    def classes_(self) -> np.ndarray:
        """The last step's classes."""
        return self._last.classes_

    @property
    def n_features_in_(self) -> int:
        """Number of columns that the first step saw in `fit`."""
        return self._first.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:  # type: ignore[override]
        """Names of the columns that the first step saw in `fit`."""
        return self._first.feature_names_in_

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, key: Any) -> Any:
        """Return a step by number or name, or a pipeline of some steps by a slice."""
        if isinstance(key, slice):
            if key.step not in (1, None):
                raise ValueError(f"Pipeline slicing only supports a step of 1, got {key.step}.")
            params = self.get_params(deep=False)
            make: Any = type(self)
            return make(params.pop("steps")[key], **params)
        return self.named_steps[key] if isinstance(key, str) else self.steps[key][1]

    def __repr__(self) -> str:
        line = super().__repr__()
        if len(line) <= 88 or not self._named():
            return line
        indent = " " * len("Pipeline(steps=[")
        steps = f",\n{indent}".join(repr(step) for step in self.steps)
        return line.replace(f"steps={self.steps!r}", f"steps=[{steps}]")

    def __sklearn_is_fitted__(self) -> bool:
        return all(is_step_fitted(step) for _, step in self._active()[-1:])

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description: the input of the first step, the kind of the last."""
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        steps = [step for _, step in self._named()]
        described = [is_active(step) and hasattr(step, "__sklearn_tags__") for step in steps]
        if steps and described[0]:
            tags.input_tags = replace(get_tags(steps[0]).input_tags)
            # What the first step lets through, the others must take too.
            known = [get_tags(s).input_tags for s, yes in zip(steps, described, strict=True) if yes]
            tags.input_tags.allow_nan = all(t.allow_nan for t in known)
            tags.input_tags.sparse = all(t.sparse for t in known)
        if steps and described[-1]:
            last = get_tags(steps[-1])
            tags.estimator_type, tags.target_tags = last.estimator_type, last.target_tags
            tags.classifier_tags, tags.regressor_tags = last.classifier_tags, last.regressor_tags
            tags.transformer_tags = last.transformer_tags
        return tags

    @property
    def _estimator_type(self) -> str | None:
        kind = getattr(self._last, "_estimator_type", None)
        if kind is None and hasattr(self._last, "__sklearn_tags__"):
            kind = self._last.__sklearn_tags__().estimator_type
        return kind

    @property
    def _first(self) -> Any:
        return self._step(0)

    @property
    def _last(self) -> Any:
        """The last step, "passthrough" for None."""
        step = self._step(-1)
        return "passthrough" if step is None else step

    def _step(self, k: int) -> Any:
        try:
            return self.steps[k][1]
        except (TypeError, IndexError):
            raise AttributeError("the pipeline has no steps") from None

    def _named(self) -> list[tuple[str, Any]]:
        """Return the (name, step) pairs; none where `steps` is not a list of pairs."""
        try:
            return [(name, step) for name, step in self.steps]
        except (TypeError, ValueError):
            return []

    def _active(self) -> list[tuple[str, Any]]:
        """Return the steps that do something."""
        return [(name, step) for name, step in self._named() if is_active(step)]


class _Steps(dict):
    """A dict whose entries are also its attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"There is no step {name!r}, only {list(self)}.") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *map(str, self)]


def is_active(step: Any) -> bool:
    """Return whether a step does anything: it is neither "passthrough" nor None.

    Parameters
    ----------
    step : object
        The step.
    """
    return step is not None and not (isinstance(step, str) and step == "passthrough")


def is_step_fitted(step: Any) -> bool:
    """Return whether an estimator, ours or another's, can be used without a fit.

    Parameters
    ----------
    step : estimator
        The step.
    """
    if is_fitted(step):
        return True
    return hasattr(step, "__sklearn_tags__") and not step.__sklearn_tags__().requires_fit
