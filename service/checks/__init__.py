"""Detectors: a ``Case`` in, a ``Finding`` out. They write nothing and decide nothing; see ``catalogue``."""
