"""Whatever somebody with a token changes stands in the journal, with who did it, and with nothing that they typed.

What leaves no entry stands in a list with its reason (``SILENT`` of ``acts``); a route in neither list fails here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from service.store import journal
from service.store.journal import Entry
from tests.web.acts import ACTS, BOTH, KESTREL, SILENT, Act
from tests.web.asks import routes
from tests.web.conftest import House
from tests.web.test_hidden_keys import secrets_of, spelled


def entries_of(house: House, after: int = 0) -> list[Entry]:
    with house.database.read() as connection:
        assert journal.verify(connection)[2] is None
        return journal.following(connection, after)


def headers_of(house: House, act: Act, name: str) -> dict[str, str]:
    """Somebody of "daily" who may do this and as little else as can be: by a token, or by a session at the desk."""
    given = house.token_for(name, act.role, "daily")
    return house.signed_in(given) if act.route[1].startswith("desk.") else given


def keep_a_view(house: House, headers: dict[str, str]) -> str:
    sent = {"name": f"Mine {KESTREL}", "query": "queue=held"}
    answer = house.client.post("/v1/admin/views", json=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["views"][0]["id"])


def do(house: House, act: Act, name: str) -> tuple[list[Entry], set[str]]:
    """Do this as somebody of this name: the entries that it left, and every secret that was sent or answered."""
    asked = act.request(house)
    headers = headers_of(house, act, name)
    token = house.token_for(f"{name}, once more", act.role, "daily")["Authorization"].removeprefix("Bearer ")
    if "/none" in asked["path"]:
        asked["path"] = asked["path"].replace("none", keep_a_view(house, headers))
    if (asked["data"] or {}).get("token") == "TOKEN":
        asked["data"] = {"token": token}
    before = entries_of(house)[-1].number
    answer = house.client.open(**{**asked, "headers": {**asked.get("headers", {}), **headers}})
    assert answer.status_code < 400, answer.text
    cookies = [value.partition(";")[0] for value in answer.headers.getlist("Set-Cookie")]
    secrets = {token, *headers.values(), *cookies, *re.findall(r"grt_[\w-]{43}", answer.text)}
    return entries_of(house, before), {one.rpartition("=")[2].removeprefix("Bearer ") for one in secrets}


def test_every_route_that_changes_something_leaves_an_entry_or_has_a_reason_not_to(house: House) -> None:
    changing = {
        (method, name)
        for method, name in routes(house.app)
        if method not in ("GET", "OPTIONS") and name.startswith(("admin.", "desk."))
    }
    entered, silent = {act.route for act in ACTS}, {act.route for act in SILENT}
    assert entered | silent == changing
    assert entered & silent == BOTH
    assert all(act.entries for act in ACTS)
    assert all(act.why and not act.entries for act in SILENT)


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_what_somebody_changes_stands_in_the_journal_with_their_name(house: House, act: Act) -> None:
    left, _ = do(house, act, "Bob")
    assert [entry.act for entry in left] == list(act.entries)
    for entry in left:
        # Whoever signs in anew does so by a token of another name.
        assert entry.actor == ("Bob, once more" if entry.act == "session.begin" else "Bob")
    # Whoever governs this site alone reads of it, too.
    assert {entry.site for entry in left} == {"daily"}
    assert all(re.fullmatch(r"(canned )?[a-z]+ \S.*", entry.subject) for entry in left)


@pytest.mark.parametrize("act", SILENT, ids=str)
def test_what_decides_nothing_for_others_leaves_no_entry(house: House, act: Act) -> None:
    assert do(house, act, "Bob")[0] == []


def test_no_entry_carries_an_address_a_token_or_what_somebody_typed(either_house: House) -> None:
    house = either_house
    secrets = {KESTREL, "grt_", "Write to", house.token}
    for n, act in enumerate((*SILENT, *ACTS)):
        secrets |= do(house, act, f"Bob {n}")[1]
        open_again(house)
    secrets -= {"", house.settings.public_url}
    heard = [json.dumps(journal.told(entry), ensure_ascii=False) for entry in everything(house)]
    heard += [page.text for page in shown(house)]
    assert len(heard) > 100
    assert not [(secret, text) for secret in secrets for text in heard if secret in text]
    assert not [text for text in heard if re.search(r"[\w.+-]+@[\w-]+\.\w", text)]
    needles = {needle for secret in secrets_of(house) for needle in spelled(secret)}
    assert not [text for text in heard for needle in needles if needle in text.encode()]


def open_again(house: House) -> None:
    thread = house.stored()[0]["thread_id"]
    sent = {"closed": False, "storm": False}
    answer = house.client.post(f"/v1/admin/threads/{thread}", json=sent, headers=house.admin)
    assert answer.status_code == 200, answer.text


def everything(house: House) -> list[Entry]:
    with house.database.read() as connection:
        return list(journal.everything(connection))


def shown(house: House) -> list[Any]:
    """The journal as it is exported and drawn."""
    session = house.signed_in(house.admin)
    return [
        house.client.get("/v1/admin/journal.jsonl", headers=house.admin),
        house.client.get("/v1/admin/journal?site=daily", headers=house.admin),
        house.client.get("/moderation/journal", headers=session),
    ]
