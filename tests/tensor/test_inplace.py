"""Changes in place: what is refused, what is noticed, and what views show."""

import numpy as np
import pytest

import scratchml.tensor as torch


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_leaf_that_requires_grad_is_not_changed_where_gradients_are_recorded():
    w = leaf(1.0, 2.0)
    for change in (
        lambda: w.add_(1),
        lambda: w.zero_(),
        lambda: w.__setitem__(0, 5.0),
        lambda: w.exp_(),
        lambda: w[0].mul_(2),
        lambda: w.view(2, 1).fill_(0),
        lambda: w.uniform_(),
    ):
        with pytest.raises(RuntimeError, match="a leaf that requires grad cannot be changed"):
            change()
    assert w.tolist() == [1.0, 2.0]
    with torch.no_grad():
        w.add_(1)
        w[0] = 7.0
    assert w.tolist() == [7.0, 3.0]
    assert w.is_leaf
    assert w._version == 2


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x * x,
        lambda x: x.exp(),  # reads its output, changed below
        lambda x: x / torch.ones(2, dtype=torch.float64, requires_grad=True),
        lambda x: x @ x,
        lambda x: x.log(),
        lambda x: x.max(),
        lambda x: x**3,
        lambda x: x.prod(),
        lambda x: x.norm(),
        lambda x: x.clamp(0, 1),
    ],
)
def test_changed_values_that_backward_needs_are_noticed(use):
    x = leaf(1.0, 2.0) * 1
    y = use(x)
    with torch.no_grad():
        (y if use.__code__.co_names[:1] == ("exp",) else x).mul_(2)
    with pytest.raises(RuntimeError, match="changed in place after it was used"):
        y.sum().backward()


@pytest.mark.parametrize(
    "use", [lambda x: x + x, lambda x: x.sum() * 1, lambda x: x * 2, lambda x: x[0], lambda x: -x]
)
def test_changed_values_that_backward_does_not_need_do_no_harm(use):
    w = leaf(1.0, 2.0)
    x = w * 1
    y = use(x)
    with torch.no_grad():
        x.mul_(2)
    y.sum().backward()
    assert w.grad is not None


def test_a_change_through_a_view_is_noticed():
    x = leaf(1.0, 2.0, 3.0) * 1
    y = x * x
    with torch.no_grad():
        x[1:].zero_()
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_a_change_through_detach_is_noticed_and_through_data_is_not():
    w = leaf(1.0, 2.0)
    y = w * w
    w.data.mul_(3)
    y.sum().backward()
    assert w.grad.tolist() == [6.0, 12.0]
    y = w * w
    w.detach().mul_(3)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_the_gradient_goes_through_the_change():
    w = leaf(1.0, 2.0)
    x = w * 3
    x.mul_(x.detach() + 1)
    x.sum().backward()
    assert w.grad.tolist() == [12.0, 21.0]


def test_a_plain_tensor_that_is_changed_by_one_with_gradient_requires_grad():
    w = leaf(1.0, 2.0)
    out = torch.zeros(3, 2, dtype=torch.float64)
    out[1] = w * 2
    out[2].add_(w)
    assert out.requires_grad
    assert not out.is_leaf
    (out * torch.tensor([[1.0], [10.0], [100.0]], dtype=torch.float64)).sum().backward()
    assert w.grad.tolist() == [120.0, 120.0]


def test_views_that_are_alive_show_the_change_and_its_gradient():
    w = leaf(1.0, 2.0, 3.0, 4.0)
    base = w * 1
    left, matrix = base[:2], base.view(2, 2)
    base.mul_(5)
    assert left.tolist() == [5.0, 10.0]
    (left.sum() + matrix[1, 1] * 10).backward()
    assert w.grad.tolist() == [5.0, 5.0, 0.0, 50.0]


def test_a_view_that_is_changed_changes_its_neighbours():
    w = leaf(1.0, 2.0, 3.0)
    base = w * 1
    head, tail = base[:2], base[1:]
    head.pow_(2)
    assert tail.tolist() == [4.0, 3.0]
    tail.sum().backward()
    assert w.grad.tolist() == [0.0, 4.0, 1.0]


def test_an_expanded_view_collects_what_it_repeats():
    w = leaf(1.0, 2.0)
    base = w * 1
    wide = base.expand(3, 2)
    base.mul_(2)
    wide.sum().backward()
    assert w.grad.tolist() == [6.0, 6.0]
    for change in (lambda x: x.add_(1), lambda x: x.zero_(), lambda x: x.__setitem__(0, 1)):
        with torch.no_grad(), pytest.raises(RuntimeError, match="read-only"):
            change(torch.zeros(2).expand(3, 2))


def test_a_leaf_that_is_a_view_stays_a_leaf():
    w, base = leaf(1.0), torch.zeros(2, dtype=torch.float64)
    part = base[:1].requires_grad_()
    base.add_(w)
    (part * 3).sum().backward()
    assert part.is_leaf
    assert part.grad.tolist() == [3.0]


def test_views_made_in_a_loop_are_forgotten():
    x = torch.zeros(4)
    for _ in range(1000):
        x.view(2, 2)
    assert len(x.version) < 200
    kept = [x[i : i + 1] for i in range(4)] * 20
    x.add_(1)
    assert all(v.item() == 1 for v in kept)


def test_results_that_do_not_fit_are_refused():
    x = torch.zeros(2, 3)
    with pytest.raises(ValueError, match=r"\(4,\).*\(2, 3\)"):
        x.add_(torch.zeros(4))
    with pytest.raises(ValueError, match=r"\(4, 2, 3\).*\(2, 3\)"):
        x.mul_(torch.zeros(4, 1, 3))
    with pytest.raises(TypeError, match="int64"):
        torch.zeros(2, dtype=torch.int64).add_(1.5)
    with pytest.raises(TypeError, match="int64"):
        torch.tensor([1, 2]).div_(2)
    with pytest.raises(ValueError, match=r"\(5,\).*\(2, 3\)"):
        x.copy_(torch.zeros(5))
    with pytest.raises(ValueError, match=r"\(5,\).*\(3,\)"):
        x[0] = torch.zeros(5)
    assert x.sum().item() == 0


def test_types_stay():
    x = torch.zeros(2)
    x += torch.ones(2, dtype=torch.float64)
    x.mul_(torch.tensor([2, 3]))
    x[0] = torch.tensor(5.5, dtype=torch.float64)
    assert x.dtype == torch.float32
    assert x.tolist() == [5.5, 3.0]
    counts = torch.tensor([1, 2], dtype=torch.uint8)
    counts += torch.tensor([3, 4])
    assert counts.dtype == torch.uint8
    assert counts.tolist() == [4, 6]


def test_augmented_assignment_on_an_index():
    x = torch.arange(6).reshape(2, 3)
    x[:, 1] *= 10
    x[0, 0] += 7
    assert x.tolist() == [[7, 10, 2], [3, 40, 5]]
    w = torch.ones(2, 3, requires_grad=True)
    y = w * 1
    y[:, 1] *= 10
    y.sum().backward()
    assert w.grad.tolist() == [[1.0, 10.0, 1.0]] * 2


def test_memory_stays():
    array = np.zeros(3)
    x = torch.from_numpy(array)
    x.add_(1).mul_(2).clamp_(0, 1.5).exp_()
    x[0] = 9
    np.testing.assert_allclose(array, [9, np.exp(1.5), np.exp(1.5)])
    assert x.array is array


@pytest.mark.peer
@pytest.mark.parametrize("seed", range(30))
def test_chains_of_views_and_changes_like_pytorch(seed):
    """Random programs: views of one tensor and changes of them, then a gradient through all."""
    pytorch = pytest.importorskip("torch")
    got, expected = program(torch, seed), program(pytorch, seed)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def program(library, seed):
    rng = np.random.default_rng(seed)
    w = library.from_numpy(rng.uniform(0.5, 1.5, (3, 4))).requires_grad_()
    v = library.from_numpy(rng.uniform(0.5, 1.5, 4)).requires_grad_()
    tensors = [w * 1]
    for _ in range(12):
        x = tensors[rng.integers(len(tensors))]
        step = rng.integers(7)
        if step == 0 and x.ndim:
            tensors.append(x[rng.integers(x.shape[0])])
        elif step == 1 and x.ndim == 2:
            tensors.append(x.t())
        elif step == 2 and x.ndim:
            tensors.append(x[1:] if x.shape[0] > 2 else x[..., None].squeeze(-1))
        elif step == 3:
            x.mul_(v[rng.integers(4)])
        elif step == 4:
            x.add_(v.sum())
        elif step == 5:
            x.mul_(float(rng.uniform(0.5, 1.5)))
        elif step == 6 and x.ndim:
            x[rng.integers(x.shape[0])] = v[0] * 2
    weights = rng.uniform(0.5, 1.5, len(tensors))
    sum(float(c) * t.sum() for c, t in zip(weights, tensors, strict=True)).backward()
    zeros = np.zeros(4)
    return [
        *(t.detach().numpy() for t in tensors),
        w.grad.numpy(),
        zeros if v.grad is None else v.grad.numpy(),
    ]
