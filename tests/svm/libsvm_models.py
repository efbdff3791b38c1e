"""The problems whose model files are in data/models: see make_libsvm_models.py."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data" / "models"

# name: labels in the order in which LIBSVM meets them (None: numbers), and its options
CASES = {
    "c_svc_rbf": ([5, 2], "-s 0 -t 2 -g 0.5 -c 2"),
    "c_svc_signs": ([-1, 1], "-s 0 -t 2 -g 0.5"),
    "c_svc_linear_sorted": ([2, 5], "-s 0 -t 0"),
    "c_svc_four": ([3, 1, 4, 2], "-s 0 -t 2 -g 0.5"),
    "c_svc_poly": ([3, 1, 4, 2], "-s 0 -t 1 -d 2 -g 0.25 -r 1"),
    "c_svc_probability": ([7, 3, 5], "-s 0 -t 2 -g 1 -b 1"),
    "c_svc_precomputed": ([3, 1, 2], "-s 0 -t 4"),
    "nu_svc_linear": ([9, -4], "-s 1 -t 0 -n 0.3"),
    "one_class_rbf": ([], "-s 2 -t 2 -g 0.5 -n 0.3 -b 1"),
    "epsilon_svr_sigmoid": (None, "-s 3 -t 3 -g 0.125 -r 0.5 -p 0.25"),
    "nu_svr_rbf": (None, "-s 4 -t 2 -g 0.5 -c 3 -b 1"),
    "nu_svr_precomputed": (None, "-s 4 -t 4 -c 2"),
}
N, N_TEST, P = 36, 100, 4


def problem(name):
    """Return X (N, P), y, and test rows (N_TEST, P); kernel values where they are precomputed."""
    labels, options = CASES[name]
    rng = np.random.RandomState(0)
    X, X_test = sparse_draws(rng, N), sparse_draws(rng, N_TEST)
    if labels is None:
        y = X @ [1.0, -2.0, 0.5, 0.0] + rng.randint(-8, 9, N) / 8
    elif not labels:
        y = np.ones(N)
    else:
        centres = rng.randint(-8, 9, (len(labels), P)) / 8
        codes = np.r_[np.arange(len(labels)), rng.randint(len(labels), size=N - len(labels))]
        X[:, :-1] += centres[codes][:, :-1]
        y = np.array(labels)[codes]
    if "-t 4" in options:
        return gaussian(X, X), y, gaussian(X_test, X)
    return X, y, X_test


def sparse_draws(rng, n):
    """Return distinct rows of 64ths, which LIBSVM writes whole in its 8 digits.

    A third are zero, but for none in the first column and all in the last.
    """
    X = rng.randint(-128, 129, (n, P)) / 64 * (rng.rand(n, P) < 0.67)
    X[:, -1] = 0
    X[:, 0] = rng.choice(np.r_[-100:0, 1:101], n, replace=False) / 64
    return X


def gaussian(X, Y):
    """Return exp(-|x - y|^2 / 2) of each pair."""
    return np.exp(-0.5 * ((X[:, np.newaxis] - Y) ** 2).sum(axis=2))
