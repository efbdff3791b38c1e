"""Layers as objects: each holds its parameters and calls `scratchml.nn.functional`."""
