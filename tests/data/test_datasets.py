"""Datasets, samplers, loaders: every sample once, in the order that was asked for."""

import threading
import time
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.tape import constant


class Plain(Dataset):
    """The samples of a TensorDataset without its way to take a whole batch."""

    def __init__(self, *arrays):
        self.arrays = arrays

    def __len__(self):
        return len(self.arrays[0])

    def __getitem__(self, i):
        return tuple(a[i] for a in self.arrays)


def pair(n):
    return np.arange(3.0 * n).reshape(n, 3), np.arange(n)


def seeded(seed=0):
    return Generator().manual_seed(seed)


def batches(loader):
    return [[t.array for t in batch] for batch in loader]


def assert_same(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        for s, t in zip(x, y, strict=True):
            np.testing.assert_array_equal(s, t)
            assert s.dtype == t.dtype


@given(
    n=st.integers(1, 40),
    size=st.integers(1, 13),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    workers=st.sampled_from([0, 0, 1, 3]),
    seed=st.integers(0, 2**40),
)
def test_loaders_give_every_sample_once(n, size, shuffle, drop_last, workers, seed):
    x, y = pair(n)
    options = {"batch_size": size, "shuffle": shuffle, "drop_last": drop_last}
    fast = DataLoader(TensorDataset(x, y), **options, generator=seeded(seed))
    slow = DataLoader(Plain(x, y), **options, num_workers=workers, generator=seeded(seed))
    for _ in range(2):
        ours, theirs = batches(fast), batches(slow)
        assert_same(ours, theirs)
        assert len(ours) == len(fast) == len(slow)
        taken = np.concatenate([batch[1] for batch in ours]) if ours else np.empty(0, int)
        kept = n - n % size if drop_last else n
        assert len(taken) == len(set(taken.tolist())) == kept
        assert all(len(batch[1]) == size for batch in ours[: n // size])
        np.testing.assert_array_equal(
            np.concatenate([batch[0] for batch in ours]) if ours else np.empty((0, 3)), x[taken]
        )
        if not shuffle:
            np.testing.assert_array_equal(taken, np.arange(kept))


def test_shuffling_depends_on_the_seed_alone_and_differs_between_epochs():
    data = TensorDataset(np.arange(50))
    first = DataLoader(data, 50, shuffle=True, generator=seeded(1))
    one, two = batches(first)[0][0], batches(first)[0][0]
    assert (one != two).any()
    again = DataLoader(data, 50, shuffle=True, generator=seeded(1))
    np.testing.assert_array_equal(batches(again)[0][0], one)
    default_generator.manual_seed(7)
    third = batches(DataLoader(data, 50, shuffle=True))[0][0]
    default_generator.manual_seed(7)
    np.testing.assert_array_equal(batches(DataLoader(data, 50, shuffle=True))[0][0], third)


# What PyTorch 2.13 gives for the seeds named.
def test_orders_of_pytorch_that_are_stored():
    assert list(RandomSampler(range(5), generator=seeded(0))) == [4, 0, 1, 3, 2]
    loader = DataLoader(TensorDataset(np.arange(7)), 3, shuffle=True, generator=seeded(3))
    epochs = [[b[0].tolist() for b in batches(loader)] for _ in range(2)]
    assert epochs == STORED_EPOCHS
    default_generator.manual_seed(11)
    loader = DataLoader(TensorDataset(np.arange(7)), 7, shuffle=True)
    assert [batches(loader)[0][0].tolist() for _ in range(2)] == STORED_DEFAULT


STORED_EPOCHS = [[[3, 4, 2], [0, 1, 6], [5]], [[6, 1, 2], [3, 4, 0], [5]]]
STORED_DEFAULT = [[1, 6, 3, 4, 2, 5, 0], [3, 2, 1, 6, 5, 4, 0]]


@pytest.mark.peer
@pytest.mark.parametrize("seed", [0, 5, 2**33 + 1])
@pytest.mark.parametrize("n", [1, 2, 17, 300])
def test_orders_are_those_of_pytorch(seed, n):
    torch = pytest.importorskip("torch")
    from torch.utils import data as peer

    theirs = torch.Generator().manual_seed(seed)
    ours = seeded(seed)
    x = np.arange(n)
    a = peer.DataLoader(peer.TensorDataset(torch.tensor(x)), 4, shuffle=True, generator=theirs)
    b = DataLoader(TensorDataset(x), 4, shuffle=True, generator=ours)
    for _ in range(3):
        assert [t.tolist() for (t,) in a] == [t.array.tolist() for (t,) in b]
    weights = np.arange(1.0, n + 1)
    for kind, args in (
        ("RandomSampler", (range(n), True, 70)),
        ("RandomSampler", (range(n), False, 70)),
        ("SubsetRandomSampler", (range(5, 5 + n),)),
        ("WeightedRandomSampler", (weights, 50)),
    ):
        there = list(getattr(peer, kind)(*args, generator=theirs))
        here = list(globals()[kind](*args, generator=ours))
        assert there == here, kind
    for lengths in ([n], [0.5, 0.5], [0.25, 0.25, 0.5]):
        if n < 3 and len(lengths) > 1:
            continue  # PyTorch warns of an empty part
        there = peer.random_split(range(n), lengths, generator=theirs)
        here = random_split(range(n), lengths, generator=ours)
        assert [list(part.indices) for part in there] == [part.indices for part in here]
    torch.manual_seed(seed)
    default_generator.manual_seed(seed)
    for _ in range(2):
        there = peer.DataLoader(range(n), 4, shuffle=True)
        here = DataLoader(range(n), 4, shuffle=True)
        assert [t.tolist() for t in there] == [t.array.tolist() for t in here]


def test_batches_do_not_share_memory_with_the_dataset():
    x, y = pair(4)
    for shuffle in (False, True):
        for bx, by in DataLoader(TensorDataset(x, y), 4, shuffle=shuffle):
            bx.array[...] = -1
            by.array[...] = -1
    assert_same([pair(4)], [(x, y)])


def test_strided_tensors_and_samplers_of_ones_own():
    wide = np.arange(40).reshape(10, 4)[:, ::2]
    evens = [8, 6, 4]
    (batch,) = DataLoader(TensorDataset(wide), 5, sampler=evens)
    np.testing.assert_array_equal(batch[0].array, wide[evens])
    loader = DataLoader(TensorDataset(wide), batch_sampler=[[1], [2, 3]])
    assert [b[0].tolist() for b in batches(loader)] == [wide[[1]].tolist(), wide[[2, 3]].tolist()]
    assert len(loader) == 2
    assert list(BatchSampler(SequentialSampler(range(5)), 2, True)) == [[0, 1], [2, 3]]
    assert len(BatchSampler(range(5), 2, True)) == 2
    assert len(SubsetRandomSampler([3, 4])) == 2


def test_subsets_take_whole_batches_if_the_whole_does():
    x, y = pair(9)
    part = Subset(TensorDataset(x, y), [7, 2, 5])
    assert hasattr(part, "batch")
    assert not hasattr(Subset(Plain(x, y), [1]), "batch")
    (batch,) = batches(DataLoader(part, 3))
    np.testing.assert_array_equal(batch[1], [7, 2, 5])
    inner = Subset(part, [2, 0])
    assert batches(DataLoader(inner, 2))[0][1].tolist() == [5, 7]
    with pytest.raises(AttributeError, match="'Subset' object has no attribute 'nothing'"):
        _ = part.nothing


def test_samples_and_slices_of_tensors():
    data = TensorDataset(*pair(5))
    x, y = data[constant(np.array(2))]
    assert isinstance(x, Tensor)
    assert (x.array.tolist(), y.array.shape, int(y.array)) == ([6, 7, 8], (), 2)
    assert data[1:3][1].array.tolist() == [1, 2]
    assert len(data) == 5


def test_transforms_see_single_images_and_whole_batches():
    seen = []

    def double(x):
        seen.append(x.array.shape)
        return constant(x.array * 2)

    x, y = pair(4)
    data = TensorDataset(x, y, transform=double)
    np.testing.assert_array_equal(data[1][0].array, 2 * x[1])
    (batch,) = batches(DataLoader(data, 4))
    np.testing.assert_array_equal(batch[0], 2 * x)
    np.testing.assert_array_equal(batch[1], y)
    assert seen == [(3,), (4, 3)]


def test_concatenation():
    both = TensorDataset(np.arange(2)) + TensorDataset(np.arange(5, 8))
    assert isinstance(both, ConcatDataset)
    assert [int(both[i][0].array) for i in (0, 1, 2, 4, -1, -5)] == [0, 1, 5, 7, 7, 0]
    for i in (5, -6):
        with pytest.raises(IndexError, match=r"index must be in \[-5, 5\), got"):
            both[i]
    assert [b[0].tolist() for b in batches(DataLoader(both, 3))] == [[0, 1, 5], [6, 7]]


class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(5))


def test_iterable_datasets():
    assert [b.array.tolist() for b in DataLoader(Stream(), 2)] == [[0, 1], [2, 3], [4]]
    assert [b.array.tolist() for b in DataLoader(Stream(), 2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(), None)) == [0, 1, 2, 3, 4]
    with pytest.raises(TypeError):
        len(DataLoader(Stream(), 2))
    for options in ({"shuffle": True}, {"sampler": [1]}, {"num_workers": 1}):
        with pytest.raises(ValueError, match="an IterableDataset leaves no room for"):
            DataLoader(Stream(), **options)


def test_no_batches():
    (x, y), *_ = DataLoader(Plain(*pair(3)), None)
    assert isinstance(x, Tensor)
    assert x.array.shape == (3,)
    assert len(DataLoader(Plain(*pair(3)), None)) == 3
    assert int(y.array if isinstance(y, Tensor) else y) == 0


def test_workers_work_at_once_and_keep_the_order():
    class Slow(Dataset):
        def __init__(self):
            self.threads = set()
            self.at_once = self.most = 0
            self.lock = threading.Lock()

        def __len__(self):
            return 12

        def __getitem__(self, i):
            with self.lock:
                self.at_once += 1
                self.most = max(self.most, self.at_once)
                self.threads.add(threading.current_thread().name)
            time.sleep(0.02 if i % 3 == 0 else 0.005)
            with self.lock:
                self.at_once -= 1
            return i

    data = Slow()
    seen = [b.array.tolist() for b in DataLoader(data, 2, num_workers=3)]
    assert seen == [[2 * i, 2 * i + 1] for i in range(6)]
    assert 2 <= data.most <= 3
    assert threading.current_thread().name not in data.threads
    alive = threading.active_count()
    for _ in DataLoader(data, 2, num_workers=3):
        break  # the loop's end stops the threads
    assert threading.active_count() <= alive


def test_whoever_stops_early_starts_no_more_samples():
    class Counting(Dataset):
        taken = 0

        def __len__(self):
            return 100

        def __getitem__(self, i):
            self.taken += 1
            time.sleep(0.005)
            return i

    data = Counting()
    batches = iter(DataLoader(data, 1, num_workers=1, prefetch_factor=50))
    next(batches)
    batches.close()
    taken = data.taken
    time.sleep(0.05)
    assert data.taken == taken < 50


@pytest.mark.parametrize("workers", [0, 2])
def test_errors_of_samples_come_in_their_place(workers):
    class Bad(Dataset):
        def __len__(self):
            return 6

        def __getitem__(self, i):
            if i == 3:
                raise OSError("sample 3 cannot be read")
            return i

    loader = iter(DataLoader(Bad(), 1, num_workers=workers))
    assert [int(next(loader).array[0]) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="sample 3"):
        next(loader)


def test_datasets_may_give_several_samples_at_once():
    class Several(Plain):
        def __getitems__(self, indices):
            return [self[i] for i in indices]

        def __getitem__(self, i):
            return super().__getitem__(i)

    assert_same(batches(DataLoader(Several(*pair(5)), 2)), batches(DataLoader(Plain(*pair(5)), 2)))


Point = namedtuple("Point", "x y")


def test_collate():
    def plain(value):
        return value.array if isinstance(value, Tensor) else value

    x = default_collate([1.5, 2.5])
    assert x.array.dtype == np.float64
    assert default_collate([1, 2]).array.dtype == np.int64
    assert default_collate([True, False]).array.dtype == bool
    assert default_collate([np.float32(1), np.float32(2)]).array.dtype == np.float32
    stacked = default_collate([np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32)])
    assert stacked.array.shape == (2, 2, 3)
    assert default_collate([constant(np.ones(2))] * 3).array.shape == (3, 2)
    assert default_collate(["a", "b"]) == ["a", "b"]
    nested = default_collate([{"a": (1, [2.0, "s"])}, {"a": (3, [4.0, "t"])}])
    first, (second, third) = nested["a"]
    assert plain(first).tolist() == [1, 3]
    assert plain(second).tolist() == [2, 4]
    assert third == ("s", "t")
    point = default_collate([Point(1, 2), Point(3, 4)])
    assert type(point) is Point
    assert plain(point.y).tolist() == [2, 4]
    with pytest.raises(ValueError, match=r"one shape, got \[\(2,\), \(3,\)\]"):
        default_collate([np.ones(2), np.ones(3)])
    with pytest.raises(ValueError, match=r"one length, got \[1, 2\]"):
        default_collate([(1,), (1, 2)])
    with pytest.raises(TypeError, match="got object"):
        default_collate([object()])


@pytest.mark.peer
def test_collate_beside_pytorch():
    torch = pytest.importorskip("torch")
    from torch.utils.data import default_collate as peer

    for batch in (
        [1, 2],
        [1.0, 2],
        [np.float32(1), np.float32(2)],
        [np.arange(3), np.arange(3)],
        [True, False],
        [(1, 2.0), (3, 4.0)],
        [[1, 2], [3, 4]],
        [{"a": 1, "b": [2.5]}, {"a": 3, "b": [4.5]}],
    ):

        def described(value):
            if isinstance(value, dict):
                return {k: described(v) for k, v in value.items()}
            if isinstance(value, list | tuple):
                return [type(value), *map(described, value)]
            array = value.numpy() if torch.is_tensor(value) else value.array
            return str(array.dtype), array.tolist()

        assert described(default_collate(batch)) == described(peer(batch))


def test_weighted_samples():
    weights = [0.0, 1.0, 0.0, 3.0, 0.0]
    drawn = list(WeightedRandomSampler(weights, 4000, generator=seeded()))
    assert set(drawn) == {1, 3}
    assert abs(drawn.count(3) / 4000 - 0.75) < 0.03  # 4.4 standard deviations
    assert sorted(WeightedRandomSampler(weights, 2, replacement=False)) == [1, 3]
    first = [
        next(iter(WeightedRandomSampler([1.0, 3.0], 2, replacement=False, generator=seeded(i))))
        for i in range(2000)
    ]
    assert abs(np.mean(first) - 0.75) < 0.045
    for wrong in ([], [0.0], [-1.0, 2.0], [np.nan], [np.inf], [[1.0]]):
        with pytest.raises(ValueError, match="weights must be a sequence of finite numbers"):
            WeightedRandomSampler(wrong, 1)
    with pytest.raises(ValueError, match="at most the number of positive weights, 1, .* got 2"):
        WeightedRandomSampler([1.0, 0.0], 2, replacement=False)


@given(st.integers(0, 60), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_splits_are_a_partition(n, shares):
    total = sum(shares)
    lengths = [int(n * s / total) if total else 0 for s in shares]
    lengths[0] += n - sum(lengths)
    parts = random_split(range(n), lengths, generator=seeded())
    assert [len(part) for part in parts] == lengths
    assert sorted(i for part in parts for i in part) == list(range(n))


def test_wrong_arguments():
    data = TensorDataset(np.arange(3))
    for options, message in (
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
        ({"batch_size": 1.5}, "batch_size must be a positive integer, got 1.5"),
        ({"num_workers": -1}, "num_workers must be an integer of at least 0"),
        ({"prefetch_factor": 0}, "prefetch_factor must be a positive integer"),
        ({"sampler": [1], "shuffle": True}, "a sampler leaves no room for shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "a batch_sampler leaves no room for"),
        ({"batch_size": None, "drop_last": True}, "batch_size=None leaves no room for drop_last"),
    ):
        with pytest.raises(ValueError, match=message):
            DataLoader(data, **options)
    with pytest.raises(ValueError, match=r"of one length, got shapes \[\(2,\), \(3,\)\]"):
        TensorDataset(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="one or more"):
        TensorDataset()
    with pytest.raises(ValueError, match=r"got shapes \[\(\)\]"):
        TensorDataset(np.array(1))
    with pytest.raises(ValueError, match="num_samples must be a positive integer, got 0"):
        RandomSampler([])
    with pytest.raises(ValueError, match="lengths must sum to the dataset's 3, .* got .1, 1."):
        random_split(data, [1, 1])
    with pytest.raises(ValueError, match="none negative"):
        random_split(data, [4, -1])
    with pytest.raises(ValueError, match="at least one dataset"):
        ConcatDataset([])
    with pytest.raises(TypeError, match="got an IterableDataset"):
        ConcatDataset([Stream()])
    with pytest.raises(NotImplementedError, match="Dataset must define __getitem__"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match="Sampler must define __iter__"):
        iter(Sampler())
    with pytest.raises(TypeError, match="pin_memory_device"):
        DataLoader(data, pin_memory_device="cuda")


@pytest.mark.parametrize(
    "option",
    [
        {"timeout": 5},
        {"worker_init_fn": print},
        {"multiprocessing_context": "fork"},
        {"in_order": False},
    ],
)
def test_options_of_processes_are_refused(option):
    """The defaults pass, and what only processes could follow is named."""
    (name,) = option
    data = TensorDataset(np.arange(4))
    with pytest.raises(ValueError, match=f"workers are threads.* {name} must be .*, got "):
        DataLoader(data, 2, num_workers=2, **option)
    loader = DataLoader(
        data, 2, None, None, None, 0, None, False, False, 0.0, None, None, seeded(0),
        persistent_workers=True, in_order=True,
    )  # fmt: skip
    assert len(batches(loader)) == 2
