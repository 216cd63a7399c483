"""Who may do what at a site: four roles, each with all that the one before it may.

A role belongs to a token, and a token may be narrowed to one site. What an operation asks for is a power; the doors
name it beside the route, and a test asks every route with every role.
"""

from enum import StrEnum


class Power(StrEnum):
    READ = "read"  # queues, cases, search, figures
    DECIDE = "decide"  # decide, undo, claim, note, in bulk too
    STAND = "stand"  # ban and trust authors
    RULE = "rule"  # policy, canned reasons, storms, threads
    GOVERN = "govern"  # people, and the journal of what everybody did
    METRICS = "metrics"  # figures for a scraper


class Role(StrEnum):
    VIEWER = "viewer"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"
    SCRAPER = "scraper"  # a machine that reads /metrics and nothing else


_VIEWER = frozenset({Power.READ})
_MODERATOR = _VIEWER | {Power.DECIDE, Power.STAND}
_EDITOR = _MODERATOR | {Power.RULE}
POWERS: dict[Role, frozenset[Power]] = {
    Role.VIEWER: _VIEWER,
    Role.MODERATOR: _MODERATOR,
    Role.EDITOR: _EDITOR,
    Role.ADMINISTRATOR: _EDITOR | {Power.GOVERN, Power.METRICS},
    Role.SCRAPER: frozenset({Power.METRICS}),
}
PEOPLE = (Role.VIEWER, Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR)
