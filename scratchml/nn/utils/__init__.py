"""What is done to the parameters of a network as a whole."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.utils.clip_grad import clip_grad_norm_ as clip_grad_norm_
    from scratchml.nn.utils.clip_grad import clip_grad_value_ as clip_grad_value_
    from scratchml.nn.utils.clip_grad import get_total_norm as get_total_norm
    from scratchml.nn.utils.convert_parameters import parameters_to_vector as parameters_to_vector
    from scratchml.nn.utils.convert_parameters import vector_to_parameters as vector_to_parameters

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "clip_grad_norm_": "clip_grad",
        "clip_grad_value_": "clip_grad",
        "get_total_norm": "clip_grad",
        "parameters_to_vector": "convert_parameters",
        "vector_to_parameters": "convert_parameters",
    },
    ("rnn",),
)
