"""Module: what it holds, in which order; hooks; state dicts; copies."""

import copy
import gc
import pickle
import weakref
from collections import OrderedDict

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.tensor.tape import Taped, constant


def tensor(*shape, seed=0, dtype=np.float32):
    return constant(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


class Scale(nn.Module):
    """y = x * weight + offset, with a parameter and a buffer."""

    def __init__(self, n=3):
        super().__init__()
        self.weight = nn.Parameter(np.ones(n, np.float32))
        self.register_buffer("offset", constant(np.zeros(n, np.float32)))
        self.register_buffer("scratch", constant(np.zeros(1, np.float32)), persistent=False)

    def forward(self, x):
        return x * self.weight


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()  # noqa: UP008 (as tutorials write it)
        self.first = nn.Linear(3, 4)
        self.scale = Scale(4)
        self.last = nn.Sequential(nn.ReLU(), nn.Linear(4, 2, bias=False))

    def forward(self, x):
        return self.last(self.scale(self.first(x)))


NAMES = ["first.weight", "first.bias", "scale.weight", "last.1.weight"]


# What a module holds


def test_parameters_buffers_and_modules_are_listed_in_the_order_of_assignment():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [name for name, _ in net.named_parameters(prefix="net")] == [f"net.{n}" for n in NAMES]
    assert list(net.parameters(recurse=False)) == []
    assert [name for name, _ in net.named_buffers()] == ["scale.offset", "scale.scratch"]
    assert [b.shape for b in net.buffers()] == [(4,), (1,)]
    assert [n for n, _ in net.named_modules()] == ["", "first", "scale", "last", "last.0", "last.1"]
    assert next(net.modules()) is net
    assert [n for n, _ in net.named_children()] == ["first", "scale", "last"]
    assert list(net.children()) == [net.first, net.scale, net.last]


def test_shared_parameters_and_modules_are_listed_once():
    net = nn.Module()
    net.a = nn.Linear(3, 3)
    net.b = nn.Linear(3, 3)
    net.b.weight = net.a.weight
    net.c = net.a
    assert [n for n, _ in net.named_parameters()] == ["a.weight", "a.bias", "b.bias"]
    every = [n for n, _ in net.named_parameters(remove_duplicate=False)]
    assert every == ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]
    assert [n for n, _ in net.named_modules()] == ["", "a", "b"]
    assert [n for n, _ in net.named_children()] == ["a", "b"]
    assert list(net.state_dict()) == every  # the state dict has both names


def test_a_parameter_that_is_replaced_keeps_its_place():
    net = Net().first
    old, net.weight = net.weight, nn.Parameter(np.zeros((4, 3), np.float32))
    assert [n for n, _ in net.named_parameters()] == ["weight", "bias"]
    assert net.weight is not old


def test_none_switches_a_parameter_off_and_it_can_come_back():
    layer = nn.Linear(3, 4)
    layer.bias = None
    assert [n for n, _ in layer.named_parameters()] == ["weight"]
    assert list(layer.state_dict()) == ["weight"]
    layer.bias = nn.Parameter(np.zeros(4, np.float32))
    assert [n for n, _ in layer.named_parameters()] == ["weight", "bias"]


def test_deleting_takes_a_name_out_of_the_registry():
    net = Net()
    del net.scale.weight, net.scale.offset, net.first
    assert [n for n, _ in net.named_parameters()] == ["last.1.weight"]
    assert not hasattr(net, "first")
    with pytest.raises(AttributeError):
        del net.first


def test_an_attribute_becomes_a_parameter_a_module_or_a_plain_value():
    module = nn.Module()
    module.x = 5
    module.x = nn.Parameter(np.ones(2, np.float32))
    assert [n for n, _ in module.named_parameters()] == ["x"]
    del module.x
    module.x = nn.ReLU()
    assert [n for n, _ in module.named_children()] == ["x"]
    module.x = nn.Parameter(np.ones(2, np.float32))
    assert [n for n, _ in module.named_children()] == []
    assert [n for n, _ in module.named_parameters()] == ["x"]


def test_plain_tensors_are_not_registered_and_buffers_are_replaced():
    module = Scale()
    module.note = tensor(3)
    assert "note" not in dict(module.named_buffers())
    module.offset = tensor(3)
    assert dict(module.named_buffers())["offset"] is module.offset


@pytest.mark.parametrize("value", [nn.Parameter(np.ones(1)), nn.ReLU()])
def test_assigning_before_init_says_what_to_do(value):
    class Wrong(nn.Module):
        def __init__(self):
            self.x = value

    with pytest.raises(AttributeError, match=r"Wrong before its Module.__init__\(\) was called"):
        Wrong()


def test_what_may_not_be_replaced():
    net = Net()
    with pytest.raises(TypeError, match="cannot assign a Tensor as parameter 'weight' of Linear"):
        net.first.weight = tensor(4, 3)
    with pytest.raises(TypeError, match="cannot assign a ReLU as parameter 'weight'"):
        net.first.weight = nn.ReLU()
    with pytest.raises(TypeError, match="cannot assign a int as module 'first' of Net"):
        net.first = 3
    with pytest.raises(TypeError, match="cannot assign a ndarray as buffer 'offset' of Scale"):
        net.scale.offset = np.zeros(4)


@pytest.mark.parametrize("register", ["register_parameter", "register_buffer", "add_module"])
def test_names_and_types_are_checked(register):
    module = nn.Module()
    add = getattr(module, register)
    for name, error in [("a.b", KeyError), ("", KeyError), ("forward", KeyError), (3, TypeError)]:
        with pytest.raises(error):
            add(name, None)
    with pytest.raises(TypeError, match="cannot (register|add) a float as"):
        add("x", 1.5)
    add("x", None)
    add("x", None)  # again is fine
    module.y = 3
    with pytest.raises(KeyError, match="has an attribute 'y' already"):
        add("y", None)


def test_a_computed_tensor_is_no_parameter():
    module, p = nn.Module(), nn.Parameter(np.ones(2, np.float32))
    p.node = (constant(np.ones(2, np.float32)) * nn.Parameter(np.ones(2, np.float32))).node
    with pytest.raises(ValueError, match="computed tensor"):
        module.register_parameter("p", p)


def test_the_dicts_of_a_module_can_be_read():
    net = Net()
    assert list(net._modules) == ["first", "scale", "last"]
    assert net.first._parameters["bias"] is net.first.bias
    assert net.last[1]._parameters["bias"] is None
    assert list(net.scale._buffers) == ["offset", "scratch"]


def test_get_by_path():
    net = Net()
    assert net.get_submodule("last.1") is net.last[1]
    assert net.get_submodule("") is net
    assert net.get_parameter("first.bias") is net.first.bias
    assert net.get_buffer("scale.offset") is net.scale.offset
    for get, path in [("submodule", "last.2"), ("parameter", "first.x"), ("buffer", "first.bias")]:
        with pytest.raises(AttributeError, match="looking for"):
            getattr(net, f"get_{get}")(path)


# What is done to all


def test_apply_meets_children_first():
    net, seen = Net(), []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "Scale", "ReLU", "Linear", "Sequential", "Net"]


def test_train_and_eval_reach_everything():
    net = Net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())
    with pytest.raises(ValueError, match="mode must be True or False"):
        net.train("yes")


def test_requires_grad_freezes_and_zero_grad_forgets():
    net = Net()
    assert not any(p.requires_grad for p in net.requires_grad_(False).parameters())
    net.requires_grad_()
    net(tensor(2, 3)).backward(tensor(2, 2))
    grads = [p.grad for p in net.parameters()]
    assert all(g is not None for g in grads)
    net.zero_grad(set_to_none=False)
    assert [p.grad for p in net.parameters()] == grads
    assert all((g.array == 0).all() for g in grads)
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_dtypes_change_in_the_same_parameters():
    net = Net()
    net.scale.register_buffer("count", constant(np.array(3)))
    before = list(net.parameters())
    net(tensor(2, 3)).backward(tensor(2, 2))
    assert net.double() is net
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert {p.grad.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert [b.dtype.name for b in net.buffers()] == ["float64", "float64", "int64"]
    assert net(tensor(2, 3, dtype=np.float64)).dtype == np.float64
    assert net.float().first.weight.dtype == np.float32
    assert net.to(np.float64).first.weight.dtype == np.float64
    assert net.to("cpu", dtype=np.float32).first.weight.dtype == np.float32
    assert net.to(tensor(1, dtype=np.float64)).first.weight.dtype == np.float64
    assert net.to("cpu").cpu() is net
    assert net.first.weight.dtype == np.float64


def test_a_change_of_dtype_is_seen_by_the_tape():
    net = Net()
    y = net(tensor(2, 3))
    net.double()
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward(tensor(2, 2))


def test_other_devices_and_dtypes_raise():
    net = Net()
    with pytest.raises(RuntimeError, match="device must be 'cpu'"):
        net.to("cuda")
    with pytest.raises(RuntimeError, match="device must be 'cpu'"):
        nn.Linear(2, 2, device="cuda:0")
    with pytest.raises(TypeError, match="must be float32 or float64, got int64"):
        net.to(np.int64)
    with pytest.raises(TypeError, match="dtype of Linear must be float32 or float64, got float16"):
        nn.Linear(2, 2, dtype=np.float16)
    with pytest.raises(TypeError, match="got memory"):
        net.to(memory="fast")
    assert nn.Linear(2, 2, dtype=np.float64).weight.dtype == np.float64


# Calls and hooks


def test_forward_is_needed():
    with pytest.raises(NotImplementedError, match='Module has no "forward" method'):
        nn.Module()(1)


def test_arguments_are_passed_on():
    class Pair(nn.Module):
        def forward(self, a, b, *, c=0):
            return (a, b, c)

    assert Pair()(1, b=2, c=3) == (1, 2, 3)


def test_errors_name_the_layer_by_its_path():
    linear = "Linear(in_features=3, out_features=4, bias=True)"
    body = nn.Sequential(nn.ReLU(), nn.Linear(3, 4))
    for net, path in [
        (body[1], ""),
        (body, "1: "),
        (nn.Sequential(OrderedDict(layers=nn.Sequential(nn.Tanh(), body))), "layers.1.1: "),
    ]:
        with pytest.raises(ValueError) as caught:
            net(tensor(2, 5))
        assert caught.value.__notes__ == [f"in {path}{linear}"]


def test_errors_out_of_what_a_module_does_not_hold():
    class Outside(nn.Module):
        def forward(self, x):
            return layer(x)

    layer = nn.Linear(3, 4)
    with pytest.raises(ValueError) as caught:
        nn.Sequential(OrderedDict(first=Outside()))(tensor(2, 5))
    assert caught.value.__notes__ == [f"in {layer!r}", "in first: Outside()"]


def test_a_note_of_another_stays_where_it_is():
    class Noting(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(3, 4)

        def forward(self, x):
            try:
                return self.inner(x)
            except ValueError as error:
                error.add_note("the mask was too long")
                raise

    with pytest.raises(ValueError) as caught:
        Noting()(tensor(2, 5))
    described = "Linear(in_features=3, out_features=4, bias=True)"
    assert caught.value.__notes__ == [f"in inner: {described}", "the mask was too long"]


def test_forward_hooks_see_and_replace():
    layer, seen = nn.Linear(3, 4), []
    x = tensor(2, 3)
    plain = layer(x).array
    handle = layer.register_forward_hook(lambda m, args, y: seen.append((m, args, y)))
    y = layer(x)
    assert seen[0][0] is layer
    assert seen[0][1] == (x,)
    assert seen[0][2] is y
    handle.remove()
    handle.remove()  # twice is fine
    layer.register_forward_hook(lambda m, args, y: y * 2)
    np.testing.assert_array_equal(layer(x).array, plain * 2)
    assert len(seen) == 1


def test_pre_hooks_replace_arguments():
    layer, x = nn.Linear(3, 4), tensor(2, 3)
    plain = layer(x * 2).array
    with layer.register_forward_pre_hook(lambda m, args: args[0] * 2):
        np.testing.assert_array_equal(layer(x).array, plain)
    with layer.register_forward_pre_hook(lambda m, args: (args[0] * 2,)):
        np.testing.assert_array_equal(layer(x).array, plain)
    assert "_hooks" not in vars(layer), "the fast way is back when the last hook is gone"


def test_order_and_options_of_hooks():
    class Named(nn.Module):
        def forward(self, x, factor=1):
            return x * factor

    module, seen = Named(), []
    module.register_forward_hook(lambda m, a, y: seen.append("second"))
    module.register_forward_hook(lambda m, a, y: seen.append("first"), prepend=True)
    module.register_forward_hook(lambda m, a, k, y: seen.append(k), with_kwargs=True)
    module.register_forward_pre_hook(lambda m, a, k: (a, {"factor": 5}), with_kwargs=True)
    assert module(2, factor=3) == 10
    assert seen == ["first", "second", {"factor": 5}]
    module.register_forward_pre_hook(lambda m, a, k: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"must return None or \(args, kwargs\), got int"):
        module(2)
    with pytest.raises(TypeError, match="hook must be callable"):
        module.register_forward_hook(3)


def test_a_hook_may_be_called_although_forward_failed():
    class Fails(nn.Module):
        def forward(self, x):
            raise ValueError("no")

    module, seen = Fails(), []
    module.register_forward_hook(lambda m, a, y: seen.append("never"))
    module.register_forward_hook(lambda m, a, y: seen.append(y), always_call=True)
    with pytest.raises(ValueError, match="no"):
        module(1)
    assert seen == [None]


def test_a_hook_may_remove_itself():
    layer, seen = nn.ReLU(), []
    handle = layer.register_forward_hook(lambda m, a, y: (seen.append(1), handle.remove())[0])
    layer(tensor(2))
    layer(tensor(2))
    assert seen == [1]


def leaf(*shape, seed=0):
    return nn.Parameter(tensor(*shape, seed=seed))


def test_backward_hooks_see_the_gradients_of_inputs_and_outputs():
    class Both(nn.Module):
        def forward(self, a, b, n):
            return a * b, a * n

    a, b = leaf(3, seed=1), leaf(3, seed=2)
    module, seen = Both(), []
    module.register_full_backward_hook(lambda m, gi, go: seen.append((m, gi, go)))
    p, q = module(a, b, 2.0)
    (p * 3 + q).backward(constant(np.ones(3, np.float32)))
    (m, grad_input, grad_output), one = seen[0], np.ones(3, np.float32)
    assert len(seen) == 1
    assert m is module
    np.testing.assert_allclose(grad_input[0].array, 3 * b.array + 2, rtol=1e-6)
    np.testing.assert_allclose(grad_input[1].array, 3 * a.array, rtol=1e-6)
    assert grad_input[2] is None
    np.testing.assert_array_equal([g.array for g in grad_output], [3 * one, one])
    np.testing.assert_array_equal(a.grad.array, grad_input[0].array)
    np.testing.assert_array_equal(b.grad.array, grad_input[1].array)


def test_backward_hooks_replace_gradients():
    net, x = nn.Linear(3, 2), leaf(4, 3)
    g = tensor(4, 2)
    net(x).backward(g)
    plain = x.grad.array.copy(), net.weight.grad.array.copy()
    for register, hook, factors in [
        (net.register_full_backward_hook, lambda m, gi, go: (gi[0] * 2,), (2, 1)),
        (net.register_full_backward_pre_hook, lambda m, go: go[0] * 3, (3, 3)),
    ]:
        x.grad = net.weight.grad = None
        with register(hook):
            net(x).backward(g)
        # of sums that cancel, roundings are as large as those of their terms, which are about 1
        np.testing.assert_allclose(x.grad.array, factors[0] * plain[0], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            net.weight.grad.array, factors[1] * plain[1], rtol=1e-6, atol=1e-6
        )
    net.register_full_backward_hook(lambda m, gi, go: (None, None))
    with pytest.raises(RuntimeError, match="returned 2 gradients for a grad_input of 1"):
        net(x).backward(g)


def test_backward_hooks_where_no_gradient_flows_to_the_input():
    net, seen = nn.Linear(3, 2), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go[0].shape)))
    net(tensor(4, 3)).backward(tensor(4, 2))
    assert seen == [((None,), (4, 2))]
    net.requires_grad_(False)
    assert net(tensor(4, 3)).requires_grad is False


def test_backward_hooks_run_again_with_a_kept_graph():
    net, seen, x = nn.Linear(3, 2), [], leaf(4, 3)
    net.register_full_backward_hook(lambda m, gi, go: seen.append(gi[0].array.copy()))
    y = net(x)
    y.backward(tensor(4, 2), retain_graph=True)
    y.backward(tensor(4, 2))
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_allclose(x.grad.array, 2 * seen[0], rtol=1e-6)


def test_what_an_earlier_backward_left_is_forgotten():
    class Both(nn.Module):
        def forward(self, a, b):
            return a * 2, b * 3

    module, seen = Both(), []
    module.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go)))
    p, q = module(leaf(3), leaf(3))
    p.backward(tensor(3), retain_graph=True)
    q.backward(tensor(3))
    assert [[g is None for g in part] for part in seen[0]] == [[False, True], [False, True]]
    assert [[g is None for g in part] for part in seen[1]] == [[True, False], [True, False]]


def test_hooks_and_gradients_share_no_memory():
    module, seen, x, g = nn.Identity(), [], leaf(3), tensor(3)
    module.register_full_backward_hook(lambda m, gi, go: seen.extend([*gi, *go]))
    module(x).backward(g)
    arrays = [x.grad.array, g.array, seen[1].array]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[:i])


# State dicts


def test_the_state_dict_shares_memory_and_has_no_gradients():
    net = Net()
    state = net.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == ["first.weight", "first.bias", "scale.weight", "scale.offset", *NAMES[3:]]
    assert all(isinstance(v, Taped) and not v.requires_grad for v in state.values())
    assert state["first.weight"].array is net.first.weight.array
    assert net.state_dict(keep_vars=True)["first.weight"] is net.first.weight
    into = OrderedDict(x=1)
    assert net.state_dict(destination=into, prefix="net.") is into
    assert list(into)[1] == "net.first.weight"


def test_a_subclass_may_change_its_state_dict():
    class Quiet(nn.Linear):
        def state_dict(self, **options):
            return options["destination"]

    assert list(nn.Sequential(Quiet(2, 2), nn.Linear(2, 2)).state_dict()) == ["1.weight", "1.bias"]


@pytest.mark.parametrize("kind", ["tensors", "arrays", "lists"])
def test_loading_copies_values(kind):
    net, other = Net(), Net()
    make = {
        "tensors": lambda t: t,
        "arrays": lambda t: t.array,
        "lists": lambda t: t.array.tolist(),
    }
    x = tensor(2, 3)
    expected = other(x).array
    weight = net.first.weight
    result = net.load_state_dict({k: make[kind](v) for k, v in other.state_dict().items()})
    assert net.first.weight is weight
    np.testing.assert_array_equal(net(x).array, expected)
    assert result == ([], [])
    assert repr(result) == "<All keys matched successfully>"
    other.first.weight.array += 1
    np.testing.assert_array_equal(net(x).array, expected)


def test_loading_converts_to_the_dtype_of_the_module():
    net = Net().double()
    net.load_state_dict(Net().state_dict())
    assert net.first.weight.dtype == np.float64
    single = Net()
    single.load_state_dict(net.state_dict())
    assert single.first.weight.dtype == np.float32


def test_loading_is_all_or_nothing_and_lists_everything():
    net = Net()
    state = OrderedDict((k, v.array + 1) for k, v in net.state_dict().items())
    before = {k: v.array.copy() for k, v in net.state_dict().items()}
    del state["first.bias"]
    state["extra"] = np.ones(1)
    state["scale.weight"] = np.ones(5)
    state["last.1.weight"] = np.ones((4, 2))
    state["scale.offset"] = "text"
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    text = str(caught.value)
    for part in (
        "loading state_dict for Net",
        'Missing key(s) in state_dict: "first.bias"',
        'Unexpected key(s) in state_dict: "extra"',
        "size mismatch for scale.weight: the state_dict has shape (5,), the model needs (4,)",
        "size mismatch for last.1.weight: the state_dict has shape (4, 2), the model needs (2, 4)",
        "scale.offset must be an array of numbers, got str",
    ):
        assert part in text
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value.array, before[key])
    with pytest.raises(TypeError, match="state_dict must be a mapping"):
        net.load_state_dict([1, 2])


def test_loading_without_strict_tells_what_did_not_match():
    net = Net()
    result = net.load_state_dict({"first.bias": np.ones(4), "extra": 1}, strict=False)
    assert result.unexpected_keys == ["extra"]
    assert result.missing_keys == ["first.weight", "scale.weight", "scale.offset", "last.1.weight"]
    assert "missing_keys=['first.weight'" in repr(result)
    assert (net.first.bias.array == 1).all()
    with pytest.raises(RuntimeError, match="size mismatch for first.bias"):
        net.load_state_dict({"first.bias": np.ones(5)}, strict=False)


def test_assign_takes_the_tensors_themselves():
    net, state = Net(), Net().double().state_dict()
    net.first.weight.requires_grad_(False)
    net.load_state_dict(state, assign=True)
    assert net.first.weight.array is state["first.weight"].array
    assert isinstance(net.first.weight, nn.Parameter)
    assert not net.first.weight.requires_grad
    assert net.first.bias.requires_grad
    assert net.scale.offset is state["scale.offset"]
    assert [n for n, _ in net.named_parameters()] == NAMES


def test_loading_into_values_that_may_not_be_written():
    net = Net()
    frozen = net.first.bias.array
    frozen.flags.writeable = False
    net.load_state_dict({"first.bias": np.ones(4)}, strict=False)
    assert (net.first.bias.array == 1).all()
    assert not (frozen == 1).all()


def test_loading_is_seen_by_the_tape():
    net = Net()
    y = net(tensor(2, 3))
    net.load_state_dict(Net().state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward(tensor(2, 2))


def test_scalars_of_old_files_have_one_axis():
    module = nn.Module()
    module.register_buffer("count", constant(np.array(0)))
    module.load_state_dict({"count": np.array([7])})
    assert module.count.array.shape == ()
    assert module.count.item() == 7


# Copies, and how a module is shown


@pytest.mark.parametrize("how", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_whole_and_independent(how):
    net = Net()
    net.second = net.first  # shared
    twin = how(net)
    assert repr(twin) == repr(net)
    assert twin.second is twin.first
    x = tensor(2, 3)
    np.testing.assert_array_equal(twin(x).array, net(x).array)
    twin(x).backward(tensor(2, 2))
    assert all(p.grad is not None for p in twin.parameters())
    assert all(p.grad is None for p in net.parameters())
    twin.first.weight.array += 1
    assert not np.array_equal(twin(x).array, net(x).array)
    twin.extra = nn.ReLU()
    assert not hasattr(net, "extra")


def test_a_shallow_copy_shares_parameters_and_not_the_registry():
    net = Net()
    twin = copy.copy(net)
    assert twin.first is net.first
    twin.extra = nn.ReLU()
    assert [n for n, _ in net.named_children()] == ["first", "scale", "last"]


def test_repr_is_a_tree():
    assert repr(Net()) == (
        "Net(\n"
        "  (first): Linear(in_features=3, out_features=4, bias=True)\n"
        "  (scale): Scale()\n"
        "  (last): Sequential(\n"
        "    (0): ReLU()\n"
        "    (1): Linear(in_features=4, out_features=2, bias=False)\n"
        "  )\n"
        ")"
    )

    class Told(nn.Module):
        def extra_repr(self):
            return "a=1\nb=2"

    assert repr(Told()) == "Told(\n  a=1\n  b=2\n)"


def test_a_module_is_freed_with_its_last_reference():
    net = Net()
    net(tensor(2, 3))
    gone = weakref.ref(net)
    gc.disable()
    try:
        del net
        assert gone() is None, "no reference cycles"
    finally:
        gc.enable()


@pytest.mark.peer
def test_registry_and_names_as_in_torch():
    torch = pytest.importorskip("torch")

    def story(lib, parameter):
        """Do things, and tell what is listed after each."""
        told = []

        def tell(m):
            told.append([n for n, _ in m.named_parameters()])
            told.append([n for n, _ in m.named_modules()])
            told.append(list(m.state_dict()))

        net = lib.Module()
        net.a = lib.Linear(2, 3)
        net.b = parameter()
        net.c = lib.Sequential(lib.Linear(3, 2), lib.ReLU())
        tell(net)
        net.a.bias = None
        net.b = parameter()
        net.a = lib.Linear(2, 3, bias=False)
        tell(net)
        net.c[1] = net.a
        tell(net)
        net.c.append(lib.BatchNorm1d(3))
        net.b = None
        tell(net)
        del net.c[0]
        net.d = net.c
        tell(net)
        return told

    mine = story(nn, lambda: nn.Parameter(np.ones(2, np.float32)))
    assert mine == story(torch.nn, lambda: torch.nn.Parameter(torch.ones(2)))
