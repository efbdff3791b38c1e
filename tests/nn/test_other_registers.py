"""Kernels in strips on machines with shorter, or fewer, vector registers than this one has.

The width of a strip, and what lies beside the last tile, depend on the machine. So the kernels run
as plain Python with the registers of others, in workspaces of exactly the size that was asked for:
a slice beyond the end fails, and what was never written is NaN, which must reach no result.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

MACHINES = {"SSE": (16, 16), "AVX2": (32, 16), "NEON": (16, 32), "AVX-512": (64, 32)}


@pytest.mark.parametrize("machine", MACHINES)
def test_strips_of_any_width(machine):
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    module = ["-m", "tests.nn.test_other_registers", *map(str, MACHINES[machine])]
    done = subprocess.run(
        [sys.executable, "-W", "error", *module],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def be(size, count):
    """Let this process have so many vector registers of so many bytes; strict workspaces."""
    from scratchml._core import jit_vectors
    from scratchml.nn.ops import attention_tiles, products, recurrent_compiled

    jit_vectors._machine = lambda: (size, count)
    for module in (attention_tiles, products, recurrent_compiled):
        module.workspace = lambda n, dtype: np.full(n, np.nan, dtype)
        module.compiler = lambda needed=False: True
    products._SMALLEST = products._FEWEST = 0


def check_products(normal, tolerance):
    from scratchml.nn.ops.products import product

    for m, k, n in ((1, 1, 1), (9, 3, 13), (17, 20, 30), (8, 260, 5)):
        for a in (normal(m, k), normal(k, m).T):
            for b in (normal(k, n), normal(n, k).T):
                bias = normal(n)
                np.testing.assert_allclose(product(a, b, bias), a @ b + bias, atol=tolerance)


def check_attention(normal, tolerance):
    from scratchml.nn.ops.attention import attention_backward, attention_forward
    from scratchml.nn.ops.attention_tiles import tiled_backward, tiled_forward

    for H, Hk, L, S, E, Ev in ((1, 1, 1, 8, 1, 1), (2, 1, 17, 20, 5, 7), (1, 1, 13, 130, 2, 3)):
        q, k, v = normal(1, H, L, E), normal(1, Hk, S, E), normal(1, Hk, S, Ev)
        dy = normal(1, H, L, Ev)
        for is_causal in (False, True):
            y, cache = tiled_forward(q, k, v, None, is_causal)
            expected, theirs = attention_forward(q, k, v, None, is_causal)
            found = y, *tiled_backward(dy, cache)[:3]
            exact = expected, *attention_backward(dy, theirs)[:3]
            for mine, other in zip(found, exact, strict=True):
                np.testing.assert_allclose(mine, other, atol=tolerance)


def check_recurrent(normal, tolerance):
    from scratchml.nn.ops import recurrent, recurrent_compiled, recurrent_loops
    from scratchml.nn.ops.recurrent_order import make_order

    def outcome(loops, layer, inputs, order):
        recurrent._loops = lambda *args: loops
        outputs, cache = getattr(recurrent, f"{layer}_forward")(*inputs, order=order)
        gradients = getattr(recurrent, f"{layer}_backward")(outputs, cache)
        return [*outputs, *[dx for dx in gradients if dx is not None]]

    for sizes, H, reverse in (((3, 2, 2), 5, True), ((9, 9), 3, False), ((70,), 2, False)):
        order = make_order(sizes, reverse)
        for layer, gates, states in (("rnn", 1, 1), ("lstm", 4, 2), ("gru", 3, 1)):
            G = gates * H
            given = [normal(order.batch, H) for _ in range(states)]
            inputs = normal(order.rows, 4), *given, normal(G, 4), normal(G, H), normal(G), normal(G)
            found = outcome(recurrent_compiled, layer, inputs, order)
            exact = outcome(recurrent_loops, layer, inputs, order)
            for mine, other in zip(found, exact, strict=True):
                np.testing.assert_allclose(mine, other, atol=tolerance)


if __name__ == "__main__":
    be(*map(int, sys.argv[1:]))
    for dtype, tolerance in ((np.float32, 1e-3), (np.float64, 1e-11)):
        random = np.random.default_rng(0)
        for check in (check_products, check_attention, check_recurrent):
            check(lambda *shape, r=random, d=dtype: r.standard_normal(shape).astype(d), tolerance)
