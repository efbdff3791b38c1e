"""The door to Numba: declared signatures, plain-Python runs, and what happens without Numba."""

import copy
import pickle
import threading

import numpy as np
import pytest

from scratchml._core import elementary, random
from scratchml._core.jit import NAN_SAFE_FASTMATH, ByDtype, Kernel, jit
from scratchml._core.jit_signature import parse

pytestmark = pytest.mark.kernel


@jit("float64(const T[:, ::1], T[::1], int64, float64)")
def row_sums(X, out, columns, scale):
    total = 0.0
    for i in range(X.shape[0]):
        s = 0.0
        for j in range(columns):
            s += X[i, j]
        out[i] = s / scale
        total += s
    return total


@jit("T(const T[::1], T)")
def ratio(x, y):
    return x[0] / y


@jit("float64(const T[::1, :])")
def first_of_fortran(A):
    return np.float64(A[0, 0])


@jit("float64(const T[:, :])")
def trace(A):
    s = 0.0
    for i in range(min(A.shape[0], A.shape[1])):
        s += A[i, i]
    return s


@jit("Tuple((int64, T))(const T[::1])")
def smallest(x):
    best = 0
    for i in range(x.shape[0]):
        if x[i] < x[best]:
            best = i
    return best, x[best]


@jit("int64(const T[::1])", fastmath=NAN_SAFE_FASTMATH)
def count_not_finite(x):
    n = 0
    for i in range(x.shape[0]):
        if np.isnan(x[i]) or np.isinf(x[i]):
            n += 1
    return n


@jit(inline="always")
def half(x):
    return x * 0.5


def half32_(x):
    return x * np.float32(0.5)


half_by_dtype = ByDtype("half_by_dtype", jit(half32_), half)


@jit("void(const T[::1], T[::1])")
def halve(x, out):
    for i in range(x.shape[0]):
        out[i] = half(x[i])


@jit("void(const T[::1], T[::1])")
def halve_by_dtype(x, out):
    for i in range(x.shape[0]):
        out[i] = half_by_dtype(x[i])


@jit
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


@jit("int64(int64)")
def spin(n):
    s = 0
    for i in range(n):
        s ^= i * i
    return s


FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@FLOATS
def test_t_is_taken_from_the_array(dtype):
    X = np.arange(6, dtype=dtype).reshape(2, 3)
    out = np.empty(2, dtype)
    assert row_sums(X, out, 3, 2.0) == 15.0
    assert out.tolist() == [1.5, 6.0]
    assert ratio(X[1], 7) == dtype(3) / dtype(7)  # rounded to T, returned as a float
    assert type(ratio(X[1], 7)) is float


@FLOATS
def test_no_call_compiles_twice(compiled, dtype):
    X = np.ones((2, 3), dtype)
    read_only = X.copy()
    read_only.flags.writeable = False
    out = np.empty(2, dtype)
    row_sums(X, out, 3, 1.0)
    variant = row_sums._variants[np.dtype(dtype)]
    for args in [
        (X, out, 3, 1),
        (read_only, out, np.int32(3), np.float32(1)),
        (read_only, out, np.uint8(3), np.float64(1)),
        (X[:1], out, True, True),
    ]:
        row_sums(*args)
        assert row_sums._variants[np.dtype(dtype)] is variant
    assert len(variant.signatures) == 1


X = np.ones((2, 3))
OUT = np.zeros(2)
READ_ONLY = np.empty(2)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((X.astype(int), OUT, 3, 1.0), "'X' must be an array of float32 or float64, got int64"),
        ((X.astype(">f8"), OUT, 3, 1.0), "'X' must be an array of float32 or float64, got >f8"),
        ((X.tolist(), OUT, 3, 1.0), "'X' must be an array, got list"),
        ((None, OUT, 3, 1.0), "'X' must be an array, got NoneType"),
        ((X[0], OUT, 3, 1.0), r"'X' must be 2-dimensional, got shape \(3,\)"),
        ((X.T, OUT, 3, 1.0), r"'X' must be contiguous in C order, got strides \(8, 24\)"),
        ((X[:, ::2], OUT, 3, 1.0), "'X' must be contiguous in C order"),
        ((X, OUT.astype(np.float32), 3, 1.0), "'out' must be an array of float64, got float32"),
        ((X, READ_ONLY, 3, 1.0), "'out' must be writable, got a read-only array"),
        ((X, OUT, 2.7, 1.0), "'columns' must be an integer, got 2.7"),
        ((X, OUT, None, 1.0), "'columns' must be an integer, got None"),
        ((X, OUT, 3, None), "'scale' must be a number, got None"),
        ((X, OUT, 3, "1"), "'scale' must be a number, got '1'"),
        ((X, OUT, 3, np.ones(2)), "'scale' must be a number"),
        ((X, OUT, 3), "takes 4 arguments, got 3"),
        ((), "takes 4 arguments, got 0"),
        ((X, OUT, 3, 1.0, 2.0), "takes 4 arguments, got 5"),
    ],
)
def test_an_error_names_the_kernel_and_the_argument(args, message):
    with pytest.raises(TypeError, match=f"^row_sums: .*{message}"):
        row_sums(*args)


@FLOATS
def test_layouts(dtype):
    A = np.arange(12, dtype=dtype).reshape(3, 4)
    for strided in (A, A.T, A[::2, ::2], A[::-1, ::-1], A[:0]):
        assert trace(strided) == np.trace(strided)
    assert first_of_fortran(np.asfortranarray(A)) == 0.0
    # both C- and Fortran-ordered, which Numba alone would refuse
    assert first_of_fortran(A[:, :1].copy()) == 0.0
    assert first_of_fortran(A[:1]) == 0.0
    with pytest.raises(TypeError, match="'A' must be contiguous in F order"):
        first_of_fortran(A)


@FLOATS
def test_kernels_call_kernels(dtype):
    x = np.arange(5, dtype=dtype)
    for kernel in (halve, halve_by_dtype):
        out = np.empty_like(x)
        kernel(x, out)
        np.testing.assert_array_equal(out, x / 2)
    assert half(3) == 1.5
    assert half_by_dtype(dtype(3)) == 1.5
    assert smallest(np.array([2, -1, 3], dtype)) == (1, -1.0)
    assert factorial(10) == 3628800


@FLOATS
def test_fastmath_keeps_nan_and_inf(dtype):
    assert count_not_finite(np.array([1, np.nan, np.inf, -np.inf, 0] * 9, dtype)) == 27


@FLOATS
def test_division_by_zero_is_numpys(dtype):
    x = np.array([1.0, 0.0], dtype)
    assert ratio(x, 0) == np.inf
    assert np.isnan(ratio(x[1:], 0))
    assert row_sums(np.zeros((2, 1), dtype), out := np.empty(2, dtype), 1, 0) == 0.0
    assert np.isnan(out).all()


@jit("float64(float64)")
def literal_over(x):
    return 1.0 / x


@jit("uint64(uint64)")
def wrapping(x):
    return x * np.uint64(2**63 + 1) + np.uint64(2**64 - 1)


@jit("float64(const T[::1])")
def widening(x):
    return x[0] * 0.1


def test_plain_python_computes_what_compiled_code_computes():
    assert literal_over(0) == np.inf
    assert wrapping(3) == (3 * (2**63 + 1) + 2**64 - 1) % 2**64
    assert widening(np.ones(1, np.float32)) == 0.1  # the literal is a float64
    with pytest.raises(OverflowError):
        wrapping(-1)


def test_kernels_release_the_gil(compiled):
    spin(1)
    thread = threading.Thread(target=spin, args=(50_000_000,))
    thread.start()
    turns = 0
    while thread.is_alive():
        turns += 1
    assert turns > 100


@pytest.mark.parametrize("kernel", [random.splitmix64, random._mix, elementary.tanh])
def test_pickled_and_copied_by_name(kernel):
    assert pickle.loads(pickle.dumps(kernel)) is kernel
    assert copy.deepcopy(kernel) is kernel
    assert kernel.__wrapped__ is kernel.py_func
    assert repr(kernel).endswith(f" {kernel.__module__}.{kernel.__name__}>")


def test_signatures_are_read():
    def f(a, b, c, d):
        pass

    text = "Tuple((T, int64))(const T[:, ::1], float32[::1,:], T[ : ], uint8)"
    signature = parse(text, f)
    assert signature.returns == "Tuple((T, int64))"
    assert signature.generic == 0
    assert [tuple(a) for a in signature.arguments] == [
        ("a", "T", 2, "C", True),
        ("b", "float32", 2, "F", False),
        ("c", "T", 1, "A", False),
        ("d", "uint8", 0, "", False),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int64(T[::1], T)", "declares 2 arguments, the function takes 1"),
        ("int64()", "declares 0 arguments"),
        ("T(int64)", "no array of the signature .* decides T"),
        ("int64(T)", "no array of the signature .* decides T"),
        ("int64(T[:, ::2])", "cannot read"),
        ("int64(T[:, ::1, :])", "cannot read the layout"),
        ("int64(T[::1, ::1])", "cannot read the layout"),
        ("int64(T[])", "cannot read"),
        ("int64(volatile T[:])", "cannot read"),
        ("int64", "cannot read"),
        ("", "cannot read"),
    ],
)
def test_wrong_signatures_are_refused_where_they_stand(text, message):
    with pytest.raises(ValueError, match=message):
        jit(text)(lambda x: 0)


def test_wrong_fastmath_is_refused():
    with pytest.raises(ValueError, match="fastmath must be a subset"):
        jit(fastmath=frozenset({"nnan"}))


def test_nothing_imports_numba_before_the_first_call(sandbox):
    sandbox.run(
        """
        import sys
        import scratchml.mini.caller
        import scratchml._core.random, scratchml._core.elementary, scratchml._core.jit_tools
        assert "numba" not in sys.modules and "llvmlite" not in sys.modules
        """
    )


USE_EVERYTHING = """
import warnings
import numpy as np
from scratchml._core import elementary, random
from scratchml.mini.caller import total
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    x = np.arange(4.0)
    x.flags.writeable = False
    print(total(x, 4), random.uniform(7, 8, 9), random.below(10, 1, 2, 3), elementary.exp(0.0))
    try:
        total(x, 1.5)
    except TypeError as error:
        print(error)
"""
RESULTS = "total: argument 'n' must be an integer, got 1.5"


def test_with_the_jit_off_kernels_are_plain_python(sandbox):
    out = sandbox.run(
        USE_EVERYTHING
        + """
import sys
assert not caught, caught[0].message
assert "numba" not in sys.modules
""",
        NUMBA_DISABLE_JIT="1",
    )
    assert out.splitlines() == [
        f"12.0 {random.uniform(7, 8, 9)} {random.below(10, 1, 2, 3)} 1.0",
        RESULTS,
    ]


def test_without_numba_kernels_are_plain_python_with_one_warning(sandbox):
    block = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numba":
            raise ModuleNotFoundError("No module named 'numba'", name=name)
sys.meta_path.insert(0, Blocker())
"""
    check = """
assert [w.category.__name__ for w in caught] == ["NumbaMissingWarning"], caught
assert issubclass(caught[0].category, RuntimeWarning)
assert "No module named 'numba'" in str(caught[0].message)
from scratchml._core.jit_tools import compile_all, info
assert info()["numba"] is None and info()["compiled"] is False
assert compile_all() > 0
"""
    out = sandbox.run(block + USE_EVERYTHING + check)
    assert out.splitlines() == [
        f"12.0 {random.uniform(7, 8, 9)} {random.below(10, 1, 2, 3)} 1.0",
        RESULTS,
    ]


def test_the_missing_numba_is_told_once_even_when_warnings_are_errors(sandbox):
    out = sandbox.run(
        """
        import sys
        sys.modules["numba"] = None
        from scratchml._core.random import uniform
        for _ in range(2):
            try:
                print(uniform(1, 2, 3))
            except RuntimeWarning as warning:
                print(type(warning).__name__)
        """
    )
    assert out.splitlines() == ["NumbaMissingWarning", str(random.uniform(1, 2, 3))]


def test_every_kernel_of_the_package_is_at_module_level():
    from scratchml._core.jit import kernels

    for kernel in kernels:
        assert isinstance(kernel, Kernel)
        if kernel.__module__.startswith("scratchml."):
            assert "<locals>" not in kernel.py_func.__qualname__, kernel


def test_benchmark_of_a_call(benchmark):
    """About 0.3 us more than Numba's own dispatch of the same call (0.3 us for four arguments)."""
    benchmark(row_sums, X, OUT, 3, 1.0)
