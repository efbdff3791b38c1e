"""Layers and inputs that are compared with PyTorch's: (class, arguments, options, input shapes)."""

CONVOLUTIONS = [
    ("Conv1d", (3, 6, 5), {}, [(2, 3, 16)]),
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2, "bias": False}, [(2, 4, 9)]),
    ("Conv2d", (3, 6, 5), {}, [(2, 3, 12, 12)]),
    ("Conv2d", (3, 6, 5), {}, [(3, 12, 12)]),
    ("Conv2d", (3, 4, (3, 2)), {"padding": "same", "dilation": (1, 2)}, [(2, 3, 7, 8)]),
    ("Conv2d", (4, 4, 3), {"groups": 4, "padding": (1, 0), "stride": (2, 1)}, [(2, 4, 7, 8)]),
    ("Conv3d", (2, 3, 3), {"padding": 1}, [(2, 2, 5, 4, 3)]),
    ("ConvTranspose1d", (3, 4, 3), {"stride": 2, "output_padding": 1}, [(2, 3, 5)]),
    ("ConvTranspose2d", (3, 4, 3), {"stride": 2, "padding": 1}, [(2, 3, 5, 4)]),
    (
        "ConvTranspose2d",
        (4, 6, (3, 2)),
        {"groups": 2, "dilation": 2, "bias": False},
        [(2, 4, 5, 4)],
    ),
    ("ConvTranspose3d", (2, 3, 2), {"stride": (1, 2, 2)}, [(1, 2, 3, 3, 2)]),
]

PADDED = (
    [
        ("Conv1d", (3, 4, 4), {"padding": 3, "padding_mode": mode}, [(2, 3, 9)])
        for mode in ("reflect", "replicate", "circular")
    ]
    + [
        ("Conv2d", (3, 4, 3), {"padding": (2, 1), "padding_mode": mode}, [(2, 3, 6, 5)])
        for mode in ("reflect", "replicate", "circular")
    ]
    + [
        ("Conv2d", (3, 4, 4), {"padding": "same", "padding_mode": "reflect"}, [(2, 3, 6, 5)]),
        (
            "Conv3d",
            (1, 2, 3),
            {"padding": (1, 1, 0), "padding_mode": "circular"},
            [(1, 1, 3, 4, 3)],
        ),
    ]
)

POOLING = [
    ("MaxPool1d", (3,), {"stride": 2, "padding": 1}, [(2, 3, 9)]),
    ("MaxPool2d", (2,), {}, [(2, 3, 8, 8)]),
    ("MaxPool2d", ((3, 2),), {"stride": (2, 1), "padding": (1, 0), "ceil_mode": True}, [(3, 8, 7)]),
    ("MaxPool3d", (2,), {"dilation": 2}, [(2, 3, 4, 5, 6)]),
    ("AvgPool1d", (3,), {"padding": 1, "count_include_pad": False}, [(2, 3, 9)]),
    ("AvgPool2d", (2, 2), {}, [(2, 3, 8, 8)]),
    ("AvgPool2d", (3,), {"stride": 2, "padding": 1, "ceil_mode": True}, [(2, 3, 8, 8)]),
    ("AvgPool2d", (2,), {"divisor_override": 3}, [(2, 3, 8, 8)]),
    ("AvgPool3d", (2,), {}, [(2, 3, 4, 4, 4)]),
    ("AdaptiveAvgPool1d", (3,), {}, [(2, 3, 8)]),
    ("AdaptiveAvgPool2d", (1,), {}, [(2, 3, 8, 7)]),
    ("AdaptiveAvgPool2d", ((3, None),), {}, [(2, 3, 8, 7)]),
    ("AdaptiveAvgPool3d", ((2, 3, 1),), {}, [(1, 2, 4, 5, 6)]),
    ("AdaptiveMaxPool1d", (3,), {}, [(2, 3, 8)]),
    ("AdaptiveMaxPool2d", ((3, 2),), {}, [(2, 3, 8, 7)]),
    ("AdaptiveMaxPool3d", (2,), {}, [(1, 2, 4, 5, 6)]),
]

NORMALISATION = [
    ("BatchNorm1d", (5,), {}, [(6, 5)]),
    ("BatchNorm1d", (5,), {"momentum": None}, [(3, 5, 4)]),
    ("BatchNorm2d", (3,), {}, [(4, 3, 5, 6)]),
    ("BatchNorm2d", (3,), {"affine": False, "eps": 1e-3, "momentum": 0.3}, [(4, 3, 5, 6)]),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, [(4, 3, 5, 6)]),
    ("BatchNorm3d", (2,), {"bias": False}, [(3, 2, 3, 4, 2)]),
    ("InstanceNorm1d", (3,), {}, [(4, 3, 5)]),
    ("InstanceNorm1d", (3,), {}, [(3, 5)]),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, [(4, 3, 5, 6)]),
    ("InstanceNorm3d", (2,), {"affine": True}, [(2, 2, 3, 2, 4)]),
    ("LayerNorm", (6,), {}, [(4, 6)]),
    ("LayerNorm", ((3, 4),), {"bias": False}, [(2, 5, 3, 4)]),
    ("LayerNorm", ([4],), {"elementwise_affine": False, "eps": 1e-3}, [(2, 4)]),
    ("GroupNorm", (2, 6), {}, [(3, 6, 4, 5)]),
    ("GroupNorm", (3, 6), {"affine": False}, [(3, 6)]),
    ("RMSNorm", (6,), {}, [(4, 6)]),
    ("RMSNorm", ([3, 4],), {"eps": 1e-3, "elementwise_affine": False}, [(2, 3, 4)]),
]

ACTIVATIONS = [
    (name, args, options, [(3, 4)])
    for name, args, options in [
        ("ReLU", (), {}),
        ("ReLU", (True,), {}),
        ("ReLU6", (), {}),
        ("LeakyReLU", (0.2,), {}),
        ("RReLU", (), {}),
        ("ELU", (), {"alpha": 0.7}),
        ("CELU", (), {"alpha": 0.7}),
        ("SELU", (), {}),
        ("PReLU", (), {}),
        ("PReLU", (4,), {"init": 0.1}),
        ("Threshold", (0.3, 0.5), {}),
        ("Hardtanh", (-0.5, 0.6), {}),
        ("Hardshrink", (0.3,), {}),
        ("Softshrink", (0.3,), {}),
        ("Sigmoid", (), {}),
        ("LogSigmoid", (), {}),
        ("Hardsigmoid", (), {}),
        ("Tanh", (), {}),
        ("Tanhshrink", (), {}),
        ("Softsign", (), {}),
        ("Softplus", (), {"beta": 2, "threshold": 1.5}),
        ("SiLU", (), {}),
        ("Hardswish", (), {}),
        ("Mish", (), {}),
        ("GELU", (), {}),
        ("GELU", ("tanh",), {}),
        ("GLU", (), {}),
        ("Softmax", (1,), {}),
        ("LogSoftmax", (), {"dim": 0}),
        ("Softmin", (1,), {}),
    ]
] + [("Softmax2d", (), {}, [(2, 3, 4, 5)])]

OTHERS = [
    ("Identity", (5,), {"x": 1}, [(2, 3)]),
    ("Linear", (5, 4), {}, [(3, 5)]),
    ("Linear", (5, 4), {"bias": False}, [(2, 3, 5)]),
    ("Bilinear", (3, 4, 5), {}, [(2, 3), (2, 4)]),
    ("Flatten", (), {}, [(2, 3, 4, 5)]),
    ("Flatten", (0, 1), {}, [(2, 3, 4, 5)]),
    ("Unflatten", (1, (2, 3)), {}, [(4, 6)]),
    ("Dropout", (0.3,), {}, [(4, 6)]),
    ("Dropout", (0.3, True), {}, [(4, 6)]),
    ("Dropout1d", (), {}, [(4, 6, 3)]),
    ("Dropout2d", (), {}, [(4, 6, 3, 2)]),
    ("Dropout3d", (), {}, [(4, 6, 3, 2, 2)]),
    ("Embedding", (10, 4), {}, ["indices"]),
    ("Embedding", (10, 4), {"padding_idx": 2, "max_norm": 1.5}, ["indices"]),
    ("Embedding", (10, 4), {"padding_idx": -1, "scale_grad_by_freq": True}, ["indices"]),
]

BORDERS = [
    (f"{kind}Pad{axes}d", (2, *more) if axes < 3 else ((1, 0, 2, 1, 0, 2), *more), {}, [shape])
    for kind, more in (
        ("Constant", (1.5,)),
        ("Zero", ()),
        ("Reflection", ()),
        ("Replication", ()),
        ("Circular", ()),
    )
    for axes, shape in ((1, (2, 3, 4)), (2, (2, 3, 4, 3)), (3, (1, 2, 3, 4, 3)))
]

FURTHER = [
    ("AlphaDropout", (0.3,), {}, [(4, 6)]),
    ("FeatureAlphaDropout", (), {}, [(4, 6, 3)]),
    ("LocalResponseNorm", (3,), {"alpha": 0.1}, [(2, 5, 3, 4)]),
    ("Unfold", ((2, 3),), {"padding": 1}, [(2, 3, 4, 5)]),
    ("Fold", ((4, 5), 2), {"stride": (1, 1)}, [(2, 12, 12)]),
    ("Upsample", (), {"scale_factor": 2}, [(2, 3, 4)]),
    ("Upsample", ((5, 6),), {"mode": "bilinear"}, [(2, 3, 4, 5)]),
    ("Upsample", (), {"scale_factor": (1.5, 2), "mode": "nearest"}, [(2, 3, 4, 5)]),
    ("Upsample", (7,), {"mode": "linear", "align_corners": True}, [(2, 3, 4)]),
    ("CosineSimilarity", (), {}, [(4, 6), (4, 6)]),
    ("CosineSimilarity", (2,), {}, [(4, 2, 6), (4, 2, 6)]),
    ("PairwiseDistance", (), {}, [(4, 6), (4, 6)]),
    ("PairwiseDistance", (1,), {"keepdim": True}, [(4, 6), (4, 6)]),
]

LAYERS = CONVOLUTIONS + PADDED + POOLING + NORMALISATION + ACTIVATIONS + OTHERS + BORDERS + FURTHER

# Layers whose fresh weights are compared with PyTorch's after the same manual_seed.
FRESH = [
    ("Linear", (3, 4), {}),
    ("Linear", (20, 10), {"bias": False}),
    ("Bilinear", (3, 4, 5), {}),
    ("Conv1d", (3, 4, 5), {}),
    ("Conv2d", (3, 6, 5), {}),
    ("Conv2d", (4, 6, 3), {"groups": 2}),
    ("Conv3d", (2, 3, 2), {}),
    ("ConvTranspose2d", (3, 4, 3), {}),
    ("ConvTranspose1d", (4, 6, 3), {"groups": 2}),
    ("Embedding", (5, 3), {}),  # less than 16 numbers are drawn one by one
    ("Embedding", (10, 5), {"padding_idx": 3}),
]

# (class, options, kind of input, kind of target); kinds are made by `tests.nn.test_losses`
LOSSES = [
    ("MSELoss", {}, "numbers", "numbers"),
    ("L1Loss", {"reduction": "sum"}, "numbers", "numbers"),
    ("SmoothL1Loss", {"beta": 0.3}, "numbers", "numbers"),
    ("HuberLoss", {"delta": 0.5, "reduction": "none"}, "numbers", "numbers"),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "ignore_index": 2}, "numbers", "labels"),
    ("CrossEntropyLoss", {"weight": 5}, "numbers", "labels"),
    ("CrossEntropyLoss", {"weight": 5, "reduction": "sum"}, "numbers", "distribution"),
    ("NLLLoss", {"weight": 5, "ignore_index": 1}, "logarithms", "labels"),
    ("BCELoss", {}, "probabilities", "probabilities"),
    ("BCELoss", {"weight": 5}, "probabilities", "probabilities"),
    ("BCEWithLogitsLoss", {"pos_weight": 5}, "numbers", "probabilities"),
    ("KLDivLoss", {"reduction": "batchmean"}, "logarithms", "distribution"),
    ("KLDivLoss", {"reduction": "sum", "log_target": True}, "logarithms", "logarithms"),
    ("PoissonNLLLoss", {}, "numbers", "positive"),
    ("PoissonNLLLoss", {"log_input": False, "full": True}, "positive", "positive"),
    ("GaussianNLLLoss", {"full": True, "reduction": "sum"}, "numbers", "numbers", "positive"),
    ("SoftMarginLoss", {}, "numbers", "signs"),
    ("HingeEmbeddingLoss", {"margin": 0.7}, "numbers", "signs"),
    ("MarginRankingLoss", {"margin": 0.2}, "numbers", "numbers", "signs"),
    ("CosineEmbeddingLoss", {"margin": 0.1, "reduction": "none"}, "numbers", "numbers", "sign"),
    ("TripletMarginLoss", {"swap": True}, "numbers", "numbers", "numbers"),
    ("TripletMarginLoss", {"p": 1, "margin": 2.0}, "numbers", "numbers", "numbers"),
]


def label(case):
    """Return a readable id of a case."""
    name, args, options, *_ = case
    if isinstance(args, dict):
        args, options = (), args
    parts = [*map(str, args), *(f"{k}={v}" for k, v in options.items())]
    return f"{name}({', '.join(parts)})"
