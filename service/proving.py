"""When a comment has to come with a proof of work: while its origin, or its site, is not as calm as it usually is.

It is asked of programs and of browsers with scripts, which do it by themselves. Readers without scripts cannot; theirs
is taken without and held for a person (``Signals.unproved``).
"""

from __future__ import annotations

from dataclasses import dataclass

from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.adapters.work import Proof, ProofOfWork
from service.domain.errors import ProofNeeded
from service.domain.site import Site


@dataclass(frozen=True, slots=True)
class Whose:
    """Where a comment came from, at which site: as keyed indexes."""

    site: str
    origin: bytes
    network: bytes | None


@dataclass(frozen=True)
class Proving:
    cipher: Cipher
    limiter: Limiter
    work: ProofOfWork

    def whose(self, site: Site, remote: str | None) -> Whose:
        return Whose(site.key, *self.cipher.origin_indexes(site.key, remote))

    def is_asked(self, whose: Whose, *, trapped: bool) -> bool:
        """Count a comment, and tell whether it needs a proof. After a trap the origin's next ones do, too."""
        calm = self.limiter.is_calm(whose.site, whose.origin, whose.network)
        if trapped:
            self.limiter.alarm(whose.origin)
        return not calm

    def read(self, untrusted: str | None, whose: Whose) -> Proof:
        """The proof that came along. Raises ``ProofNeeded`` where none did, or none that counts."""
        proof = self.work.read(untrusted, self._name(whose))
        if proof is None:
            raise self.needed(whose)
        return proof

    def needed(self, whose: Whose) -> ProofNeeded:
        """The refusal, with a challenge to be met."""
        return ProofNeeded(self.work.challenge(self._name(whose)))

    def _name(self, whose: Whose) -> bytes:
        # Not the origin's index itself, which stands in the vault: this one leaves the house.
        return self.cipher.mac("proof-for", whose.site.encode() + b"\0" + whose.origin)[:12]
