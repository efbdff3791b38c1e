"""Sequences out of networks: greedy and beam search, sampling, over any ``step(tokens, state)``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.decoding.beam import beam_search as beam_search
    from scratchml.nn.decoding.ctc import ctc_beam_search as ctc_beam_search
    from scratchml.nn.decoding.ctc import ctc_greedy_search as ctc_greedy_search
    from scratchml.nn.decoding.filters import top_k as top_k
    from scratchml.nn.decoding.filters import top_p as top_p
    from scratchml.nn.decoding.one_by_one import greedy_search as greedy_search
    from scratchml.nn.decoding.one_by_one import sample as sample
    from scratchml.nn.decoding.steps import Decoded as Decoded
    from scratchml.nn.decoding.steps import select_rows as select_rows
    from scratchml.nn.decoding.steps import uncached as uncached

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Decoded": "steps",
        "beam_search": "beam",
        "ctc_beam_search": "ctc",
        "ctc_greedy_search": "ctc",
        "greedy_search": "one_by_one",
        "sample": "one_by_one",
        "select_rows": "steps",
        "top_k": "filters",
        "top_p": "filters",
        "uncached": "steps",
    },
)
