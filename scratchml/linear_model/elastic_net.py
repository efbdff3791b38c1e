"""The elastic net for one matrix and several targets: which descent, and what the targets share.

    minimise  1/2 ||y - X~ b||^2 + l1 ||b||_1 + l2/2 ||b||^2      for each target y, X~ of `design`

Gram updates on all features (`gram_descent`) cost p^2 numbers and n p^2 operations once, whatever
the penalty and the number of targets. With four samples for each feature they are taken up to 256
features, up to 1024 where more than a sixth of the coefficients turn out to be worth working on,
and on demand. Otherwise the descent works on sets of columns (`coordinate_descent`) and copies
those.
"""

from functools import partial

import numpy as np

from scratchml.linear_model.coordinate_descent import Problem, descend_columns
from scratchml.linear_model.design import Design, gradient, squared_norms
from scratchml.linear_model.gram_descent import Descent, descend_all
from scratchml.linear_model.gram_matrix import gram

_MOST_FEATURES = 256
_MOST_DENSE = 1024


def elastic_net(
    design: Design,
    Y: np.ndarray,
    B: np.ndarray,
    l1: float,
    l2: float,
    *,
    Q: np.ndarray | None = None,
    by_gram: bool = False,
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
    tall = 4 * p <= n
    if Q is None and (by_gram or (tall and p <= _MOST_FEATURES)):
        Q = gram(design)
    norms = squared_norms(design) if Q is None else Q.diagonal()
    if not np.isfinite(norms).all():
        return [Descent(b, np.nan, np.nan, 0, False) for b in B]
    most = p // 6 if tall and p <= _MOST_DENSE else p
    descents = []
    for y, b in zip(Y, B, strict=True):
        target, made = tol * float(y @ y), 0
        if Q is None:
            problem = Problem(design, y, norms, l1, l2, positive)
            descent = descend_columns(
                problem, b, target=target, tol=tol, max_iter=max_iter, most=most, rng=rng
            )
            made = descent.n_iter
            if descent.dense:
                Q = gram(design)
        if Q is not None:
            current = partial(gradient, design, y)
            descent = descend_all(
                Q, current, b, l1, l2,
                target=target, max_iter=max_iter - made, positive=positive, rng=rng,
            )  # fmt: skip
            descent = descent._replace(n_iter=made + descent.n_iter)
        descents.append(descent)
    return descents
