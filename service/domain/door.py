"""The doors for other systems, and the keys that open them."""

from dataclasses import dataclass

PERSPECTIVE, AKISMET, CORAL = "perspective", "akismet", "coral"
DOORS = (PERSPECTIVE, AKISMET, CORAL)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of one door; it speaks for one site."""

    name: str
    site: str
    door: str
