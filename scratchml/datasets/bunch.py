"""A dictionary whose keys are attributes too: what every loader returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Bunch(dict):
    """Dictionary whose keys can be read and set as attributes.

    Parameters
    ----------
    **entries : object
        The initial keys and values.

    Examples
    --------
    >>> from scratchml.datasets import Bunch
    >>> bunch = Bunch(data=[1, 2], target=3)
    >>> bunch.target
    3
    >>> bunch.target = 4
    >>> bunch["target"]
    4
    """

    def __init__(self, **entries: Any) -> None:
        super().__init__(entries)

    def __getattr__(self, key: str) -> Any:
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"this Bunch has no key {key!r}; it has {list(self)}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        try:
            del self[key]
        except KeyError:
            raise AttributeError(f"this Bunch has no key {key!r}; it has {list(self)}") from None

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(key for key in self if isinstance(key, str))]
