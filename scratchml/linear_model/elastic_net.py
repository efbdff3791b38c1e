"""The elastic net for one matrix and several targets: which descent, and what the targets share.

    minimise  1/2 ||y - X~ b||^2 + l1 ||b||_1 + l2/2 ||b||^2      for each target y, X~ of `design`

Gram updates on all features (`gram_descent`) cost p^2 numbers and n p^2 operations once, whatever
the penalty and the number of targets, and never copy X. They are taken up to 256 features with four
samples each at least, and on demand. Otherwise residual updates on working sets
(`coordinate_descent`), which cost one copy of X by columns.
"""

from functools import partial
from typing import Any

import numpy as np

from scratchml.linear_model.coordinate_descent import Problem, descend_columns
from scratchml.linear_model.design import Design, columns, gradient, gram
from scratchml.linear_model.gram_descent import Descent, descend_all

_MOST_FEATURES = 256


def elastic_net(
    design: Design,
    Y: np.ndarray,
    B: np.ndarray,
    l1: float,
    l2: float,
    *,
    Q: np.ndarray | None = None,
    by_gram: bool = False,
    overwrite: bool = False,
    positive: bool = False,
    tol: float = 1e-4,
    max_iter: int = 1000,
    rng: np.random.Generator | None = None,
) -> list[Descent]:
    """Solve the problem for each target.

    Parameters
    ----------
    design : Design
        The matrix X~.
    Y : ndarray of shape (t, n)
        Targets, centred and weighted as X~ is.
    B : ndarray of shape (t, p)
        Where to start; overwritten by the solutions.
    l1, l2 : float
        Penalties.
    Q : ndarray of shape (p, p), optional
        X~'X~, where it is known.
    by_gram : bool
        Take Gram updates.
    overwrite : bool
        X may be destroyed.
    positive : bool
        Allow no negative coefficient.
    tol : float
        Largest duality gap, relative to ||y||^2.
    max_iter : int
        Largest number of sweeps for a target.
    rng : np.random.Generator, optional
        Draws the coordinates to visit; by default they are visited in order.

    Returns
    -------
    list of Descent
        Gaps are NaN or infinite where squares of X overflow.
    """
    n, p = design.X.shape
    targets = [tol * float(y @ y) for y in Y]
    common: dict[str, Any] = {"max_iter": max_iter, "rng": rng}
    if Q is not None or by_gram or (p <= _MOST_FEATURES and 4 * p <= n):
        if Q is None:
            Q, XY = gram(design, Y.T)
        else:
            XY = np.stack([gradient(design, y, np.zeros_like(B[0]))[0] for y in Y], axis=1)
        if not np.isfinite(Q.diagonal()).all():
            return [Descent(b, np.nan, 0, False) for b in B]
        descents = []
        for y, c, b, target in zip(Y, XY.T.copy(), B, targets, strict=True):
            current = partial(gradient, design, y)
            start = current(b) if b.any() else (c, float(y @ y))
            descents.append(
                descend_all(
                    Q, start, current, b, l1, l2, target=target, positive=positive, **common
                )
            )
        return descents
    A = columns(design, overwrite=overwrite)
    norms = np.einsum("ij,ij->i", A, A)
    if not np.isfinite(norms).all():
        return [Descent(b, np.nan, 0, False) for b in B]
    return [
        descend_columns(Problem(A, y, norms, l1, l2, positive), b, target=target, tol=tol, **common)
        for y, b, target in zip(Y, B, targets, strict=True)
    ]
