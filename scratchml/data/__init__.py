"""Data for training: datasets, samplers, and a loader that cuts them into batches."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.data.collate import default_collate as default_collate
    from scratchml.data.dataset import ConcatDataset as ConcatDataset
    from scratchml.data.dataset import Dataset as Dataset
    from scratchml.data.dataset import IterableDataset as IterableDataset
    from scratchml.data.dataset import Subset as Subset
    from scratchml.data.dataset import TensorDataset as TensorDataset
    from scratchml.data.loader import DataLoader as DataLoader
    from scratchml.data.sampler import BatchSampler as BatchSampler
    from scratchml.data.sampler import RandomSampler as RandomSampler
    from scratchml.data.sampler import Sampler as Sampler
    from scratchml.data.sampler import SequentialSampler as SequentialSampler
    from scratchml.data.sampler import SubsetRandomSampler as SubsetRandomSampler
    from scratchml.data.split import random_split as random_split
    from scratchml.data.weighted import WeightedRandomSampler as WeightedRandomSampler

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "BatchSampler": "sampler",
        "ConcatDataset": "dataset",
        "DataLoader": "loader",
        "Dataset": "dataset",
        "IterableDataset": "dataset",
        "RandomSampler": "sampler",
        "Sampler": "sampler",
        "SequentialSampler": "sampler",
        "Subset": "dataset",
        "SubsetRandomSampler": "sampler",
        "TensorDataset": "dataset",
        "WeightedRandomSampler": "weighted",
        "default_collate": "collate",
        "random_split": "split",
    },
    ("transforms",),
)
