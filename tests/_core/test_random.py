"""Counter-based random numbers: reference bits, the same bits everywhere, no visible pattern."""

import numpy as np
import pytest

from scratchml._core import random
from scratchml._core.jit import jit
from scratchml._core.random import below, seed_from, splitmix64, uniform

pytestmark = pytest.mark.kernel

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15


def mix(x):
    """The definition, in Python's integers."""
    z = (x + GAMMA) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def reference(seed, unit, step):
    return mix((mix(mix(seed) ^ unit) + step * GAMMA) & MASK)


@jit("void(uint64, uint64, uint64[:, ::1])")
def fill_bits(seed, first_unit, out):
    for unit in range(out.shape[0]):
        for step in range(out.shape[1]):
            out[unit, step] = splitmix64(seed, first_unit + np.uint64(unit), step)


@jit("void(uint64, float64[::1])")
def fill_uniform(seed, out):
    for step in range(out.shape[0]):
        out[step] = uniform(seed, 0, step)


@jit("void(int64, uint64, int64[::1])")
def fill_below(n, seed, out):
    for step in range(out.shape[0]):
        out[step] = below(n, seed, 3, step)


def bits(seed=1, units=1, steps=20_000):
    out = np.empty((units, steps), np.uint64)
    fill_bits(seed, 0, out)
    return out


SOME = [0, 1, 2, 3, 12345, 2**32, 2**63 - 1, 2**63, MASK]


def test_the_mixer_is_splitmix64s():
    # the first draws of the published generator, started at 0
    state = [(i * GAMMA) & MASK for i in range(3)]
    assert [mix(s) for s in state] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [int(random._mix(np.uint64(s))) for s in state] == [mix(s) for s in state]


@pytest.mark.parametrize("seed", SOME)
def test_bits_are_those_of_the_definition(seed):
    for unit in SOME:
        for step in SOME:
            assert splitmix64(seed, unit, step) == reference(seed, unit, step)


def test_a_loop_in_a_kernel_draws_the_same_bits():
    drawn = bits(seed=7, units=3, steps=5)
    expected = [[reference(7, unit, step) for step in range(5)] for unit in range(3)]
    assert drawn.tolist() == expected
    values = np.empty(5)
    fill_uniform(7, values)
    assert values.tolist() == [(b >> 11) / 2**53 for b in expected[0]]
    assert values.tolist() == [uniform(7, 0, step) for step in range(5)]


@pytest.mark.parametrize("n", [1, 2, 3, 10, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**53, 2**63 - 1])
def test_below_is_the_high_word_of_the_product(n):
    drawn = np.empty(200, np.int64)
    fill_below(n, 5, drawn)
    assert drawn.tolist() == [reference(5, 3, step) * n >> 64 for step in range(200)]
    assert below(n, 5, 3, 0) == drawn[0]


@pytest.mark.parametrize("a", SOME)
def test_high_word(a):
    for b in SOME:
        assert int(random._high_word(np.uint64(a), np.uint64(b))) == a * b >> 64


N = 100_000  # draws of a statistical test


def chi_square(counts, expected):
    """Standardised chi-square: about normal with mean 0 and variance 1."""
    degrees = counts.size - 1
    return (((counts - expected) ** 2 / expected).sum() - degrees) / np.sqrt(2 * degrees)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
@pytest.mark.parametrize("n", [2, 7, 100, 1000])
def test_below_is_uniform(seed, n):
    drawn = np.empty(N // 5, np.int64)
    fill_below(n, seed, drawn)
    assert abs(chi_square(np.bincount(drawn, minlength=n), drawn.size / n)) < 4.5


def test_uniform_is_uniform_and_uncorrelated():
    u = np.empty(N)
    fill_uniform(11, u)
    assert 0 <= u.min() < u.max() < 1
    assert abs(chi_square(np.bincount((u * 256).astype(int), minlength=256), N / 256)) < 4.5
    pairs = (u[::2] * 16).astype(int) * 16 + (u[1::2] * 16).astype(int)
    assert abs(chi_square(np.bincount(pairs, minlength=256), N / 512)) < 4.5
    centred = (u - 0.5) * np.sqrt(12)
    for lag in (1, 2, 3, 64, 1000):
        assert abs((centred[lag:] * centred[:-lag]).mean()) * np.sqrt(N) < 4.5


@pytest.mark.parametrize("axis", ["seed", "unit"])
def test_neighbouring_streams_are_uncorrelated(axis):
    if axis == "unit":
        streams = bits(units=40, steps=500)
    else:
        streams = np.vstack([bits(seed=s, steps=500) for s in range(40)])
    u = (streams / 2.0**64 - 0.5) * np.sqrt(12)
    correlations = (u @ u.T / 500)[np.triu_indices(40, 1)] * np.sqrt(500)
    assert np.abs(correlations).max() < 5  # of 780 normal values
    assert abs((correlations**2).mean() - 1) < 0.3
    first = u[:, 0]  # the first draw of each stream
    assert abs((first[1:] * first[:-1]).mean()) * np.sqrt(39) < 4


@pytest.mark.parametrize("position", range(3))
def test_a_flipped_bit_of_seed_unit_or_step_flips_half_of_the_result(position):
    rng = np.random.default_rng(position)
    flips = np.zeros((64, 64))
    trials = 30
    for _ in range(trials):
        key = [int(k) for k in rng.integers(0, 2**64, 3, dtype=np.uint64)]
        base = splitmix64(*key)
        for bit in range(64):
            other = key.copy()
            other[position] ^= 1 << bit
            changed = base ^ splitmix64(*other)
            flips[bit] += [changed >> i & 1 for i in range(64)]
    rates = flips / trials
    assert abs(rates.mean() - 0.5) < 4.5 * 0.5 / np.sqrt(flips.size * trials)
    assert np.abs(rates.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(64 * trials)
    assert np.abs(rates.mean(axis=1) - 0.5).max() < 5 * 0.5 / np.sqrt(64 * trials)


def test_no_draw_repeats_among_streams():
    drawn = np.concatenate([bits(seed=s, units=20, steps=500).ravel() for s in (0, 1)])
    assert np.unique(drawn).size == drawn.size  # by chance: 2e4^2 / 2^65 = 1e-11


def test_seed_from():
    assert [seed_from(s) for s in (0, 5, np.int32(5), 2**64 + 3, -1)] == [0, 5, 5, 3, MASK]
    for make in (np.random.RandomState, np.random.default_rng):
        generator = make(3)
        first, second = seed_from(generator), seed_from(generator)
        assert first == seed_from(make(3)) != second
        assert 0 <= first <= MASK
    assert seed_from(None) != seed_from(None)
    for wrong in ("1", 1.0, np.random):
        with pytest.raises(TypeError, match="random_state must be an int"):
            seed_from(wrong)


def test_benchmark_of_a_draw(benchmark):
    """About 2 ns a draw, 20,000 at a time."""
    out = np.empty((1, 20_000), np.uint64)
    benchmark(fill_bits, 1, 0, out)
