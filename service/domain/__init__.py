"""The words and rules of moderation. Standard library only: no I/O and no clock."""
