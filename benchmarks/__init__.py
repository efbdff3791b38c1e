"""Benchmarks of scratchml beside its peers: ``python -m benchmarks --help``."""
