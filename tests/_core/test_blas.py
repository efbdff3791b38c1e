"""One BLAS thread inside the block, as many as before after it, whoever leaves first."""

import threading

import numpy as np
import pytest

from scratchml._core import blas
from scratchml._core.blas import one_blas_thread

if blas._openblas() is None:
    pytest.skip("NumPy has another BLAS than OpenBLAS", allow_module_level=True)
get, put = blas._openblas()


@pytest.fixture(autouse=True)
def three_threads():
    before = get()
    put(3)
    yield
    put(before)


def test_inside_and_after():
    with one_blas_thread():
        assert get() == 1
        with one_blas_thread():
            assert get() == 1
        assert get() == 1
    assert get() == 3


def test_not_when_large():
    with one_blas_thread(when=False):
        assert get() == 3


def test_after_an_error():
    with pytest.raises(KeyboardInterrupt), one_blas_thread():
        raise KeyboardInterrupt
    assert get() == 3


def test_overlapping_threads_restore_the_first_setting():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        assert entered.wait(10)
    assert get() == 1  # the other is still inside
    leave.set()
    thread.join()
    assert get() == 3


def test_products_are_right():
    A = np.random.default_rng(0).standard_normal((300, 200))
    with one_blas_thread():
        product = A.T @ A
    np.testing.assert_allclose(product, np.einsum("ij,ik->jk", A, A), rtol=1e-10, atol=1e-10)
