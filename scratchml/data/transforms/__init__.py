"""Transforms of images, one or a batch at a time, under torchvision's names."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.data.transforms.classes import Compose as Compose
    from scratchml.data.transforms.classes import Normalize as Normalize
    from scratchml.data.transforms.classes import RandomCrop as RandomCrop
    from scratchml.data.transforms.classes import RandomHorizontalFlip as RandomHorizontalFlip
    from scratchml.data.transforms.classes import ToTensor as ToTensor

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Compose": "classes",
        "Normalize": "classes",
        "RandomCrop": "classes",
        "RandomHorizontalFlip": "classes",
        "ToTensor": "classes",
    },
)
