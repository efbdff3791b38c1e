"""The generators: scikit-learn's data for the same seed, their definitions, their errors."""

import numpy as np
import pytest

from scratchml import datasets

CASES = [
    ("make_classification", {}),
    ("make_classification", {"n_samples": 1, "n_features": 4}),
    (
        "make_classification",
        {"n_informative": 5, "n_redundant": 3, "n_repeated": 4, "n_classes": 3},
    ),
    ("make_classification", {"n_features": 50, "n_informative": 40, "n_clusters_per_class": 3}),
    ("make_classification", {"n_features": 30, "n_informative": 12, "shift": None, "scale": None}),
    ("make_classification", {"weights": [0.9], "hypercube": False, "class_sep": 0.3}),
    ("make_classification", {"weights": [0.7, 0.6], "flip_y": 0}),
    ("make_classification", {"weights": np.array([0.2, 0.3]), "n_classes": 3, "n_informative": 3}),
    ("make_classification", {"shuffle": False, "flip_y": 0.5, "n_samples": 203}),
    (
        "make_classification",
        {"shift": np.arange(20.0), "scale": np.arange(1.0, 21), "n_samples": 7},
    ),
    ("make_regression", {}),
    ("make_regression", {"n_samples": 1, "n_features": 1, "n_informative": 1}),
    ("make_regression", {"n_targets": 3, "noise": 2.0, "bias": 4.0, "coef": True}),
    ("make_regression", {"n_targets": 2, "bias": -1.0, "n_informative": 0}),
    ("make_regression", {"n_features": 3, "shuffle": False, "coef": True}),
    ("make_blobs", {}),
    ("make_blobs", {"n_samples": 1, "n_features": 1}),
    ("make_blobs", {"n_samples": 11, "centers": 4, "n_features": 3, "return_centers": True}),
    ("make_blobs", {"n_samples": [3, 0, 5], "cluster_std": [0.1, 1.0, 5.0]}),
    ("make_blobs", {"n_samples": (3, 4), "centers": [[0, 1, 2], [3, 4, 5]], "shuffle": False}),
    ("make_blobs", {"centers": np.eye(2), "center_box": (0, 1)}),
    ("make_moons", {}),
    ("make_moons", {"n_samples": 7, "noise": 0.1}),
    ("make_moons", {"n_samples": (3, 5), "shuffle": False, "noise": 0.0}),
    ("make_circles", {}),
    ("make_circles", {"n_samples": 7, "noise": 0.1, "factor": 0.2}),
    ("make_circles", {"n_samples": (0, 5), "shuffle": False}),
]


def _arrays(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.peer
@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_equals_scikit_learn_bit_for_bit(name, options, seed):
    peer = pytest.importorskip("sklearn.datasets")
    ours = _arrays(getattr(datasets, name)(**options, random_state=seed))
    theirs = _arrays(getattr(peer, name)(**options, random_state=seed))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        assert a.flags.c_contiguous
        np.testing.assert_array_equal(a, b)


@pytest.mark.peer
@pytest.mark.parametrize("shape", [(30, 20), (20, 30), (1, 5)])
def test_low_rank_equals_scikit_learn_to_rounding(shape):
    peer = pytest.importorskip("sklearn.datasets")
    options = {"effective_rank": 4, "tail_strength": 0.3, "random_state": 3}
    ours = datasets.make_low_rank_matrix(*shape, **options)
    # two builds of LAPACK factor the same random matrix; the result has norm 1
    np.testing.assert_allclose(ours, peer.make_low_rank_matrix(*shape, **options), atol=1e-13)
    X, y, w = datasets.make_regression(*shape, coef=True, n_informative=3, **options)
    X_peer, y_peer, w_peer = peer.make_regression(*shape, coef=True, n_informative=3, **options)
    np.testing.assert_array_equal(w, w_peer)
    np.testing.assert_allclose(X, X_peer, atol=1e-13)
    np.testing.assert_allclose(y, y_peer, atol=1e-11)  # coefficients reach 100


# first entries for seed 0, from scikit-learn 1.9.1: they hold where it is not installed
STORED = {
    "make_blobs": (
        449.4225445690139,
        [2.631858338047819, 0.6893649043599419],
        [1, 0, 1, 0, 0, 0],
    ),
    "make_circles": (
        114.55385743358626,
        [-0.9921147013144779, -0.12533323356430429],
        [0, 1, 0, 1, 1, 1],
    ),
    "make_classification": (
        1675.149721557245,
        [-0.039267991037953184, 0.1319117557874122],
        [0, 0, 1, 1, 1, 0],
    ),
    "make_moons": (
        128.56012874722066,
        [-0.09602302590768154, 0.9953791129491982],
        [0, 1, 0, 1, 1, 1],
    ),
    "make_regression": (
        7865.388050206191,
        [-1.5415873996717875, 0.22739277512112846],
        [
            58.99814990548228,
            -151.47230091199435,
            3.927746747499853,
            130.27583478070864,
            2.0472806018309555,
            101.58713779097451,
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(STORED))
def test_stored_figures(name):
    X, y = getattr(datasets, name)(random_state=0)
    total, first, labels = STORED[name]
    # not to the bit: BLAS and SIMD sums round differently from one processor to another
    assert np.abs(X).sum() == pytest.approx(total, rel=1e-12)
    assert X[0, :2].tolist() == pytest.approx(first, rel=1e-12)
    assert y[:6].tolist() == labels


def test_feature_info_says_what_a_column_is():
    b = datasets.make_classification(
        500, 12, n_informative=4, n_redundant=3, n_repeated=2, random_state=0, return_X_y=False
    )
    kinds = np.array(b.feature_info)
    assert [(kinds == k).sum() for k in ("informative", "redundant", "repeated", "random")] == [
        4, 3, 2, 3,
    ]  # fmt: skip
    useful = b.X[:, np.isin(kinds, ["informative", "redundant"])]
    assert np.linalg.matrix_rank(useful) == 4
    for column in b.X[:, kinds == "repeated"].T:
        assert (useful == column[:, None]).all(axis=0).any()
    assert b.parameters["n_redundant"] == 3
    assert "random_state" in b.parameters


def test_blobs_have_the_moments_asked_for():
    centers, stds = np.array([[0.0, 5.0], [3.0, -2.0]]), np.array([0.5, 2.0])
    X, y = datasets.make_blobs(40_000, centers=centers, cluster_std=stds, random_state=0)
    for k in range(2):
        n = (y == k).sum()
        assert n == 20_000
        # five standard errors of a mean and of a standard deviation
        assert np.abs(X[y == k].mean(axis=0) - centers[k]).max() < 5 * stds[k] / n**0.5
        assert np.abs(X[y == k].std(axis=0) - stds[k]).max() < 5 * stds[k] / (2 * n) ** 0.5


def test_low_rank_has_the_singular_values_of_its_definition():
    r, t = 3, 0.4
    X = datasets.make_low_rank_matrix(40, 25, effective_rank=r, tail_strength=t, random_state=1)
    i = np.arange(25)
    expected = (1 - t) * np.exp(-((i / r) ** 2)) + t * np.exp(-0.1 * i / r)
    np.testing.assert_allclose(np.linalg.svd(X, compute_uv=False), expected, rtol=1e-12)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_every_kind_of_seed(name):
    make = getattr(datasets, name)
    X = make(random_state=7)[0]
    np.testing.assert_array_equal(make(random_state=np.random.RandomState(7))[0], X)
    np.testing.assert_array_equal(make(random_state=np.int64(7))[0], X)
    generator = np.random.default_rng(7)
    first, second = make(random_state=generator)[0], make(random_state=generator)[0]
    np.testing.assert_array_equal(make(random_state=np.random.default_rng(7))[0], first)
    assert not np.array_equal(first, second)
    assert not np.array_equal(make()[0], make()[0])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("make_classification", {"n_samples": 0}, r"'n_samples' .* Got 0"),
        ("make_classification", {"n_samples": 10.0}, r"'n_samples' .* Got 10.0"),
        ("make_classification", {"n_features": 3}, "4 of n_features=3"),
        ("make_classification", {"n_classes": 3}, r"= 6 must be .* = 4"),
        ("make_classification", {"weights": [0.1, 0.2, 0.7]}, "weights .* got 3"),
        ("make_classification", {"weights": [1.5]}, "weights must be shares"),
        ("make_classification", {"weights": [np.nan]}, "weights contains NaN"),
        ("make_classification", {"flip_y": 1.1}, r"'flip_y' .* Got 1.1"),
        ("make_classification", {"class_sep": 0}, r"'class_sep' .* Got 0"),
        ("make_classification", {"shift": [1.0, 2.0]}, "shift must have n_features=20"),
        ("make_classification", {"scale": -1.0}, r"'scale' .* Got -1.0"),
        ("make_classification", {"random_state": -1}, r"'random_state' .* Got -1"),
        ("make_classification", {"random_state": "a"}, r"'random_state' .* Got 'a'"),
        ("make_classification", {"shuffle": 2}, r"'shuffle' .* Got 2"),
        ("make_regression", {"n_targets": 0}, r"'n_targets' .* Got 0"),
        ("make_regression", {"noise": -1}, r"'noise' .* Got -1"),
        ("make_regression", {"bias": [1.0, 2.0]}, r"'bias' .* Got \[1.0, 2.0\]"),
        ("make_regression", {"effective_rank": 0}, r"'effective_rank' .* Got 0"),
        ("make_low_rank_matrix", {"effective_rank": None}, r"'effective_rank' .* Got None"),
        ("make_low_rank_matrix", {"tail_strength": 2}, r"'tail_strength' .* Got 2"),
        ("make_blobs", {"n_samples": [1, -1]}, "n_samples must hold"),
        ("make_blobs", {"n_samples": [1.5]}, "n_samples must hold"),
        ("make_blobs", {"n_samples": [1, 2], "centers": 2}, "`centers` must be array-like"),
        ("make_blobs", {"n_samples": [1, 2], "centers": [[0.0]]}, "not consistent"),
        ("make_blobs", {"cluster_std": [1.0, 2.0]}, "`cluster_std` not consistent"),
        ("make_blobs", {"cluster_std": [1.0, -2.0, 1.0]}, "cluster_std must not be negative"),
        ("make_blobs", {"centers": [[np.inf]]}, "centers contains inf"),
        ("make_blobs", {"center_box": 3}, r"'center_box' .* Got 3"),
        ("make_moons", {"n_samples": 0}, r"'n_samples' .* Got 0"),
        ("make_moons", {"n_samples": (1, 2, 3)}, r"'n_samples' .* Got \(1, 2, 3\)"),
        ("make_moons", {"noise": np.nan}, r"'noise' .* Got nan"),
        ("make_circles", {"factor": 1.0}, r"'factor' .* Got 1.0"),
        ("make_circles", {"n_samples": (-1, 2)}, r"'n_samples' .* Got \(-1, 2\)"),
    ],
)
def test_errors_name_parameter_rule_and_value(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(datasets, name)(**options)
