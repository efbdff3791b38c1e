"""One step of a recurrent layer, for loops of one's own: RNNCell, LSTMCell, GRUCell."""

import math
from typing import Any

from scratchml.nn.init.plain import uniform_
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.placement import new_parameter
from scratchml.nn.modules.recurrent_base import MODES
from scratchml.nn.modules.recurrent_checks import check_dtype, check_pair, check_state
from scratchml.nn.ops.recurrent_order import full_order
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply, no_tensor


class RNNCellBase(Module):
    """What `RNNCell`, `LSTMCell` and `GRUCell` are made from.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the rows of the input and of the state.
    bias : bool
        Whether there are biases.
    num_chunks : int
        How many gates there are.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter
        Weights of the input and of the state, all gates below one another.
    bias_ih, bias_hh : Parameter or None
        What is added to each.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> isinstance(nn.GRUCell(10, 20), nn.RNNCellBase)
    True
    """

    weight_ih: Any
    weight_hh: Any
    bias_ih: Any
    bias_hh: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if hidden_size < 1:
            raise ValueError(f"hidden_size of {name} must be at least 1, got {hidden_size}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = new_parameter((rows, input_size), device, dtype, name)
        self.weight_hh = new_parameter((rows, hidden_size), device, dtype, name)
        for key in ("bias_ih", "bias_hh"):
            self.register_parameter(
                key, new_parameter((rows,), device, dtype, name) if bias else None
            )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew, uniformly from within 1 / sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            uniform_(parameter, -bound, bound)

    def _step(self, mode: str, input: Any, given: Any) -> Any:
        """Return the states after one step: (h',), or (h', c')."""
        name, (_, forward, backward, options) = type(self).__name__, MODES[mode]
        B = self._check(name, input, given, ("h0", "c0") if mode == "LSTM" else ("hx",))
        single = input.array.ndim == 1
        x = input.unsqueeze(0) if single else input
        if given is None:
            given = (None, None) if mode == "LSTM" else (None,)
        elif single:
            given = [state.unsqueeze(0) for state in given]
        tensors = (x, *given, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        _, *after = apply(forward, backward, tensors, order=full_order(1, B), **options)
        return [state.squeeze(0) for state in after] if single else after

    def _check(self, name: str, input: Any, given: Any, names: tuple[str, ...]) -> int:
        if not isinstance(input, Taped):
            raise no_tensor(name, (input,))
        x, w = input.array, self.weight_ih.array
        if x.ndim not in (1, 2):
            raise ValueError(f"{name}: input must have 1 or 2 axes, got shape {x.shape}")
        if x.shape[-1] != self.input_size:
            raise ValueError(
                f"{name}: input must have shape (..., {self.input_size}), got {x.shape}"
            )
        check_dtype(name, "input", x, w)
        if given is not None:
            check_pair(name, given, names)
            for key, state in zip(names, given, strict=True):
                check_state(name, key, state, (*x.shape[:-1], self.hidden_size), w)
        return 1 if x.ndim == 1 else len(x)

    def extra_repr(self) -> str:
        bias = "" if self.bias else f", bias={self.bias}"
        return f"{self.input_size}, {self.hidden_size}{bias}"


class RNNCell(RNNCellBase):
    """One step of an `RNN`: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of the state.
    bias : bool
        Whether there are b_ih and b_hh.
    nonlinearity : {"tanh", "relu"}
        Whether it is tanh or max(., 0).
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih : Parameter of shape (H, input_size)
        W_ih, drawn uniformly from within 1 / sqrt(H) as all parameters.
    weight_hh : Parameter of shape (H, H)
        W_hh.
    bias_ih, bias_hh : Parameter of shape (H,), or None
        b_ih and b_hh.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> cell, h = nn.RNNCell(10, 20), None
    >>> for x in torch.ones(5, 3, 10):
    ...     h = cell(x, h)
    >>> tuple(h.shape)
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"nonlinearity of RNNCell must be 'tanh' or 'relu', got {nonlinearity!r}"
            )
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Compute the state after one step.

        Parameters
        ----------
        input : Tensor of shape (B, input_size) or (input_size,)
            Rows, or one of them.
        hx : Tensor of shape (B, hidden_size) or (hidden_size,), optional
            The states before; zeros by default.

        Returns
        -------
        Tensor of shape (B, hidden_size) or (hidden_size,)
            The states after.
        """
        mode = "RNN_RELU" if self.nonlinearity == "relu" else "RNN_TANH"
        after: Tensor = self._step(mode, input, None if hx is None else (hx,))[0]
        return after

    def extra_repr(self) -> str:
        usual = self.nonlinearity == "tanh"
        return super().extra_repr() + ("" if usual else f", nonlinearity={self.nonlinearity}")


class LSTMCell(RNNCellBase):
    """One step of an `LSTM`, which states the equations.

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of cells and state.
    bias : bool
        Whether there are b_ih and b_hh.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih : Parameter of shape (4 H, input_size)
        W_ih for i, f, g, o, drawn uniformly from within 1 / sqrt(H) as all parameters.
    weight_hh : Parameter of shape (4 H, H)
        W_hh.
    bias_ih, bias_hh : Parameter of shape (4 H,), or None
        b_ih and b_hh.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> cell, state = nn.LSTMCell(10, 20), None
    >>> for x in torch.ones(5, 3, 10):
    ...     state = cell(x, state)
    >>> tuple(state[0].shape)
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Compute state and cells after one step.

        Parameters
        ----------
        input : Tensor of shape (B, input_size) or (input_size,)
            Rows, or one of them.
        hx : tuple of two Tensors of shape (B, hidden_size) or (hidden_size,), optional
            The states and cells before; zeros by default.

        Returns
        -------
        tuple of two Tensors of shape (B, hidden_size) or (hidden_size,)
            The states and cells after.
        """
        h, c = self._step("LSTM", input, hx)
        return h, c


class GRUCell(RNNCellBase):
    """One step of a `GRU`, which states the equations.

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of the state.
    bias : bool
        Whether there are b_ih and b_hh.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih : Parameter of shape (3 H, input_size)
        W_ih for r, z, n, drawn uniformly from within 1 / sqrt(H) as all parameters.
    weight_hh : Parameter of shape (3 H, H)
        W_hh.
    bias_ih, bias_hh : Parameter of shape (3 H,), or None
        b_ih and b_hh.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> cell, h = nn.GRUCell(10, 20), None
    >>> for x in torch.ones(5, 3, 10):
    ...     h = cell(x, h)
    >>> tuple(h.shape)
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Compute the state after one step.

        Parameters
        ----------
        input : Tensor of shape (B, input_size) or (input_size,)
            Rows, or one of them.
        hx : Tensor of shape (B, hidden_size) or (hidden_size,), optional
            The states before; zeros by default.

        Returns
        -------
        Tensor of shape (B, hidden_size) or (hidden_size,)
            The states after.
        """
        after: Tensor = self._step("GRU", input, None if hx is None else (hx,))[0]
        return after
