"""The out-of-bag estimate: a forest tested on its own training rows, without a test set.

A tree's bootstrap sample leaves out about 37 % of the rows; to those it is new. So row i is
predicted by the trees that have not seen it (Breiman 1996, "Out-of-bag estimation"):

    prediction_i = sum over trees t with count_t[i] = 0 of value_t[leaf of i] / number of such trees

which is close to what an independent test set would say, and a little pessimistic, since a row is
judged by about a third of the trees.
"""

import numpy as np

from scratchml.ensemble.bootstrap import drawn_rows
from scratchml.tree.predict import leaf_sums, pack


def out_of_bag(trees, seeds, plan, X, n_jobs=None):
    """Return the out-of-bag prediction of each row, and by how many trees it was made.

    Parameters
    ----------
    trees : sequence of Nodes
        The forest.
    seeds : sequence of int
        The seed of each tree.
    plan : Bootstrap
        How their rows were drawn.
    X : ndarray of shape (n_samples, n_features)
        The rows they were drawn from, C-contiguous.
    n_jobs : int or None
        Threads.

    Returns
    -------
    means : ndarray of shape (n_samples, n_outputs, width)
        Zero where no tree left the row out.
    n_trees : ndarray of int64, shape (n_samples,)
        Trees that did.
    """
    sums = np.zeros((len(X), *trees[0].value.shape[1:]))
    n_trees = np.zeros(len(X), dtype=np.int64)
    for nodes, seed in zip(trees, seeds, strict=True):
        out = np.ones(len(X), dtype=bool)
        out[drawn_rows(plan, int(seed))] = False
        rows = np.flatnonzero(out)
        sums[rows] += leaf_sums(pack([nodes]), X[rows], n_jobs)
        n_trees[rows] += 1
    return sums / np.maximum(n_trees, 1)[:, None, None], n_trees
