"""The checker itself: wrong gradients must not pass."""

import numpy as np
import pytest

import scratchml.tensor as torch
from scratchml.tensor.autograd import gradcheck
from scratchml.tensor.tape import record


def tensor(shape, seed=0):
    values = np.random.default_rng(seed).uniform(0.5, 1.5, shape)
    return torch.from_numpy(values).requires_grad_()


WRONG = {
    "factor": lambda x: record(x.array**2, (x,), lambda dy: dy * 2.01 * x.array),
    "sign": lambda x: record(np.sin(x.array), (x,), lambda dy: -dy * np.cos(x.array)),
    "no share": lambda x: record(x.array**2, (x,), lambda dy: None),
    "one entry": lambda x: record(
        x.array**2, (x,), lambda dy: dy * 2 * x.array * (np.arange(x.array.size) != 1)
    ),
    "transposed": lambda x: record(
        x.array.reshape(2, 2).T @ x.array.reshape(2, 2)[0],
        (x,),
        lambda dy: np.outer(dy, x.array[:2]).ravel(),
    ),
    "no tape": lambda x: torch.from_numpy(x.array**2),
    "zero where it is not": lambda x: record(
        np.where(x.array > 1, x.array, 0), (x,), lambda dy: dy * 0
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_are_found(name):
    with pytest.raises(RuntimeError, match="the derivative of output 0"):
        gradcheck(WRONG[name], tensor(4))
    assert not gradcheck(WRONG[name], tensor(4), raise_exception=False)


def test_right_gradients_pass_and_nothing_is_left_behind():
    x, y = tensor((2, 3)), tensor(3, seed=1)
    before = x.tolist()
    assert gradcheck(lambda x, y: (x * y, x.sum(0).exp()), (x, y))
    assert x.tolist() == before
    assert x.grad is None
    assert y.grad is None


def test_a_wrong_second_input_or_output_is_found():
    def product(x, y):
        return record(x.array * y.array, (x, y), lambda dy: (dy * y.array, dy * y.array))

    with pytest.raises(RuntimeError, match="input 1"):
        gradcheck(product, (tensor(3), tensor(3, seed=1)))
    with pytest.raises(RuntimeError, match="output 1"):
        gradcheck(lambda x: (x * 2, WRONG["factor"](x)), tensor(3))


def test_inputs_without_gradient_are_passed_on():
    x, fixed = tensor(3), torch.tensor([1.0, 2.0, 3.0])
    assert gradcheck(lambda x, f, n: x * f.double() * n, (x, fixed, 2))


def test_float32_is_refused():
    with pytest.raises(ValueError, match="float64"):
        gradcheck(torch.sin, torch.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="require grad"):
        gradcheck(torch.sin, torch.ones(2, dtype=torch.float64))


def test_shapes_without_values():
    assert gradcheck(lambda x: x * 2, tensor((0, 3)))
    assert gradcheck(lambda x: x * 2, tensor(()))
