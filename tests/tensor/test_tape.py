"""The tape: accumulation, freeing, hooks, modes, gradients asked for by name."""

import gc
import weakref

import numpy as np
import pytest

import scratchml.tensor as torch
from scratchml.tensor.tape import LEAF, apply


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_gradients_add_up_over_uses_and_calls():
    w = leaf(1.0, 2.0)
    y = (w * 3 + w * w).sum()
    y.backward()
    assert w.grad.tolist() == [5.0, 7.0]
    (w * 2).sum().backward()
    assert w.grad.tolist() == [7.0, 9.0]


def test_backward_twice_says_what_to_do():
    w = leaf(1.0, 2.0)
    y = (w * w).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert w.grad.tolist() == [4.0, 8.0]
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        y.backward()


def test_backward_needs_one_value_or_a_gradient():
    w = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"shape \(2,\)"):
        (w * 2).backward()
    (w * 2).backward(torch.tensor([1.0, 10.0]))
    assert w.grad.tolist() == [2.0, 20.0]
    with pytest.raises(RuntimeError, match=r"\(2,\), got \(3,\)"):
        (w * 2).backward(torch.ones(3))
    with pytest.raises(RuntimeError, match="does not require grad"):
        w.detach().sum().backward()


def test_backward_of_a_leaf_and_a_gradient_of_ones_own():
    w = torch.tensor(3.0, requires_grad=True)
    w.backward()
    assert w.grad.item() == 1
    given = torch.ones(2)
    x, y = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    (x + y).backward(given)
    x.grad.add_(5)
    assert given.tolist() == y.grad.tolist() == [1.0, 1.0]


def test_a_long_chain_needs_no_deep_stack():
    w = torch.tensor(1.0, requires_grad=True)
    y = w
    for _ in range(5000):
        y = y + 1
    y.backward()
    assert w.grad.item() == 1


def test_the_tape_is_freed_with_its_result():
    w = leaf(1.0, 2.0)
    y = (w * 2).exp().view(2, 1)
    node = weakref.ref(y.node)
    gc.disable()
    try:
        del y
        assert node() is None, "freed without the garbage collector: no cycles"
    finally:
        gc.enable()


def test_in_place_makes_no_cycles():
    gc.disable()
    try:
        w = leaf(1.0, 2.0)
        y = w * 2
        y.mul_(w)
        y[0] = w[1]
        y.exp_()
        node = weakref.ref(y.node)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_leaves():
    w = leaf(1.0, 2.0)
    y = w * 2
    assert w.is_leaf
    assert w.node is LEAF
    assert w.grad_fn is None
    assert not y.is_leaf
    assert "mul" in repr(y.grad_fn)
    assert torch.ones(2).is_leaf
    assert y.detach().is_leaf
    with pytest.raises(RuntimeError, match="leaves only"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="floating-point"):
        torch.tensor([1, 2]).requires_grad_()
    assert not (w > 1).requires_grad
    assert not w.long().requires_grad
    assert not w.argmax().requires_grad


def test_hooks_see_and_replace_gradients():
    w = leaf(1.0, 2.0)
    y = w * 2
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    w.register_hook(lambda g: g + 1)
    y.sum().backward(retain_graph=True)
    assert seen == [[1.0, 1.0]]
    assert w.grad.tolist() == [21.0, 21.0]
    handle.remove()
    handle.remove()
    y.sum().backward()
    assert len(seen) == 1
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.ones(2).register_hook(print)


def test_retain_grad():
    w = leaf(1.0, 2.0)
    y = w * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    w.retain_grad()
    assert w.grad.tolist() == [8.0, 16.0]


def test_grad_leaves_grad_alone():
    w, v = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = w * v
    z = (y * y).sum()
    dy, dw = torch.autograd.grad(z, [y, w], retain_graph=True)
    assert dy.tolist() == [6.0, 16.0]
    assert dw.tolist() == [18.0, 64.0]
    assert w.grad is None
    assert v.grad is None
    (dv,) = torch.autograd.grad(y, v, grad_outputs=torch.tensor([1.0, 10.0]), retain_graph=True)
    assert dv.tolist() == [1.0, 20.0]
    unused = leaf(1.0)
    with pytest.raises(RuntimeError, match="no output depends on input 1"):
        torch.autograd.grad(z, [w, unused], retain_graph=True)
    assert torch.autograd.grad(z, [w, unused], allow_unused=True)[1] is None
    assert y.node.hooks == []
    with pytest.raises(RuntimeError, match="input 0.*does not require grad"):
        torch.autograd.grad(z, torch.ones(2))
    assert torch.autograd.grad([w.sum(), (w * 2).sum()], w)[0].tolist() == [3.0, 3.0]


def test_modes():
    w = leaf(1.0)
    with torch.no_grad():
        assert not torch.is_grad_enabled()
        assert not (w * 2).requires_grad
        with torch.enable_grad():
            assert (w * 2).requires_grad
        with torch.no_grad():
            pass
        assert not torch.is_grad_enabled(), "the inner one ends, the outer one goes on"
        assert torch.ones(1, requires_grad=True).requires_grad
    assert torch.is_grad_enabled()
    with torch.inference_mode():
        assert not (w * 2).requires_grad
    with torch.set_grad_enabled(False):
        assert not (w * 2).requires_grad
    assert torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        1 / 0
    assert torch.is_grad_enabled()


def test_modes_as_decorators():
    @torch.no_grad()
    def quiet(x):
        """Double."""
        return x * 2

    @torch.no_grad
    def plain(x):
        return x * 2

    @torch.inference_mode()
    def inference(x):
        return x * 2

    @torch.set_grad_enabled(False)
    def disabled(x):
        return x * 2

    @torch.no_grad()
    def steps(x):
        yield torch.is_grad_enabled()
        yield (x * 2).requires_grad

    w = leaf(1.0)
    assert torch.is_grad_enabled()
    for f in (quiet, plain, inference, disabled):
        assert not f(w).requires_grad
    assert quiet.__doc__ == "Double."
    for enabled in steps(w):
        assert not enabled
        assert torch.is_grad_enabled()


def test_a_given_gradient_is_left_alone():
    """Both shares of h + h are the gradient that came in; adding them up must not change it."""
    p = torch.tensor([1.0, -2.0], requires_grad=True)
    h = p * 3.0
    g = torch.tensor([1.0, 10.0])
    (h + h).backward(g)
    assert g.tolist() == [1.0, 10.0]
    assert p.grad.tolist() == [6.0, 60.0]


# -------------------------------------------------------------------------------- several outputs


def product_and_sum(a, b):
    return (a * b, a + b), (a, b)


def product_and_sum_backward(dy, cache, needs):
    (a, b), (p, s) = cache, dy
    zero = np.zeros_like(a)
    p, s = zero if p is None else p, zero if s is None else s
    return p * b + s if needs[0] else None, p * a + s if needs[1] else None


def two_outputs(a, b, saves="inputs"):
    return apply(product_and_sum, product_and_sum_backward, (a, b), saves=saves)


def test_several_outputs_meet_in_one_node():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    p, s = two_outputs(a, b)
    (p * s + p + p.exp()).sum().backward()
    x, y = a.array, b.array
    e = np.exp(x * y)
    np.testing.assert_allclose(a.grad.array, 2 * x * y + y * y + y + e * y)
    np.testing.assert_allclose(b.grad.array, 2 * x * y + x * x + x + e * x)


@pytest.mark.parametrize("used", [0, 1])
def test_one_of_several_outputs_is_enough(used):
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    two_outputs(a, b)[used].sum().backward()
    np.testing.assert_array_equal(a.grad.array, [3, 4] if used == 0 else [1, 1])
    np.testing.assert_array_equal(b.grad.array, [1, 2] if used == 0 else [1, 1])


def test_a_hook_sees_the_gradient_of_its_own_output():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    p, s = two_outputs(a, b)
    seen = []
    s.register_hook(lambda g: seen.append(g.tolist()))
    (p + 2 * s).sum().backward()
    assert seen == [[2.0, 2.0]]


def test_several_outputs_are_watched_for_changes_in_place():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    p, s = two_outputs(a, b, saves="both")
    total = (p.sum() + s.sum()) * 1.0
    s.detach().add_(1.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        total.backward()


def test_a_gradient_that_is_part_of_what_came_in_is_copied():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    outputs = apply(lambda a, b: ((a + 0, b + 0), None), lambda dy, _, needs: dy, (a, b))
    came = torch.tensor([5.0, 6.0], dtype=torch.float64)
    outputs[0].backward(came)
    a.grad.array += 1
    assert came.tolist() == [5.0, 6.0]
