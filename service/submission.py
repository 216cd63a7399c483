"""Taking a comment in: from an untrusted submission to a committed row, and the author's own later acts.

Nothing here trusts its input: the steps are limits, validation (all faults at once), sealing the address, and
one commit. The bell for the workers is rung after the commit, by the writer, and may fail without harm.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from service.adapters.addresses import AddressFault, is_disposable, read_address, spellings
from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.adapters.sanitizer import render
from service.closing import Closing
from service.domain.address import AT_SIGNS, Address
from service.domain.comment import Place, Signals, Status
from service.domain.decision import in_force
from service.domain.errors import (
    AddressNotAllowed,
    CommentNotFound,
    EditWindowClosed,
    FieldError,
    InvalidSubmission,
    RevisionConflict,
    ThreadClosed,
)
from service.domain.ids import parse_id
from service.domain.site import Site
from service.domain.stories import UrlFault, canonical_url, is_allowed
from service.domain.text import TextFault, normalise_line, normalise_text, text_of_comment
from service.proving import Proving
from service.store import decisions, desk, stage, threads, vault
from service.store.database import Database
from service.store.ids import new_id
from service.store.sites import SiteBook
from service.store.writer import Arrival, ProofSpent, Writer

TITLE_MAX = 300
EXTERNAL_ID_MAX = 200
IDEMPOTENCY_KEY_MAX = 200

OWN_ADDRESS = "This contains your e-mail address, which we promised not to publish. Please take it out."
NAME_IS_ADDRESS = "Please give a name here, not an e-mail address: names are published."


def preview(untrusted_text: str, site: Site) -> str:
    """The html that a text would be served as; nothing of it is kept. Raises ``InvalidSubmission``."""
    return render(text_of_comment(untrusted_text, maximum=site.text_max))


@dataclass(frozen=True, slots=True, repr=False)
class Untrusted:
    """A submission as it came, checked for types and nothing else. It prints nothing of what it holds."""

    site: str
    url: str
    text: str
    name: str
    email: str | None = None
    parent_id: str | None = None
    external_id: str | None = None
    title: str | None = None
    trap: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Caller:
    """Where a submission came from. It prints nothing of what it holds.

    ``remote`` is a network address, kept as a keyed hash only. ``idempotency_key`` with ``body`` (the request's bytes)
    makes a repeat answer like the first. ``proof`` is what came as a proof of work; a form without scripts cannot bring
    one, and ``can_prove`` is false.
    """

    remote: str | None
    idempotency_key: str | None = None
    body: bytes = b""
    proof: str | None = None
    can_prove: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """The promise of a 202: this comment is committed. ``edit_token`` is shown once."""

    comment_id: UUID
    edit_token: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A submission that passed validation."""

    url: str
    name: str
    text: str
    address: Address | None
    external_id: str | None
    title: str | None


@dataclass(frozen=True)
class SubmitComment:
    """Accept one comment. See ``__call__``."""

    database: Database
    sites: SiteBook
    writer: Writer
    cipher: Cipher
    limiter: Limiter
    now: Callable[[], datetime]
    closing: Closing
    proving: Proving

    def __call__(self, untrusted: Untrusted, caller: Caller) -> Accepted:
        """Commit a comment and return its id and edit token.

        Raises ``SiteUnknown``, ``AddressNotAllowed``, ``InvalidSubmission`` with every fault, ``ThreadClosed``,
        ``RateLimited``, ``ProofNeeded``, ``IdempotencyMismatch``, and ``Unavailable`` when nothing was stored.
        """
        site = self.sites.get(untrusted.site)
        whose = self.proving.whose(site, caller.remote)
        self.limiter.check_origin(whose.origin, whose.network)
        draft = _validate(untrusted, site)
        comment_id = new_id()
        now = self.now()
        vault_row = self._vault_row(comment_id, site, draft.address, whose.origin)
        self.limiter.check_site(site.key)
        if vault_row["address_index"] is not None:
            self.limiter.check_author(vault_row["address_index"])
        signals = _signals(untrusted, draft.address)
        asked = self.proving.is_asked(whose, trapped=signals.trap_filled)
        signals = replace(signals, unproved=asked and not caller.can_prove)
        row = {
            "id": comment_id,
            "site": site.key,
            "author_name": draft.name,
            "source": draft.text,
            "html": render(draft.text),
            "status": Status.PENDING.value,
            "awaiting": Status.PENDING.value,
            "place": Place.HIDDEN.value,
            "revision": 1,
            "signals": signals.as_stored(),
            "edit_token_hash": _token_hash(self._edit_token(comment_id)),
            "created_at": now,
            "attempt": 0,
            **self._under_parent(untrusted.parent_id, site, draft.url),
        }
        arrival = Arrival(
            row=row,
            vault_row=vault_row,
            thread=threads.Story(site.key, draft.url, draft.external_id, draft.title),
            created_at=now,
            policy=self.closing.policy(site),
        )
        if caller.idempotency_key is not None:
            arrival.idempotency_key = self.cipher.mac(
                "idempotency-key", f"{site.key}\0{caller.idempotency_key}".encode()
            )
            # Keyed, because the body holds the address: an unkeyed hash of it could be guessed from.
            arrival.body_hash = self.cipher.mac("idempotency-body", caller.body)
        if asked and caller.can_prove and not self._came_before(arrival.idempotency_key):
            proof = self.proving.read(caller.proof, whose)
            arrival.proof = proof.mark, proof.expires_at
        try:
            stored_id = self.writer.store(arrival)
        except ProofSpent:
            raise self.proving.needed(whose) from None
        return Accepted(stored_id, self._edit_token(stored_id))

    def _came_before(self, key_hash: bytes | None) -> bool:
        """Whether this is a repeat, which is answered like the first whatever happens meanwhile."""
        if key_hash is None:
            return False
        with self.database.read() as connection:
            return vault.knows_key(connection, key_hash)

    def _edit_token(self, comment_id: UUID) -> str:
        # Derived rather than drawn, so that a repeat under the same Idempotency-Key gets the same answer.
        return base64.urlsafe_b64encode(self.cipher.mac("edit-token", comment_id.bytes)).decode().rstrip("=")

    def _vault_row(
        self, comment_id: UUID, site: Site, address: Address | None, origin_index: bytes
    ) -> dict[str, Any]:
        return {
            "comment_id": comment_id,
            "site": site.key,
            "sealed": self.cipher.seal(address, comment_id) if address else None,
            "key_id": self.cipher.writing_key_id if address else None,
            "address_index": self.cipher.address_index(site.key, address) if address else None,
            "origin_index": origin_index,
        }

    def _under_parent(self, raw_parent_id: str | None, site: Site, url: str) -> dict[str, Any]:
        if raw_parent_id is None:
            return {"parent_id": None, "root_id": None, "depth": 0}
        nothing = InvalidSubmission(
            [FieldError("/parent_id", "The comment you answer is not there any more.")]
        )
        parent_id = parse_id(raw_parent_id)
        if parent_id is None:
            raise nothing
        with self.database.read() as connection:
            parent = stage.parent(connection, parent_id)
            thread = threads.get(connection, parent.thread_id) if parent else None
        if parent is None or thread is None or thread.site != site.key or thread.url != url:
            raise nothing
        return parent.below(site.max_depth, "/parent_id")


def check_origin(limiter: Limiter, cipher: Cipher, site: Site, remote: str | None) -> bytes:
    """Count a request of this origin and return its keyed index. Raises ``RateLimited``."""
    origin_index, network_index = cipher.origin_indexes(site.key, remote)
    limiter.check_origin(origin_index, network_index)
    return origin_index


def _validate(untrusted: Untrusted, site: Site) -> _Draft:
    """Everything that can be said about a submission at once.

    Raises ``AddressNotAllowed`` and ``InvalidSubmission``.
    """
    errors: list[FieldError] = []

    def tried(pointer: str, attempt: Callable[[], str]) -> str:
        try:
            return attempt()
        except (TextFault, UrlFault) as fault:
            errors.append(FieldError(pointer, str(fault)))
            return ""

    url = tried("/url", lambda: canonical_url(untrusted.url))
    if url and not is_allowed(url, site.origins):
        raise AddressNotAllowed
    name = tried("/author/name", lambda: normalise_line(untrusted.name, maximum=site.name_max))
    text = tried("/text", lambda: normalise_text(untrusted.text, maximum=site.text_max))
    title = external_id = None
    if untrusted.title:
        title = tried("/title", lambda: normalise_line(untrusted.title or "", maximum=TITLE_MAX)) or None
    if untrusted.external_id:
        external_id = tried(
            "/thread", lambda: normalise_line(untrusted.external_id or "", maximum=EXTERNAL_ID_MAX)
        )
    address = None
    if untrusted.email is not None and untrusted.email.strip():
        try:
            address = read_address(untrusted.email)
        except AddressFault as fault:
            errors.append(FieldError("/author/email", str(fault)))
    elif site.email_required:
        errors.append(
            FieldError("/author/email", "Please give your e-mail address. It will not be published.")
        )
    if any(sign in name for sign in AT_SIGNS):
        errors.append(FieldError("/author/name", NAME_IS_ADDRESS))
    if address is not None:
        published = (("/text", text), ("/title", title), ("/url", url), ("/thread", external_id))
        errors += [
            FieldError(pointer, OWN_ADDRESS) for pointer, value in published if shows_address(value, address)
        ]
    if errors:
        raise InvalidSubmission(errors)
    return _Draft(url, name, text, address, external_id or None, title)


def shows_address(value: str | None, address: Address) -> bool:
    """Whether this would publish the address: in any case of its letters, in wide ones, punycode, or as in a link."""
    if not value or not ("%40" in value or any(sign in value for sign in AT_SIGNS)):
        return False
    plain = unicodedata.normalize("NFKC", value).casefold()
    needles = [spelling.casefold() for spelling in spellings(address)]
    return any(needle in plain or needle in unquote(plain) for needle in needles)


def _signals(untrusted: Untrusted, address: Address | None) -> Signals:
    seconds = untrusted.seconds
    return Signals(
        trap_filled=bool(untrusted.trap.strip()),
        seconds=round(min(max(seconds, 0.0), 86_400.0), 1) if seconds is not None else None,
        address_disposable=is_disposable(address) if address else False,
    )


@contextmanager
def _without_names() -> Iterator[None]:
    """Tells an author that something came in between, and never which moderator it was."""
    try:
        yield
    except RevisionConflict as conflict:
        raise RevisionConflict(RevisionConflict.detail, conflict.revision, conflict.status) from None


def _token_hash(edit_token: str) -> bytes:
    return hashlib.sha256(edit_token.encode()).digest()


@dataclass(frozen=True)
class AuthorsOwn:
    """What the holder of an edit token may do with one comment: look, edit in the window, withdraw."""

    database: Database
    sites: SiteBook
    cipher: Cipher
    limiter: Limiter
    announce: Callable[[list[UUID]], None]
    now: Callable[[], datetime]
    closing: Closing

    def look(self, comment_id: UUID, edit_token: str) -> tuple[desk.CommentRow, desk.DecisionRow | None]:
        """The comment and the decision in force about it. Raises ``CommentNotFound``, also for a wrong token."""
        with self.database.read() as connection:
            row = desk.get(connection, comment_id)
            past = desk.decisions_of(connection, [comment_id]).get(comment_id, [])
        presented = _token_hash(edit_token)
        # Compared by the keyed MAC of both, in constant time, and also for comments that do not exist.
        if row is None or not self.cipher.equal(presented, row.edit_token_hash):
            raise CommentNotFound
        if row.status == Status.ERASED.value:
            raise CommentNotFound
        return row, in_force(reversed(past))

    def editable_until(self, row: desk.CommentRow) -> datetime | None:
        """The end of the edit window, or ``None`` when the text cannot be changed any more."""
        if row.status not in (Status.PENDING.value, Status.HELD.value, Status.APPROVED.value):
            return None
        end = row.created_at + timedelta(seconds=self.sites.get(row.site).edit_window_seconds)
        return end if self.now() < end else None

    def edit(self, comment_id: UUID, edit_token: str, untrusted_text: str, remote: str | None) -> None:
        """Replace the text and have it screened again.

        Raises ``CommentNotFound``, ``EditWindowClosed``, ``ThreadClosed``, ``InvalidSubmission``,
        ``RevisionConflict``, ``RateLimited``.
        """
        row, _ = self.look(comment_id, edit_token)
        if self.editable_until(row) is None:
            raise EditWindowClosed
        site = self.sites.get(row.site)
        # An edit costs what a comment costs, a screening and perhaps a person's time: it counts as one.
        check_origin(self.limiter, self.cipher, site, remote)
        self.limiter.check_site(site.key)
        text = text_of_comment(untrusted_text, maximum=site.text_max)
        html = render(text)
        with _without_names(), self.database.write() as connection:
            thread = threads.get(connection, row.thread_id)
            if thread is None or self.closing.is_closed(site, thread):
                raise ThreadClosed
            sealed = vault.sealed_address(connection, comment_id)
            if sealed is not None and shows_address(text, self.cipher.open(sealed, comment_id)):
                raise InvalidSubmission([FieldError("/text", OWN_ADDRESS)])
            decisions.change_text(
                connection, comment_id, revision=row.revision, source=text, html=html, now=self.now()
            )
        self.announce([comment_id])

    def withdraw(self, comment_id: UUID, edit_token: str) -> None:
        """Take the comment off stage for good; withdrawing twice is harmless.

        Raises ``CommentNotFound``, ``RevisionConflict``.
        """
        row, _ = self.look(comment_id, edit_token)
        if row.status == Status.WITHDRAWN.value:
            return
        with _without_names(), self.database.write() as connection:
            decisions.record_one(
                connection,
                decisions.Verdict(
                    comment_id=comment_id,
                    revision=row.revision,
                    action="withdraw",
                    status=Status.WITHDRAWN,
                    actor="the author",
                    automated=False,
                    decided_at=self.now(),
                ),
            )
