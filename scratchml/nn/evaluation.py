"""evaluate: a network measured on batches, and how a loop over batches keeps count."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from scratchml._core.progress import progress as show_progress
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import mode


def evaluate(
    model: Any, loader: Iterable[Any], loss_function: Callable[[Any, Any], Any] | None = None
) -> dict[str, float]:
    """Measure a network, in evaluation mode and without gradients.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs; afterwards it is in the mode it was in.
    loader : iterable
        Gives batches ``(x, y)`` or ``(x1, x2, ..., y)``.
    loss_function : callable, optional
        ``loss_function(model(x), y)`` is a tensor of one value, a mean over the batch.

    Returns
    -------
    dict of str to float
        ``"loss"``, the mean over all samples, if there is a `loss_function`; and ``"accuracy"``,
        the share of samples whose class has the largest output, if `y` are classes.

    Raises
    ------
    ValueError
        If a batch is not of inputs and targets, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> import scratchml.nn as nn
    >>> from scratchml.data import DataLoader, TensorDataset
    >>> x = np.array([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    >>> loader = DataLoader(TensorDataset(x, np.array([0, 1, 1])))
    >>> nn.evaluate(nn.Identity(), loader)
    {'accuracy': 0.6666666666666666}
    """
    modules = list(model.modules()) if hasattr(model, "modules") else []
    were_training = [module.training for module in modules]
    recording, mode.recording = mode.recording, False
    try:
        if modules:
            model.eval()
        sums = Epoch(0, 1, loader, False)
        for _, (inputs, target) in sums:
            output = model(*inputs)
            loss = 0.0 if loss_function is None else loss_function(output, target).item()
            sums.add(loss, output, target)
    finally:
        mode.recording = recording
        for module, training in zip(modules, were_training, strict=True):
            module.training = training
    means = sums.means()
    if loss_function is None:
        del means["loss"]
    return means


class Epoch:
    """One loop over a loader, with what is counted on the way."""

    def __init__(self, epoch: int, epochs: int, loader: Iterable[Any], progress: bool) -> None:
        self.name, self.loader = f"epoch {epoch + 1} of {epochs}", loader
        self.bar = progress and hasattr(loader, "__len__") and _on_terminal()
        self.loss = self.hits = 0.0
        self.samples, self.classes = 0, False

    def __iter__(self) -> Iterator[tuple[int, tuple[Any, Any]]]:
        total = len(self.loader) if self.bar else 0  # type: ignore[arg-type]
        with show_progress(self.name, total, "batches", int(self.bar)) as show:
            for i, batch in enumerate(self.loader):
                if not isinstance(batch, tuple | list) or len(batch) < 2:
                    raise ValueError(
                        "a batch must be inputs and targets, (x, y), got a "
                        f"{type(batch).__name__} {np.shape(batch) or ''}".rstrip()
                    )
                yield i, (batch[:-1], batch[-1])
                show(i + 1)

    def add(self, loss: float, output: Any, target: Any) -> None:
        """Count a batch: its loss, weighted by its samples, and its hits."""
        scores = output.array if isinstance(output, Tensor) else None
        classes = target.array if isinstance(target, Tensor) else np.asarray(target)
        n = classes.shape[0] if classes.ndim else 1
        self.loss += loss * n
        self.samples += n
        if scores is not None and classes.dtype.kind in "iu" and scores.ndim == classes.ndim + 1:
            self.classes = True
            right = int(np.count_nonzero(scores.argmax(axis=1) == classes))
            self.hits += right * n / max(classes.size, 1)  # several classes a sample count as one

    def means(self) -> dict[str, float]:
        """Return the means over all samples."""
        if not self.samples:
            raise ValueError("the loader gave no batch: is the dataset empty?")
        means = {"loss": self.loss / self.samples}
        if self.classes:
            means["accuracy"] = self.hits / self.samples
        return means


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
