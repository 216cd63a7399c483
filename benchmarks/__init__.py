"""Measurements of the product beside its goals: one command, ``python -m benchmarks``. Never imported by it."""
