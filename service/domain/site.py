"""A publisher's site: where its stories live and how it wants comments to be taken."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

# Settings of a site that an editor may change, with their bounds (inclusive) where they are numbers.
BOUNDS = {
    "edit_window_seconds": (0, 86_400),
    "max_depth": (0, 8),
    "text_max": (100, 20_000),
    "name_max": (10, 200),
    "false_alarms_permille": (1, 200),
}


@dataclass(frozen=True, slots=True)
class Site:
    """``origins`` are exact web origins such as ``https://www.example.org``.

    ``edit_window_seconds``: how long an author may edit. ``max_depth``: how deep replies nest.
    ``text_max`` and ``name_max`` are characters. ``false_alarms_permille``: of a thousand comments that people
    approve, how many a threshold of the trained models may catch. ``storm``: all that comes is held, since
    ``storm_at`` at the wish of ``storm_by``.
    """

    key: str
    name: str
    origins: tuple[str, ...]
    policy_version: int = 0
    email_required: bool = True
    edit_window_seconds: int = 900
    max_depth: int = 6
    text_max: int = 10_000
    name_max: int = 60
    false_alarms_permille: int = 20
    storm: bool = False
    storm_by: str | None = None
    storm_at: datetime | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host for origin in self.origins if (host := urlsplit(origin).hostname))

    def settings_document(self) -> dict[str, Any]:
        """The settings that differ from site to site, for storing."""
        document = {f.name: getattr(self, f.name) for f in fields(self) if f.name in SETTINGS}
        if self.storm:
            at = self.storm_at.isoformat() if self.storm_at else None
            document |= {"storm": True, "storm_by": self.storm_by, "storm_at": at}
        return document

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> "Site":
        settings = row["settings"]
        known = {name: value for name, value in settings.items() if name in SETTINGS}
        at = settings.get("storm_at")
        return cls(
            key=row["site"],
            name=row["name"],
            origins=tuple(row["origins"]),
            policy_version=row["policy_version"],
            storm=settings.get("storm", False),
            storm_by=settings.get("storm_by"),
            storm_at=datetime.fromisoformat(at) if at else None,
            **known,
        )


SETTINGS = frozenset(BOUNDS) | {"email_required"}
