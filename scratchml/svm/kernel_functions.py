"""The kernels of support vector machines, from their definitions in plain NumPy.

    linear     K(x, y) = x'y
    poly       K(x, y) = (gamma x'y + coef0)^degree,  degree an integer >= 0
    rbf        K(x, y) = exp(-gamma ||x - y||^2)
    sigmoid    K(x, y) = tanh(gamma x'y + coef0)

(B. Schoelkopf, A. Smola, "Learning with kernels", MIT Press 2002, section 2.3.) Where all kernel
matrices are positive semi-definite the dual problem of `smo` is convex. They are with the first
three (poly: for coef0 >= 0), not with sigmoid.

`evaluate` is what `kernel_blocks`, the compiled loop, is tested against. `from_products` serves
where there is no compiler, and a few samples, which are done before a loop has been loaded.
"""

from typing import NamedTuple

import numpy as np

_KINDS = ("linear", "poly", "rbf", "sigmoid")


class Kernel(NamedTuple):
    """A kernel and its parameters."""

    name: str  # linear, poly, rbf or sigmoid
    gamma: float = 1.0
    coef0: float = 0.0
    degree: int = 3

    def parameters(self) -> np.ndarray:
        """Return the kernel as compiled loops take it: (kind, gamma, coef0, degree)."""
        return np.array([_KINDS.index(self.name), self.gamma, self.coef0, self.degree], dtype=float)


def evaluate(kernel: Kernel, A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return K(a, b) of every pair of rows, (len(A), len(B)), as the definitions say it."""
    if kernel.name != "rbf":
        return from_products(kernel, np.einsum("if,jf->ij", A, B), np.zeros(len(A)), np.zeros(1))
    K = np.empty((len(A), len(B)))
    for i, a in enumerate(A):
        K[i] = np.exp(-kernel.gamma * ((a - B) ** 2).sum(axis=1))
    return K


def from_products(
    kernel: Kernel, products: np.ndarray, a_norms: np.ndarray, b_norms: np.ndarray
) -> np.ndarray:
    """Turn the products a'b (n, m) into K(a, b), in place, given ||a||^2 (n,) and ||b||^2 (m,)."""
    K = products
    if kernel.name == "rbf":
        K *= -2.0
        K += a_norms[:, None] + b_norms
        np.maximum(K, 0.0, out=K)  # rounding may leave the distance of neighbours below 0
        K *= -kernel.gamma
        return np.exp(K, out=K)
    if kernel.name == "linear":
        return K
    K *= kernel.gamma
    K += kernel.coef0
    return np.tanh(K, out=K) if kernel.name == "sigmoid" else _power(K, kernel.degree)


def _power(base: np.ndarray, degree: int) -> np.ndarray:
    """Raise to an integer power by squaring, in place: np.power takes ten times as long."""
    power, base[...] = base.copy(), 1.0
    while degree > 0:
        if degree % 2 == 1:
            base *= power
        degree //= 2
        power *= power
    return base
