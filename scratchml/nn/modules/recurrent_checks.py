"""What recurrent layers check of their inputs and states, before any array is touched."""

from typing import Any

from scratchml._core.exceptions import warn
from scratchml.tensor.tape import Taped, no_tensor


def check_sizes(module: Any, name: str, dropout: Any) -> None:
    """Check the arguments that a layer was made with."""
    for key, least in (("input_size", 0), ("hidden_size", 1), ("num_layers", 1), ("proj_size", 0)):
        value = getattr(module, key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"{key} of {name} must be an int, got {value!r}")
        if value < least:
            raise ValueError(f"{key} of {name} must be at least {least}, got {value}")
    if isinstance(dropout, bool) or not 0 <= dropout <= 1:
        raise ValueError(f"dropout of {name} must be in the range [0, 1], got {dropout}")
    if dropout and module.num_layers == 1:
        warn(
            f"dropout of {name} comes between its layers: with num_layers=1 it has no effect",
            UserWarning,
        )
    if module.proj_size and module.mode != "LSTM":
        raise ValueError(f"proj_size of {name} must be 0: only an LSTM projects its states")
    if module.proj_size >= module.hidden_size:
        raise ValueError(
            f"proj_size of {name} must be less than hidden_size={module.hidden_size}, got "
            f"{module.proj_size}"
        )


def read_input(module: Any, input: Any, sizes: list[int] | None = None) -> tuple[int, int]:
    """Return the length T of the sequences and their number B; for packed rows check `sizes`."""
    name, size = type(module).__name__, module.input_size
    if not isinstance(input, Taped):
        raise no_tensor(name, (input,))
    x, w = input.array, module.weight_ih_l0.array
    allowed = (2, 3) if sizes is None else (2,)
    if x.ndim not in allowed:
        axes = "2 or 3" if sizes is None else "2"
        raise ValueError(f"{name}: input must have {axes} axes, got shape {x.shape}")
    if x.shape[-1] != size:
        raise ValueError(f"{name}: input must have shape (..., {size}), got {x.shape}")
    check_dtype(name, "input", x, w)
    if sizes is not None:
        if sum(sizes) != len(x) or min(sizes, default=0) < 1 or sorted(sizes)[::-1] != sizes:
            raise ValueError(
                f"{name}: batch_sizes must be decreasing numbers that sum up to the {len(x)} rows "
                f"of data, got {sizes}"
            )
        return len(sizes), sizes[0]
    if x.ndim == 2:
        T, B = len(x), 1
    else:
        T, B = x.shape[1::-1] if module.batch_first else x.shape[:2]
    if T == 0:
        raise ValueError(f"{name}: sequences must have at least one step, got shape {x.shape}")
    return T, B


def check_states(module: Any, given: Any, B: int, batched: bool) -> None:
    """Check h0, or h0 and c0, of a layer."""
    if given is None:
        return
    name, size = type(module).__name__, module.proj_size or module.hidden_size
    lengths = {"h0": size, "c0": module.hidden_size} if module.mode == "LSTM" else {"hx": size}
    check_pair(name, given, tuple(lengths))
    states = module.num_layers * (1 + module.bidirectional)
    for (key, length), state in zip(lengths.items(), given, strict=True):
        expected = (states, B, length) if batched else (states, length)
        check_state(name, key, state, expected, module.weight_ih_l0.array)


def check_pair(name: str, given: Any, names: tuple[str, ...]) -> None:
    """Check that h0 and c0 are given as two."""
    if len(names) == 2 and (not isinstance(given, tuple | list) or len(given) != 2):
        got = type(given).__name__
        raise TypeError(f"{name}: hx must be a tuple (h0, c0) of two Tensors, got {got}")


def check_state(name: str, key: str, state: Any, expected: tuple[int, ...], w: Any) -> None:
    """Check one of the given states."""
    if not isinstance(state, Taped):
        raise no_tensor(f"{name}: {key}", (state,))
    if state.array.shape != expected:
        raise ValueError(f"{name}: {key} must have shape {expected}, got {state.array.shape}")
    check_dtype(name, key, state.array, w)


def check_dtype(name: str, key: str, x: Any, w: Any) -> None:
    """Check that an array is of the same dtype as the weights."""
    if x.dtype != w.dtype:
        raise TypeError(f"{name}: {key} must be of the weights' dtype {w.dtype}, got {x.dtype}")
