"""A moderator's browser signs in with a token and is known by a cookie from then on, until it signs out.

A session adds no power to its token's: it ends with the token, and has the role that the token has now. Who may do
what is asked of the ``Moderator`` as with a bearer token.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import PersonNotFound, TokenInvalid
from service.domain.roles import Power
from service.people import Moderator, Person, Tokens, hashed, moderator_of, person_of
from service.store import journal, leases, sessions, tokens
from service.store.database import Database
from service.store.tokens import TokenRow

# A busy moderator must not cost a write for every click.
SEEN_EVERY = timedelta(minutes=1)
REFUSED_EVERY = timedelta(minutes=1)
REFUSED_LEASE = "journal of refused sign-ins"
ORIGINS_COUNTED = 10_000
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that runs, and whom it speaks for. ``ends_at``: when it is over in any case."""

    id: UUID
    moderator: Moderator
    ends_at: datetime


@dataclass
class Sessions:
    """``idle``: how long a session lasts without a request; ``span``: how long it lasts at most."""

    database: Database
    tokens: Tokens
    now: Callable[[], datetime]
    idle: timedelta
    span: timedelta

    def __post_init__(self) -> None:
        self._counting = threading.Lock()
        self._refused = 0
        self._origins: set[bytes] = set()
        self._noted_at: datetime | None = None

    # --- in and out ----------------------------------------------------------------------------------------

    def begin(self, token: str) -> tuple[str, SignedIn]:
        """A new session of whom ``token`` speaks for, and the secret of its cookie, for the only time: 256 random
        bits. Raises ``TokenInvalid``."""
        row = self.tokens.find(token)
        moderator = moderator_of(row)
        secret = secrets.token_urlsafe(32)
        now = self.now()
        with self.database.write() as connection:
            made = sessions.add(connection, row.id, hashed(secret), now=now)
            _note(connection, moderator, "session.begin", f"session {made.id}", now=now)
        self.note_refused()
        return secret, SignedIn(made.id, moderator, now + self.span)

    def resume(self, secret: str) -> SignedIn:
        """The session of a cookie. Raises ``TokenInvalid`` when it is unknown or over, or its token was revoked."""
        with self.database.read() as connection:
            row = sessions.find(connection, hashed(secret))
            token = tokens.of_id(connection, row.token_id) if row is not None else None
        now = self.now()
        if row is None or token is None or not self._runs(row, now):
            raise TokenInvalid
        moderator = moderator_of(token)
        if now - row.seen_at >= SEEN_EVERY:
            with self.database.write() as connection:
                sessions.seen(connection, row.id, now=now)
                tokens.used(connection, token.name, now=now)
        return SignedIn(row.id, moderator, row.created_at + self.span)

    def end(self, session: SignedIn) -> None:
        """Sign this browser out."""
        now = self.now()
        with self.database.write() as connection:
            if sessions.end(connection, session.id, now=now):
                _note(connection, session.moderator, "session.end", f"session {session.id}", now=now)

    def end_everywhere(self, session: SignedIn) -> int:
        """Sign out all browsers of this session's token; how many that were."""
        now = self.now()
        name = session.moderator.name
        with self.database.write() as connection:
            token = tokens.named(connection, name)
            if token is None:
                return 0
            ended = self._running(connection, [token]).get(token.id, 0)
            sessions.end_all(connection, token.id, now=now)
            detail = {"sessions": ended}
            _note(
                connection,
                session.moderator,
                "session.end_everywhere",
                f"token {name}",
                detail=detail,
                now=now,
            )
        return ended

    def _runs(self, row: sessions.SessionRow, now: datetime) -> bool:
        return row.ended_at is None and now < row.created_at + self.span and now < row.seen_at + self.idle

    def _running(self, connection: Connection, rows: list[TokenRow]) -> dict[UUID, int]:
        now = self.now()
        ids = [row.id for row in rows if row.revoked_at is None]
        return sessions.running(connection, ids, created_after=now - self.span, seen_after=now - self.idle)

    # --- refused -------------------------------------------------------------------------------------------

    def refused(self, origin: bytes) -> None:
        """Note that somebody of this origin (its keyed index) was refused. The journal gets one entry a minute at the
        most, with how many that were and of how many origins, so that nobody floods it."""
        with self._counting:
            self._refused += 1
            if len(self._origins) < ORIGINS_COUNTED:
                self._origins.add(origin)
        self.note_refused()

    def note_refused(self) -> None:
        """Write down who was refused since the last entry, if that is a minute ago."""
        now = self.now()
        with self._counting:
            soon = self._noted_at is not None and timedelta(0) <= now - self._noted_at < REFUSED_EVERY
            if not self._refused or soon:
                return
            count, origins = self._refused, self._origins
            self._refused, self._origins, self._noted_at = 0, set(), now
        written = False
        try:
            with self.database.write() as connection:
                # Of several processes one writes in each minute; another holder each time, so that this one, too,
                # waits for its own minute to pass.
                holder = secrets.token_hex(8)
                if leases.take(connection, REFUSED_LEASE, holder, now=now, span=REFUSED_EVERY):
                    detail = {"count": count, "origins": len(origins)}
                    journal.append(
                        connection,
                        at=now,
                        actor=NOBODY,
                        act="session.refused",
                        subject="sign-in",
                        detail=detail,
                    )
                    written = True
        except SQLAlchemyError:
            # Told with the next one.
            pass
        finally:
            if not written:
                with self._counting:
                    self._refused += count
                    self._origins |= origins

    # --- people --------------------------------------------------------------------------------------------

    def people(self, moderator: Moderator) -> list[Person]:
        """Everybody whom this administrator governs, keys of doors too, oldest first. Raises ``Forbidden``."""
        moderator.must(Power.GOVERN)
        with self.database.read() as connection:
            rows = tokens.everyone(connection, moderator.site)
            running = self._running(connection, rows)
        return [person_of(row, running.get(row.id, 0)) for row in rows]

    def person(self, moderator: Moderator, name: str) -> Person:
        """One of them. Raises ``PersonNotFound`` and ``Forbidden``."""
        for person in self.people(moderator):
            if person.name == name:
                return person
        raise PersonNotFound


def _note(
    connection: Connection,
    moderator: Moderator,
    act: str,
    subject: str,
    *,
    now: datetime,
    detail: dict[str, int] | None = None,
) -> None:
    journal.append(
        connection,
        at=now,
        actor=moderator.name,
        act=act,
        subject=subject,
        site=moderator.site,
        detail=detail,
    )
