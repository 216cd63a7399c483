"""Proofs of work by the ALTCHA protocol (``altcha``): a sum that costs a browser a second and us nothing to check.

A challenge holds everything that is needed to know it again, signed; nothing is kept of one that nobody answers. It is
made for one origin at one site, so that proofs cannot be gathered elsewhere and sold. That none is taken twice is the
database's business (``service/store/proofs.py``).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from altcha.v1 import AlgoType, create_challenge, verify_solution

# Long enough for the slowest telephone, too short to lay in a store of them.
VALID = timedelta(minutes=10)
PROOF_MAX = 1_000
_ALGORITHM: AlgoType = "SHA-256"
_SALT_BYTES = 12


@dataclass(frozen=True, slots=True)
class Proof:
    """Work that was done: ``mark`` is what tells it from every other, 32 bytes."""

    mark: bytes
    expires_at: datetime


@dataclass(frozen=True)
class ProofOfWork:
    """``key`` signs; ``most`` is the highest number that may have to be tried, twice as many as are on average."""

    key: bytes
    most: int
    now: Callable[[], datetime]

    def challenge(self, whose: bytes) -> dict[str, Any]:
        """A challenge for whoever ``whose`` stands for, as ALTCHA's JSON."""
        made = create_challenge(
            algorithm=_ALGORITHM,
            max_number=self.most,
            salt_length=_SALT_BYTES,
            hmac_key=self.key,
            salt=secrets.token_hex(_SALT_BYTES),
            number=None,
            expires=self.now() + VALID,
            params={"for": whose.hex()},
        )
        return {
            "algorithm": made.algorithm,
            "challenge": made.challenge,
            "maxnumber": made.max_number,
            "salt": made.salt,
            "signature": made.signature,
        }

    def read(self, untrusted: str | None, whose: bytes) -> Proof | None:
        """The proof in ALTCHA's base64, or ``None`` for one that is wrong, too old, or somebody else's."""
        if not untrusted or len(untrusted) > PROOF_MAX:
            return None
        try:
            said = json.loads(base64.b64decode(untrusted, validate=True))
            salt, number = said["salt"], said["number"]
            if type(salt) is not str or type(number) is not int or said["algorithm"] != _ALGORITHM:
                return None
            # Times are compared here, by the service's own clock.
            valid, _ = verify_solution(said, self.key, check_expires=False)
            if not valid:
                return None
            # Signed with the rest, so that from here on it is ours.
            _, _, query = salt.partition("?")
            about = parse_qs(query)
            expires_at = datetime.fromtimestamp(int(about["expires"][0]), UTC)
            if about["for"] != [whose.hex()] or expires_at <= self.now():
                return None
            return Proof(bytes.fromhex(said["challenge"]), expires_at)
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
            return None
