"""A comment's life: its statuses, the moves between them, and what the green room knows of it.

``awaiting`` differs from ``status`` only for an approved comment whose author edited it: the approved text
stays on stage (status ``approved``) while its new text waits (awaiting ``pending`` or ``held``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from service.domain.standing import Standing


class Status(StrEnum):
    PENDING = "pending"  # being screened
    HELD = "held"  # waits for a person
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by its author
    ERASED = "erased"  # tombstone


class Place(StrEnum):
    """What the public sees of a comment: nothing, the comment, or a tombstone that keeps its replies in place."""

    HIDDEN = "hidden"
    SHOWN = "shown"
    TOMBSTONE = "tombstone"


# The one table of moves. Erasure is possible from everywhere and final; a withdrawn comment stays its author's.
MOVES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset(
        {Status.HELD, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN, Status.ERASED, Status.PENDING}
    ),
    Status.HELD: frozenset(
        {Status.APPROVED, Status.REJECTED, Status.HELD, Status.WITHDRAWN, Status.ERASED, Status.PENDING}
    ),
    Status.APPROVED: frozenset(
        {Status.APPROVED, Status.HELD, Status.REJECTED, Status.WITHDRAWN, Status.ERASED}
    ),
    Status.REJECTED: frozenset(
        {Status.REJECTED, Status.APPROVED, Status.HELD, Status.WITHDRAWN, Status.ERASED}
    ),
    Status.WITHDRAWN: frozenset({Status.ERASED}),
    Status.ERASED: frozenset(),
}


def may_move(start: Status, end: Status) -> bool:
    """Whether a comment may go from ``start`` to ``end``."""
    return end in MOVES[start]


@dataclass(frozen=True, slots=True)
class Signals:
    """What the door noticed about a submission besides its content.

    ``trap_filled``: the field that people cannot see was filled in. ``seconds``: time from opening the form to
    sending it, ``None`` when unknown. ``address_disposable``: the e-mail's domain is a known throw-away one.
    ``unproved``: it needed a proof of work and came by a form that cannot bring one.
    """

    trap_filled: bool = False
    seconds: float | None = None
    address_disposable: bool = False
    unproved: bool = False

    def as_stored(self) -> dict[str, Any]:
        """The signals as a JSON document."""
        # Spelled out: dataclasses.asdict copies deeply, which takes twenty times as long.
        return {
            "trap_filled": self.trap_filled,
            "seconds": self.seconds,
            "address_disposable": self.address_disposable,
            "unproved": self.unproved,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """Counts of an author's, or an origin's, earlier comments at this site by status (bounded window)."""

    approved: int = 0
    rejected: int = 0
    held: int = 0
    pending: int = 0
    # Those of the approved that a person approved.
    welcomed: int = 0

    @property
    def total(self) -> int:
        return self.approved + self.rejected + self.held + self.pending


@dataclass(frozen=True, slots=True)
class Lookalike:
    """An earlier comment that resembles the case. ``distance`` is the Hamming distance of 64-bit simhashes
    (0–64); ``same_text`` tells that the folded texts are equal."""

    comment_id: UUID
    distance: int
    same_text: bool
    same_author: bool
    same_thread: bool
    status: str


@dataclass(frozen=True, slots=True)
class HostRecord:
    """What became of the last comments that link to a host (bounded window, all sites).

    ``approved`` counts those that a person approved; what a policy let through tells nothing. ``lately``: how many
    came within a day before this one; ``names``: under how many names other than this one's.
    """

    host: str
    approved: int = 0
    rejected: int = 0
    waiting: int = 0
    lately: int = 0
    names: int = 0


class Taught(Protocol):
    """What a site's moderators taught; see ``service.learning``."""

    @property
    def version(self) -> int: ...

    def scores(self, scores: Mapping[str, float], text: str, author_name: str) -> dict[str, float]:
        """Those of the model's probabilities that the site changes, changed."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a check may look at. It holds no address, no address index and no network origin.

    ``lookalikes`` come newest first. ``site_hosts`` are the hosts of the site's own origins. ``storm``: an editor has
    all that comes held, at the site or in the thread.
    """

    comment_id: UUID
    site: str
    thread_id: UUID
    url: str
    author_name: str
    text: str
    created_at: datetime
    revision: int = 1
    reply: bool = False
    signals: Signals = Signals()
    author_record: Record | None = None
    origin_record: Record | None = None
    lookalikes: tuple[Lookalike, ...] = ()
    hosts: tuple[HostRecord, ...] = ()
    site_hosts: tuple[str, ...] = field(default=())
    taught: Taught | None = None
    # ``None`` for a comment of another system, whose author is not known here.
    standing: Standing | None = None
    storm: bool = False
