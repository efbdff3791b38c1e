"""Batches for the loss of connectionist temporal classification, and what PyTorch says of them."""

import itertools

import numpy as np

# (T, N, C, S, blank, options); kept small, for their gradients are stored
CASES = [
    (6, 3, 4, 2, 0, {}),
    (9, 4, 5, 4, 4, {"reduction": "sum"}),
    (7, 5, 3, 3, 1, {"reduction": "none"}),
    (5, 6, 3, 5, 0, {"reduction": "none", "zero_infinity": True}),
    (4, 6, 2, 4, 1, {"zero_infinity": True}),
    (12, 2, 6, 3, 2, {"reduction": "mean"}),
]


def batch(T, N, C, S, blank, seed=0):
    """Return logits (T, N, C), labels (N, S), input lengths and target lengths (N,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, C - 1, (N, S))
    labels += labels >= blank
    times, counts = rng.integers(max(T - 3, 0), T + 1, N), rng.integers(0, S + 1, N)
    times[0], counts[0] = T, S
    return 2 * rng.standard_normal((T, N, C)), labels, times, counts


def collapse(path, blank):
    """Return B(path): repetitions dropped, then blanks."""
    return tuple(k for k, _ in itertools.groupby(path) if k != blank)


def by_enumeration(log_probs, blank):
    """Return {labelling: p(l)} for one sequence (T, C), by all of its C^T alignments."""
    T, C = log_probs.shape
    found = {}
    for path in itertools.product(range(C), repeat=T):
        labelling = collapse(path, blank)
        p = np.exp(log_probs[range(T), path].sum())
        found[labelling] = found.get(labelling, 0.0) + p
    return found


def outcome(library, tensor, case, dtype=np.float64):
    """Return loss and gradient of the logits, from either library, as arrays."""
    T, N, C, S, blank, options = case
    x, labels, times, counts = batch(T, N, C, S, blank)
    leaf = tensor(x.astype(dtype)).requires_grad_()
    y = library.nn.functional.ctc_loss(
        leaf.log_softmax(2), *map(tensor, (labels, times, counts)), blank, **options
    )
    y.sum().backward()
    return np.asarray(y.detach().numpy()), leaf.grad.numpy()
