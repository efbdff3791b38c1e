"""ROC, AUC, precision-recall and probabilities: by hand, by counting pairs, invariant, live."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.metrics as ours
from scratchml._core.exceptions import UndefinedMetricWarning


@st.composite
def ranked(draw, with_weight=True):
    """0/1 labels of which both occur, scores with many ties, weights or None."""
    n = draw(st.integers(2, 25))
    y = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n).map(np.array))
    y[:2] = 0, 1
    # quarters: exact in float64, and few enough to tie
    score = draw(st.lists(st.integers(-6, 6), min_size=n, max_size=n).map(np.array)) / 4
    weight = st.lists(st.integers(0, 3), min_size=n, max_size=n).map(np.array)
    w = draw(st.none() | weight) if with_weight else None
    if w is not None:
        w[:2] = 1
    return y, score, w


def pair_counting(y, score, w):
    """The definition: the share of (positive, negative) pairs in order, ties half."""
    w = np.ones(len(y)) if w is None else w
    right = total = 0.0
    for i, j in product(np.flatnonzero(y == 1), np.flatnonzero(y == 0)):
        total += w[i] * w[j]
        right += w[i] * w[j] * ((score[i] > score[j]) + (score[i] == score[j]) / 2)
    return right / total


def test_by_hand():
    y, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    assert ours.roc_auc_score(y, score) == 0.75
    assert ours.roc_auc_score(["no", "no", "yes", "yes"], score) == 0.75
    assert ours.roc_auc_score(y, [1, 1, 1, 1]) == 0.5
    assert ours.average_precision_score(y, score) == pytest.approx(0.5 + 0.5 * 2 / 3, abs=1e-16)
    assert ours.brier_score_loss(y, score) == pytest.approx(
        (0.01 + 0.16 + 0.65**2 + 0.04) / 4, abs=1e-16
    )
    assert ours.log_loss(y, score) == pytest.approx(
        -np.mean(np.log([0.9, 0.6, 0.35, 0.8])), abs=2e-16
    )
    # max_fpr = 1/2: the curve runs (0, 0), (0, 1/2), (1/2, 1/2): area 1/4 of at most 1/2
    assert ours.roc_auc_score(y, score, max_fpr=0.5) == pytest.approx(
        (1 + (1 / 4 - 1 / 8) / (1 / 2 - 1 / 8)) / 2, abs=2e-16
    )


@given(ranked())
def test_auc_counts_pairs(data):
    y, score, w = data
    exact = pair_counting(y, score, w)  # integers and halves below 2^53, one division
    found = ours.roc_auc_score(y, score, sample_weight=w)
    if w is None:
        assert found == exact
    else:
        assert found == pytest.approx(exact, abs=1e-14)  # by trapezoids


@given(ranked())
def test_auc_is_the_area_under_the_curve(data):
    y, score, w = data
    for drop in (True, False):
        fpr, tpr, thresholds = ours.roc_curve(y, score, sample_weight=w, drop_intermediate=drop)
        assert ours.auc(fpr, tpr) == pytest.approx(
            ours.roc_auc_score(y, score, sample_weight=w), abs=1e-14
        )
        assert fpr[0] == tpr[0] == 0
        assert fpr[-1] == tpr[-1] == 1
        assert (np.diff(fpr) >= 0).all()
        assert (np.diff(tpr) >= 0).all()
        assert (np.diff(thresholds) < 0).all()


@given(ranked())
def test_only_the_order_of_scores_matters(data):
    y, score, w = data
    auc = ours.roc_auc_score(y, score, sample_weight=w)
    assert ours.roc_auc_score(y, np.exp(score), sample_weight=w) == auc
    assert ours.roc_auc_score(y, 8 * score - 3, sample_weight=w) == auc
    assert ours.roc_auc_score(1 - y, -score, sample_weight=w) == pytest.approx(auc, abs=1e-14)
    assert ours.roc_auc_score(y, -score, sample_weight=w) == pytest.approx(1 - auc, abs=1e-14)


@given(ranked())
def test_repeated_rows_are_weights(data):
    y, score, w = data
    if w is None:
        return
    yy, ss = np.repeat(y, w), np.repeat(score, w)
    assert ours.roc_auc_score(yy, ss) == pytest.approx(
        ours.roc_auc_score(y, score, sample_weight=w), abs=1e-14
    )
    assert ours.average_precision_score(yy, ss) == pytest.approx(
        ours.average_precision_score(y, score, sample_weight=w), abs=1e-14
    )


def test_one_against_one_by_definition():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 60)
    p = rng.dirichlet(np.ones(4), 60).round(1)
    p /= p.sum(axis=1, keepdims=True)
    pairs, sizes = [], []
    for a in range(4):
        for b in range(a + 1, 4):
            kept = (y == a) | (y == b)
            first = pair_counting((y[kept] == a).astype(int), p[kept, a], None)
            second = pair_counting((y[kept] == b).astype(int), p[kept, b], None)
            pairs.append((first + second) / 2)
            sizes.append(kept.sum())
    found = ours.roc_auc_score(y, p, multi_class="ovo")
    assert found == pytest.approx(np.mean(pairs), abs=1e-15)
    found = ours.roc_auc_score(y, p, multi_class="ovo", average="weighted")
    assert found == pytest.approx(np.average(pairs, weights=sizes), abs=1e-15)
    each = ours.roc_auc_score(y, p, multi_class="ovr", average=None)
    expected = [pair_counting((y == k).astype(int), p[:, k], None) for k in range(4)]
    assert each.tolist() == expected


def test_one_class():
    with pytest.warns(UndefinedMetricWarning, match="Only one class"):
        assert np.isnan(ours.roc_auc_score([1, 1], [0.1, 0.2]))
    with pytest.warns(UndefinedMetricWarning, match="No negative samples"):
        fpr, _, _ = ours.roc_curve([1, 1], [0.1, 0.2])
    assert np.isnan(fpr).all()
    with pytest.warns(UserWarning, match="No positive class"):
        assert ours.average_precision_score([0, 0], [0.1, 0.2]) == 0.0
    with pytest.raises(ValueError, match="only one label"):
        ours.log_loss([1, 1], [0.1, 0.2])
    assert ours.log_loss([1, 1], [0.5, 0.5], labels=[0, 1]) == pytest.approx(np.log(2), abs=1e-16)


def test_log_loss_at_zero_and_one_is_finite():
    eps = np.finfo(float).eps
    assert ours.log_loss([0, 1], [1.0, 0.0]) == pytest.approx(-np.log(eps), rel=1e-15)
    assert ours.log_loss([0, 1], [0.0, 1.0]) == pytest.approx(eps, rel=1e-15)
    narrow = ours.log_loss([0, 1], np.array([1, 0], dtype=np.float32))
    assert narrow == pytest.approx(-np.log(np.finfo(np.float32).eps), rel=1e-6)


BAD = [
    (ours.roc_auc_score, ([0, 1], [0.1]), "inconsistent"),
    (ours.roc_auc_score, ([0, 1], [np.nan, 1]), "NaN"),
    (ours.roc_auc_score, ([0, 1], [np.inf, 1]), "infinity"),
    (ours.roc_auc_score, ([0.5, 1.5], [0.1, 1]), "continuous format is not supported"),
    (ours.roc_auc_score, ([0, 1, 2], [0.1, 0.2, 0.3]), "multi_class must be in"),
    (ours.roc_auc_score, ([], []), "minimum of 1 is required"),
    (ours.roc_curve, ([0, 1, 2], [0.1, 0.2, 0.3]), "multiclass format is not supported"),
    (ours.roc_curve, (["a", "b"], [0.1, 0.2]), "pos_label is not specified"),
    (ours.roc_curve, ([0, 1], [np.nan, 0.2]), "NaN"),
    (ours.precision_recall_curve, ([0, 1], [0.1, 0.2, 0.3]), "inconsistent"),
    (ours.average_precision_score, (["a", "b"], [0.1, 0.2]), "pos_label=1 is not a valid label"),
    (ours.log_loss, ([0, 1], [0.1, 1.2]), "greater than 1"),
    (ours.log_loss, ([0, 1], [-0.1, 0.2]), "lower than 0"),
    (ours.log_loss, ([0, 1], [np.nan, 0.2]), "NaN"),
    (ours.log_loss, ([0, 1, 2], [0.1, 0.2, 0.3]), "different number of classes"),
    (ours.log_loss, ([[1, 1], [0, 1]], [[0.5, 0.5], [0.5, 0.5]]), "one 1 in each row"),
    (ours.brier_score_loss, (["a", "b"], [0.1, 0.2]), "pos_label is not specified"),
    (ours.auc, ([1], [1]), "At least 2 points"),
    (ours.auc, ([0, 2, 1], [0, 1, 2]), "neither increasing nor decreasing"),
]


@pytest.mark.parametrize(("metric", "args", "match"), BAD)
def test_bad_input(metric, args, match):
    with pytest.raises(ValueError, match=match):
        metric(*args)


def test_rows_that_do_not_sum_to_one():
    with pytest.warns(UserWarning, match="do not sum to one"):
        ours.log_loss([0, 1], [[0.5, 0.4], [0.5, 0.5]])


@pytest.mark.peer
@given(ranked(), st.booleans())
def test_live_curves(data, drop):
    theirs = pytest.importorskip("sklearn.metrics")
    y, score, w = data
    for name in ("roc_curve", "precision_recall_curve"):
        options = {"sample_weight": w, "drop_intermediate": drop}
        a = getattr(ours, name)(y, score, **options)
        b = getattr(theirs, name)(y, score, **options)
        for mine, reference in zip(a, b, strict=True):
            np.testing.assert_array_equal(mine, reference)
    for max_fpr in (None, 0.3, 1.0):
        a = ours.roc_auc_score(y, score, sample_weight=w, max_fpr=max_fpr)
        b = theirs.roc_auc_score(y, score, sample_weight=w, max_fpr=max_fpr)
        assert a == pytest.approx(b, abs=1e-15)
    assert ours.average_precision_score(y, score, sample_weight=w) == pytest.approx(
        theirs.average_precision_score(y, score, sample_weight=w), abs=1e-15
    )


@pytest.mark.peer
@given(st.integers(0, 2**31), st.integers(2, 5), st.booleans(), st.booleans())
def test_live_probabilities(seed, k, weighted, narrow):
    theirs = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    n = int(rng.integers(k, 40))
    y = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    p = rng.dirichlet(np.full(k, 0.3), n)
    if narrow:
        p = p.astype(np.float32)
    w = rng.random(n) + 0.1 if weighted else None
    rel = 2e-6 if narrow else 1e-15
    for name in ("log_loss", "brier_score_loss"):
        a = getattr(ours, name)(y, p, sample_weight=w)
        assert a == pytest.approx(getattr(theirs, name)(y, p, sample_weight=w), rel=rel)
    if k > 2 and not narrow:
        for average in ("macro", "weighted", "micro", None):
            options = {"multi_class": "ovr", "average": average, "sample_weight": w}
            np.testing.assert_allclose(
                ours.roc_auc_score(y, p, **options),
                theirs.roc_auc_score(y, p, **options),
                rtol=0,
                atol=1e-15,
            )


@pytest.mark.peer
@given(st.integers(0, 2**31), st.sampled_from(["macro", "micro", "weighted", "samples", None]))
def test_live_multilabel(seed, average):
    theirs = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, (12, 3))
    y[:2] = [[0, 1, 0], [1, 0, 1]]
    y[:, 0] ^= (y.sum(axis=1) % 3) == 0  # no row of one value only
    score = rng.integers(0, 6, (12, 3)) / 8
    for name in ("roc_auc_score", "average_precision_score"):
        np.testing.assert_allclose(
            getattr(ours, name)(y, score, average=average),
            getattr(theirs, name)(y, score, average=average),
            rtol=0,
            atol=1e-15,
        )
