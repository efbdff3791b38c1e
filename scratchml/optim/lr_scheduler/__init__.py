"""Schedules of the learning rate, which may be chained; values are PyTorch's to the last digit."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.optim.lr_scheduler.base import LRScheduler as LRScheduler
    from scratchml.optim.lr_scheduler.composed import ChainedScheduler as ChainedScheduler
    from scratchml.optim.lr_scheduler.composed import SequentialLR as SequentialLR
    from scratchml.optim.lr_scheduler.cosine import CosineAnnealingLR as CosineAnnealingLR
    from scratchml.optim.lr_scheduler.cosine import (
        CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts,
    )
    from scratchml.optim.lr_scheduler.cyclic import CyclicLR as CyclicLR
    from scratchml.optim.lr_scheduler.factors import ExponentialLR as ExponentialLR
    from scratchml.optim.lr_scheduler.factors import MultiStepLR as MultiStepLR
    from scratchml.optim.lr_scheduler.factors import StepLR as StepLR
    from scratchml.optim.lr_scheduler.lambdas import LambdaLR as LambdaLR
    from scratchml.optim.lr_scheduler.lambdas import MultiplicativeLR as MultiplicativeLR
    from scratchml.optim.lr_scheduler.one_cycle import OneCycleLR as OneCycleLR
    from scratchml.optim.lr_scheduler.plateau import ReduceLROnPlateau as ReduceLROnPlateau
    from scratchml.optim.lr_scheduler.ramps import ConstantLR as ConstantLR
    from scratchml.optim.lr_scheduler.ramps import LinearLR as LinearLR
    from scratchml.optim.lr_scheduler.ramps import PolynomialLR as PolynomialLR

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "ChainedScheduler": "composed",
        "ConstantLR": "ramps",
        "CosineAnnealingLR": "cosine",
        "CosineAnnealingWarmRestarts": "cosine",
        "CyclicLR": "cyclic",
        "ExponentialLR": "factors",
        "LRScheduler": "base",
        "LambdaLR": "lambdas",
        "LinearLR": "ramps",
        "MultiStepLR": "factors",
        "MultiplicativeLR": "lambdas",
        "OneCycleLR": "one_cycle",
        "PolynomialLR": "ramps",
        "ReduceLROnPlateau": "plateau",
        "SequentialLR": "composed",
        "StepLR": "factors",
    },
)
