"""Batches of sequences of different lengths: padded, packed, and apart again."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.utils.rnn.packed import PackedSequence as PackedSequence
    from scratchml.nn.utils.rnn.packed import invert_permutation as invert_permutation
    from scratchml.nn.utils.rnn.packing import pack_padded_sequence as pack_padded_sequence
    from scratchml.nn.utils.rnn.packing import pack_sequence as pack_sequence
    from scratchml.nn.utils.rnn.packing import pad_packed_sequence as pad_packed_sequence
    from scratchml.nn.utils.rnn.packing import unpack_sequence as unpack_sequence
    from scratchml.nn.utils.rnn.padding import pad_sequence as pad_sequence
    from scratchml.nn.utils.rnn.padding import unpad_sequence as unpad_sequence

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "PackedSequence": "packed",
        "invert_permutation": "packed",
        "pack_padded_sequence": "packing",
        "pack_sequence": "packing",
        "pad_packed_sequence": "packing",
        "pad_sequence": "padding",
        "unpack_sequence": "packing",
        "unpad_sequence": "padding",
    },
)
