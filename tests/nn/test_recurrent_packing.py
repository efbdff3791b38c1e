"""Packed and padded sequences, beside PyTorch's and against their definition."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import scratchml.tensor as torch
from scratchml import nn
from scratchml.nn.ops.packing import (
    pad_backward,
    pad_forward,
    put_rows_backward,
    put_rows_forward,
    take_rows_backward,
    take_rows_forward,
)
from scratchml.nn.utils import rnn

from .pairs import check_adjoint, check_pair

LENGTHS = {"sorted": [4, 3, 3, 1], "unsorted": [1, 3, 4, 3], "equal": [2, 2, 2], "one": [3]}
LENGTHS["many"] = [1, 2, 3] * 15  # so many that an unstable sort changes the order of equal ones
lengths_of = pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
first = pytest.mark.parametrize("batch_first", [False, True])


def sequences(lengths, width=(2,), seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((n, *width)) for n in lengths]


def padded(arrays, batch_first, value=0.0, total=None):
    total = total or max(map(len, arrays))
    out = np.full((len(arrays), total, *arrays[0].shape[1:]), value)
    for row, a in zip(out, arrays, strict=True):
        row[: len(a)] = a
    return out if batch_first else out.swapaxes(0, 1).copy()


def packed(arrays):
    """Return the rows by the definition: step by step, the longest sequence first."""
    order = sorted(range(len(arrays)), key=lambda b: -len(arrays[b]))
    steps = range(max(map(len, arrays)))
    rows = [[arrays[b][t] for b in order if t < len(arrays[b])] for t in steps]
    return np.array([row for step in rows for row in step]), [len(step) for step in rows], order


@lengths_of
@first
def test_packing_is_its_definition_and_padding_undoes_it(lengths, batch_first):
    arrays = sequences(lengths)
    rows, sizes, order = packed(arrays)
    batch = torch.from_numpy(padded(arrays, batch_first))
    found = rnn.pack_padded_sequence(batch, lengths, batch_first, enforce_sorted=False)
    np.testing.assert_array_equal(found.data.numpy(), rows)
    assert found.batch_sizes.tolist() == sizes
    assert found.sorted_indices.tolist() == order
    assert found.unsorted_indices.tolist() == np.argsort(order).tolist()
    back, told = rnn.pad_packed_sequence(found, batch_first, padding_value=7.0, total_length=6)
    np.testing.assert_array_equal(back.numpy(), padded(arrays, batch_first, 7.0, 6))
    assert told.tolist() == lengths
    assert (told.dtype, found.batch_sizes.dtype) == (np.int64, np.int64)
    for a, b in zip(arrays, rnn.unpack_sequence(found), strict=True):
        np.testing.assert_array_equal(a, b.numpy())


@pytest.mark.parametrize("width", [(), (2,), (2, 3)])
@first
@pytest.mark.parametrize("side", ["right", "left"])
def test_sequences_side_by_side_and_apart_again(width, batch_first, side):
    arrays = sequences([2, 4, 0, 1], width)
    tensors = list(map(torch.from_numpy, arrays))
    found = rnn.pad_sequence(tensors, batch_first, 3.0, side).numpy()
    expected = padded([a[::-1] for a in arrays], True, 3.0)[:, ::-1]
    if side == "right":
        expected = padded(arrays, True, 3.0)
        apart = rnn.unpad_sequence(torch.from_numpy(found), [2, 4, 0, 1], batch_first)
        for a, b in zip(arrays, apart, strict=True):
            np.testing.assert_array_equal(a, b.numpy())
    np.testing.assert_array_equal(found, expected if batch_first else expected.swapaxes(0, 1))


def test_pairs():
    x, index = np.random.default_rng(0).standard_normal((3, 4, 2)), np.array([5, 0, 11, 7])
    check_pair(take_rows_forward, take_rows_backward, [x], index)
    check_adjoint(take_rows_forward, take_rows_backward, x, index)
    check_pair(put_rows_forward, put_rows_backward, [x[0]], index, (3, 4), 2.0)
    check_adjoint(put_rows_forward, put_rows_backward, x[0], index, (3, 4))
    for options in ({}, {"batch_first": True, "left": True, "value": 1.0}):
        check_pair(pad_forward, lambda *a: pad_backward(*a), sequences([2, 3, 1]), **options)
    check_pair(pad_forward, pad_backward, sequences([3]))


@first
def test_gradients_pass_through(batch_first):
    arrays = sequences([2, 4, 1])
    leaves = [torch.from_numpy(a).requires_grad_() for a in arrays]
    batch = rnn.pad_sequence(leaves, batch_first)
    found = rnn.pack_padded_sequence(batch, [2, 4, 1], batch_first, enforce_sorted=False)
    (rnn.pad_packed_sequence(found, batch_first)[0] ** 2).sum().backward()
    for leaf, a in zip(leaves, arrays, strict=True):
        np.testing.assert_allclose(leaf.grad.numpy(), 2 * a)


def test_a_packed_sequence_is_a_tuple_with_names():
    one = rnn.pack_sequence([torch.ones(2, 3), torch.ones(1, 3)])
    data, sizes, there, back = one
    assert data is one.data
    assert sizes is one.batch_sizes
    assert there is back is None
    assert one.to(torch.float32) is one.cpu() is one.float() is one
    assert one.double().data.dtype == torch.float64
    assert one.double().batch_sizes is sizes
    assert not one.is_cuda
    for twin in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert type(twin) is rnn.PackedSequence
        assert twin.batch_sizes.tolist() == [2, 1]
    assert rnn.invert_permutation(None) is None
    assert nn.utils.rnn is rnn


BATCH = torch.ones(3, 2, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rnn.pack_padded_sequence(BATCH, [2, 3]), ValueError, r"decreasing order.*\[2, 3"),
        (lambda: rnn.pack_padded_sequence(BATCH, [3, 0]), ValueError, r"\[1, 3\], got \[3, 0\]"),
        (lambda: rnn.pack_padded_sequence(BATCH, [4, 3]), ValueError, r"\[1, 3\], got \[4, 3\]"),
        (lambda: rnn.pack_padded_sequence(BATCH, [3]), ValueError, r"each of the 2 sequences"),
        (lambda: rnn.pack_padded_sequence(BATCH, [3.0, 2.0]), TypeError, "must be integers"),
        (lambda: rnn.pack_padded_sequence(BATCH.numpy(), [3, 2]), TypeError, "from_numpy"),
        (lambda: rnn.pack_padded_sequence(torch.ones(3), [3]), ValueError, "at least 2 axes"),
        (lambda: rnn.pack_padded_sequence(torch.ones(3, 0), []), ValueError, "at least one"),
        (lambda: rnn.pack_sequence([]), ValueError, "at least one sequence"),
        (
            lambda: rnn.pad_packed_sequence(rnn.pack_sequence([torch.ones(3)]), total_length=2),
            ValueError,
            "longest sequence, 3, got 2",
        ),
        (lambda: rnn.pad_sequence([]), ValueError, "at least one sequence"),
        (
            lambda: rnn.pad_sequence([torch.ones(2, 3), torch.ones(2)]),
            ValueError,
            r"\(2, 3\) and \(2,\)",
        ),
        (
            lambda: rnn.pad_sequence([torch.ones(2), torch.arange(2)]),
            TypeError,
            "float32 and int64",
        ),
        (lambda: rnn.pad_sequence([np.ones(2)]), TypeError, "from_numpy"),
        (
            lambda: rnn.pad_sequence([torch.ones(2)], padding_side="top"),
            ValueError,
            "'right' or 'left', got 'top'",
        ),
        (lambda: rnn.pad_packed_sequence(BATCH), TypeError, "PackedSequence is needed, got Tensor"),
        (lambda: rnn.unpad_sequence(BATCH, [4, 1]), ValueError, r"\[0, 3\], got \[4, 1\]"),
    ],
)
def test_what_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Beside PyTorch


@pytest.mark.peer
def test_names_arguments_and_defaults_as_in_torch():
    peer = pytest.importorskip("torch.nn.utils.rnn")
    assert sorted(peer.__all__) == rnn.__all__
    for name in rnn.__all__:
        told = [
            [(p.name, p.default) for p in inspect.signature(getattr(m, name)).parameters.values()]
            for m in (rnn, peer)
        ]
        if name == "PackedSequence":  # batch_sizes=None is its default there, and an error
            told = [
                [("batch_sizes", None) if p[0] == "batch_sizes" else p for p in t] for t in told
            ]
        assert told[0] == told[1], name
    assert rnn.PackedSequence._fields == peer.PackedSequence._fields


@lengths_of
@first
@pytest.mark.peer
def test_values_as_in_torch(lengths, batch_first):
    if len(lengths) > 16:
        pytest.skip("PyTorch's order of sequences of one length is not theirs in the batch then")
    theirs = pytest.importorskip("torch")
    peer = pytest.importorskip("torch.nn.utils.rnn")
    arrays = sequences(lengths)
    results = []
    for library, utils in ((torch, rnn), (theirs, peer)):
        batch = utils.pad_sequence([library.tensor(a) for a in arrays], batch_first, -1.0)
        one = utils.pack_padded_sequence(
            batch, library.tensor(lengths), batch_first, enforce_sorted=False
        )
        again = utils.pad_packed_sequence(one, batch_first, 2.0, 5)
        apart = utils.unpack_sequence(one)
        apart += utils.unpad_sequence(batch, library.tensor(lengths), batch_first)
        results.append([*one, *again, *apart])
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        assert a.numpy().dtype == b.numpy().dtype
