"""Modules that hold others: in a row, in a list, under names."""

from typing import Any

from scratchml.nn.modules.module import Module


class Sequential(Module):
    """Call modules one after the other, each with the output of the one before.

    Parameters
    ----------
    *args : Module or OrderedDict of str to Module
        The modules; they are called "0", "1", ... unless one OrderedDict names them.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], dict):
            named = args[0].items()
        else:
            named = ((str(i), module) for i, module in enumerate(args))
        for name, module in named:
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        """Call the modules in turn.

        Parameters
        ----------
        input : Any
            What the first of them takes.
        """
        for name in self._module_names:
            input = self.__dict__[name](input)
        return input
