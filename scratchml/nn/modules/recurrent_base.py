"""What RNN, LSTM and GRU share: their parameters, layers above one another, two directions.

    for each layer:                          x: the input, or what the layer below gave
        y1, h1 = forwards through the steps of x
        y2, h2 = backwards through the steps of x        (if bidirectional)
        x = dropout([y1, y2])                            (but for the last layer)

Every direction of every layer is one step on the tape: `scratchml.nn.ops.recurrent`.
"""

import math
from collections.abc import Sequence
from typing import Any

from scratchml.nn.functional.dropping import dropout as drop
from scratchml.nn.init.plain import uniform_
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.placement import new_parameter
from scratchml.nn.modules.recurrent_checks import check_sizes, check_states, read_input
from scratchml.nn.ops.recurrent import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from scratchml.nn.ops.recurrent_order import Order, full_order, make_order
from scratchml.nn.utils.rnn.packed import PackedSequence
from scratchml.tensor.core import Tensor
from scratchml.tensor.joining import cat, stack
from scratchml.tensor.slices import index_select
from scratchml.tensor.tape import apply

MODES: dict[str, tuple[int, Any, Any, dict]] = {  # mode -> gates, both halves, their options
    "RNN_TANH": (1, rnn_forward, rnn_backward, {}),
    "RNN_RELU": (1, rnn_forward, rnn_backward, {"relu": True}),
    "LSTM": (4, lstm_forward, lstm_backward, {}),
    "GRU": (3, gru_forward, gru_backward, {}),
}


class RNNBase(Module):
    """What `RNN`, `LSTM` and `GRU` are made from.

    Parameters
    ----------
    mode : {"RNN_TANH", "RNN_RELU", "LSTM", "GRU"}
        What a step computes.
    input_size, hidden_size : int
        Lengths of the rows of the input and of the state.
    num_layers : int
        How many layers lie above one another, each with the states of the one below as input.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether input and output are (B, T, ...), not (T, B, ...).
    dropout : float
        The probability that a number is dropped between two layers, in training.
    bidirectional : bool
        Whether every layer also goes backwards through the steps.
    proj_size : int
        Length of the states of an LSTM that projects them; 0 if it does not.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Parameter
        Weights of the input and of the state, all gates below one another; ``_l1`` for the layer
        above; with ``_reverse`` at the end for the way back.
    bias_ih_l0, bias_hh_l0 : Parameter
        What is added to each, in the same manner.
    weight_hr_l0 : Parameter of shape (proj_size, hidden_size)
        Projects the states, in the same manner.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> isinstance(nn.GRU(10, 20), nn.RNNBase)
    True
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if mode not in MODES:
            raise ValueError(f"mode of {name} must be one of {', '.join(MODES)}, got {mode!r}")
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        check_sizes(self, name, dropout)
        self._names = self._register(device, dtype)
        self.reset_parameters()

    def _register(self, device: Any, dtype: Any) -> list[tuple[str, ...]]:
        """Make the parameters; return their names for each direction of each layer."""
        rows = MODES[self.mode][0] * self.hidden_size
        size = self.proj_size or self.hidden_size
        names = []
        for layer in range(self.num_layers):
            inner = size * (1 + self.bidirectional) if layer else self.input_size
            for end in ("", "_reverse")[: 1 + self.bidirectional]:
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inner)}
                shapes["weight_hh"] = rows, size
                if self.bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if self.proj_size:
                    shapes["weight_hr"] = size, self.hidden_size
                for name, shape in shapes.items():
                    parameter = new_parameter(shape, device, dtype, type(self).__name__)
                    self.register_parameter(f"{name}_l{layer}{end}", parameter)
                names.append(tuple([f"{name}_l{layer}{end}" for name in shapes]))
        return names

    def reset_parameters(self) -> None:
        """Draw the parameters anew, uniformly from within 1 / sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing: the parameters lie well as they are."""

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each direction of each layer."""
        return [[getattr(self, name) for name in names] for names in self._names]

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """Compute the states of all steps.

        Parameters
        ----------
        input : Tensor of shape (T, B, input_size), (B, T, input_size) or (T, input_size)
            A batch of sequences, the second way if `batch_first`, or one sequence; or a
            PackedSequence of such rows.
        hx : Tensor of shape (num_layers * directions, B, size), optional
            The states to begin with, zeros by default; without B for one sequence; for an LSTM
            two of these, h0 and c0.

        Returns
        -------
        output : Tensor of shape (T, B, directions * size), or PackedSequence
            The states of the last layer at every step, laid out as the input.
        hn : Tensor of the shape of hx
            The final states of all layers and directions; for an LSTM (hn, cn).
        """
        given = hx if self.mode == "LSTM" or hx is None else (hx,)
        if isinstance(input, PackedSequence):
            return self._packed(input, given)
        T, B = read_input(self, input)
        x, batched = input, input.array.ndim == 3
        check_states(self, given, B, batched)
        if batched:
            x = (input.transpose(0, 1) if self.batch_first else input).reshape(
                T * B, self.input_size
            )
        elif given is not None:
            given = [state.unsqueeze(1) for state in given]
        orders = [full_order(T, B, way) for way in (False, True)[: 1 + self.bidirectional]]
        y, finals = self._run(x, given, orders)
        if batched:
            y = y.reshape(T, B, y.shape[1])
            y = y.transpose(0, 1) if self.batch_first else y
        else:
            finals = [state.squeeze(1) for state in finals]
        return y, tuple(finals) if self.mode == "LSTM" else finals[0]

    def _packed(self, input: PackedSequence, given: Any) -> tuple[PackedSequence, Any]:
        sizes = input.batch_sizes.array.tolist()
        read_input(self, input.data, sizes)
        check_states(self, given, sizes[0], True)
        there, back = input.sorted_indices, input.unsorted_indices
        if given is not None and there is not None:
            given = [index_select(state, 1, there) for state in given]
        orders = [make_order(sizes, way) for way in (False, True)[: 1 + self.bidirectional]]
        y, finals = self._run(input.data, given, orders)
        if back is not None:
            finals = [index_select(state, 1, back) for state in finals]
        output = PackedSequence(y, *input[1:])
        return output, tuple(finals) if self.mode == "LSTM" else finals[0]

    def _run(self, x: Tensor, given: Any, orders: list[Order]) -> tuple[Tensor, list[Tensor]]:
        """Return the states of the last layer for the rows x, and the final ones of all layers."""
        D, finals = len(orders), []
        for layer in range(self.num_layers):
            outputs = []
            for d, order in enumerate(orders):
                k = layer * D + d
                y, *final = self._one(k, x, None if given is None else [h[k] for h in given], order)
                outputs.append(y)
                finals.append(final)
            x = outputs[0] if D == 1 else cat(outputs, 1)
            if self.dropout and self.training and layer < self.num_layers - 1:
                x = drop(x, self.dropout, True)
        return x, [stack(states) for states in zip(*finals, strict=True)]

    def _one(self, k: int, x: Tensor, states: Sequence[Any] | None, order: Order) -> Any:
        """Return the states, and the final ones, of direction and layer k."""
        _, forward, backward, options = MODES[self.mode]
        weights = [getattr(self, name) for name in self._names[k]]
        if not self.bias:
            weights[2:2] = None, None
        if states is None:
            states = (None, None) if self.mode == "LSTM" else (None,)
        tensors = (x, *states, *weights)
        return apply(forward, backward, tensors, order=order, saves="both", **options)

    def extra_repr(self) -> str:
        said = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (
            ("proj_size", 0),
            ("num_layers", 1),
            ("bias", True),
            ("batch_first", False),
            ("dropout", 0),
            ("bidirectional", False),
        ):
            value = getattr(self, name)
            said += "" if value == usual else f", {name}={value}"
        return said
