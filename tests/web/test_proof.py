"""A proof of work is asked for when it is not calm, taken once, and never asked of those who cannot do it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.bootstrap import now
from service.domain.site import Site
from service.privacy import forget_expired
from service.store.tables import comments, proofs
from service.web.public import PROOF
from tests.proofs import solved, written
from tests.web.conftest import House, Opener
from tests.web.sending import PUBLIC, YEAR, author, problem, send, send_form

ASKED = {"proof_origin": f"1 {YEAR}", "proof_work": "1000"}


def asked(answer: TestResponse) -> dict[str, Any]:
    """The challenge of a refusal."""
    document = problem(answer, 428, "proof-needed")
    assert "Your text is not lost" in document["detail"]
    assert set(document["proof"]) == {"algorithm", "challenge", "maxnumber", "salt", "signature"}
    challenge: dict[str, Any] = document["proof"]
    return challenge


def proved(house: House, proof: str, text: str = "Proved.", **more: Any) -> TestResponse:
    headers = {PROOF: proof, **more.pop("headers", {})}
    return send(house, text, headers=headers, **more)


def taken(house: House) -> int:
    with house.database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(proofs)) or 0)


def signals_of(house: House) -> list[dict[str, Any]]:
    with house.database.read() as connection:
        return list(connection.scalars(sa.select(comments.c.signals).order_by(comments.c.id)))


def test_nobody_is_asked_while_all_is_calm(open_daily: Opener) -> None:
    house = open_daily(proof_origin=f"3 {YEAR}")
    assert [send(house, f"Comment {n}.").status_code for n in range(4)] == [202, 202, 202, 428]
    assert send(house, remote="192.0.2.9").status_code == 202, "another origin"


def test_a_comment_with_the_proof_is_taken(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    assert send(house, "Calm.").status_code == 202
    challenge = asked(send(house, "Proved."))
    assert len(house.stored()) == 1, "nothing of it was stored"
    assert proved(house, written(solved(challenge))).status_code == 202
    assert len(house.stored()) == 2
    assert [signals["unproved"] for signals in signals_of(house)] == [False, False]


def test_a_whole_site_that_is_flooded_asks_everybody(open_daily: Opener) -> None:
    house = open_daily(proof_site=f"2 {YEAR}", proof_work="1000")
    for n in range(2):
        assert send(house, f"Flood {n}.", remote=f"192.0.2.{n}").status_code == 202
    challenge = asked(send(house, "Late.", remote="192.0.2.7"))
    assert proved(house, written(solved(challenge)), "Late.", remote="192.0.2.7").status_code == 202


def test_a_network_of_many_origins_is_asked_as_one(open_daily: Opener) -> None:
    house = open_daily(proof_origin=f"1 {YEAR}")
    codes = [send(house, f"From {n}.", remote=f"2001:db8:1:{n:x}::1").status_code for n in range(12)]
    assert codes == [202] * 10 + [428] * 2


def test_who_steps_into_the_trap_is_asked_from_then_on(open_daily: Opener) -> None:
    house = open_daily(proof_origin=f"5 {YEAR}")
    assert send(house, "Bait.", form={"trap": "https://spam.example"}).status_code == 202
    asked(send(house, "Again."))
    assert send(house, "Somebody else.", remote="192.0.2.9").status_code == 202


def test_a_proof_is_taken_once(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.")
    proof = written(solved(asked(send(house, "First."))))
    assert proved(house, proof, "First.").status_code == 202
    again = asked(proved(house, proof, "Second."))
    assert len(house.stored()) == 2
    # What comes with the refusal is new, and counts.
    assert proved(house, written(solved(again)), "Second.").status_code == 202


def test_of_many_at_once_one_proof_lets_in_one(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.")
    proof = written(solved(asked(send(house, "Race."))))
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda n: proved(house, proof, f"Race {n}.").status_code, range(24)))
    assert sorted(codes) == [202] + [428] * 23
    assert (len(house.stored()), taken(house)) == (2, 1)


def test_a_proof_of_somebody_else_or_for_another_site_counts_for_nothing(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    there = {"site": "other", "url": "https://other.example/a"}
    for text, more in (("Calm.", {}), ("Calm elsewhere.", {"remote": "192.0.2.9"}), ("Calm there.", there)):
        assert send(house, text, **more).status_code == 202
    theirs = written(solved(asked(send(house, "Theirs.", remote="192.0.2.9"))))
    asked(proved(house, theirs))
    of_the_other = written(solved(asked(send(house, "Other.", **there))))
    asked(proved(house, of_the_other))
    assert proved(house, theirs, remote="192.0.2.9").status_code == 202
    assert proved(house, of_the_other, **there).status_code == 202


@pytest.mark.parametrize("forged", ["", "nonsense", "e30=", "A" * 5_000])
def test_a_forged_proof_is_answered_with_a_challenge(open_daily: Opener, forged: str) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.")
    asked(proved(house, forged))
    assert len(house.stored()) == 1
    assert taken(house) == 0


def test_a_flood_of_wrong_proofs_runs_into_the_limit_of_its_origin(open_daily: Opener) -> None:
    house = open_daily(**ASKED, rate_origin=f"5 {YEAR}")
    codes = [proved(house, "wrong", f"Flood {n}.").status_code for n in range(8)]
    assert codes == [202] + [428] * 4 + [429] * 3
    assert len(house.stored()) == 1
    assert taken(house) == 0


def test_a_proof_that_nobody_asked_for_is_not_looked_at(open_daily: Opener) -> None:
    house = open_daily(proof_origin=f"2 {YEAR}", proof_work="1000")
    assert proved(house, "nonsense", "Calm.").status_code == 202
    assert proved(house, "nonsense", "Calm, too.").status_code == 202
    assert taken(house) == 0


def test_a_repeat_is_answered_like_the_first_with_and_without_its_proof(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    calm, late = {"Idempotency-Key": "calm"}, {"Idempotency-Key": "late"}
    first = send(house, "Calm.", headers=calm)
    # It became stormy in between: whoever did not hear the answer must not be asked for work, nor stored twice.
    assert send(house, "Calm.", headers=calm).get_json() == first.get_json()
    challenge = asked(send(house, "Late.", headers=late))
    proof = written(solved(challenge))
    second = proved(house, proof, "Late.", headers=late)
    assert second.status_code == 202
    assert proved(house, proof, "Late.", headers=late).get_json() == second.get_json()
    assert send(house, "Late.", headers=late).get_json() == second.get_json()
    problem(proved(house, proof, "Other words.", headers=late), 422, "idempotency-mismatch")
    assert len(house.stored()) == 2


def test_a_comment_that_was_refused_for_something_else_costs_no_proof(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.")
    proof = written(solved(asked(send(house, "Proved."))))
    problem(proved(house, proof, "Proved.", author=author("no address")), 422, "invalid-submission")
    assert proved(house, proof, "Proved.").status_code == 202


def test_a_form_without_scripts_is_never_asked_and_waits_for_a_person(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    assert send_form(house, text="Calm.").status_code == 202
    assert send_form(house, text="What comes now cannot be proved.").status_code == 202
    assert [signals["unproved"] for signals in signals_of(house)] == [False, True]
    house.screen()
    case = house.client.get(f"/v1/admin/comments/{house.stored()[-1]['id']}", headers=house.admin).get_json()
    assert case["status"] == "held"
    [finding] = [one for one in case["findings"] if one["check"] == "trap"]
    assert "without a proof of work" in finding["evidence"][0]["note"]
    # Its author is told of many comments, and of no spam.
    assert finding["label"] == "flood"
    assert "spam" not in {reason["code"] for decision in case["decisions"] for reason in decision["reasons"]}


def test_a_page_of_a_site_may_send_a_proof(house: House) -> None:
    answer = house.client.options("/v1/comments", headers={"Origin": "https://daily.example"})
    assert PROOF in answer.headers["Access-Control-Allow-Headers"]


def test_nothing_of_the_challenge_tells_where_the_reader_is(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.", remote="192.0.2.77")
    challenge = asked(send(house, "More.", remote="192.0.2.77"))
    with house.database.read() as connection:
        indexes = set(connection.scalars(sa.text("SELECT origin_index FROM vault")))
    assert indexes
    assert "192" not in challenge["salt"].split("?")[1].split("for=")[1]
    assert all(index.hex()[:24] not in str(challenge) for index in indexes)
    assert PUBLIC not in str(challenge)


def test_those_that_nobody_can_use_any_more_are_forgotten(open_daily: Opener) -> None:
    house = open_daily(**ASKED)
    send(house, "Calm.")
    proved(house, written(solved(asked(send(house, "Proved.")))))
    for minutes, left in ((0, 1), (9, 1), (11, 0)):
        forget_expired(house.database, now=now() + timedelta(minutes=minutes), origin_days=30)
        assert taken(house) == left
