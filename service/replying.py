"""A moderator answers readers for the newsroom. The reply goes through the doors of a reader's comment: its text is
normalised and rendered, its row stored, and its status recorded as a decision, with an entry in the journal."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.adapters.sanitizer import render
from service.domain.address import AT_SIGNS
from service.domain.comment import Place, Signals, Status
from service.domain.decision import REPLY
from service.domain.errors import CommentNotFound, FieldError, InvalidSubmission, NotOnStage
from service.domain.roles import Power
from service.domain.search import searchable
from service.domain.site import Site
from service.domain.text import text_of_comment
from service.people import Moderator
from service.store import decisions, desk, journal, search, stage
from service.store.database import Database
from service.store.ids import new_id
from service.store.sites import SiteBook
from service.store.writer import insert

NAME_IS_ADDRESS = (
    "Your name here is an e-mail address, and names are published. Ask an administrator for another one."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as readers see it."""

    id: UUID
    parent_id: UUID
    author_name: str
    html: str
    created_at: datetime


@dataclass(frozen=True)
class Replying:
    database: Database
    sites: SiteBook
    now: Callable[[], datetime]

    def reply(self, moderator: Moderator, parent_id: UUID, untrusted_text: str) -> Reply:
        """Put an answer to a comment on stage at once, under the moderator's name, in a closed thread too.

        Raises ``Forbidden``, ``CommentNotFound``, ``NotOnStage`` for a comment that readers do not see, and
        ``InvalidSubmission``.
        """
        moderator.must(Power.DECIDE)
        with self.database.read() as connection:
            site = self.sites.get(moderator.seen(desk.get(connection, parent_id), CommentNotFound).site)
        if any(sign in moderator.name for sign in AT_SIGNS):
            raise InvalidSubmission([FieldError("", NAME_IS_ADDRESS)])
        text = text_of_comment(untrusted_text, maximum=site.text_max)
        html, now = render(text), self.now()
        with self.database.write() as connection:
            # Held, so that nobody removes it before the reply stands below it; and in the order of ids.
            decisions.locked(connection, [parent_id])
            parent = stage.parent(connection, parent_id)
            if parent is None:
                raise NotOnStage
            row = _row(parent, site, moderator.name, text, html, now)
            self._put_on_stage(connection, moderator, row, now)
        return Reply(row["id"], parent_id, moderator.name, html, now)

    def _put_on_stage(
        self, connection: sa.Connection, moderator: Moderator, row: dict[str, Any], now: datetime
    ) -> None:
        comment_id, site = row["id"], row["site"]
        insert(connection, [row], [_vault_row(comment_id, site)])
        recorded = decisions.record_one(
            connection,
            decisions.Verdict(
                comment_id=comment_id,
                revision=row["revision"],
                action=REPLY,
                status=Status.APPROVED,
                actor=moderator.name,
                automated=False,
                decided_at=now,
            ),
        )
        # What a screening would have left for searches.
        found = search.Searched(comment_id, site, searchable(moderator.name, row["source"]), {})
        search.keep(connection, [found])
        journal.append(
            connection,
            at=now,
            actor=moderator.name,
            act=f"comment.{REPLY}",
            subject=f"comment {comment_id}",
            site=site,
            detail={"answers": str(row["parent_id"]), "decision": str(recorded.decision_id)},
        )


def _row(
    parent: stage.ParentRow, site: Site, name: str, text: str, html: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "site": site.key,
        "thread_id": parent.thread_id,
        **parent.below(site.max_depth, ""),
        "author_name": name,
        "source": text,
        "html": html,
        # Until it is recorded, in the same transaction: no machine ever looks at it, and whoever takes the reply back
        # finds it among what waits for a person.
        "status": Status.HELD.value,
        "awaiting": Status.HELD.value,
        "place": Place.HIDDEN.value,
        "revision": 1,
        "signals": Signals().as_stored(),
        # Of a token that nobody has.
        "edit_token_hash": secrets.token_bytes(32),
        "created_at": now,
        "attempt": 0,
        "staff": True,
    }


def _vault_row(comment_id: UUID, site: str) -> dict[str, Any]:
    """A moderator gives no address, and where they sit is nobody's business."""
    nothing = dict.fromkeys(("sealed", "key_id", "address_index", "origin_index"))
    return {"comment_id": comment_id, "site": site, **nothing}
