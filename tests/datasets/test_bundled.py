"""The bundled sets: scikit-learn's arrays to the bit, its names, its options; Bunch."""

import copy
import hashlib
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scratchml import datasets
from scratchml.datasets import Bunch

NAMES = ["breast_cancer", "diabetes", "digits", "iris", "wine"]

# SHA-256 of the little-endian float64 data and of the target as float64, from scikit-learn 1.9.1
CHECKSUMS = {
    "breast_cancer": (
        (569, 30),
        "6b202a2072f9a0385f405a8f8605b1b0",
        "bad6d9428eff14b52b3cc46c7d720fbc",
    ),
    "diabetes": ((442, 10), "6b93b2556c8942c79d8374838768047a", "4911e8747aff95aa1cd523fea86dd91c"),
    "digits": ((1797, 64), "20def7f70a702f0af9732fbba4375e14", "061ad6ef55db43219297185e36e289bb"),
    "iris": ((150, 4), "012f498fe9c8b3b34212c3c5d98e1f03", "49a02ef431bdf386a4ec234a34e2bf49"),
    "wine": ((178, 13), "8edcf3903afd97c64d51e0212eb10b21", "28570293bbf6f313e8d190dcfbf24822"),
}


def load(name, **options):
    return getattr(datasets, f"load_{name}")(**options)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<f8").tobytes()).hexdigest()[:32]


@pytest.mark.parametrize("name", NAMES)
def test_stored_checksums(name):
    X, y = load(name, return_X_y=True, **({"scaled": False} if name == "diabetes" else {}))
    assert (X.shape, digest(X), digest(y)) == CHECKSUMS[name]
    assert X.dtype == np.float64
    assert y.dtype == (np.float64 if name == "diabetes" else np.int64)
    assert X.flags.c_contiguous
    assert X.flags.writeable


@pytest.mark.peer
@pytest.mark.parametrize(
    ("name", "options"),
    [(name, {}) for name in NAMES]
    + [("diabetes", {"scaled": False}), ("digits", {"n_class": 1}), ("digits", {"n_class": 7})],
)
def test_equals_scikit_learn(name, options):
    peer = getattr(pytest.importorskip("sklearn.datasets"), f"load_{name}")
    ours, theirs = load(name, **options), peer(**options)
    for key in ("data", "target", "target_names", "images"):
        assert (key in ours) == (key in theirs)
        if key in theirs:
            assert ours[key].dtype == theirs[key].dtype
            np.testing.assert_array_equal(ours[key], theirs[key])
    assert type(ours.feature_names) is type(theirs.feature_names)
    assert list(ours.feature_names) == list(theirs.feature_names)
    assert ours.frame is None
    for a, b in zip(load(name, return_X_y=True, **options), (ours.data, ours.target), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.extra
@pytest.mark.peer
@pytest.mark.parametrize("name", NAMES)
def test_frames_equal_scikit_learn(name):
    testing = pytest.importorskip("pandas").testing
    peer = getattr(pytest.importorskip("sklearn.datasets"), f"load_{name}")
    ours, theirs = load(name, as_frame=True), peer(as_frame=True)
    testing.assert_frame_equal(ours.frame, theirs.frame)
    testing.assert_frame_equal(ours.data, theirs.data)
    testing.assert_series_equal(ours.target, theirs.target)
    X, y = load(name, as_frame=True, return_X_y=True)
    testing.assert_frame_equal(X, theirs.data)
    testing.assert_series_equal(y, theirs.target)


def test_scaled_diabetes_is_centred_and_of_norm_one():
    X = load("diabetes").data
    np.testing.assert_allclose(X.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((X**2).sum(axis=0), 1, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_descriptions_state_the_shape(name):
    bunch = load(name)
    n, d = bunch.data.shape
    assert f"samples {n}, features {d}" in bunch.DESCR


def test_each_call_returns_fresh_arrays():
    load("iris").data[:] = 0
    assert load("iris").data.any()


def test_as_frame_without_pandas_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"load_iris\(as_frame=True\) needs pandas"):
        load("iris", as_frame=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("digits", {"n_class": 0}),
        ("digits", {"n_class": 11}),
        ("digits", {"n_class": 2.0}),
        ("iris", {"return_X_y": 1}),
        ("wine", {"as_frame": "yes"}),
        ("diabetes", {"scaled": None}),
    ],
)
def test_errors_name_parameter_and_value(name, options):
    ((parameter, value),) = options.items()
    rule = f"'{parameter}' parameter of load_{name} .* Got {re.escape(repr(value))}"
    with pytest.raises(ValueError, match=rule):
        load(name, **options)


def test_data_folder_is_small_and_licensed():
    folder = Path(datasets.__file__).parent / "data"
    assert sum(f.stat().st_size for f in folder.iterdir()) < 400_000
    licence = (folder / "LICENSE").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"{name}.npz" in licence
    assert {f.stem for f in folder.glob("*.npz")} == {*NAMES, "sunspots"}
    assert "The scikit-learn developers" in licence


def test_import_loads_neither_numpy_nor_data_modules():
    code = (
        "import sys, scratchml.datasets as d; d.__all__; dir(d);"
        "print('numpy' in sys.modules, [m for m in sys.modules if m.startswith('scratchml.d')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "['scratchml.datasets']"]


def test_loading_imports_neither_numba_nor_pandas():
    code = (
        "import sys; from scratchml import datasets as d; d.load_iris(); d.make_blobs();"
        "print(*(m in sys.modules for m in ('numba', 'pandas', 'scipy', 'sklearn')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False"] * 4


class TestBunch:
    def test_keys_are_attributes(self):
        b = Bunch(a=1)
        b.b = 2
        assert (b.a, b["b"], dict(b)) == (1, 2, {"a": 1, "b": 2})
        del b.a
        assert "a" not in b
        assert {"b", "keys"} <= set(dir(b))
        assert not vars(b)

    @pytest.mark.parametrize("action", [lambda b: b.c, lambda b: delattr(b, "c")])
    def test_missing_key_names_it(self, action):
        with pytest.raises(AttributeError, match=r"no key 'c'; it has \['a'\]"):
            action(Bunch(a=1))

    def test_copies(self):
        b = Bunch(a=[1], x=np.arange(2))
        for other in (copy.copy(b), copy.deepcopy(b), pickle.loads(pickle.dumps(b))):
            assert type(other) is Bunch
            assert other.a == [1]
            assert other.x.tolist() == [0, 1]
        assert copy.deepcopy(b).a is not b.a
