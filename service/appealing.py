"""An author asks a person to look again at what was decided about the own comment, once for each decision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from service.domain.appeal import WORDS_MAX, answer_to, decision_to_appeal
from service.domain.errors import (
    AlreadyAppealed,
    CommentNotFound,
    FieldError,
    InvalidSubmission,
    NothingToAppeal,
)
from service.domain.text import TextFault, normalise_text
from service.store import appeals, decisions, desk, vault
from service.submission import OWN_ADDRESS, AuthorsOwn, check_origin, shows_address


@dataclass(frozen=True, slots=True)
class Appealed:
    """``last`` is the latest appeal, ``answer`` the decision that answered it. ``possible``: one could be made now."""

    possible: bool
    last: appeals.AppealRow | None
    answer: desk.DecisionRow | None


@dataclass(frozen=True)
class Appealing:
    """Appeals of whoever holds a comment's edit token. An appeal is its author's act, and in no moderator's journal."""

    own: AuthorsOwn

    def state(self, row: desk.CommentRow) -> Appealed:
        """What became of the appeals about a comment that its author looks at."""
        with self.own.database.read() as connection:
            past, made = _history(connection, row.id)
        last = made[-1] if made else None
        return Appealed(
            _is_possible(row, past, made), last, answer_to(last, past) if last is not None else None
        )

    def appeal(self, comment_id: UUID, edit_token: str, untrusted_words: str, remote: str | None) -> None:
        """Have the comment wait for a person, with the author's words, which may be none.

        Raises ``CommentNotFound``, ``NothingToAppeal``, ``AlreadyAppealed``, ``InvalidSubmission``, ``RateLimited``.
        """
        row, _ = self.own.look(comment_id, edit_token)
        site = self.own.sites.get(row.site)
        # It costs a person's time, as a comment does: it counts as one.
        check_origin(self.own.limiter, self.own.cipher, site, remote)
        words = _words(untrusted_words)
        with self.own.database.write() as connection:
            # From here on nobody decides in between.
            decisions.locked(connection, [comment_id])
            present = desk.get(connection, comment_id)
            if present is None:
                raise CommentNotFound
            past, made = _history(connection, comment_id)
            about = decision_to_appeal(
                present.status, present.awaiting, past, made, waits=present.appealed_at is not None
            )
            sealed = vault.sealed_address(connection, comment_id)
            # Moderators read it, and the promise is that nobody sees the address.
            if sealed is not None and shows_address(words, self.own.cipher.open(sealed, comment_id)):
                raise InvalidSubmission([FieldError("/text", OWN_ADDRESS)])
            appeals.add(
                connection,
                comment_id,
                about.id,
                revision=present.revision,
                text=words,
                now=self.own.now(),
            )


def _history(
    connection: sa.Connection, comment_id: UUID
) -> tuple[list[desk.DecisionRow], list[appeals.AppealRow]]:
    past = desk.decisions_of(connection, [comment_id]).get(comment_id, [])
    return past, appeals.of(connection, [comment_id]).get(comment_id, [])


def _is_possible(row: desk.CommentRow, past: list[desk.DecisionRow], made: list[appeals.AppealRow]) -> bool:
    try:
        decision_to_appeal(row.status, row.awaiting, past, made, waits=row.appealed_at is not None)
    except (NothingToAppeal, AlreadyAppealed):
        return False
    return True


def _words(untrusted: str) -> str:
    """The words as they are kept. Raises ``InvalidSubmission``."""
    if not untrusted.strip():
        return ""
    try:
        return normalise_text(untrusted, maximum=WORDS_MAX)
    except TextFault as fault:
        raise InvalidSubmission([FieldError("/text", str(fault))]) from None
