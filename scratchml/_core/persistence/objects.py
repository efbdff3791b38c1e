"""Estimators and other public objects of scratchml, by their public name.

An estimator is stored as its hyper-parameters and the other attributes of the instance.  It is
rebuilt by calling its class with the parameters, which only stores them, and setting the
attributes.  A parameter that an older file lacks gets its default; one that this version does not
know is an error.

Any other public class (a tensor, say) takes part by two methods:

    def _get_state(self) -> dict[str, Any]         # what to store: arrays and plain values
    @classmethod
    def _from_state(cls, state) -> Self            # checks `state`, which may come from anyone

Estimators with an inner structure that is not plain define them too.  Names are looked up in what
the packages export (``__all__``), starting at `scratchml`; a file cannot make anything be imported
that the user could not have reached by the same dotted name.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import scratchml
from scratchml._core.estimator import Estimator
from scratchml._core.persistence.codecs import Codec, expect

if TYPE_CHECKING:
    from scratchml._core.persistence.values import Packer, Unpacker


def pack_object(value: Any, path: str, packer: Packer) -> dict[str, Any]:
    """Return class, parameters and state of a public object of scratchml, or raise TypeError."""
    cls = type(value)
    name = public_name(cls)
    if name is None:
        raise TypeError(f"cannot save {path}: it is {_kind(value)}")
    tree: dict[str, Any] = {"class": name}
    if hasattr(cls, "_from_state"):
        state = value._get_state()
    else:
        params = value.get_params(deep=False)
        state = {key: item for key, item in vars(value).items() if key not in params}
        check_names(cls, state, params, f"cannot save {path}: ")
        tree["params"] = {key: packer.pack(v, f"{path}.{key}") for key, v in params.items()}
    tree["state"] = {key: packer.pack(item, f"{path}.{key}") for key, item in state.items()}
    return tree


def unpack_object(payload: Any, unpacker: Unpacker) -> Any:
    """Return the object, or raise ValueError."""
    tree = expect(dict, payload, "an object")
    cls = public_class(expect(str, tree.get("class"), "the name of a class"))
    custom = hasattr(cls, "_from_state")
    if tree.keys() != {"class", "state"} | (set() if custom else {"params"}):
        raise ValueError(f"a {cls.__name__} is stored with the parts {list(tree)!r:.80}")
    state = unpack_fields(tree["state"], unpacker)
    try:
        if custom:
            return cls._from_state(state)
        params = unpack_fields(tree["params"], unpacker)
        value = cls(**params)
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"a {cls.__name__} cannot be made of what is stored: {error}") from error
    check_names(cls, state, value.get_params(deep=False), "")
    vars(value).update(state)
    return value


def unpack_fields(payload: Any, unpacker: Unpacker) -> dict[str, Any]:
    """Return attributes by name."""
    fields = expect(dict, payload, "a set of attributes")
    return {name: unpacker.unpack(item) for name, item in fields.items()}


def check_names(cls: type, state: dict[str, Any], params: dict[str, Any], prefix: str) -> None:
    """Raise ValueError if an attribute in `state` would hide a parameter or a part of the class."""
    for name in state:
        free = name.isidentifier() and not name.startswith("__")
        if not free or name in params or hasattr(cls, name):
            raise ValueError(f"{prefix}a {cls.__name__} cannot have an attribute {name!r:.80}")


def public_name(cls: type) -> str | None:
    """Return e.g. "linear_model.Ridge" if scratchml exports `cls` and it can be stored."""
    parts = cls.__module__.split(".")
    for depth in range(1, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:depth]))
        if cls.__name__ in getattr(module, "__all__", ()):
            name = ".".join([*parts[1:depth], cls.__name__])
            return name if parts[0] == "scratchml" and _find(name) is cls else None
    return None


def public_class(name: str) -> Any:
    """Return the class of a public name that can be stored, or raise ValueError."""
    cls = _find(name)
    if cls is None:
        raise ValueError(f"it holds a {name!r:.80}, which scratchml {scratchml.__version__} lacks")
    return cls


def _find(name: str) -> Any:
    """Return the class of a public name that can be stored, or None."""
    found: Any = scratchml
    for part in name.split("."):
        if not isinstance(found, ModuleType) or part not in getattr(found, "__all__", ()):
            return None
        found = getattr(found, part)
    if not isinstance(found, type):
        return None
    return found if issubclass(found, Estimator) or hasattr(found, "_from_state") else None


def _kind(value: Any) -> str:
    """Return what `value` is, and why that cannot be stored."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "load_state_dict") and not isinstance(value, type):
        return (
            f"a {kind}, whose class is code; save its state_dict(), and give that to "
            "load_state_dict() of a new one after loading"
        )
    if isinstance(value, type) or callable(value):
        name = getattr(value, "__qualname__", type(value).__qualname__)
        return f"{name}, which is code; files hold arrays and plain values (pickle can save it)"
    return (
        f"a {kind}; files hold arrays, plain values (None, bool, numbers, str, bytes, list, tuple, "
        "set, dict) and the public classes of scratchml"
    )


CODECS = {"object": Codec(pack_object, unpack_object)}
