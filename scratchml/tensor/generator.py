"""The generator of random numbers, whose streams are PyTorch's.

The Mersenne twister MT19937 (Matsumoto & Nishimura 1998) gives words w of 32 bits.

    uniform in [0, 1)   float32: (w mod 2^24) / 2^24;  float64: (w1 2^32 + w2 mod 2^53) / 2^53
    normal              Box & Muller 1958: from two uniform numbers u, v

                            sqrt(-2 log u) cos(2 pi v),  sqrt(-2 log u) sin(2 pi v)

                        below 16 numbers one pair after the other in float64 (the second of a pair
                        waits for the next call); otherwise in blocks of 16, the first eight
                        uniform numbers being the u and the others the v, and the last block, if
                        it is not whole, is drawn anew over the last 16 places
    integers in [0, n)  w mod n, or two words from n = 2^28
"""

import secrets
from typing import Any

import numpy as np

from scratchml.tensor.box_muller import BLOCK, box_muller

LONG = 2**28  # from here on integers are made from two words


class Generator:
    """A stream of random numbers, which depends on the seed alone.

    Parameters
    ----------
    device : str
        "cpu".

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> g = torch.Generator().manual_seed(0)
    >>> torch.rand(2, generator=g)
    tensor([0.4963, 0.7682])
    """

    def __init__(self, device: Any = "cpu") -> None:
        from scratchml.tensor.devices import check_device

        check_device(device)
        self.bits = np.random.MT19937()
        self.waiting: float | None = None  # the second normal number of a pair
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> "Generator":
        """Start the stream of a seed.

        Parameters
        ----------
        seed : int
            Its lowest 32 bits count.

        Returns
        -------
        Generator
            This one.
        """
        self._seed = int(seed) % 2**64
        self.bits._legacy_seeding(self._seed % 2**32)
        self.waiting = None
        return self

    def seed(self) -> int:
        """Start a stream that nobody can foresee.

        Returns
        -------
        int
            Its seed.
        """
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed that the stream was started with.

        Returns
        -------
        int
            The seed.
        """
        return self._seed

    def get_state(self) -> Any:
        """Return what the stream goes on from.

        Returns
        -------
        Tensor of uint8
            For `set_state`; other than PyTorch's in its layout.
        """
        from scratchml.tensor.tape import constant

        inner: Any = self.bits.state["state"]
        waiting = np.nan if self.waiting is None else self.waiting
        parts = (inner["key"], np.uint32(inner["pos"]), np.float64(waiting), np.uint64(self._seed))
        return constant(np.frombuffer(b"".join([p.tobytes() for p in parts]), np.uint8).copy())

    def set_state(self, new_state: Any) -> None:
        """Go on from where `get_state` was called.

        Parameters
        ----------
        new_state : Tensor of uint8
            What `get_state` returned.
        """
        raw = np.asarray(new_state.array)
        if raw.dtype != np.uint8 or raw.size != 4 * 625 + 16:
            raise ValueError("new_state must be what Generator.get_state returned")
        words = raw[:2500].copy().view(np.uint32)
        self.bits.state = {
            "bit_generator": "MT19937",
            "state": {"key": words[:624], "pos": int(words[624])},
        }
        waiting = float(raw[2500:2508].copy().view(np.float64)[0])
        self.waiting = None if np.isnan(waiting) else waiting
        self._seed = int(raw[2508:].copy().view(np.uint64)[0])

    def words(self, n: int) -> np.ndarray:
        """Return the next words of 32 bits, as uint64.

        Parameters
        ----------
        n : int
            How many.
        """
        return self.bits.random_raw(n)

    def double_words(self, n: int) -> np.ndarray:
        """Return the next pairs of words as numbers of 64 bits.

        Parameters
        ----------
        n : int
            How many.
        """
        pairs = self.words(2 * n)
        return (pairs[::2] << np.uint64(32)) | pairs[1::2]

    def uniform(self, n: int, dtype: Any) -> np.ndarray:
        """Return numbers drawn evenly from [0, 1).

        Parameters
        ----------
        n : int
            How many.
        dtype : dtype
            float32 or float64.
        """
        if dtype == np.float32:
            whole = (self.words(n) & np.uint64(2**24 - 1)).astype(np.float32)
            return whole * np.float32(2.0**-24)
        return (self.double_words(n) & np.uint64(2**53 - 1)).astype(np.float64) * 2.0**-53

    def normal(self, n: int, dtype: Any, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
        """Return numbers of a normal distribution.

        Parameters
        ----------
        n : int
            How many.
        dtype : dtype
            float32 or float64.
        mean, std : float
            The mean and the standard deviation.
        """
        if n < BLOCK:
            return np.array([self._one_normal() * std + mean for _ in range(n)], dtype=dtype)
        out = np.empty(n, dtype=dtype)
        u = self.uniform(n, dtype)
        whole = n - n % BLOCK
        out[:whole] = box_muller(u[:whole])
        if n % BLOCK:
            out[-BLOCK:] = box_muller(self.uniform(BLOCK, dtype))
        if mean == 0:
            return out * dtype.type(std) if std != 1 else out
        # In float32 rounded once, as PyTorch's numbers are; so the product is taken in float64.
        factor, shift = dtype.type(std), dtype.type(mean)
        return (out.astype(np.float64) * factor + shift).astype(dtype, copy=False)

    def _one_normal(self) -> float:
        if self.waiting is not None:
            value, self.waiting = self.waiting, None
            return value
        angle, u = self.uniform(2, np.dtype(np.float64))
        radius = np.sqrt(-2.0 * np.log1p(-u))
        self.waiting = float(radius * np.sin(2.0 * np.pi * angle))
        return float(radius * np.cos(2.0 * np.pi * angle))

    def exponential(self, n: int, rate: float = 1.0) -> np.ndarray:
        """Return numbers of the exponential distribution, as float64.

        Parameters
        ----------
        n : int
            How many.
        rate : float
            The inverse of the mean.
        """
        return -np.log1p(-self.uniform(n, np.dtype(np.float64))) / rate

    def below(self, n: int, count: int) -> np.ndarray:
        """Return integers drawn evenly from [0, n).

        Parameters
        ----------
        n : int
            What they are below.
        count : int
            How many.
        """
        draws = self.words(count) if n < LONG else self.double_words(count)
        return (draws % np.uint64(n)).astype(np.int64)

    def permutation(self, n: int) -> np.ndarray:
        """Return the numbers 0, ..., n - 1 in random order (Fisher & Yates, from the front).

        Parameters
        ----------
        n : int
            How many.
        """
        out = list(range(n))
        left = np.arange(n, 1, -1, dtype=np.uint64)
        steps = (self.words(max(n - 1, 0)) % left).tolist()
        for i, step in enumerate(steps):
            j = i + step
            out[i], out[j] = out[j], out[i]
        return np.array(out, dtype=np.int64)


default_generator = Generator()
