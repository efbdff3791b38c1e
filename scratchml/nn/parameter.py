"""Parameter lives beside Tensor; modules and users find it here."""

from scratchml.tensor.tensor import Parameter as Parameter
