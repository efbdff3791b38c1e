"""Calls of functions of tensors, for comparisons with PyTorch: stored, and live."""

import numpy as np

SPREAD = [-1e4, -120.0, -30.0, -5.0, -1e-3, 1e-3, 5.0, 30.0, 120.0, 1e4]


def numbers(rng, shape=(3, 4, 5)):
    """Return normal numbers of which some are very small or very large."""
    x = 3 * rng.standard_normal(shape)
    x.reshape(-1)[: len(SPREAD)] = SPREAD
    return x


def normal(*shapes):
    return lambda rng: [rng.standard_normal(shape) for shape in shapes]


def logits_and_labels(shape, classes=None, ignore=False):
    def make(rng):
        x = 3 * rng.standard_normal(shape)
        n = shape[1] if len(shape) > 1 else shape[0]
        rest = shape[:1] + shape[2:] if len(shape) > 1 else ()
        labels = np.asarray(rng.integers(0, n, rest))
        if ignore:
            labels.reshape(-1)[::3] = -100
        return [x, labels, *([rng.random(n) + 0.1] if classes else [])]

    return make


def logits_and_probabilities(shape, weighted=False):
    def make(rng):
        t = rng.random(shape)
        t /= t.sum(axis=1, keepdims=True)
        return [3 * rng.standard_normal(shape), t, *([rng.random(shape[1])] if weighted else [])]

    return make


def probabilities(*shapes):
    return lambda rng: [0.02 + 0.96 * rng.random(shape) for shape in shapes]


def log_probabilities(rng):
    x, t = rng.standard_normal((2, 4, 5))
    return [x - np.log(np.exp(x).sum(axis=1, keepdims=True)), np.exp(t) / np.exp(t).sum(1)[:, None]]


def both_logarithms(rng):
    x, t = log_probabilities(rng)
    return [x, np.log(t)]


def spread(rng):
    return [numbers(rng)]


SMOOTH = [
    ("sigmoid", {}),
    ("tanh", {}),
    ("silu", {}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("mish", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.5, "threshold": 4.0}),
    ("logsigmoid", {}),
    ("elu", {}),
    ("elu", {"alpha": 0.3}),
    ("selu", {}),
    ("celu", {"alpha": 0.5}),
    ("softsign", {}),
    ("tanhshrink", {}),
]
PIECES = [
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 1.5}),
    ("relu6", {}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}),
    ("hardsigmoid", {}),
    ("hardswish", {}),
    ("hardshrink", {}),
    ("softshrink", {"lambd": 0.25}),
    ("threshold", {"threshold": 0.1, "value": 20.0}),
    ("rrelu", {}),
]
ACTIVATIONS = [(name, options, spread) for name, options in SMOOTH + PIECES] + [
    ("prelu", {}, normal((3, 4), (1,))),
    ("prelu", {}, normal((3, 4, 2), (4,))),
    ("glu", {}, normal((3, 4))),
    ("glu", {"dim": 0}, normal((4, 3))),
    ("softmax", {"dim": -1}, spread),
    ("softmax", {"dim": 1}, spread),
    ("log_softmax", {"dim": 0}, spread),
    ("log_softmax", {"dim": 2}, spread),
    ("softmin", {"dim": 1}, spread),
]
LINEAR = [
    ("linear", {}, normal((4, 6), (3, 6), (3,))),
    ("linear", {}, normal((4, 6), (3, 6))),
    ("linear", {}, normal((6,), (3, 6), (3,))),
    ("linear", {}, normal((2, 3, 6), (4, 6), (4,))),
    ("bilinear", {}, normal((4, 3), (4, 5), (2, 3, 5), (2,))),
    ("bilinear", {}, normal((2, 4, 3), (2, 4, 5), (2, 3, 5))),
]
REDUCTIONS = ["mean", "sum", "none"]
LOSSES = [
    *[("cross_entropy", {"reduction": r}, logits_and_labels((6, 5))) for r in REDUCTIONS],
    ("cross_entropy", {}, logits_and_labels((6, 5), classes=True, ignore=True)),
    ("cross_entropy", {"reduction": "none"}, logits_and_labels((6, 5), True, True)),
    ("cross_entropy", {"label_smoothing": 0.2}, logits_and_labels((6, 5), True, True)),
    ("cross_entropy", {"label_smoothing": 1.0}, logits_and_labels((6, 5))),
    ("cross_entropy", {"label_smoothing": 0.1}, logits_and_labels((2, 5, 3, 4), True, True)),
    ("cross_entropy", {"ignore_index": 2}, logits_and_labels((9, 5))),
    ("cross_entropy", {}, logits_and_labels((5,))),
    *[("cross_entropy", {"reduction": r}, logits_and_probabilities((6, 5))) for r in REDUCTIONS],
    ("cross_entropy", {"label_smoothing": 0.2}, logits_and_probabilities((2, 5, 3), True)),
    *[("nll_loss", {"reduction": r}, logits_and_labels((6, 5), True, True)) for r in REDUCTIONS],
    ("nll_loss", {}, logits_and_labels((2, 5, 3))),
    ("nll_loss", {}, logits_and_labels((5,))),
    *[
        (name, {"reduction": r, **more}, normal((3, 4), (3, 4)))
        for name, more in [
            ("mse_loss", {}),
            ("l1_loss", {}),
            ("smooth_l1_loss", {}),
            ("smooth_l1_loss", {"beta": 0.3}),
            ("smooth_l1_loss", {"beta": 0.0}),
            ("huber_loss", {"delta": 0.7}),
        ]
        for r in REDUCTIONS
    ],
    *[
        ("binary_cross_entropy", {"reduction": r}, probabilities((3, 4), (3, 4)))
        for r in REDUCTIONS
    ],
    *[
        ("binary_cross_entropy_with_logits", {"reduction": r}, normal((3, 4), (3, 4)))
        for r in REDUCTIONS
    ],
    *[("kl_div", {"reduction": r}, log_probabilities) for r in [*REDUCTIONS, "batchmean"]],
    ("kl_div", {"reduction": "batchmean", "log_target": True}, both_logarithms),
]
LOOKUP = [
    ("embedding", {}, lambda rng: [rng.integers(0, 7, (3, 4)), rng.standard_normal((7, 5))]),
    (
        "embedding",
        {"padding_idx": -2},
        lambda rng: [rng.integers(0, 7, (9,)), rng.standard_normal((7, 5))],
    ),
    (
        "embedding",
        {"scale_grad_by_freq": True, "padding_idx": 1},
        lambda rng: [rng.integers(0, 4, (3, 4)), rng.standard_normal((7, 5))],
    ),
]
FAMILIES = {
    "activation": ACTIVATIONS,
    "linear": LINEAR,
    "loss": LOSSES,
    "embedding": LOOKUP,
}
NOT_DIFFERENTIATED = {"cross_entropy": 2, "nll_loss": 2}  # class weights


def label(case):
    name, options, _ = case
    return "-".join([name, *map(str, options.values())])


def arrays_of(case, dtype=np.float64):
    """Return the arrays that go into a call, the same in every run."""
    name, options, make = case
    arrays = make(np.random.default_rng(sum(map(ord, name)) + len(options)))
    return [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]


def outcome(functional, tensor, case, dtype=np.float64):
    """Return the output of a call and the gradient of each input that has one.

    `functional` is the module of functions, `tensor(array, requires_grad)` makes its tensors.
    """
    name, options, _ = case
    last = NOT_DIFFERENTIATED.get(name, 9)
    inputs = [
        tensor(a, a.dtype.kind == "f" and i < last) for i, a in enumerate(arrays_of(case, dtype))
    ]
    y = getattr(functional, name)(*inputs, **options)
    dy = np.random.default_rng(7).standard_normal(tuple(y.shape)).astype(dtype)
    y.backward(tensor(np.asarray(dy), False))
    found = {"y": y.detach().numpy()}
    for i, t in enumerate(inputs):
        if t.requires_grad:
            found[f"d{i}"] = t.grad.numpy()
    return found


def key(family, i, name):
    return f"{family}.{i}.{name}"
