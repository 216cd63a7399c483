"""Who may moderate: people and machines with a token, and what their role lets them do."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from service.domain.door import AKISMET
from service.domain.errors import Forbidden, GreenroomError, SiteUnknown, TokenInvalid
from service.domain.roles import POWERS, Power, Role
from service.store import journal, threads, tokens
from service.store.database import Database

KEY_ALPHABET, KEY_LENGTH = string.ascii_lowercase + string.digits, 12
OPERATOR = "the operator"


class NameTaken(GreenroomError):
    detail = "A token with this name exists already."


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

    def narrowed(self, site: str | None) -> str | None:
        """The site to ask for when the caller asked for ``site``. Raises ``Forbidden``."""
        if self.site is None or site == self.site:
            return site
        if site is None:
            return self.site
        raise Forbidden


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Tokens:
    """Bearer tokens of moderators and scrapers: 256 random bits, stored as a hash, revocable."""

    database: Database
    now: Callable[[], datetime]

    def create(self, name: str, role: Role, site: str | None = None, *, by: str = OPERATOR) -> str:
        """Make a token and return it, for the only time. Raises ``NameTaken`` and ``SiteUnknown``."""
        return self._keep(name, "grt_" + secrets.token_urlsafe(32), role.value, site, by)

    def _keep(self, name: str, token: str, role: str, site: str | None, by: str) -> str:
        try:
            with self.database.write() as connection:
                if site is not None and site not in threads.load_sites(connection):
                    raise SiteUnknown
                now = self.now()
                tokens.add(connection, name=name, token_hash=_hash(token), role=role, site=site, now=now)
                journal.append(
                    connection,
                    at=now,
                    actor=by,
                    act="token.create",
                    subject=name,
                    site=site,
                    detail={"role": role},
                )
        except IntegrityError:
            raise NameTaken from None
        return token

    def create_key(self, name: str, door: str, site: str) -> str:
        """Make a key of a door and return it, for the only time. Raises ``NameTaken`` and ``SiteUnknown``."""
        # WordPress takes keys of just twelve characters, and older clients of that protocol make them part of a host
        # name: small letters and digits, 62 bits, of which wrong ones are counted.
        short = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
        key = short if door == AKISMET else "grk_" + secrets.token_urlsafe(24)
        return self._keep(name, key, door, site, OPERATOR)

    def revoke(self, name: str, *, by: str = OPERATOR) -> bool:
        """Whether there was such a token to revoke. It takes effect with the next request."""
        with self.database.write() as connection:
            now = self.now()
            revoked = tokens.revoke(connection, name, now=now)
            if revoked:
                journal.append(connection, at=now, actor=by, act="token.revoke", subject=name)
        return revoked

    def everyone(self) -> list[tokens.TokenRow]:
        with self.database.read() as connection:
            return tokens.everyone(connection)

    def recognise(self, token: str) -> Moderator:
        """Who this token speaks for. Raises ``TokenInvalid``."""
        row = self.find(token)
        if row.role not in set(Role):
            # A key of a door opens nothing else.
            raise TokenInvalid
        return Moderator(row.name, Role(row.role), row.site)

    def find(self, token: str) -> tokens.TokenRow:
        """The row of a token or a key that works. Raises ``TokenInvalid``."""
        with self.database.read() as connection:
            row = tokens.find(connection, _hash(token))
        if row is None or row.revoked_at is not None:
            raise TokenInvalid
        now = self.now()
        if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
            with self.database.write() as connection:
                tokens.used(connection, row.name, now=now)
        return row
