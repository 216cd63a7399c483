"""The vault's cryptography: sealing addresses, and keyed indexes that tell nothing without the key.

AES-256-GCM-SIV (RFC 8452): a repeated nonce does not break it, and the associated data binds a sealed address
to its row, so that it cannot be moved to another. Every purpose has a key of its own (HKDF, RFC 5869).

Layout: version (1 byte, 1) | length of key id (1) | key id | nonce (12) | ciphertext and tag.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.domain.address import Address, lookup_form
from service.domain.errors import SealBroken
from service.domain.origin import prefix_of, wide_prefix_of

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
NONCES_DRAWN = 256
INDEX = "index"


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"greenroom {purpose} v1".encode()).derive(key)


class Cipher:
    """``keys`` is the ring, (id, 32 bytes) each; the first one writes, all read. ``index_key`` is never rotated
    in place: what was indexed with it could no longer be found.

    Raises ``ValueError`` for wrong lengths and ``RuntimeError`` where OpenSSL lacks AES-GCM-SIV (before 3.2).
    """

    def __init__(self, keys: Sequence[tuple[str, bytes]], index_key: bytes) -> None:
        if not keys or any(len(key) != KEY_BYTES for _, key in keys) or len(index_key) != KEY_BYTES:
            raise ValueError(f"keys have {KEY_BYTES} bytes each, and there is at least one")
        if any(not key_id or len(key_id.encode()) > 40 for key_id, _ in keys):
            raise ValueError("a key's id has 1 to 40 characters")
        try:
            self._seals = {key_id: AESGCMSIV(_derive(key, "vault")) for key_id, key in keys}
        except UnsupportedAlgorithm:
            raise RuntimeError(
                "this build of OpenSSL has no AES-GCM-SIV; version 3.2 or later is needed"
            ) from None
        self.writing_key_id = keys[0][0]
        self._fingerprints = {key_id: _fingerprint(key) for key_id, key in keys}
        self._fingerprints[INDEX] = _fingerprint(index_key)
        self._address_key = _derive(index_key, "address index")
        self._origin_key = _derive(index_key, "origin index")
        self._mac_key = _derive(index_key, "mac")
        self._nonces: list[bytes] = []
        self._drawn_by = os.getpid()

    def __repr__(self) -> str:
        return f"<Cipher with {len(self._seals)} keys>"

    def seal(self, address: Address, comment_id: UUID) -> bytes:
        """The address, unreadable without the key and bound to this comment's row."""
        key_id = self.writing_key_id.encode()
        nonce = self._nonce()
        box = self._seals[self.writing_key_id].encrypt(
            nonce, address.reveal().encode(), _context(comment_id, key_id)
        )
        return bytes((VERSION, len(key_id))) + key_id + nonce + box

    def _nonce(self) -> bytes:
        # Drawn many at a time: each draw is a system call, during which another thread takes over. Taking one is
        # atomic, and a forked process draws its own.
        if self._drawn_by != os.getpid():
            self._drawn_by, self._nonces = os.getpid(), []
        try:
            return self._nonces.pop()
        except IndexError:
            drawn = os.urandom(NONCE_BYTES * NONCES_DRAWN)
            fresh = [drawn[start : start + NONCE_BYTES] for start in range(0, len(drawn), NONCE_BYTES)]
            nonce = fresh.pop()
            self._nonces.extend(fresh)
            return nonce

    def open(self, sealed: bytes, comment_id: UUID) -> Address:
        """The address again. Raises ``SealBroken`` for another row's, an unknown key, or any changed bit."""
        try:
            if sealed[0] != VERSION:
                raise SealBroken
            end = 2 + sealed[1]
            key_id, nonce, box = sealed[2:end], sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
            plain = self._seals[key_id.decode()].decrypt(nonce, box, _context(comment_id, key_id))
        except (InvalidTag, IndexError, KeyError, ValueError):
            raise SealBroken from None
        return Address(plain.decode())

    def key_id_of(self, sealed: bytes) -> str:
        """The id of the key that sealed this."""
        return sealed[2 : 2 + sealed[1]].decode()

    def address_index(self, site: str, address: Address) -> bytes:
        """32 bytes by which comments of one mailbox can be found within a site, and not across sites."""
        return self._keyed(self._address_key, f"{site}\0{lookup_form(address.reveal())}".encode())

    def origin_index(self, site: str, prefix: str) -> bytes:
        """32 bytes for a network origin within a site."""
        return self._keyed(self._origin_key, f"{site}\0{prefix}".encode())

    def origin_indexes(self, site: str, remote: str | None) -> tuple[bytes, bytes | None]:
        """Of the origin that a request came from, and of the network around it where that is wider (IPv6)."""
        origin, network = prefix_of(remote), wide_prefix_of(remote)
        return self.origin_index(site, origin), self.origin_index(
            site, network
        ) if network != origin else None

    def mac(self, purpose: str, message: bytes) -> bytes:
        """32 bytes that only this key makes of ``message`` for ``purpose``."""
        return self._keyed(self._mac_key, purpose.encode() + b"\0" + message)

    @staticmethod
    def equal(one: bytes, other: bytes) -> bool:
        """Whether two secrets agree, in constant time."""
        return hmac.compare_digest(one, other)

    def fingerprints(self) -> dict[str, str]:
        """A short check value of each key, by its id ("index" for the index key); it tells nothing of the key."""
        return dict(self._fingerprints)

    @staticmethod
    def _keyed(key: bytes, message: bytes) -> bytes:
        # BLAKE2b has a keyed mode of its own (RFC 7693, section 2.9) and takes a tenth of the time that HMAC by
        # way of OpenSSL's providers does; there are four of these in every submission.
        return blake2b(message, key=key, digest_size=32).digest()


def _context(comment_id: UUID, key_id: bytes) -> bytes:
    return b"vault|" + comment_id.bytes + b"|address|" + key_id


def _fingerprint(key: bytes) -> str:
    return _derive(key, "fingerprint").hex()[:16]
