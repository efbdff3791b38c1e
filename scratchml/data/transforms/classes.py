"""Transforms as objects that are called with an image or a batch, and may be composed.

A batch (N, C, H, W) is transformed at once, each image by its own draw; an image (C, H, W) is a
batch of one. Tensors give tensors, arrays give arrays. Random ones draw from ``generator``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from scratchml._core.rules import check_parameters, real
from scratchml.data.transforms.images import crop, flip, normalize
from scratchml.tensor.core import Tensor
from scratchml.tensor.creation import from_numpy
from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.tape import constant


class Compose:
    """One transform after the other.

    Parameters
    ----------
    transforms : sequence of callable
        The transforms, in order.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data.transforms import Compose, Normalize
    >>> twice = Compose([Normalize([1.0], [2.0]), Normalize([0.5], [1.0])])
    >>> twice(np.full((1, 1, 1), 4.0))
    array([[[1.]]])
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        """Return what the last transform makes of it."""
        for transform in self.transforms:
            image = transform(image)
        return image


class _Transform:
    """What a transform of batches does with one image, and with tensors."""

    def __call__(self, image: Any) -> Any:
        """Return a new image, or a batch of them, from one of shape (C, H, W) or (N, C, H, W)."""
        x = image.array if isinstance(image, Tensor) else np.asarray(image)
        if x.ndim not in (3, 4):
            raise ValueError(f"images must be of shape (C, H, W) or (N, C, H, W), got {x.shape}")
        y = self._apply(x) if x.ndim == 4 else self._apply(x[None])[0]
        return constant(y) if isinstance(image, Tensor) else y

    def _apply(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class Normalize(_Transform):
    """Each channel less its mean, over its standard deviation.

    Parameters
    ----------
    mean, std : sequence of float
        One for each channel; no deviation may be 0.

    Raises
    ------
    ValueError
        If they differ in length, or a deviation is 0 or not finite; when called, if an image has
        not their number of channels or is not of floating-point numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data.transforms import Normalize
    >>> Normalize(mean=[0.5], std=[0.25])(np.array([[[0.25, 0.5, 1.0]]]))
    array([[[-1.,  0.,  2.]]])
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self.mean, self.std = np.array(mean, dtype=np.float64), np.array(std, dtype=np.float64)
        if self.mean.ndim != 1 or self.mean.shape != self.std.shape:
            raise ValueError(f"mean and std must be lists of one length, got {mean} and {std}")
        if not (np.isfinite(self.std).all() and self.std.all() and np.isfinite(self.mean).all()):
            raise ValueError(f"mean and std must be finite and no std 0, got {mean} and {std}")

    def _apply(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind != "f":
            raise ValueError(f"Normalize needs floating-point images, got {x.dtype}")
        if x.shape[1] != len(self.mean):
            raise ValueError(
                f"Normalize was made for {len(self.mean)} channels, got images of {x.shape[1]}"
            )
        return normalize(x, self.mean, self.std)


class RandomCrop(_Transform):
    """A window at a random place of each image, which may be padded with zeros before.

    Parameters
    ----------
    size : int or pair of int
        Height and width of the window.
    padding : int or pair of int
        How many rows of zeros there are above and below, and columns to the left and right; as in
        torchvision, a pair names the columns first.
    generator : Generator, optional
        Where random numbers come from.

    Raises
    ------
    ValueError
        If a number is out of range; when called, if the window is larger than the padded image.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data.transforms import RandomCrop
    >>> from scratchml.tensor.generator import Generator
    >>> crop = RandomCrop(2, padding=1, generator=Generator().manual_seed(0))
    >>> crop(np.arange(1.0, 10.0).reshape(1, 3, 3))
    array([[[0., 0.],
            [3., 0.]]])
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] = 0,
        *,
        generator: Generator | None = None,
    ) -> None:
        self.size, self.padding = _pair("size", size, 1), _pair("padding", padding, 0)
        self.generator = generator

    def _apply(self, x: np.ndarray) -> np.ndarray:
        (height, width), (beside, above) = self.size, self.padding
        rows = x.shape[2] + 2 * above - height + 1
        columns = x.shape[3] + 2 * beside - width + 1
        if rows < 1 or columns < 1:
            raise ValueError(
                f"RandomCrop's size {self.size} must not exceed the padded image, "
                f"{(x.shape[2] + 2 * above, x.shape[3] + 2 * beside)}"
            )
        if rows == columns == 1:
            return crop(x, np.zeros(len(x), int) - above, np.zeros(len(x), int) - beside, self.size)
        source = default_generator if self.generator is None else self.generator
        # Images one by one get what they would get together: a place is two draws in a row.
        draws = source.words(2 * len(x)).reshape(-1, 2)
        tops = (draws[:, 0] % np.uint64(rows)).astype(np.int64) - above
        lefts = (draws[:, 1] % np.uint64(columns)).astype(np.int64) - beside
        return crop(x, tops, lefts, self.size)


class RandomHorizontalFlip(_Transform):
    """Each image from right to left, or as it is, at random.

    Parameters
    ----------
    p : float
        How likely an image is flipped.
    generator : Generator, optional
        Where random numbers come from.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data.transforms import RandomHorizontalFlip
    >>> RandomHorizontalFlip(p=1.0)(np.array([[[1, 2, 3]]]))
    array([[[3, 2, 1]]])
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        check_parameters({"p": real(0.0, 1.0, closed="both")}, {"p": p}, type(self).__name__)
        self.p, self.generator = p, generator

    def _apply(self, x: np.ndarray) -> np.ndarray:
        source = default_generator if self.generator is None else self.generator
        return flip(x, source.uniform(len(x), np.float32) < self.p)


class ToTensor:
    """A picture as a tensor: channels first, bytes as numbers from 0 to 1.

    Called with a picture of Pillow's or an array (H, W, C) or (H, W), it returns a tensor
    (C, H, W): bytes divided by 255, of the default type, or values of another type as they are.

    Raises
    ------
    TypeError
        When called with anything else, or with values of a type that tensors do not have.
    ValueError
        When called with an array of another number of axes.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.data.transforms import ToTensor
    >>> ToTensor()(np.array([[[0, 51], [102, 255]]], np.uint8))
    tensor([[[0.0000, 0.4000]],
            [[0.2000, 1.0000]]])
    """

    def __call__(self, picture: Any) -> Tensor:
        """Return the picture as a tensor (C, H, W)."""
        black_and_white = getattr(picture, "mode", None) == "1"
        if not isinstance(picture, np.ndarray) and not hasattr(picture, "mode"):
            raise TypeError(
                "ToTensor needs a picture of Pillow's or an array, got " + type(picture).__name__
            )
        x = np.asarray(picture)
        if x.ndim not in (2, 3):
            raise ValueError(f"ToTensor needs an array (H, W, C) or (H, W), got {x.shape}")
        y = x[None] if x.ndim == 2 else x.transpose(2, 0, 1)
        if black_and_white or y.dtype == np.uint8:
            dtype = get_default_dtype()
            return constant(np.divide(y, 1 if black_and_white else 255, dtype=dtype, order="C"))
        return from_numpy(y.copy())

    def __repr__(self) -> str:
        return "ToTensor()"


def _pair(name: str, value: Any, low: int) -> tuple[int, int]:
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2 or not all(isinstance(v, int | np.integer) and v >= low for v in pair):
        raise ValueError(f"{name} must be an integer from {low} on, or two of them, got {value!r}")
    return int(pair[0]), int(pair[1])
