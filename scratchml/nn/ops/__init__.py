"""Forward and backward halves over arrays: what a reader of back-propagation reads.

    y, cache = relu_forward(x)                                       what the layer computes
    dx = relu_backward(dy, cache)                                    its derivative, transposed
    dx, dw, db = conv2d_backward(dy, cache, needs=(True, True, True))

Symbols, the same in every file of this package:

======  ==============  ====================================================================
x       (N, C, *S)      input: a batch of N samples with C channels of sizes S
y       (N, O, *S')     output
w, b                    weight and bias of the layer
dx, dw                  dL/dx, dL/dw: of the loss L with respect to x, w
dy                      dL/dy, which comes in
cache                   what the forward half keeps for the backward half
======  ==============  ====================================================================

Every file states its equations in plain NumPy; the compiled loops that run in its place lie beside
it (``..._kernels``, ``..._tiles``) and are tested against it.
"""

from scratchml._core.lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    (
        "activation",
        "average_pooling",
        "conv",
        "conv_transpose",
        "cross_entropy",
        "dropout",
        "embedding",
        "fold",
        "layer_norm",
        "likelihood",
        "linear",
        "loss",
        "normalization",
        "packing",
        "padding",
        "pooling",
        "recurrent",
        "smooth",
        "soft_cross_entropy",
        "softmax",
        "unit_norm",
    ),
)
