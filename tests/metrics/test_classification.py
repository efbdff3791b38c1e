"""Accuracy, confusion matrices, precision and recall: by hand, by definition, invariant, live."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.metrics as ours

AVERAGES = ["micro", "macro", "weighted", None]
# Sums of the same terms in another order differ by a few rounding errors of numbers below 1.
EPS = 4e-15


@st.composite
def labelled(draw, min_size=1, max_size=30):
    """True and predicted labels of one kind, with weights or None."""
    n = draw(st.integers(min_size, max_size))
    alphabet = draw(
        st.sampled_from(
            [
                np.array([0, 1]),
                np.array([-3, 0, 7]),
                np.array([10**12, -5, 3]),
                np.array(["a", "bb", "c"]),
                np.array([1.0, 2.0, -1.0]),
                np.array([False, True]),
                np.array(["x", "y"], dtype=object),
                np.arange(6, dtype=np.uint8),
            ]
        )
    )
    codes = st.lists(st.integers(0, len(alphabet) - 1), min_size=n, max_size=n)
    y, p = alphabet[draw(codes)], alphabet[draw(codes)]
    weight = st.lists(st.floats(0.015625, 4), min_size=n, max_size=n).map(np.array)
    return y, p, draw(st.none() | weight)


def slow_confusion(y, p, w, labels):
    """The definition, one sample at a time."""
    matrix = np.zeros((len(labels), len(labels)))
    for a, b, weight in zip(y, p, np.ones(len(y)) if w is None else w, strict=True):
        if a in labels and b in labels:
            matrix[labels.index(a), labels.index(b)] += weight
    return matrix


def slow_scores(y, p, w, label):
    """Precision, recall and F1 of one label, one sample at a time; 0/0 is 0."""
    tp = fp = fn = 0.0
    for a, b, weight in zip(y, p, np.ones(len(y)) if w is None else w, strict=True):
        tp += weight * (a == label and b == label)
        fp += weight * (a != label and b == label)
        fn += weight * (a == label and b != label)
    return (
        tp / (tp + fp) if tp + fp else 0.0,
        tp / (tp + fn) if tp + fn else 0.0,
        2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0,
    )


def test_by_hand():
    y, p = [0, 1, 2, 2, 1, 0], [0, 2, 2, 2, 1, 1]
    assert ours.accuracy_score(y, p) == 4 / 6
    assert ours.accuracy_score(y, p, normalize=False) == 4.0
    assert ours.accuracy_score(y, p, sample_weight=[1, 1, 1, 1, 1, 3]) == 4 / 8
    np.testing.assert_array_equal(ours.confusion_matrix(y, p), [[1, 1, 0], [0, 1, 1], [0, 0, 2]])
    assert ours.balanced_accuracy_score(y, p) == pytest.approx((1 / 2 + 1 / 2 + 1) / 3, abs=1e-16)
    assert ours.balanced_accuracy_score(y, p, adjusted=True) == pytest.approx(0.5, abs=1e-15)
    precision, recall, f1, support = ours.precision_recall_fscore_support(y, p)
    np.testing.assert_array_equal(precision, [1, 1 / 2, 2 / 3])
    np.testing.assert_array_equal(recall, [1 / 2, 1 / 2, 1])
    np.testing.assert_array_equal(f1, [2 / 3, 1 / 2, 4 / 5])
    np.testing.assert_array_equal(support, [2, 2, 2])


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(labelled())
def test_definition(data):
    y, p, w = data
    labels = sorted(set(y.tolist()) | set(p.tolist()))
    expected = slow_confusion(y.tolist(), p.tolist(), w, labels)
    found = ours.confusion_matrix(y, p, labels=np.array(labels), sample_weight=w)
    np.testing.assert_allclose(found, expected, rtol=EPS)
    total = expected.sum()
    accuracy = ours.accuracy_score(y, p, sample_weight=w)
    assert accuracy == pytest.approx(np.trace(expected) / total, rel=EPS)
    scores = ours.precision_recall_fscore_support(y, p, sample_weight=w, zero_division=0)
    slow = np.array([slow_scores(y.tolist(), p.tolist(), w, label) for label in labels]).T
    np.testing.assert_allclose(scores[:3], slow, rtol=EPS, atol=EPS)
    macro = ours.precision_recall_fscore_support(
        y, p, sample_weight=w, average="macro", zero_division=0
    )
    np.testing.assert_allclose(macro[:3], slow.mean(axis=1), rtol=EPS, atol=EPS)


@given(labelled(), st.randoms(use_true_random=False))
def test_order_of_samples_does_not_matter(data, random):
    y, p, w = data
    order = list(range(len(y)))
    random.shuffle(order)
    shuffled = None if w is None else w[order]
    for average in AVERAGES:
        a = ours.f1_score(y, p, average=average, sample_weight=w, zero_division=0)
        b = ours.f1_score(
            y[order], p[order], average=average, sample_weight=shuffled, zero_division=0
        )
        np.testing.assert_allclose(a, b, rtol=EPS, atol=EPS)


@given(labelled(), st.data())
def test_repeated_rows_are_integer_weights(data, more):
    y, p, _ = data
    times = np.array(more.draw(st.lists(st.integers(1, 4), min_size=len(y), max_size=len(y))))
    yy, pp = np.repeat(y, times), np.repeat(p, times)
    if len(set(y.tolist()) | set(p.tolist())) > 1:
        np.testing.assert_array_equal(
            ours.confusion_matrix(yy, pp), ours.confusion_matrix(y, p, sample_weight=times)
        )
    assert ours.accuracy_score(yy, pp) == ours.accuracy_score(y, p, sample_weight=times)
    for average in AVERAGES:
        np.testing.assert_array_equal(
            ours.precision_score(yy, pp, average=average, zero_division=0),
            ours.precision_score(y, p, average=average, sample_weight=times, zero_division=0),
        )


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_names_of_labels_do_not_matter(pairs):
    y, p = np.array(pairs).T
    for names in (np.arange(5) * 7 - 11, np.array(list("abcde")), np.arange(5) / 1 + 10.0**9):
        for average in AVERAGES:
            np.testing.assert_array_equal(
                ours.f1_score(y, p, average=average, zero_division=0),
                ours.f1_score(names[y], names[p], average=average, zero_division=0),
            )


def test_integer_weights_are_summed_exactly():
    big = np.full(3, 2**53 + 1, dtype=np.int64)  # float64 cannot hold it
    matrix = ours.confusion_matrix([0, 1, 1], [0, 1, 1], sample_weight=big)
    assert matrix.dtype == np.int64
    assert matrix.tolist() == [[2**53 + 1, 0], [0, 2**54 + 2]]


def test_labels_select_and_order():
    y, p = ["a", "b", "c", "b"], ["a", "c", "c", "b"]
    matrix = ours.confusion_matrix(y, p, labels=["c", "b", "never"])
    assert matrix.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    recall = ours.recall_score(y, p, labels=["c", "b", "never"], average=None, zero_division=1)
    assert recall.tolist() == [1.0, 0.5, 1.0]


@pytest.mark.parametrize("how", ["true", "pred", "all"])
def test_normalized_confusion(how):
    y, p = [0, 0, 1, 2], [0, 1, 1, 1]
    matrix = ours.confusion_matrix(y, p, normalize=how)
    expected = {
        "true": [[0.5, 0.5, 0], [0, 1, 0], [0, 1, 0]],
        "pred": [[1, 1 / 3, 0], [0, 1 / 3, 0], [0, 1 / 3, 0]],
        "all": [[0.25, 0.25, 0], [0, 0.25, 0], [0, 0.25, 0]],
    }
    np.testing.assert_array_equal(matrix, expected[how])


def test_multilabel_by_hand():
    y = np.array([[1, 0, 1], [0, 1, 0]])
    p = np.array([[1, 1, 0], [0, 1, 0]])
    assert ours.accuracy_score(y, p) == 0.5
    assert ours.precision_score(y, p, average="samples") == (1 / 2 + 1) / 2
    assert ours.recall_score(y, p, average="micro") == 2 / 3
    assert ours.recall_score(y, p, average=None, zero_division=0).tolist() == [1, 1, 0]
    matrices = ours.multilabel_confusion_matrix(y, p)
    assert matrices.tolist() == [[[1, 0], [0, 1]], [[0, 1], [0, 1]], [[1, 0], [1, 0]]]


def test_zero_division():
    y, p = [0, 0], [0, 0]
    with pytest.warns(ours_warning(), match="no true nor predicted samples"):
        assert ours.f1_score(y, p) == 0.0
    assert ours.f1_score(y, p, zero_division=1) == 1.0
    assert np.isnan(ours.f1_score(y, p, zero_division=np.nan))
    with pytest.warns(ours_warning(), match="Precision is ill-defined"):
        ours.precision_score([0, 1], [0, 0])
    # NaN scores take no part in an average
    assert ours.precision_score([0, 1], [0, 0], average="macro", zero_division=np.nan) == 0.5


def ours_warning():
    from scratchml._core.exceptions import UndefinedMetricWarning

    return UndefinedMetricWarning


BAD = [
    (([0, 1], [0]), {}, ValueError, "inconsistent numbers of samples"),
    (([], []), {}, ValueError, "empty input"),
    (([0, 1], ["a", "b"]), {}, ValueError, "Mix of label input types"),
    ((np.array(["a", 1], dtype=object), ["a", "b"]), {}, ValueError, "Mix of label input types"),
    (([0, 1], [0.5, 1]), {}, ValueError, "mix of binary and continuous"),
    (([0.5, 1], [0.5, 1]), {}, ValueError, "continuous is not supported"),
    (([0, np.nan], [0, 1]), {}, ValueError, "NaN"),
    (([0, np.inf], [0, 1]), {}, ValueError, "infinity"),
    (([[0, 1]], [0]), {}, ValueError, "mix of multilabel-indicator and binary"),
    (([[0, 1]], [[0, 1, 1]]), {}, ValueError, "different numbers of labels"),
    (([[0, 2]], [[0, 1]]), {}, ValueError, "mix of"),
    (([0, 1j], [0, 1]), {}, ValueError, "Complex"),
    (([b"a", b"b"], [b"a", b"b"]), {}, TypeError, "bytes"),
    ((0, 1), {}, (ValueError, TypeError), None),
    (("ab", "ab"), {}, ValueError, "array-like"),
    (([0, 1], [0, 1]), {"sample_weight": [1.0]}, ValueError, "inconsistent"),
    (([0, 1], [0, 1]), {"sample_weight": [0.0, 0.0]}, ValueError, "zero"),
    (([0, 1], [0, 1]), {"sample_weight": [np.nan, 1.0]}, ValueError, "NaN"),
]


@pytest.mark.parametrize(("args", "options", "error", "match"), BAD)
@pytest.mark.parametrize(
    "metric",
    [
        ours.accuracy_score,
        ours.f1_score,
        ours.precision_recall_fscore_support,
        ours.classification_report,
        ours.confusion_matrix,
        ours.balanced_accuracy_score,
    ],
)
def test_bad_input(metric, args, options, error, match):
    with pytest.raises(error, match=match):
        metric(*args, **options)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"average": "mean"}, "'average' parameter of f1_score"),
        ({"zero_division": 0.5}, "'zero_division' parameter of f1_score"),
        ({"pos_label": 5}, "pos_label=5 is not a valid label"),
        ({"average": "samples"}, "Samplewise metrics"),
    ],
)
def test_bad_options(options, match):
    with pytest.raises(ValueError, match=match):
        ours.f1_score([0, 1], [0, 1], **options)


def test_binary_average_of_three_classes():
    with pytest.raises(ValueError, match="Target is multiclass but average='binary'"):
        ours.f1_score([0, 1, 2], [0, 1, 2])


def test_inputs_are_not_written_to():
    y, p = np.array([0, 1, 1]), np.array([1, 1, 0])
    w = np.array([1.0, 2.0, 3.0])
    for array in (y, p, w):
        array.flags.writeable = False
    ours.classification_report(y, p, sample_weight=w)
    ours.confusion_matrix(y, p, sample_weight=w, normalize="all")


@pytest.mark.extra
def test_frames_and_lists_agree_with_arrays():
    pd = pytest.importorskip("pandas")
    y, p = [0, 1, 2, 1], [0, 2, 2, 1]
    expected = ours.f1_score(np.array(y), np.array(p), average="macro")
    assert ours.f1_score(y, p, average="macro") == expected
    assert ours.f1_score(pd.Series(y), pd.Series(p, dtype="Int64"), average="macro") == expected
    assert ours.f1_score(np.array(y)[:, None], p, average="macro") == expected


@pytest.mark.peer
@given(data=labelled(), average=st.sampled_from(AVERAGES), zero=st.sampled_from([0, 1, np.nan]))
def test_live(data, average, zero):
    theirs = pytest.importorskip("sklearn.metrics")
    y, p, w = data
    options = {"average": average, "sample_weight": w, "zero_division": zero, "beta": 0.7}
    a = ours.precision_recall_fscore_support(y, p, **options)
    b = theirs.precision_recall_fscore_support(y, p, **options)
    for mine, reference in zip(a, b, strict=True):
        if reference is None:
            assert mine is None
        else:
            np.testing.assert_allclose(mine, reference, rtol=EPS, atol=0)
    assert ours.accuracy_score(y, p, sample_weight=w) == theirs.accuracy_score(
        y, p, sample_weight=w
    )
    if len(set(y.tolist()) | set(p.tolist())) > 1:
        np.testing.assert_array_equal(
            ours.confusion_matrix(y, p, sample_weight=w),
            theirs.confusion_matrix(y, p, sample_weight=w),
        )
    np.testing.assert_allclose(
        ours.multilabel_confusion_matrix(y, p, sample_weight=w),
        theirs.multilabel_confusion_matrix(y, p, sample_weight=w),
        rtol=EPS,
        atol=1e-13,  # tn is a difference of sums of up to 120
    )


@pytest.mark.peer
@given(st.integers(0, 2**31), st.sampled_from([*AVERAGES, "samples"]), st.booleans())
def test_live_multilabel(seed, average, weighted):
    theirs = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    n, k = rng.integers(2, 12), rng.integers(2, 5)
    y, p = rng.integers(0, 2, (n, k)), rng.integers(0, 2, (n, k))
    options = {
        "average": average,
        "sample_weight": rng.random(n) + 0.1 if weighted else None,
        "zero_division": 0,
    }
    a = ours.precision_recall_fscore_support(y, p, **options)
    b = theirs.precision_recall_fscore_support(y, p, **options)
    for mine, reference in zip(a[:3], b[:3], strict=True):
        np.testing.assert_allclose(mine, reference, rtol=EPS, atol=1e-15)


@pytest.mark.peer
@given(labelled(min_size=2), st.booleans())
def test_live_report(data, as_dict):
    theirs = pytest.importorskip("sklearn.metrics")
    y, p, w = data
    y[0] = p[0]  # without any hit scikit-learn prints integer supports as 7.0, ours as 7
    if w is not None:
        w = np.ceil(w)  # equal in the digits printed, whatever the order of summation
    options = {"sample_weight": w, "zero_division": 0, "output_dict": as_dict, "digits": 3}
    a, b = (
        ours.classification_report(y, p, **options),
        theirs.classification_report(y, p, **options),
    )
    if not as_dict:
        assert a == b
        return
    assert list(a) == list(b)
    for name, row in a.items():
        assert row == pytest.approx(b[name], rel=EPS)
