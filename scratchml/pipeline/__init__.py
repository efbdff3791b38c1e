"""Pipelines: transformers and an estimator in a row, used as one estimator."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.pipeline.pipeline import Pipeline as Pipeline
    from scratchml.pipeline.pipeline import make_pipeline as make_pipeline

__getattr__, __dir__, __all__ = attach(
    __name__, {"Pipeline": "pipeline", "make_pipeline": "pipeline"}
)
