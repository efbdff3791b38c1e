"""The states of NumPy's random generators, as plain arrays and integers.

NumPy's C code trusts the state it is given (a position beyond the end of its buffer reads memory
that is not its own), so one from a file must have the form of a fresh generator's state, field by
field, with every integer in its range.  A `Generator` comes back with its stream; the seed
sequence behind it, which only ``spawn`` uses, is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._core.persistence.codecs import Codec, expect

if TYPE_CHECKING:
    from scratchml._core.persistence.values import Packer, Unpacker

_BIT_GENERATORS = {
    kind.__name__: kind
    for kind in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.Philox,
        np.random.SFC64,
    )
}
_LARGEST = {
    "pos": 624,
    "buffer_pos": 4,
    "has_gauss": 1,
    "has_uint32": 1,
    "uinteger": (1 << 32) - 1,
    "state": (1 << 128) - 1,
    "inc": (1 << 128) - 1,
}


def pack_random_state(value: np.random.RandomState, path: str, packer: Packer) -> Any:
    """Return the packed state of a RandomState over the Mersenne twister."""
    state = value.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        raise TypeError(f"cannot save {path}: it is a RandomState of {state['bit_generator']}")
    return packer.pack(state, path)


def unpack_random_state(payload: Any, unpacker: Unpacker) -> np.random.RandomState:
    """Return a RandomState."""
    state, fresh = unpacker.unpack(payload), np.random.RandomState(0)
    _check_form(state, fresh.get_state(legacy=False), "state")
    fresh.set_state(state)
    return fresh


def pack_generator(value: np.random.Generator, path: str, packer: Packer) -> Any:
    """Return the packed state of a Generator over one of NumPy's own bit generators."""
    kind = type(value.bit_generator)
    if _BIT_GENERATORS.get(kind.__name__) is not kind:
        raise TypeError(f"cannot save {path}: it is a Generator of {kind.__name__}")
    return packer.pack(value.bit_generator.state, path)


def unpack_generator(payload: Any, unpacker: Unpacker) -> np.random.Generator:
    """Return a Generator."""
    state = expect(dict, unpacker.unpack(payload), "the state of a generator")
    name = expect(str, state.get("bit_generator"), "the name of a bit generator")
    if name not in _BIT_GENERATORS:
        raise ValueError(f"it uses the bit generator {name!r:.80}")
    bits = _BIT_GENERATORS[name]()
    _check_form(state, dict(bits.state), "state")
    bits.state = state
    return np.random.Generator(bits)


def _check_form(given: Any, fresh: Any, name: str) -> None:
    """Raise ValueError unless `given` could be a later state of what `fresh` is."""
    good = type(given) is type(fresh)
    if good and isinstance(fresh, dict):
        good = given.keys() == fresh.keys()
        for key in fresh if good else ():
            _check_form(given[key], fresh[key], key)
    elif good and isinstance(fresh, np.ndarray):
        good = given.dtype == fresh.dtype and given.shape == fresh.shape
    elif good and isinstance(fresh, int):
        good = 0 <= given <= _LARGEST[name]
    elif good and isinstance(fresh, str):
        good = given == fresh
    if not good:
        raise ValueError(f"{given!r:.80} is no {name!r} of a random generator")


CODECS = {
    "RandomState": Codec(pack_random_state, unpack_random_state),
    "Generator": Codec(pack_generator, unpack_generator),
}
