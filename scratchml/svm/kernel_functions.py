"""The kernels of support vector machines, from their definitions in plain NumPy.

    linear     K(x, y) = x'y
    poly       K(x, y) = (gamma x'y + coef0)^degree
    rbf        K(x, y) = exp(-gamma ||x - y||^2)
    sigmoid    K(x, y) = tanh(gamma x'y + coef0)

(B. Schoelkopf, A. Smola, "Learning with kernels", MIT Press 2002, section 2.3.) A kernel that is an
inner product in some space has a positive semi-definite matrix, and the dual problem of `smo` is
convex; sigmoid in general is none.

`evaluate` is what the compiled loops of `kernel_blocks` are tested against, and what runs where there
is no compiler.
"""

from typing import NamedTuple

import numpy as np

KINDS = {"linear": 0, "poly": 1, "rbf": 2, "sigmoid": 3}


class Kernel(NamedTuple):
    """A kernel and its parameters."""

    name: str  # linear, poly, rbf or sigmoid
    gamma: float = 1.0
    coef0: float = 0.0
    degree: int = 3


def evaluate(kernel: Kernel, A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return K(a, b) of every pair of rows, (len(A), len(B))."""
    products = A @ B.T
    squares = (A * A).sum(axis=1), (B * B).sum(axis=1)
    return of_products(kernel, products, *squares)


def of_products(
    kernel: Kernel, products: np.ndarray, a_squares: np.ndarray, b_squares: np.ndarray
) -> np.ndarray:
    """Turn the products a'b (n, m) into K(a, b), in place, given ||a||^2 (n,) and ||b||^2 (m,)."""
    K = products
    if kernel.name == "rbf":
        K *= -2.0
        K += a_squares[:, None] + b_squares
        np.maximum(K, 0.0, out=K)  # rounding may leave a distance just below 0
        K *= -kernel.gamma
        return np.exp(K, out=K)
    if kernel.name != "linear":
        K *= kernel.gamma
        K += kernel.coef0
    if kernel.name == "poly":
        with np.errstate(over="ignore"):
            K[:] = K**kernel.degree
    elif kernel.name == "sigmoid":
        np.tanh(K, out=K)
    return K
