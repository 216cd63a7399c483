"""Doors for other systems: the protocols of services that newsrooms call today, answered by our own models.

They are a process of their own, because it holds the models that the web process does without.
"""
