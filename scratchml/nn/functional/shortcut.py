"""A shorter way back: pool(relu(conv(x))) is one step on the tape, although it was three calls.

When a maximum of 2 x 2 windows is taken of a relu of a convolution, its node is replaced by one
that goes from the pooled gradient to those of the convolution's inputs directly, by
`scratchml.nn.ops.conv_relu_pool`, at a fraction of the work. The values are computed call by call
as ever, so whoever holds on to one in between has it.

Who asks for the gradient of a value in between (`Node.detour`) gets the three steps back.
"""

from typing import Any
from weakref import ref

import numpy as np

from scratchml.nn.ops.activation import relu_backward
from scratchml.nn.ops.conv import conv2d_backward
from scratchml.nn.ops.conv_relu_pool import conv_relu_pool_backward, living, serves
from scratchml.nn.ops.pooling import max_pool_backward
from scratchml.tensor.tape import Node


def take_shortcut(output: Any) -> None:
    """Let the gradient of `output`, just made by max_pool2d, pass by a relu and a convolution."""
    pool = output.node
    if pool is None:
        return
    relu = pool.edges[0]
    if type(relu) is not Node or relu.backward is not relu_backward or not _passable(relu):
        return
    conv = relu.edges[0]
    if type(conv) is not Node or conv.backward is not conv2d_backward or not _passable(conv):
        return
    winners = pool.cache[0]
    if winners.dtype != np.uint8 or winners.ndim != 4 or not serves(conv.cache):
        return
    cache = conv.cache, living(output.array, winners)
    short = Node(conv_relu_pool_backward, conv.edges, conv.saved, "", cache, conv.needs)
    output.node = short
    # Weak, for nodes do not know what was made from them.
    this, this_relu, this_conv = ref(short), ref(relu), ref(conv)
    pooled, rest = pool.cache, (relu.saved, "", relu.cache, relu.needs)
    relu.detour = lambda: _go_back(this(), pooled, this_relu())
    conv.detour = lambda: _go_back(this(), pooled, Node(relu_backward, (this_conv(),), *rest))


def _passable(node: Node) -> bool:
    return not node.hooks and node.detour is None


def _go_back(short: Any, pooled: Any, relu: Any) -> None:
    """Make the node of a shortcut what it was: a step to the relu."""
    if short is not None and short.backward is not None:
        short.backward, short.cache, short.needs = max_pool_backward, pooled, (True,)
        short.edges, short.saved, short.name = (relu,), (), max_pool_backward.__name__
