"""Optimizers: what a gradient does to a parameter, and schedules of the learning rate."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.optim.adagrad import Adagrad as Adagrad
    from scratchml.optim.adam import Adam as Adam
    from scratchml.optim.adam import AdamW as AdamW
    from scratchml.optim.optimizer import Optimizer as Optimizer
    from scratchml.optim.rmsprop import RMSprop as RMSprop
    from scratchml.optim.sgd import SGD as SGD

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Adagrad": "adagrad",
        "Adam": "adam",
        "AdamW": "adam",
        "Optimizer": "optimizer",
        "RMSprop": "rmsprop",
        "SGD": "sgd",
    },
    ("lr_scheduler",),
)
