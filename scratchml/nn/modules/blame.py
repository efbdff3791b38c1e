"""Which layer an error comes from: a note on the error, with the layer's path in the network."""

from typing import Any


def blame(error: Any, module: Any) -> None:
    """Note on an error that it came out of a call of `module`.

    The innermost module is called first, and describes itself. Each one around it that holds it
    puts its own path in place of the shorter one: in "linear", then in "layers.0.linear". One
    around it that does not hold it gets a note of its own.

    Parameters
    ----------
    error : Exception
        What was raised; it remembers the module and its note.
    module : Module
        What was called.
    """
    inner, told = getattr(error, "_in_module", (None, ""))
    if inner is not None:
        for path, held in module.named_modules():
            if held is inner and path:
                notes = error.__notes__
                at = len(notes) - 1 - notes[::-1].index(told)
                notes[at] = f"in {path}: {_described(inner)}"
                error._in_module = inner, notes[at]
                return
    told = f"in {_described(module)}"
    error._in_module = module, told
    error.add_note(told)


def _described(module: Any) -> str:
    return f"{module._get_name()}({module.extra_repr()})"
