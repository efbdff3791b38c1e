"""fit: the loop that trains a network.

    for each epoch, for each batch (x, y):
        L = loss(model(x), y)
        g = dL/dparameters              by L.backward()
        parameters -= ...               by optimizer.step()

That is all, with what one forgets: a loss that is not finite stops it before anything is
stepped with it, gradients may be clipped, schedules are stepped, and Ctrl-C waits for the end of a
step, so that the model is always as some whole step left it.
"""

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from scratchml.nn.evaluation import Epoch, evaluate
from scratchml.nn.whole_steps import WholeSteps

History = dict[str, list[float]]


def fit(
    model: Any,
    loader: Iterable[Any],
    loss_function: Callable[[Any, Any], Any],
    optimizer: Any,
    *,
    epochs: int,
    scheduler: Any = None,
    step_scheduler: str = "epoch",
    validation: Iterable[Any] | None = None,
    max_grad_norm: float | None = None,
    progress: bool = True,
) -> History:
    """Train a network.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs. It is left in training mode.
    loader : iterable
        Gives the batches of an epoch, ``(x, y)`` or ``(x1, x2, ..., y)``, each time it is looped
        over; such as a `scratchml.data.DataLoader`.
    loss_function : callable
        ``loss_function(model(x), y)`` is a tensor of one value, a mean over the batch.
    optimizer : Optimizer
        Of the model's parameters.
    epochs : int
        How often to loop over `loader`.
    scheduler : LRScheduler, optional
        Stepped after every epoch; `ReduceLROnPlateau` with the loss on `validation`, or with the
        training loss if there is none.
    step_scheduler : {"epoch", "batch"}
        "batch" steps it after every batch, as `OneCycleLR` wants it.
    validation : iterable, optional
        Batches to measure the model on after every epoch.
    max_grad_norm : float, optional
        Shorten longer gradients to this norm, all taken as one vector.
    progress : bool
        Print a line for each epoch, and show a bar on a terminal.

    Returns
    -------
    dict of str to list of float
        For each epoch ``"loss"``, the mean over the training samples as they were met; ``"lr"``,
        of the first group, at the end; ``"seconds"``; ``"accuracy"``, where `y` are classes; and
        with `validation` also ``"validation_loss"`` and ``"validation_accuracy"``.

    Raises
    ------
    FloatingPointError
        If a loss, or the norm of the gradients that is to be bounded, is infinite or not a number.
        The parameters are as the step before left them.
    KeyboardInterrupt
        After Ctrl-C, once the running step is whole; the error's ``history`` has the epochs
        that were finished.
    ValueError
        If a batch is not of inputs and targets, or there is none; if the optimizer has none of the
        model's parameters.

    Examples
    --------
    >>> import numpy as np
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> from scratchml.data import DataLoader, TensorDataset
    >>> from scratchml.optim import Adam
    >>> _ = torch.manual_seed(0)
    >>> x = torch.randn(200, 2)
    >>> y = torch.from_numpy((x.numpy()[:, 0] > 0).astype(np.int64))
    >>> model = nn.Linear(2, 2)
    >>> loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
    >>> optimizer = Adam(model.parameters(), lr=0.1)
    >>> history = nn.fit(
    ...     model, loader, nn.CrossEntropyLoss(), optimizer, epochs=5, progress=False
    ... )
    >>> history["loss"][-1] < 0.2, history["accuracy"][-1] > 0.95
    (True, True)
    """
    _check(epochs, step_scheduler)
    _check_parameters(model, optimizer)
    history: History = {}
    step_batch = scheduler.step if scheduler and step_scheduler == "batch" else None
    with WholeSteps() as whole:
        try:
            for epoch in range(epochs):
                begin = time.perf_counter()
                model.train()
                training = Epoch(epoch, epochs, loader, progress)
                for batch, (inputs, target) in training:
                    optimizer.zero_grad()
                    output = model(*inputs)
                    loss = loss_function(output, target)
                    training.add(_finite("loss", loss.item(), epoch, batch), output, target)
                    loss.backward()
                    if max_grad_norm is not None:
                        norm = _clip(optimizer, max_grad_norm)
                        _finite("norm of the gradients", norm, epoch, batch)
                    whole.run(optimizer.step, step_batch)
                measured = training.means()
                if validation is not None:
                    on_others = evaluate(model, validation, loss_function)
                    measured |= {f"validation_{k}": v for k, v in on_others.items()}
                if scheduler and step_scheduler == "epoch":
                    _step_scheduler(scheduler, measured)
                measured["lr"] = optimizer.param_groups[0]["lr"]
                measured["seconds"] = time.perf_counter() - begin
                for name, value in measured.items():
                    history.setdefault(name, []).append(value)
                if progress:
                    print(_line(epoch, epochs, measured), flush=True)
        except KeyboardInterrupt as error:
            error.add_note("fit was stopped: the model is as its last whole step left it")
            error.history = history  # type: ignore[attr-defined]
            raise
    return history


def _check(epochs: Any, step_scheduler: Any) -> None:
    if not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs must be a positive integer, got {epochs!r}")
    if step_scheduler not in ("epoch", "batch"):
        raise ValueError(f"step_scheduler must be 'epoch' or 'batch', got {step_scheduler!r}")


def _check_parameters(model: Any, optimizer: Any) -> None:
    own = {id(p) for p in model.parameters()}
    stepped = [p for group in optimizer.param_groups for p in group["params"]]
    if own and not any(id(p) in own for p in stepped):
        raise ValueError(
            f"the optimizer must have parameters of the model: of its {len(stepped)} none is among "
            f"the {len(own)} of {type(model).__name__}, so no step would change the model"
        )


def _finite(name: str, value: float, epoch: int, batch: int) -> float:
    if not math.isfinite(value):
        raise FloatingPointError(
            f"the {name} is {value} in epoch {epoch + 1}, batch {batch + 1}; nothing was stepped "
            "with it. A smaller learning rate, max_grad_norm, or a look at the batch may help"
        )
    return value


def _clip(optimizer: Any, max_norm: float) -> float:
    from scratchml.nn.utils import clip_grad_norm_

    params = [p for group in optimizer.param_groups for p in group["params"]]
    with np.errstate(invalid="ignore"):  # a norm that is not finite is an error soon
        return clip_grad_norm_(params, max_norm).item()


def _step_scheduler(scheduler: Any, measured: dict[str, float]) -> None:
    from scratchml.optim.lr_scheduler import ReduceLROnPlateau

    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(measured.get("validation_loss", measured["loss"]))
    else:
        scheduler.step()


def _line(epoch: int, epochs: int, measured: dict[str, float]) -> str:
    shown = ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in measured.items()
        if name not in ("lr", "seconds")
    )
    return f"epoch {epoch + 1} of {epochs}: {shown}, {measured['seconds']:.1f} s"
