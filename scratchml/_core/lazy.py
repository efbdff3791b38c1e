"""Lazy packages (PEP 562): naming an export costs nothing until somebody asks for it."""

TYPE_CHECKING = False  # type checkers take this for typing's; importing typing costs 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def attach(
    package: str,
    exports: "dict[str, str]",
    subpackages: "tuple[str, ...]" = (),
    elsewhere: "dict[str, str] | None" = None,
) -> "tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]":
    """Return ``__getattr__, __dir__, __all__`` for a package that loads its exports on first use.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    exports : dict of str to str
        Public name -> name of the module below `package` that defines it.
    subpackages : tuple of str
        Submodules offered as attributes.
    elsewhere : dict of str to str, optional
        More attributes -> the modules of other packages that they are.
    """
    import sys

    names = sorted([*exports, *subpackages])

    def __getattr__(name: str) -> "Any":
        from importlib import import_module

        if name in exports:
            value = getattr(import_module(f"{package}.{exports[name]}"), name)
        elif name in subpackages:
            value = import_module(f"{package}.{name}")
        elif elsewhere and name in elsewhere:
            value = import_module(elsewhere[name])
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> "list[str]":
        return names

    return __getattr__, __dir__, names
