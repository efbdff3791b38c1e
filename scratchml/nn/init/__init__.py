"""Initial values of parameters, under the names of ``torch.nn.init``.

Every function changes its tensor in place, unseen by the tape, and returns it. Random numbers are
drawn in PyTorch's order: after the same `scratchml.tensor.manual_seed` they are PyTorch's.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.init.constants import constant_ as constant_
    from scratchml.nn.init.constants import dirac_ as dirac_
    from scratchml.nn.init.constants import eye_ as eye_
    from scratchml.nn.init.constants import ones_ as ones_
    from scratchml.nn.init.constants import zeros_ as zeros_
    from scratchml.nn.init.orthogonal import orthogonal_ as orthogonal_
    from scratchml.nn.init.plain import normal_ as normal_
    from scratchml.nn.init.plain import sparse_ as sparse_
    from scratchml.nn.init.plain import trunc_normal_ as trunc_normal_
    from scratchml.nn.init.plain import uniform_ as uniform_
    from scratchml.nn.init.scaled import calculate_gain as calculate_gain
    from scratchml.nn.init.scaled import kaiming_normal_ as kaiming_normal_
    from scratchml.nn.init.scaled import kaiming_uniform_ as kaiming_uniform_
    from scratchml.nn.init.scaled import xavier_normal_ as xavier_normal_
    from scratchml.nn.init.scaled import xavier_uniform_ as xavier_uniform_

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "calculate_gain": "scaled",
        "constant_": "constants",
        "dirac_": "constants",
        "eye_": "constants",
        "kaiming_normal_": "scaled",
        "kaiming_uniform_": "scaled",
        "normal_": "plain",
        "ones_": "constants",
        "orthogonal_": "orthogonal",
        "sparse_": "plain",
        "trunc_normal_": "plain",
        "uniform_": "plain",
        "xavier_normal_": "scaled",
        "xavier_uniform_": "scaled",
        "zeros_": "constants",
    },
)
