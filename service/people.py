"""Who may moderate: people and machines with a token, and what their role lets them do."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service.domain.door import AKISMET
from service.domain.errors import (
    Forbidden,
    GreenroomError,
    LastAdministrator,
    PersonNotFound,
    SiteUnknown,
    TokenInvalid,
)
from service.domain.roles import POWERS, Power, Role
from service.store import journal, sessions, threads, tokens
from service.store.database import Database

NAME_MAX = 100
KEY_ALPHABET, KEY_LENGTH = string.ascii_lowercase + string.digits, 12
OPERATOR = "the operator"
# Who else stands as an actor in logs and in the journal: nobody may pass for one of them.
_RESERVED = re.compile(r"the (operator|author)|nobody|screening|policy \d+", re.IGNORECASE)


class NameTaken(GreenroomError):
    detail = "A token with this name exists already."


class NameUnfit(GreenroomError):
    """A name that could not stand in an address, or that belongs to somebody else."""

    detail = 'A name has no slash, is not "." or "..", and is not that of the operator, an author or a machine of ours.'


class OfSite(Protocol):
    """A row of something that belongs to one site."""

    @property
    def site(self) -> str: ...


Row = TypeVar("Row", bound=OfSite)


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who asks: a token's name, its role, and the one site that it is narrowed to, if any."""

    name: str
    role: Role
    site: str | None

    def may(self, power: Power) -> bool:
        return power in POWERS[self.role]

    def must(self, power: Power, *, everywhere: bool = False) -> None:
        """Raises ``Forbidden``. ``everywhere``: for what concerns all sites, a token for one does not do."""
        if not self.may(power) or (everywhere and self.site is not None):
            raise Forbidden

    def must_at(self, site: str, power: Power) -> None:
        """Raises ``Forbidden``, also for a site that is not this token's."""
        if not self.may(power) or not self.may_see(site):
            raise Forbidden

    def may_see(self, site: str) -> bool:
        return self.site is None or self.site == site

    def seen(self, row: Row | None, otherwise: type[GreenroomError]) -> Row:
        """The row, if it is there and at a site that this token may see. Raises ``otherwise``: whoever may not see
        something is told no more than that it is not there."""
        if row is None or not self.may_see(row.site):
            raise otherwise
        return row

    def narrowed(self, site: str | None) -> str | None:
        """The site to ask for when the caller asked for ``site``. Raises ``Forbidden``."""
        if self.site is None or site == self.site:
            return site
        if site is None:
            return self.site
        raise Forbidden


@dataclass(frozen=True, slots=True)
class Person:
    """A token, or a key of a door, as those who govern see it; one of ``role`` and ``door`` is there.

    ``sessions``: in how many browsers it is signed in now.
    """

    name: str
    role: Role | None
    door: str | None
    site: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    sessions: int = 0


def hashed(secret: str) -> bytes:
    """How tokens and the secrets of sessions are stored: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).digest()


def moderator_of(row: tokens.TokenRow) -> Moderator:
    """Who a token that works speaks for. Raises ``TokenInvalid`` for a revoked one and for a key of a door, which
    opens nothing else."""
    if row.revoked_at is not None or row.role not in set(Role):
        raise TokenInvalid
    return Moderator(row.name, Role(row.role), row.site)


def person_of(row: tokens.TokenRow, running: int = 0) -> Person:
    is_role = row.role in set(Role)
    return Person(
        name=row.name,
        role=Role(row.role) if is_role else None,
        door=None if is_role else row.role,
        site=row.site,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        sessions=running,
    )


@dataclass(frozen=True)
class Tokens:
    """Bearer tokens of people and machines: 256 random bits, stored as a hash, revocable.

    ``by`` is who governs: ``None`` is the operator at the command line. An administrator narrowed to a site governs
    the people of that site alone.
    """

    database: Database
    now: Callable[[], datetime]

    # --- governing -----------------------------------------------------------------------------------------

    def create(self, name: str, role: Role, site: str | None = None, *, by: Moderator | None = None) -> str:
        """Make a token and return it, for the only time.

        Raises ``NameTaken``, ``NameUnfit``, ``SiteUnknown`` and ``Forbidden``.
        """
        if by is not None:
            by.must(Power.GOVERN, everywhere=site is None)
            if site is not None:
                by.must_at(site, Power.GOVERN)
        return self._keep(name, "grt_" + secrets.token_urlsafe(32), role.value, site, by)

    def create_key(self, name: str, door: str, site: str) -> str:
        """Make a key of a door and return it, for the only time. Raises as ``create``."""
        # WordPress takes keys of just twelve characters, and older clients of that protocol make them part of a host
        # name: small letters and digits, 62 bits, of which wrong ones are counted.
        short = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
        key = short if door == AKISMET else "grk_" + secrets.token_urlsafe(24)
        return self._keep(name, key, door, site, None)

    def _keep(self, name: str, token: str, role: str, site: str | None, by: Moderator | None) -> str:
        if "/" in name or name in (".", "..") or _RESERVED.fullmatch(name):
            raise NameUnfit
        try:
            with self.database.write() as connection:
                if site is not None and site not in threads.load_sites(connection):
                    raise SiteUnknown
                now = self.now()
                tokens.add(connection, name=name, token_hash=hashed(token), role=role, site=site, now=now)
                _note(connection, by, "token.create", name, site, {"role": role}, now=now)
        except IntegrityError:
            raise NameTaken from None
        return token

    def revoke(self, name: str, *, by: Moderator | None = None) -> bool:
        """Whether there was a working token to revoke. It ends its sessions, and takes effect with the next request.

        Raises ``PersonNotFound`` for a name that is not there, or not for ``by`` to see, ``LastAdministrator`` and
        ``Forbidden``.
        """
        if by is not None:
            by.must(Power.GOVERN)
        with self.database.write() as connection:
            administrators = tokens.working_everywhere(connection, Role.ADMINISTRATOR.value)
            row = _governed(connection, name, by)
            if row.revoked_at is not None:
                return False
            if administrators == [row.name]:
                raise LastAdministrator
            now = self.now()
            tokens.revoke(connection, name, now=now)
            sessions.end_all(connection, row.id, now=now)
            _note(connection, by, "token.revoke", name, row.site, {"role": row.role}, now=now)
        return True

    def change_role(self, name: str, role: Role, *, by: Moderator | None = None) -> None:
        """Give a working token another role, from its next request on. Raises as ``revoke``, and ``PersonNotFound``
        also for a revoked token and for a key of a door, which has no role."""
        if by is not None:
            by.must(Power.GOVERN)
        with self.database.write() as connection:
            administrators = tokens.working_everywhere(connection, Role.ADMINISTRATOR.value)
            row = _governed(connection, name, by)
            if row.revoked_at is not None:
                raise PersonNotFound("This token was revoked. Make a new one.")
            if row.role not in set(Role):
                raise PersonNotFound("This is a key of a door. It has no role; revoke it and make a token.")
            if row.role == role:
                return
            if administrators == [row.name]:
                raise LastAdministrator
            tokens.set_role(connection, name, role.value)
            detail = {"role": role.value, "role_before": row.role}
            _note(connection, by, "token.role", name, row.site, detail, now=self.now())

    def everyone(self) -> list[tokens.TokenRow]:
        """All tokens and keys, oldest first: what the operator sees."""
        with self.database.read() as connection:
            return tokens.everyone(connection)

    # --- who asks ------------------------------------------------------------------------------------------

    def recognise(self, token: str) -> Moderator:
        """Who this token speaks for. Raises ``TokenInvalid``."""
        return moderator_of(self.find(token))

    def find(self, token: str) -> tokens.TokenRow:
        """The row of a token or a key that works. Raises ``TokenInvalid``."""
        with self.database.read() as connection:
            row = tokens.find(connection, hashed(token))
        if row is None or row.revoked_at is not None:
            raise TokenInvalid
        now = self.now()
        if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
            with self.database.write() as connection:
                tokens.used(connection, row.name, now=now)
        return row


def _governed(connection: Connection, name: str, by: Moderator | None) -> tokens.TokenRow:
    # What cannot be a name is not asked for: PostgreSQL would refuse some of it.
    row = tokens.named(connection, name) if len(name) <= NAME_MAX and "\0" not in name else None
    if row is None or (by is not None and by.site is not None and row.site != by.site):
        raise PersonNotFound
    return row


def _note(
    connection: Connection,
    by: Moderator | None,
    act: str,
    name: str,
    site: str | None,
    detail: dict[str, str],
    *,
    now: datetime,
) -> None:
    actor = by.name if by is not None else OPERATOR
    journal.append(
        connection, at=now, actor=actor, act=act, subject=f"token {name}", site=site, detail=detail
    )
