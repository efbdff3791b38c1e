"""summary: a table of what a network is made of, found by sending one input through it.

Multiply-adds are those of the layers that are matrix products, counted by their definitions:

    Linear           numbers of the output * in_features
    Conv             numbers of the output * numbers of one filter
    ConvTranspose    numbers of the input  * numbers that one place is multiplied by
    Bilinear         numbers of the output * in1_features * in2_features
    RNN, LSTM, GRU   rows of the input * numbers of all weights, in all layers and directions
    Attention        numbers of query, key and value * E, and pairs of query and key * 2 E; the
                     last projection is a Linear

What ``forward`` does outside of modules, such as ``F.relu(x)``, has no row and is not counted.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from scratchml.nn.modules.attention import MultiheadAttention
from scratchml.nn.modules.conv import Conv1d, Conv2d, Conv3d
from scratchml.nn.modules.convolution import Convolution
from scratchml.nn.modules.linear import Bilinear, Linear
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.recurrent_base import RNNBase
from scratchml.nn.modules.recurrent_cells import RNNCellBase
from scratchml.tensor.tape import Taped, constant, mode


class Row(NamedTuple):
    """One module of a `Summary`.

    Attributes
    ----------
    name : str
        The name under which its parent has it.
    kind : str
        Its class.
    depth : int
        How many modules it is in.
    output_shape : tuple
        The shape of its output, or a tuple of shapes; empty if it was not called.
    parameters : int
        How many numbers it learns by itself, without the modules below it.
    multiply_adds : int
        In all calls together, without the modules below it.
    output_bytes : int
        Memory of the output, if there are no modules below it.
    calls : int
        How often it was called.
    """

    name: str
    kind: str
    depth: int
    output_shape: tuple
    parameters: int
    multiply_adds: int
    output_bytes: int
    calls: int


class Summary:
    """What `summary` returns; shown as a table.

    Attributes
    ----------
    rows : list of Row
        One for each module, parents before children.
    parameters, trainable : int
        How many numbers the network holds as parameters, and how many of them are learned.
    multiply_adds : int
        Of one forward pass.
    input_bytes, output_bytes, parameter_bytes : int
        Memory of the inputs, of the outputs of all layers, and of parameters and buffers.
    """

    def __init__(self, model: Module, rows: list[Row], inputs: Sequence[Taped]) -> None:
        held = list(model.parameters())
        self.rows = rows
        self.parameters = sum(p.array.size for p in held)
        self.trainable = sum(p.array.size for p in held if p.requires_grad)
        self.multiply_adds = sum(row.multiply_adds for row in rows)
        self.input_bytes = sum(x.array.nbytes for x in inputs)
        self.output_bytes = sum(row.output_bytes for row in rows)
        self.parameter_bytes = sum(t.array.nbytes for t in [*held, *model.buffers()])

    def __repr__(self) -> str:
        head = ("Layer", "Output shape", "Parameters", "Multiply-adds")
        lines = [head, *map(_cells, self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        table = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip()
            for a, b, c, d in lines
        ]
        rule = "-" * (sum(widths) + 6)
        sizes = [_bytes(n) for n in (self.input_bytes, self.output_bytes, self.parameter_bytes)]
        return "\n".join(
            [
                table[0],
                rule,
                *table[1:],
                rule,
                f"Parameters     {self.parameters:,}, {self.trainable:,} of them trainable",
                f"Multiply-adds  {self.multiply_adds:,}",
                f"Memory         inputs {sizes[0]}, outputs {sizes[1]}, parameters {sizes[2]}",
            ]
        )


def summary(
    model: Module, input_shape: Any, *, dtype: Any = None, depth: int | None = None
) -> Summary:
    """Send zeros through a network and tell what it is made of.

    The network is run once, as in evaluation and without recording; it is not changed.

    Parameters
    ----------
    model : Module
        The network.
    input_shape : tuple of int, or a sequence of them
        The shape of the input with the batch's axis first; of each of them if there are several.
        Tensors may stand in for shapes.
    dtype : dtype, optional
        Of the zeros; that of the first parameter by default. Indices need an integer type.
    depth : int, optional
        Down to where modules are shown; all by default.

    Returns
    -------
    Summary
        Shown as a table; has the totals as attributes.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    >>> nn.summary(net, (1, 1, 8, 8))
    Layer         Output shape  Parameters  Multiply-adds
    -----------------------------------------------------
    Sequential    (1, 10)
      0: Conv2d   (1, 4, 6, 6)          40          1,296
      1: ReLU     (1, 4, 6, 6)
      2: Flatten  (1, 144)
      3: Linear   (1, 10)            1,450          1,440
    -----------------------------------------------------
    Parameters     1,490, 1,490 of them trainable
    Multiply-adds  2,736
    Memory         inputs 256 B, outputs 1.7 KB, parameters 5.8 KB
    """
    inputs = _inputs(model, input_shape, dtype)
    calls = _run(model, inputs)
    rows = [
        _row(name, module, level, calls.get(id(module), []))
        for name, module, level in _tree(model, "", 0, set())
    ]
    result = Summary(model, rows, inputs)
    if depth is not None:
        result.rows = [row for row in rows if row.depth <= depth]
    return result


def _inputs(model: Module, shapes: Any, dtype: Any) -> list[Any]:
    several = not isinstance(shapes, Taped) and not all(isinstance(n, int) for n in shapes)
    if dtype is None:
        dtype = next((p.dtype for p in model.parameters()), np.dtype(np.float32))
    return [
        shape if isinstance(shape, Taped) else constant(np.zeros(tuple(shape), dtype))
        for shape in (shapes if several else [shapes])
    ]


def _run(model: Module, inputs: list[Any]) -> dict[int, list[tuple]]:
    """Call the model, and return for each module, by its id, (args, output) of every call."""
    calls: dict[int, list[tuple]] = {}

    def keep(module: Module, args: tuple, output: Any) -> None:
        calls.setdefault(id(module), []).append((args, output))

    training = [(module, module.training) for module in model.modules()]
    handles = [module.register_forward_hook(keep) for module, _ in training]
    recording = mode.recording
    mode.recording = False
    try:
        model.eval()(*inputs)
    finally:
        mode.recording = recording
        for module, was in training:
            module.training = was
        for handle in handles:
            handle.remove()
    return calls


def _tree(module: Any, name: str, level: int, seen: set) -> Iterator[tuple[str, Any, int]]:
    """Yield name, module and depth of every module, each once."""
    if module in seen:
        return
    seen.add(module)
    yield name, module, level
    for key, child in module.named_children():
        yield from _tree(child, key, level + 1, seen)


def _row(name: str, module: Module, level: int, calls: list[tuple]) -> Row:
    own = sum(p.array.size for p in module.parameters(recurse=False))
    adds = sum(_multiply_adds(module, args, output) for args, output in calls)
    leaf = not any(True for _ in module.children())
    made = [y for _, output in calls for y in _tensors(output)] if leaf else []
    shape = _shape(calls[0][1]) if calls else ()
    size = sum(y.array.nbytes for y in made)
    return Row(name, type(module).__name__, level, shape, own, adds, size, len(calls))


def _multiply_adds(module: Any, args: tuple, output: Any) -> int:
    if isinstance(module, Linear):
        return int(output.array.size * module.in_features)
    if isinstance(module, (Conv1d, Conv2d, Conv3d)):
        return int(output.array.size * (module.weight.array.size // module.out_channels))
    if isinstance(module, Convolution):
        return int(args[0].array.size * (module.weight.array.size // module.in_channels))
    if isinstance(module, Bilinear):
        return int(output.array.size * module.in1_features * module.in2_features)
    if isinstance(module, (RNNBase, RNNCellBase)):
        weights = sum(p.array.size for p in module.parameters() if p.array.ndim == 2)
        return int(_tensors(args)[0].array.size // module.input_size * weights)
    if isinstance(module, MultiheadAttention) and len(args) >= 3:
        q, k, v = (x.array for x in args[:3])
        samples = q.shape[not module.batch_first] if q.ndim == 3 else 1
        pairs = (q.size // module.embed_dim) * (k.size // module.kdim) // max(samples, 1)
        return int((q.size + k.size + v.size + 2 * pairs) * module.embed_dim)
    return 0


def _tensors(output: Any) -> list[Any]:
    if isinstance(output, Taped):
        return [output]
    if isinstance(output, dict):
        output = list(output.values())
    return (
        [t for part in output for t in _tensors(part)] if isinstance(output, (list, tuple)) else []
    )


def _shape(output: Any) -> tuple:
    if isinstance(output, Taped):
        return tuple(output.array.shape)
    return tuple([tuple(t.array.shape) for t in _tensors(output)])


def _cells(row: Row) -> tuple[str, str, str, str]:
    label = "  " * row.depth + (f"{row.name}: {row.kind}" if row.name else row.kind)
    if row.calls > 1:
        label += " (called twice)" if row.calls == 2 else f" (called {row.calls} times)"
    shape = str(row.output_shape) if row.calls else "not called"
    parameters = f"{row.parameters:,}" if row.parameters else ""
    return label, shape, parameters, f"{row.multiply_adds:,}" if row.multiply_adds else ""


def _bytes(n: float) -> str:
    for unit in ("B", "KB", "MB"):
        if n < 1000:
            return f"{n:.0f} B" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1024
    return f"{n:.1f} GB"
