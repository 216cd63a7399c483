"""Proofs of work: the right number counts, for whom it was asked of and in time, and nothing else does."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.work import PROOF_MAX, VALID, ProofOfWork
from tests.proofs import solved, written

WHOSE, ELSE = b"a" * 12, b"b" * 12
KEY = b"k" * 32


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 26, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def work(key: bytes = KEY, clock: Clock | None = None) -> ProofOfWork:
    return ProofOfWork(key, 2_000, clock or Clock())


def test_a_proof_counts_for_whoever_was_asked_and_is_known_by_its_mark() -> None:
    ours = work()
    first, second = (solved(ours.challenge(WHOSE)) for _ in range(2))
    read = ours.read(written(first), WHOSE)
    assert read is not None
    assert read.mark == bytes.fromhex(first["challenge"])
    assert read.expires_at == Clock().at + VALID
    assert ours.read(written(first), ELSE) is None
    other = ours.read(written(second), WHOSE)
    assert other is not None
    assert other.mark != read.mark


def test_a_challenge_takes_no_more_than_it_says() -> None:
    ours = work()
    numbers = [solved(ours.challenge(WHOSE))["number"] for _ in range(60)]
    assert all(0 <= number <= 2_000 for number in numbers)
    # Drawn from all of them: neither always the same, nor always early.
    assert len(set(numbers)) > 30
    assert max(numbers) > 1_000


def test_a_proof_is_too_old_after_ten_minutes() -> None:
    clock = Clock()
    ours = work(clock=clock)
    proof = written(solved(ours.challenge(WHOSE)))
    clock.at += VALID - timedelta(seconds=1)
    assert ours.read(proof, WHOSE)
    clock.at += timedelta(seconds=1)
    assert ours.read(proof, WHOSE) is None


def test_nobody_else_can_make_a_challenge() -> None:
    assert work().read(written(solved(work(b"x" * 32).challenge(WHOSE))), WHOSE) is None


@pytest.mark.parametrize(
    "change", ["another-number", "later", "somebody", "twice", "bent", "sha-1", "signature", "text"]
)
def test_a_proof_that_was_changed_counts_for_nothing(change: str) -> None:
    ours = work()
    proof = solved(ours.challenge(WHOSE))
    changed: dict[str, Any] = {
        "another-number": {"number": proof["number"] + 1},
        "later": {"salt": proof["salt"].replace("expires=1", "expires=2")},
        "somebody": {"salt": proof["salt"].replace(WHOSE.hex(), ELSE.hex())},
        "twice": {"salt": proof["salt"] + f"for={ELSE.hex()}&"},
        # The number's first digit moved into what was signed.
        "bent": {
            "salt": proof["salt"] + str(proof["number"])[:1],
            "number": int(str(proof["number"])[1:] or 0),
        },
        "sha-1": {"algorithm": "SHA-1"},
        "signature": {"signature": proof["signature"][::-1]},
        "text": {"number": str(proof["number"])},
    }[change]
    assert changed.items() - proof.items(), "nothing was changed"
    assert ours.read(written({**proof, **changed}), WHOSE) is None
    assert ours.read(written(proof), WHOSE)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("algorithm", "challenge", "number", "salt", "signature")


@settings(max_examples=300)
@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode())
    | VALUES.map(lambda value: base64.b64encode(json.dumps(value).encode()).decode())
)
def test_what_is_no_proof_at_all_counts_for_nothing(sent: str) -> None:
    assert work().read(sent, WHOSE) is None


@settings(max_examples=300)
@given(st.sampled_from(FIELDS), VALUES, st.booleans())
def test_a_proof_with_any_other_value_in_one_place_counts_for_nothing(
    name: str, value: Any, there: bool
) -> None:
    ours = work()
    proof = solved(ours.challenge(WHOSE))
    bent = {**proof, name: value} if there else {key: proof[key] for key in FIELDS if key != name}
    if there and type(value) is type(proof[name]) and value == proof[name]:
        return
    assert ours.read(written(bent), WHOSE) is None


@pytest.mark.parametrize(
    "sent", [None, "", "é", "=" * 10, "A" * (PROOF_MAX + 4), "W10=", "bnVsbA==", "[" * 900]
)
def test_nothing_and_nonsense_count_for_nothing(sent: str | None) -> None:
    assert work().read(sent, WHOSE) is None
