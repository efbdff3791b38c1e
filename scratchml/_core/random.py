"""Random numbers by counting: draw `step` of stream `unit` under `seed` is a function of the three.

Nothing is stored, so a loop split over any number of threads draws the same numbers: tree t takes
unit t, its i-th draw step i. The function is SplitMix64's mixer (Steele, Lea, Flood 2014, "Fast
splittable pseudorandom number generators", figure 17, with Stafford's variant 13 of the constants):

    mix(x):  z = x + gamma;  z = (z ^ z >> 30) c1;  z = (z ^ z >> 27) c2;  z ^ z >> 31   (mod 2^64)
    stream(seed, unit) = mix(mix(seed) ^ unit)
    splitmix64(seed, unit, step) = mix(stream + step * gamma)

so that each stream is SplitMix64 itself, started at a point that depends on seed and unit. It is
made for sampling and shuffling, not for secrets.
"""

import os
from typing import Any

import numpy as np

from scratchml._core.jit import jit

_GAMMA = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_C1 = np.uint64(0xBF58476D1CE4E5B9)
_C2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
_S11, _S32 = np.uint64(11), np.uint64(32)
_LOW32 = np.uint64(0xFFFFFFFF)
_ULP = np.float64(2.0**-53)


@jit("uint64(uint64, uint64, uint64)")
def splitmix64(seed, unit, step):
    """Draw 64 random bits."""
    stream = _mix(_mix(np.uint64(seed)) ^ np.uint64(unit))
    return _mix(stream + np.uint64(step) * _GAMMA)


@jit("float64(uint64, uint64, uint64)")
def uniform(seed, unit, step):
    """Draw a float64 from [0, 1): a multiple of 2^-53, each equally likely."""
    return np.float64(splitmix64(seed, unit, step) >> _S11) * _ULP


@jit("int64(int64, uint64, uint64, uint64)")
def below(n, seed, unit, step):
    """Draw an integer from [0, n), n >= 1, as the high word of the 128-bit product draw * n.

    No result's probability is off from 1 / n by more than 2^-64; relative to 1 / n that is
    n / 2^64, less than 2^-32 for n below 2^32.
    """
    return np.int64(_high_word(splitmix64(seed, unit, step), np.uint64(n)))


@jit(inline="always")
def _mix(x):
    z = x + _GAMMA
    z = (z ^ (z >> _S30)) * _C1
    z = (z ^ (z >> _S27)) * _C2
    return z ^ (z >> _S31)


@jit(inline="always")
def _high_word(a, b):
    """Return the upper 64 bits of a * b, by schoolbook multiplication of 32-bit halves."""
    a0, a1 = a & _LOW32, a >> _S32
    b0, b1 = b & _LOW32, b >> _S32
    middle = a1 * b0 + (a0 * b0 >> _S32)
    carried = a0 * b1 + (middle & _LOW32)
    return a1 * b1 + (middle >> _S32) + (carried >> _S32)


def seed_from(random_state: Any) -> int:
    """Return a seed in [0, 2^64) for the kernels above.

    Parameters
    ----------
    random_state : int, np.random.RandomState, np.random.Generator or None
        An integer is taken modulo 2^64, zero included; a generator is drawn from, so that it
        advances; None takes the operating system's entropy.

    Raises
    ------
    TypeError
        If `random_state` is something else.
    """
    if random_state is None:
        return int.from_bytes(os.urandom(8), "little")
    if isinstance(random_state, int | np.integer):
        return int(random_state) % 2**64
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**64, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(0, 2**64, dtype=np.uint64))
    raise TypeError(
        "random_state must be an int, a numpy RandomState or Generator, or None, got "
        f"{random_state!r}"
    )
