"""Tensor: a NumPy array, its gradient, and the tape that leads back to where it came from."""

from typing import Any

import numpy as np

from scratchml.tensor import tape
from scratchml.tensor.creation import shape_of, values_of
from scratchml.tensor.devices import CPU, device
from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.methods import Methods
from scratchml.tensor.printing import format_value, show
from scratchml.tensor.sizes import copied, rebuilt
from scratchml.tensor.stored import Stored
from scratchml.tensor.tape import LEAF, Node


class Tensor(Stored, Methods):
    """An array with a gradient.

    Made by `tensor`, `from_numpy` and their like, and by computing with others.

    Parameters
    ----------
    *data : int, or a sequence or array
        The length of each axis, the values being whatever the memory held; or values, which become
        float32 whatever they are. `tensor` asks for less thought.

    Attributes
    ----------
    array : ndarray
        The values, for code that works on arrays: read it, and change it only through in-place
        methods, which tell the tape.
    grad : Tensor or None
        The gradient, after ``backward()``; of leaves only.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ()
    __array_priority__ = 1000  # so that ndarray + Tensor is a Tensor

    def __init__(self, *data: Any) -> None:
        values = len(data) == 1 and not isinstance(data[0], int)
        dtype = get_default_dtype()
        self.array = (
            values_of(data[0], dtype).copy() if values else np.empty(shape_of(data or (0,)), dtype)
        )
        self.node = self.grad = self.hooks = self.origin = None
        self.version = [0]

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for this tensor."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> "Tensor":
        """Ask for gradients of this leaf, or for none any more.

        Parameters
        ----------
        requires_grad : bool
            Whether gradients are wanted.

        Returns
        -------
        Tensor
            This one.
        """
        if self.node is not None and self.node is not LEAF:
            if requires_grad:
                return self
            raise RuntimeError(
                "requires_grad can be changed for leaves only: use detach() to get a tensor that "
                "shares the values of a computed one and has no gradient"
            )
        if requires_grad and self.array.dtype.kind != "f":
            raise RuntimeError(
                f"only floating-point tensors can require gradients, got {self.array.dtype}"
            )
        self.node = LEAF if requires_grad else None
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by the user, or needs no gradient."""
        return self.node is None or self.node is LEAF

    @property
    def grad_fn(self) -> "Node | None":
        """The step on the tape that made this tensor; None for a leaf."""
        return None if self.is_leaf else self.node

    @property
    def data(self) -> "Tensor":
        """The same values without a gradient, in the same memory; changes are not tracked."""
        return tape.constant(self.array)

    @data.setter
    def data(self, value: "Tensor") -> None:
        self.array = value.array
        self.version = [0]

    def detach(self) -> "Tensor":
        """Return a tensor that shares the values and has no gradient.

        Changes in place of one are seen by the tape of the other.
        """
        out = tape.constant(self.array)
        out.version = self.version
        return out

    def numpy(self) -> np.ndarray:
        """Return the array itself, not a copy.

        Raises
        ------
        RuntimeError
            If the tensor requires a gradient: use ``detach().numpy()``.
        """
        if self.node is not None:
            raise RuntimeError(
                "numpy() of a tensor that requires grad would let changes go unseen: use "
                "detach().numpy()"
            )
        return self.array

    def item(self) -> Any:
        """Return the only value, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(
                f"item() needs a tensor of one value, got one of shape {self.array.shape}"
            )
        return self.array.item()

    def backward(self, gradient: "Tensor | None" = None, retain_graph: bool = False) -> None:
        """Add the derivatives of this tensor to the ``grad`` of every leaf it was computed from.

        Parameters
        ----------
        gradient : Tensor, optional
            The derivative of what is differentiated with respect to this tensor, of its shape;
            1 for a tensor of one value.
        retain_graph : bool
            Keep what the tape needs, so that backward() can be called again.

        Raises
        ------
        RuntimeError
            If the tensor requires no gradient, is not one value and no `gradient` is given, or if
            the tape was freed by an earlier call.
        """
        if self.node is None:
            raise RuntimeError(
                "backward() of a tensor that does not require grad: nothing that it was computed "
                "from does, or it was detached, or computed under no_grad()"
            )
        if gradient is None:
            if self.array.size != 1:
                raise RuntimeError(
                    "backward() without gradient needs a tensor of one value, got shape "
                    f"{self.array.shape}"
                )
            dy = np.ones_like(self.array)
        else:
            dy = np.asarray(getattr(gradient, "array", gradient), dtype=self.array.dtype)
            if dy.shape != self.array.shape:
                raise RuntimeError(
                    f"gradient must have the tensor's shape {self.array.shape}, got {dy.shape}"
                )
        tape.run_backward(self, dy, retain_graph=retain_graph)

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        """The type of the values."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    @property
    def T(self) -> "Tensor":
        """A view with the axes in reverse order."""
        return self.permute(*range(self.array.ndim - 1, -1, -1))

    @property
    def mT(self) -> "Tensor":
        """A view with the last two axes exchanged."""
        return self.transpose(-1, -2)

    @property
    def device(self) -> device:
        """Where the values are: on the CPU."""
        return CPU

    @property
    def is_cuda(self) -> bool:
        """Whether the values are on a graphics card: never."""
        return False

    @property
    def nbytes(self) -> int:
        """The size of the values in memory."""
        return self.array.nbytes

    @property
    def itemsize(self) -> int:
        """The size of one value in memory."""
        return self.array.itemsize

    @property
    def _version(self) -> int:
        """How often the values were changed in place."""
        return self.version[0]

    def __repr__(self) -> str:
        return show(self)

    def __format__(self, spec: str) -> str:
        return format_value(self, spec)

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a tensor without axes")
        return self.array.shape[0]

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"the truth of a tensor of shape {self.array.shape} is not one answer: use any() "
                "or all()"
            )
        return bool(self.array.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.array.dtype.kind == "f":
            raise TypeError(f"only whole numbers are indices, got a tensor of {self.array.dtype}")
        return int(self.item())

    def __iter__(self) -> Any:
        if not self.array.ndim:
            raise TypeError("a tensor without axes has nothing to go through")
        return (self[i] for i in range(self.array.shape[0]))

    def __array__(self, dtype: Any = None, copy: "bool | None" = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and dtype != array.dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __reduce__(self) -> tuple:
        return rebuilt, (type(self), self.array, self.node is not None)

    def __deepcopy__(self, memo: dict) -> "Tensor":
        return copied(self, memo)

    __hash__ = object.__hash__


tape.Result = Tensor
