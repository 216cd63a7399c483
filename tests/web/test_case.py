"""A comment's case: what its author changed, who they are at this site, what stands around it, and texts like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.roles import Role
from service.domain.site import Site
from service.privacy import Erasure
from service.store import case as case_store
from service.store import journal
from service.store.desk_tables import flags, notes
from service.store.tables import comments
from service.web.schemas import CaseFile
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House

TEXT = (
    "Cheap kitchens for everybody, the finest kitchens of the whole country, delivered to your door by Friday. "
    "Our carpenters measure every corner, cut the boards to fit, and carry the old cupboards away without a charge. "
    "Write to us this week and the dishwasher comes with it; whoever waits until spring pays for it as all others do."
)


def case(house: House, comment_id: str) -> Any:
    answer = house.client.get(f"/v1/admin/comments/{comment_id}", headers=house.admin)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def note(house: House, comment_id: str, text: str) -> Any:
    answer = house.client.post(
        f"/v1/admin/comments/{comment_id}/notes", json={"text": text}, headers=house.admin
    )
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def by(name: str, email: str | None = None) -> dict[str, str]:
    return {"name": name, "email": email or f"{name.casefold()}@example.org"}


# --- the edit --------------------------------------------------------------------------------------------------------


def test_what_a_waiting_edit_changes_is_told_word_by_word(either_house: House) -> None:
    made = either_house.post("The old bridge is falling.")
    either_house.decide(made["id"])
    assert case(either_house, made["id"])["edit_changes"] is None
    bearer = {"Authorization": f"Bearer {made['edit_token']}"}
    either_house.client.patch(
        f"/v1/comments/{made['id']}", json={"text": "The *new* bridge is falling."}, headers=bearer
    )
    found = case(either_house, made["id"])
    assert (found["text"], found["html"]) == (
        "The old bridge is falling.",
        "<p>The old bridge is falling.</p>",
    )
    assert found["edit"]["html"] == "<p>The <em>new</em> bridge is falling.</p>"
    assert found["edit_changes"] == [
        {"change": "same", "text": "The "},
        {"change": "gone", "text": "old "},
        {"change": "new", "text": "*new* "},
        {"change": "same", "text": "bridge is falling."},
    ]


# --- the thread ------------------------------------------------------------------------------------------------------


def test_a_case_shows_what_is_answered_and_three_beside_it(either_house: House) -> None:
    root = str(either_house.approved("What about the bridge?"))
    parent = str(either_house.approved("Which one?", parent_id=root))
    beside = [str(either_house.approved(f"Answer {n}.", parent_id=parent)) for n in range(4)]
    elsewhere = str(either_house.approved("Another conversation."))
    made = either_house.post("The old one.", parent_id=parent)["id"]
    later = [str(either_house.approved(f"Later answer {n}.", parent_id=parent)) for n in range(4)]
    around = case(either_house, made)["context"]
    assert (around["root"]["id"], around["parent"]["id"]) == (root, parent)
    assert [one["id"] for one in around["siblings_before"]] == beside[1:]
    assert [one["id"] for one in around["siblings_after"]] == later[:3]
    assert [one["id"] for one in around["before"]] == [*beside[2:], elsewhere]
    assert [one["id"] for one in around["after"]] == later[:3]
    # At the top nothing is answered, and the beginnings of the thread are the siblings.
    top = case(either_house, elsewhere)["context"]
    assert (top["root"], top["parent"], [one["id"] for one in top["siblings_before"]]) == (None, None, [root])
    answered = case(either_house, parent)["context"]
    assert answered["root"] == answered["parent"]


# --- the author ------------------------------------------------------------------------------------------------------


def test_an_authors_record_counts_all_their_comments_here_whatever_the_name(either_house: House) -> None:
    either_house.add_site(Site("weekly", "The Weekly", ("https://weekly.example",)))
    made = [either_house.post(f"Text {n}", author=by(f"Name {n % 7}", ADDRESS))["id"] for n in range(8)]
    either_house.post(site="weekly", url="https://weekly.example/a", author=by("Weekly", ADDRESS))
    either_house.post(author=by("Name 1", "somebody@example.org"))
    either_house.decide(made[0])
    either_house.decide(made[1], "reject", reasons=["spam"])
    record = case(either_house, made[3])["author_record"]
    counts = {"pending": 6, "approved": 1, "rejected": 1, "held": 0, "withdrawn": 0, "erased": 0}
    assert {status: record[status] for status in counts} == counts
    assert (record["known"], record["more"]) == (True, False)
    assert record["names"] == ["Name 0", "Name 6", "Name 5", "Name 4", "Name 3"]
    assert record["first_seen"] == case(either_house, made[0])["created_at"]


def test_a_record_is_bounded_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [house.post(f"Text {n}")["id"] for n in range(5)]
    monkeypatch.setattr(case_store, "RECORD_MOST", 3)
    record = case(house, made[4])["author_record"]
    assert (record["pending"], record["more"]) == (3, True)
    assert record["first_seen"] == case(house, made[0])["created_at"]


def test_of_an_author_without_an_address_only_the_comment_is_known(either_house: House) -> None:
    either_house.add_site(Site("open", "The Open", ("https://open.example",), email_required=False))
    where = {"site": "open", "url": "https://open.example/a"}
    made = [either_house.post(f"Text {n}", author={"name": "Ada"}, **where)["id"] for n in range(3)]
    note(either_house, made[0], "About another.")
    either_house.stand(made[0], of="name")
    record = case(either_house, made[1])["author_record"]
    assert (record["known"], record["pending"], record["names"], record["notes"]) == (False, 1, ["Ada"], [])
    # A ban of the name holds for whoever writes under it.
    assert [one["of"] for one in record["standings"]] == ["name"]


def test_running_bans_and_trust_are_shown_with_the_author_and_past_ones_are_not(either_house: House) -> None:
    first = either_house.post(author=by("Ada"))["id"]
    other = either_house.post(author=by("Adа", ADDRESS))["id"]
    bans = [either_house.stand(first, of=of)["id"] for of in ("name", "address", "origin")]
    lifted = f"/v1/admin/standings/{bans[1]}/lift"
    assert either_house.client.post(lifted, headers=either_house.admin).status_code == 200
    trust = either_house.stand(first, "trust", "address")["id"]
    assert [one["id"] for one in case(either_house, other)["author_record"]["standings"]] == [
        trust,
        bans[2],
        bans[0],
    ]


# --- notes -----------------------------------------------------------------------------------------------------------


def test_notes_are_told_newest_first_with_the_comment_and_with_the_author(either_house: House) -> None:
    first, second = either_house.post()["id"], either_house.post("Another.")["id"]
    one = note(either_house, first, " Seen before.\r\n")
    two = note(either_house, first, "Twice, even.")
    assert one["text"] == "Seen before."
    assert one["moderator"].startswith("admin")
    assert case(either_house, first)["notes"] == [two, one]
    found = case(either_house, second)
    assert found["notes"] == []
    assert found["author_record"]["notes"] == [two, one]
    with either_house.database.read() as connection:
        entries = [entry for entry in journal.entries(connection) if entry.act == "note.add"]
    assert [entry.subject for entry in entries] == [f"comment {first}"] * 2
    assert "Seen" not in repr(entries)


def test_no_author_reads_a_note(either_house: House) -> None:
    made = either_house.post()
    note(either_house, made["id"], "Zanzibar again.")
    either_house.decide(made["id"], "reject", reasons=["other"], note="Marmoset.")
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    answer = either_house.client.get(f"/v1/comments/{made['id']}", headers=own)
    assert answer.status_code == 200
    assert "Zanzibar" not in answer.text
    erasure = Erasure(either_house.database, either_house.rooms.cipher, lambda: NOW)
    exported = repr(list(erasure.export(ADDRESS)))
    assert made["id"] in exported
    assert "Zanzibar" not in exported
    assert "Marmoset" not in exported
    assert erasure.erase(ADDRESS) == 1
    with either_house.database.read() as connection:
        assert connection.execute(sa.select(notes)).all() == []


@pytest.mark.parametrize(
    "body", [{"text": ""}, {"text": " "}, {"text": "x" * 2_001}, {}, {"text": 1}], ids=str
)
def test_a_note_says_something(house: House, body: dict[str, Any]) -> None:
    made = house.post()
    answer = house.client.post(f"/v1/admin/comments/{made['id']}/notes", json=body, headers=house.admin)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/text"]
    assert case(house, made["id"])["notes"] == []


def test_who_may_only_read_writes_no_note(house: House) -> None:
    made = house.post()
    viewer = house.token_for("vera", Role.VIEWER)
    answer = house.client.post(f"/v1/admin/comments/{made['id']}/notes", json={"text": "x"}, headers=viewer)
    assert answer.status_code == 403


# --- findings, decisions, flags and texts alike ----------------------------------------------------------------------


def test_a_case_tells_what_screening_and_people_said(either_house: House) -> None:
    made = either_house.post("Call me: 020 7946 0958")["id"]
    assert case(either_house, made)["screening"] is None
    either_house.screen()
    either_house.decide(made, "reject", reasons=["personal_data", "other"], note="A phone number.")
    with either_house.database.write() as connection:
        later = datetime.now(UTC) + timedelta(seconds=1)
        rows = [("spam", b"1" * 32), ("insult", b"2" * 32), ("spam", b"3" * 32)]
        connection.execute(
            sa.insert(flags),
            [
                {"comment_id": made_id, "flagger": flagger, "reason": reason, "created_at": later}
                for made_id in [either_house.stored()[0]["id"]]
                for reason, flagger in rows
            ],
        )
        connection.execute(sa.update(comments).values(flags=len(rows)))
    found = case(either_house, made)
    assert (found["screening"]["revision"], found["screening"]["policy_version"]) == (1, 0)
    outcomes = {finding["check"]: finding["outcome"] for finding in found["findings"]}
    assert (outcomes["trap"], outcomes["personal_data"]) == ("skipped", "found")
    assert all(finding["why"] for finding in found["findings"] if finding["outcome"] != "found")
    assert all(finding["version"] for finding in found["findings"])
    assert found["flags"] == {"count": 3, "reasons": {"insult": 1, "spam": 2}}
    machine, person = found["decisions"]
    assert (machine["automated"], person["automated"]) == (True, False)
    assert [reason["code"] for reason in person["reasons"]] == ["personal_data", "other"]
    assert (person["note"], person["undoes"], person["bulk_id"], person["message"]) == (
        "A phone number.",
        None,
        None,
        "",
    )


def test_texts_alike_are_listed_both_ways_newest_first_and_those_of_other_sites_are_not(
    either_house: House,
) -> None:
    either_house.add_site(Site("weekly", "The Weekly", ("https://weekly.example",)))
    texts = [TEXT, TEXT.replace("finest ", ""), TEXT]
    authors = [by("Ada"), by("Bob"), by("Bob")]
    made = [either_house.post(text, author=who)["id"] for text, who in zip(texts, authors, strict=True)]
    either_house.post("Something else entirely, about the old bridge and the river below it.")
    either_house.post(TEXT, site="weekly", url="https://weekly.example/a", author=by("Bob"))
    assert case(either_house, made[1])["alike"] == []
    either_house.screen()
    either_house.decide(made[0], "reject", reasons=["spam"])
    alike = case(either_house, made[1])["alike"]
    assert [one["id"] for one in alike] == [made[2], made[0]]
    assert [one["same_author"] for one in alike] == [True, False]
    assert [one["status"] for one in alike][1] == "rejected"
    assert all(0 < one["distance"] <= 6 and not one["same_text"] for one in alike)
    first = case(either_house, made[0])["alike"]
    assert [(one["id"], one["same_text"]) for one in first] == [(made[2], True), (made[1], False)]
    # What a bulk decision is fenced by.
    assert [one["revision"] for one in alike] == [1, 2]


def test_of_a_campaign_the_newest_twenty_are_shown(house: House) -> None:
    made = [house.post(TEXT, url=f"{STORY}/{n}", author=by(f"Name{n}"))["id"] for n in range(25)]
    house.screen()
    alike = [one["id"] for one in case(house, made[12])["alike"]]
    assert len(alike) == 20
    assert all(one > other for one, other in pairwise(alike))
    assert alike[0] == made[24]
    assert made[12] not in alike


def test_an_answer_has_exactly_the_fields_of_a_case(house: House) -> None:
    assert set(case(house, house.post()["id"])) == set(CaseFile.model_fields)
