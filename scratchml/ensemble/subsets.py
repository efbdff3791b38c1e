"""Random subsets of rows and of columns: what each member of a bagging ensemble gets to see.

    with replacement      each draw is any of the n, independently: a bootstrap sample
    without               all subsets of size m are equally likely: pasting, random subspaces

Rows with weights w come up with probability w_i / sum w, by inversion of the partial sums; without
replacement, in proportion to the weights of those not drawn yet.

A subset is a function of its member's seed alone, so it need not be stored: it is drawn again when
asked for. The draws are those of NumPy's ``RandomState`` in scikit-learn's order, columns first, so
the same integer ``random_state`` gives the subsets it gives there.

References
----------
.. [1] Breiman, "Bagging predictors", Machine Learning 24, 1996.
.. [2] Ho, "The random subspace method for constructing decision forests", IEEE Transactions on
   Pattern Analysis and Machine Intelligence 20(8), 1998.
.. [3] Louppe & Geurts, "Ensembles on random patches", ECML PKDD 2012.
"""

from typing import Any, NamedTuple

import numpy as np

from scratchml.datasets.draws import distinct_below


class Patches(NamedTuple):
    """How the subsets are drawn."""

    n_rows: int  # there are
    n_columns: int
    rows: int  # to draw
    columns: int
    rows_again: bool  # with replacement
    columns_again: bool
    weight: Any = None  # (n_rows,) float64: of the rows; None if all are equal


def draw_patch(patches, seed):
    """Return the columns and the rows that the member of this seed sees, in the order drawn."""
    rng = np.random.RandomState(seed)
    columns = _draw(rng, patches.n_columns, patches.columns, patches.columns_again)
    if patches.weight is None:
        return columns, _draw(rng, patches.n_rows, patches.rows, patches.rows_again)
    share = patches.weight / patches.weight.sum()
    return columns, rng.choice(patches.n_rows, patches.rows, replace=patches.rows_again, p=share)


def _draw(rng, n, m, again):
    return rng.randint(0, n, m) if again else distinct_below(n, m, rng)
