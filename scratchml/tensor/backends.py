"""Questions about, and settings of, libraries that PyTorch may use; the answer is that none is.

Settings can be written, as programs do (``torch.backends.cudnn.deterministic = True``): results
here are the same from run to run anyway.
"""

from types import SimpleNamespace


class Backend(SimpleNamespace):
    """A library that is not there."""

    def is_available(self) -> bool:
        """Return whether it can be used: False."""
        return False

    def is_built(self) -> bool:
        """Return whether it is part of the library: False."""
        return False


cuda = Backend(matmul=Backend())
cudnn = Backend()
mkldnn = Backend()
mps = Backend()
