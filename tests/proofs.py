"""Doing the work that the service asks for, as a program with the ALTCHA library does."""

from __future__ import annotations

import base64
import json
from typing import Any

from altcha.v1 import solve_challenge


def written(proof: dict[str, Any]) -> str:
    """A proof as it is sent."""
    return base64.b64encode(json.dumps(proof).encode()).decode()


def solved(challenge: dict[str, Any]) -> dict[str, Any]:
    """The proof of a challenge, which is shorter than the challenge by one member and longer by the number."""
    found = solve_challenge(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["maxnumber"], 0
    )
    assert found is not None, "there is no such number"
    return {
        "algorithm": challenge["algorithm"],
        "challenge": challenge["challenge"],
        "number": found.number,
        "salt": challenge["salt"],
        "signature": challenge["signature"],
    }
