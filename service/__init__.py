"""Greenroom's shared rooms and its HTTP door; see docs/architecture.md for the walk of a comment."""

__version__ = "0.1.0"
