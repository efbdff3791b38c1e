"""Recurrent layers over sequences: RNN, LSTM, GRU."""

from typing import Any

from scratchml.nn.modules.recurrent_base import RNNBase


class RNN(RNNBase):
    """Elman network: the state is a layer of the input and of the state before.

    h' = tanh(W_ih x + b_ih + W_hh h + b_hh), in each of `num_layers` layers.

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of the state.
    num_layers : int
        How many layers lie above one another, each with the states of the one below as input.
    nonlinearity : {"tanh", "relu"}
        Whether it is tanh or max(., 0).
    bias : bool
        Whether there are b_ih and b_hh.
    batch_first : bool
        Whether input and output are (B, T, ...), not (T, B, ...).
    dropout : float
        The probability that a number is dropped between two layers, in training.
    bidirectional : bool
        Whether every layer also goes backwards through the steps, with weights of its own, and
        gives both states side by side.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih_l0 : Parameter of shape (H, input_size)
        W_ih of the first layer, drawn uniformly from within 1 / sqrt(H) as all parameters; above
        it ``weight_ih_l1`` (H, H) or (H, 2 H), ...; ``weight_ih_l0_reverse`` for the way back.
    weight_hh_l0 : Parameter of shape (H, H)
        W_hh, in the same manner.
    bias_ih_l0, bias_hh_l0 : Parameter of shape (H,)
        b_ih and b_hh, in the same manner.

    Notes
    -----
    Source: J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> output, hn = nn.RNN(10, 20, 2)(torch.ones(5, 3, 10))
    >>> tuple(output.shape), tuple(hn.shape)
    ((5, 3, 20), (2, 3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity of RNN must be 'tanh' or 'relu', got {nonlinearity!r}")
        mode = "RNN_TANH" if nonlinearity == "tanh" else "RNN_RELU"
        options = (num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype)
        super().__init__(mode, input_size, hidden_size, *options)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory: cells that keep what they hold until gates say otherwise.

    i, f, o = s(W_ih x + b_ih + W_hh h + b_hh) each with rows of its own, s the logistic function;
    g likewise with tanh; c' = f c + i g; h' = o tanh(c').

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of cells and state.
    num_layers : int
        How many layers lie above one another, each with the states of the one below as input.
    bias : bool
        Whether there are b_ih and b_hh.
    batch_first : bool
        Whether input and output are (B, T, ...), not (T, B, ...).
    dropout : float
        The probability that a number is dropped between two layers, in training.
    bidirectional : bool
        Whether every layer also goes backwards through the steps, with weights of its own, and
        gives both states side by side.
    proj_size : int
        If not 0, the state is W_hr h' and has this length.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih_l0 : Parameter of shape (4 H, input_size)
        W_ih of the first layer for i, f, g, o, drawn uniformly from within 1 / sqrt(H) as all
        parameters; above it ``weight_ih_l1``, ...; ``weight_ih_l0_reverse`` for the way back.
    weight_hh_l0 : Parameter of shape (4 H, H) or (4 H, proj_size)
        W_hh, in the same manner.
    bias_ih_l0, bias_hh_l0 : Parameter of shape (4 H,)
        b_ih and b_hh, in the same manner.
    weight_hr_l0 : Parameter of shape (proj_size, H)
        W_hr, in the same manner, if `proj_size` is not 0.

    Notes
    -----
    Sources: S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997;
    F. Gers, J. Schmidhuber, F. Cummins, "Learning to forget: continual prediction with LSTM",
    Neural Computation 12, 2000; H. Sak, A. Senior, F. Beaufays, "Long short-term memory based
    recurrent neural network architectures for large vocabulary speech recognition", 2014.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> output, (hn, cn) = nn.LSTM(10, 20, bidirectional=True)(torch.ones(5, 3, 10))
    >>> tuple(output.shape), tuple(hn.shape), tuple(cn.shape)
    ((5, 3, 40), (2, 3, 20), (2, 3, 20))
    """

    def __init__(
        self,
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
        options = (num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype)
        super().__init__("LSTM", input_size, hidden_size, *options)


class GRU(RNNBase):
    """Gated recurrent units: a state that is partly kept and partly computed anew.

    r, z = s(W_ih x + b_ih + W_hh h + b_hh) each with rows of its own, s the logistic function;
    n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h' = (1 - z) n + z h.

    Parameters
    ----------
    input_size : int
        Length of the rows of the input.
    hidden_size : int
        H, the length of the state.
    num_layers : int
        How many layers lie above one another, each with the states of the one below as input.
    bias : bool
        Whether there are b_ih and b_hh.
    batch_first : bool
        Whether input and output are (B, T, ...), not (T, B, ...).
    dropout : float
        The probability that a number is dropped between two layers, in training.
    bidirectional : bool
        Whether every layer also goes backwards through the steps, with weights of its own, and
        gives both states side by side.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight_ih_l0 : Parameter of shape (3 H, input_size)
        W_ih of the first layer for r, z, n, drawn uniformly from within 1 / sqrt(H) as all
        parameters; above it ``weight_ih_l1``, ...; ``weight_ih_l0_reverse`` for the way back.
    weight_hh_l0 : Parameter of shape (3 H, H)
        W_hh, in the same manner.
    bias_ih_l0, bias_hh_l0 : Parameter of shape (3 H,)
        b_ih and b_hh, in the same manner.

    Notes
    -----
    Source: K. Cho, B. van Merrienboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk,
    Y. Bengio, "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", EMNLP 2014.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> output, hn = nn.GRU(10, 20, batch_first=True)(torch.ones(3, 5, 10))
    >>> tuple(output.shape), tuple(hn.shape)
    ((3, 5, 20), (1, 3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        options = (num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype)
        super().__init__("GRU", input_size, hidden_size, *options)
