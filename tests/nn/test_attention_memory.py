"""Attention takes memory for its results, not for its weights."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scratchml._core.jit import compiler

TOP = Path(__file__).parents[2]
LENGTH = 4096  # of 8 heads: all weights at once would be 537 MB

STEP = f"""
import json
import numpy as np
import scratchml.tensor as torch
from scratchml.nn.functional import scaled_dot_product_attention

def step(length):
    random = np.random.default_rng(0)
    q, k, v, dy = (
        torch.from_numpy(random.standard_normal((1, 8, length, 64), np.float32)) for _ in range(4)
    )
    for leaf in (q, k, v):
        leaf.requires_grad_()
    before = peak(restart=True)
    scaled_dot_product_attention(q, k, v, is_causal=True).backward(dy)
    return peak() - before

def peak(restart=False):
    if restart:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1e3

step(64)  # loads the kernels
print(json.dumps(step({LENGTH})))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux to measure")
def test_forward_and_backward_take_memory_that_is_linear_in_the_length():
    """The output and three gradients are 34 MB; threads have some blocks each."""
    if compiler(needed=False) is None:
        pytest.skip("the definition holds all weights")
    run = subprocess.run(
        [sys.executable, "-c", STEP], cwd=TOP, check=True, capture_output=True, text=True
    )
    assert 30 < json.loads(run.stdout) < 70  # MB
