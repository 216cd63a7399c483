"""A comment's moves: one table, and nothing past it."""

from __future__ import annotations

import pytest

from service.domain.comment import MOVES, Record, Signals, Status, may_move

# From (row) to (column): what is possible, in the order of the statuses.
#            pending held approved rejected withdrawn erased
TABLE = {
    "pending": "yes yes yes yes yes yes",
    "held": "yes yes yes yes yes yes",
    "approved": "no yes yes yes yes yes",
    "rejected": "no yes yes yes yes yes",
    "withdrawn": "no no no no no yes",
    "erased": "no no no no no no",
}


@pytest.mark.parametrize("start", list(Status))
def test_the_table_of_moves(start: Status) -> None:
    possible = TABLE[start.value].split()
    for end, answer in zip(Status, possible, strict=True):
        assert may_move(start, end) is (answer == "yes"), f"{start} -> {end}"


def test_what_is_erased_is_so_for_good_and_everything_can_be() -> None:
    assert MOVES[Status.ERASED] == frozenset()
    assert all(Status.ERASED in ends for start, ends in MOVES.items() if start is not Status.ERASED)


def test_what_its_author_took_back_nobody_else_brings_up() -> None:
    assert MOVES[Status.WITHDRAWN] == {Status.ERASED}


def test_a_record_adds_up() -> None:
    assert Record(approved=1, rejected=2, held=3, pending=4).total == 10


def test_signals_are_stored_as_they_are_read_again() -> None:
    noticed = Signals(trap_filled=True, seconds=3.5, address_disposable=True)
    assert Signals(**noticed.as_stored()) == noticed
    assert Signals(**Signals().as_stored()) == Signals()
