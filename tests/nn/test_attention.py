"""Attention: sums of its definition, gradients, masks, groups of heads, PyTorch's figures."""

import numpy as np
import pytest

from scratchml.nn.ops.attention import attention_backward, attention_forward

from .pairs import check_pair

SHAPES = [
    ((3, 4), (5, 4), (5, 2)),
    ((1, 1), (1, 1), (1, 1)),
    ((2, 3, 4), (2, 5, 4), (2, 5, 6)),
    ((2, 2, 3, 4), (2, 2, 4, 4), (2, 2, 4, 3)),
    ((3, 2, 4), (5, 4), (1, 5, 3)),
    ((1, 2, 2, 3), (2, 1, 3, 3), (2, 2, 3, 2)),
    ((2, 4, 3, 2), (2, 2, 5, 2), (2, 1, 5, 2)),
    ((1, 6, 2, 3), (2, 2, 3, 3), (1, 3, 3, 2)),
    ((0, 3, 4), (0, 5, 4), (0, 5, 2)),
    ((2, 0, 4), (2, 5, 4), (2, 5, 2)),
    ((2, 3, 4), (2, 0, 4), (2, 0, 2)),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"is_causal": True}, {"scale": 0.3}, {"dropout_p": 0.4, "seed": 5}], ids=str
)
def test_gradients(shapes, options):
    rng = np.random.default_rng(0)
    check_pair(
        attention_forward,
        attention_backward,
        [*(rng.standard_normal(s) for s in shapes), None],
        **options,
    )
