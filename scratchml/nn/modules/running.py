"""What batch and instance normalisation share: scale and shift, and averages that are kept."""

from typing import Any, ClassVar

import numpy as np

from scratchml.nn.init.constants import ones_, zeros_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.placement import check_dtype, new_parameter
from scratchml.tensor.devices import check_device
from scratchml.tensor.tape import constant


class RunningNorm(Layer):
    """A normalisation of channels with averages of their means and variances."""

    _axes: ClassVar[tuple[int, ...]]  # numbers of axes that the input may have
    _shapes: ClassVar[str]
    _optional_keys = ("num_batches_tracked",)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        check_device(device)
        name, shape = self._get_name(), (num_features,)
        new = (new_parameter(shape, device, dtype, name) for _ in range(2))
        self.register_parameter("weight", next(new) if affine else None)
        self.register_parameter("bias", next(new) if affine and bias else None)
        kept: list[Any] = [None, None, None]
        if track_running_stats:
            own = check_dtype(dtype, name)
            kept = [constant(np.empty(shape, own)), constant(np.empty(shape, own))]
            kept.append(constant(np.empty((), np.int64)))
        for key, value in zip(
            ("running_mean", "running_var", "num_batches_tracked"), kept, strict=True
        ):
            self.register_buffer(key, value)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the averages."""
        if self.track_running_stats:
            zeros_(self.running_mean)
            ones_(self.running_var)
            zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Set everything back to what it was at first."""
        self.reset_running_stats()
        if self.weight is not None:
            ones_(self.weight)
        if self.bias is not None:
            zeros_(self.bias)

    weight: Any
    bias: Any
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
