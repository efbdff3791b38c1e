"""Splits: partitions, balance, sizes, containers; equal to scikit-learn's, stored and live."""

import json
from math import ceil, floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.model_selection as ours
from scratchml.model_selection.folds import members_in_order

STORED = json.loads(Path(__file__).with_name("stored_splits.json").read_text())


@st.composite
def stratifiable(draw):
    """A number of folds and labels of which one class at least has as many samples."""
    k = draw(st.integers(2, 6))
    labels = draw(st.lists(st.integers(0, 3), min_size=0, max_size=40)) + [0] * k
    names = draw(st.sampled_from([np.arange(4), np.array(list("dbca")), np.arange(4) - 1.0]))
    return k, names[draw(st.permutations(labels))]


def same(a, b):
    """Whether two sequences of (train, test) are equal index by index."""
    a, b = list(a), list(b)
    return len(a) == len(b) and all(
        np.array_equal(x, y) for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True)
    )


@pytest.mark.parametrize("case", STORED["cases"])
def test_stored(case):
    stored = STORED["cases"][case]
    groups = STORED["groups"] if stored["name"] == "GroupKFold" else None
    splitter = getattr(ours, stored["name"])(**stored["options"])
    assert same(splitter.split(STORED["labels"], STORED["labels"], groups), stored["splits"])


@given(st.integers(2, 8), st.integers(0, 40), st.none() | st.integers(0, 99))
def test_kfold_partitions(k, more, seed):
    n = k + more
    folds = list(ours.KFold(k, shuffle=seed is not None, random_state=seed).split(np.empty(n)))
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(n))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(n))
    sizes = [len(test) for _, test in folds]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.filterwarnings("ignore:The least populated class")
@given(stratifiable(), st.none() | st.integers(0, 99))
def test_stratified_within_one(problem, seed):
    k, y = problem
    splitter = ours.StratifiedKFold(k, shuffle=seed is not None, random_state=seed)
    tests = [test for _, test in splitter.split(y, y)]
    assert sorted(np.concatenate(tests).tolist()) == list(range(len(y)))
    sizes = [len(test) for test in tests]
    assert max(sizes) - min(sizes) <= 1
    for label in set(y.tolist()):
        share = (y == label).sum() / k
        for test in tests:
            assert floor(share) <= (y[test] == label).sum() <= ceil(share)


@given(st.lists(st.integers(0, 9), min_size=6, max_size=40), st.booleans())
def test_groups_stay_together(groups, shuffle):
    groups = [*groups, 0, 1, 2]
    splitter = ours.GroupKFold(3, shuffle=shuffle, random_state=0 if shuffle else None)
    for train, test in splitter.split(groups, groups=groups):
        assert not {groups[i] for i in train} & {groups[i] for i in test}


@given(stratifiable(), st.integers(0, 99))
def test_stratified_draw_is_within_one(problem, seed):
    y = np.concatenate([problem[1], problem[1]])  # two samples of each class at least
    n_train = len(y) // 2
    split = ours.train_test_split(
        np.arange(len(y)), train_size=n_train, random_state=seed, stratify=y
    )
    assert sorted(np.concatenate(split).tolist()) == list(range(len(y)))
    for label in set(y.tolist()):
        share = (y == label).mean() * n_train
        assert floor(share) <= (y[split[0]] == label).sum() <= ceil(share)


def test_integer_seed_generator_and_repetition():
    X = np.arange(20)
    first = ours.train_test_split(X, random_state=0)
    for again in (0, np.int64(0), np.random.RandomState(0)):
        np.testing.assert_array_equal(first[1], ours.train_test_split(X, random_state=again)[1])
    splitter = ours.ShuffleSplit(2, random_state=0)
    assert same(splitter.split(X), splitter.split(X))


@pytest.mark.extra
def test_containers_come_back_as_they_were():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    table = {"a": list(range(8)), "b": list("stuvwxyz")}
    data = [
        np.arange(16).reshape(8, 2),
        list(range(8)),
        tuple("abcdefgh"),
        pd.DataFrame(table, index=range(10, 18)),
        pd.Series(table["b"]),
        pl.DataFrame(table),
        pl.Series(table["a"]),
    ]
    parts = ours.train_test_split(*data, test_size=3, random_state=3)
    train, test = ours.train_test_split(np.arange(8), test_size=3, random_state=3)
    for whole, a, b in zip(data, parts[::2], parts[1::2], strict=True):
        expected = list if isinstance(whole, tuple) else type(whole)
        assert type(a) is type(b) is expected
        assert (len(a), len(b)) == (5, 3)
    assert parts[6].index.tolist() == (train + 10).tolist()
    assert parts[9].tolist() == [table["b"][i] for i in test]
    assert parts[11]["a"].to_list() == test.tolist()


def test_parts_are_copies():
    X = np.arange(10.0)
    for shuffle in (True, False):
        train, _ = ours.train_test_split(X, shuffle=shuffle, random_state=0 if shuffle else None)
        train[:] = -1
    assert (np.arange(10.0) == X).all()


BAD_SIZES = [
    ({"test_size": 0.0}, "'test_size' parameter of train_test_split"),
    ({"test_size": 1.5}, "'test_size' parameter of train_test_split"),
    ({"train_size": -1}, "'train_size' parameter of train_test_split"),
    ({"test_size": "a"}, "'test_size' parameter of train_test_split"),
    ({"test_size": True}, "'test_size' parameter of train_test_split"),
    ({"test_size": 10}, "test_size=10 should be either positive and smaller"),
    ({"test_size": 0.6, "train_size": 0.6}, "sum of test_size and train_size = 1.2"),
    ({"test_size": 6, "train_size": 6}, "sum of train_size and test_size = 12"),
    ({"test_size": 0.99}, "resulting train set will be empty"),
    ({"shuffle": False, "stratify": [0, 1] * 5}, "not implemented for shuffle=False"),
    ({"stratify": [0] * 9 + [1]}, "have only 1 member"),
    ({"stratify": [0, 1] * 5, "test_size": 1}, "test_size = 1 should be greater or equal"),
    ({"stratify": [0, 1] * 4}, "inconsistent"),
    ({"random_state": "seed"}, "'random_state' parameter of train_test_split"),
]


@pytest.mark.parametrize(("options", "match"), BAD_SIZES)
def test_bad_sizes(options, match):
    with pytest.raises(ValueError, match=match):
        ours.train_test_split(np.arange(10), **options)


BAD_FOLDS = [
    (lambda: ours.KFold(1), ValueError, "n_splits=2 or more, got n_splits=1"),
    (lambda: ours.KFold(2.5), ValueError, "Integral type. 2.5"),
    (lambda: ours.KFold(3, shuffle="yes"), TypeError, "shuffle must be True or False; got yes"),
    (lambda: ours.KFold(3, random_state=0), ValueError, "no effect since shuffle is False"),
    (lambda: next(ours.KFold(3).split([1, 2])), ValueError, "n_splits=3 greater than"),
    (lambda: next(ours.KFold(2).split([1, 2], [1])), ValueError, "inconsistent"),
    (lambda: next(ours.StratifiedKFold(3).split([1] * 4, [0, 0, 1, 1])), ValueError, "each class"),
    (lambda: next(ours.StratifiedKFold(2).split([1] * 2, [0.5, 1])), ValueError, "continuous"),
    (lambda: next(ours.GroupKFold(2).split([1, 2])), ValueError, "'groups' .* not be None"),
    (lambda: next(ours.GroupKFold(2).split([1, 2], groups=[1, 1])), ValueError, "number of groups"),
    (lambda: next(ours.LeaveOneOut().split([1])), ValueError, "n_samples=1"),
    (lambda: ours.RepeatedKFold(n_repeats=0), ValueError, "greater than 0, got 0"),
    (lambda: ours.train_test_split(), ValueError, "At least one array"),
    (lambda: ours.train_test_split([1, 2], [1]), ValueError, "inconsistent"),
    (lambda: ours.check_cv("five"), ValueError, "Got five"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD_FOLDS)
def test_bad_folds(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_warnings():
    with pytest.warns(UserWarning, match="least populated class in y has only 1"):
        next(ours.StratifiedKFold(2).split([0] * 4, [0, 0, 0, 1]))
    with pytest.warns(UserWarning, match="groups parameter is ignored by KFold"):
        ours.KFold(2).split([0, 1], groups=[0, 1])


def test_more_classes_than_fit_16_bits():
    codes = np.array([39_999, 0, 32_768, 0])  # as int16 the large ones would be negative
    assert members_in_order(codes).tolist() == [1, 3, 2, 0]


def test_check_cv():
    assert repr(ours.check_cv(None)) == "KFold(n_splits=5, random_state=None, shuffle=False)"
    assert isinstance(ours.check_cv(3, [0, 1, 2], classifier=True), ours.StratifiedKFold)
    assert isinstance(ours.check_cv(3, [0.5, 1, 2], classifier=True), ours.KFold)
    pairs = [([0], [1]), ([1], [0])]
    given_splits = ours.check_cv(iter(pairs))
    assert list(given_splits.split()) == list(given_splits.split()) == pairs
    assert given_splits.get_n_splits() == 2


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:The least populated class")
@given(stratifiable(), st.integers(0, 2**32 - 1))
def test_live_folds(problem, seed):
    theirs = pytest.importorskip("sklearn.model_selection")
    k, y = problem
    groups = np.concatenate([np.arange(k), np.arange(len(y) - k) % 7])
    shuffled = {"shuffle": True, "random_state": seed}
    repeated = {"n_splits": k, "n_repeats": 2, "random_state": seed}
    for name, options, third in [
        ("KFold", {"n_splits": k}, None),
        ("KFold", {"n_splits": k, **shuffled}, None),
        ("StratifiedKFold", {"n_splits": k}, None),
        ("StratifiedKFold", {"n_splits": k, **shuffled}, None),
        ("GroupKFold", {"n_splits": k}, groups),
        ("GroupKFold", {"n_splits": k, **shuffled}, groups),
        ("RepeatedKFold", repeated, None),
        ("RepeatedStratifiedKFold", repeated, None),
        ("LeaveOneOut", {}, None),
    ]:
        a = getattr(ours, name)(**options).split(y, y, third)
        b = getattr(theirs, name)(**options).split(y, y, third)
        assert same(a, b), name


SIZES = st.none() | st.floats(0.01, 0.99) | st.integers(1, 30)


@pytest.mark.peer
@given(stratifiable(), st.integers(0, 2**32 - 1), SIZES, SIZES, st.booleans())
def test_live_draws(problem, seed, test_size, train_size, stratify):
    theirs = pytest.importorskip("sklearn.model_selection")
    y = problem[1]
    options = {
        "test_size": test_size,
        "train_size": train_size,
        "random_state": seed,
        "stratify": y if stratify else None,
    }
    try:
        expected = theirs.train_test_split(np.arange(len(y)), y, **options)
    except ValueError:
        with pytest.raises(ValueError, match=r"size|member"):
            ours.train_test_split(np.arange(len(y)), y, **options)
        return
    for mine, reference in zip(
        ours.train_test_split(np.arange(len(y)), y, **options), expected, strict=True
    ):
        np.testing.assert_array_equal(mine, reference)


@pytest.mark.peer
@pytest.mark.parametrize("seed", [0, 1, 42])
def test_live_multilabel_stratify(seed):
    theirs = pytest.importorskip("sklearn.model_selection")
    y = np.tile([[0, 1], [1, 1], [1, 0], [0, 0], [1, 1]], (6, 1))
    options = {"random_state": seed, "stratify": y}
    np.testing.assert_array_equal(
        ours.train_test_split(np.arange(30), **options)[0],
        theirs.train_test_split(np.arange(30), **options)[0],
    )
