"""Numbers that programs take from ``torch``."""

from math import e, inf, nan, pi

__all__ = ["e", "inf", "nan", "pi"]
