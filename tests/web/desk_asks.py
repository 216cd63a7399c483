"""How every page of the desk is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from service.domain.roles import Role

if TYPE_CHECKING:
    from tests.web.conftest import House


@dataclass(frozen=True)
class Page:
    """How a page is asked, about a comment of "daily" (ID, or SHOWN, which readers see) and what hangs on it; what it
    answers when all is well, and what somebody gets who may do the like at another site only."""

    path: str
    form: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    # At a site that is named it is refused; what is named by its id alone is not there (404).
    elsewhere: int = 403


ASKED: dict[tuple[str, str], Page] = {
    ("GET", "desk.front"): Page("?queue=held&site=daily"),
    ("GET", "desk.more_of_the_queue"): Page("/list?queue=held&site=daily"),
    ("GET", "desk.card_again"): Page("/comments/ID/card?queue=held", elsewhere=404),
    ("POST", "desk.keep_view"): Page("/views", {"query": "queue=held", "name": "Mine"}, 303, elsewhere=303),
    ("POST", "desk.delete_view"): Page("/views/none/delete", {}, 303, elsewhere=303),
    ("GET", "desk.case"): Page("/comments/ID", elsewhere=404),
    ("POST", "desk.add_note"): Page("/comments/ID/notes", {"text": "x"}, 303, elsewhere=404),
    ("POST", "desk.pick"): Page("/comments/SHOWN/pick", {"on": "yes"}, 303, elsewhere=404),
    ("POST", "desk.reply"): Page("/comments/SHOWN/reply", {"text": "x"}, 303, elsewhere=404),
    ("POST", "desk.decide"): Page(
        "/comments/ID/decision", {"action": "approve", "revision": "1"}, 303, elsewhere=404
    ),
    ("POST", "desk.undo"): Page(
        "/comments/ID/undo", {"decision": "DECISION", "revision": "2"}, 303, elsewhere=404
    ),
    ("POST", "desk.make_bulk"): Page(
        "/bulks", {"which": "picked", "pick": "ID:1", "action": "hold", "site": "daily"}
    ),
    ("POST", "desk.start_bulk"): Page("/bulks/DRAFT/start", {}, 303, elsewhere=404),
    ("GET", "desk.bulks"): Page("/bulks?site=daily"),
    ("GET", "desk.bulk"): Page("/bulks/BULK", elsewhere=404),
    ("POST", "desk.undo_bulk"): Page("/bulks/BULK/undo", {}, 303, elsewhere=404),
    ("POST", "desk.make_standing"): Page(
        "/standings", {"comment": "ID", "what": "ban name", "cause": "spam"}, elsewhere=404
    ),
    ("GET", "desk.standings"): Page("/standings?site=daily"),
    ("POST", "desk.lift"): Page(
        "/standings/STANDING/lift", {"to": "/moderation/standings"}, 303, elsewhere=404
    ),
    ("GET", "desk.policy"): Page("/policy?site=daily"),
    ("POST", "desk.change_policy"): Page("/policy", {"site": "daily", "toml": "", "step": "try"}),
    ("POST", "desk.storm"): Page("/storm", {"site": "daily", "on": "no"}, 303),
    ("POST", "desk.change_thread"): Page("/threads/THREAD", {"storm": "no"}, 303, elsewhere=404),
    ("GET", "desk.people"): Page("/people", elsewhere=200),
    ("POST", "desk.make_person"): Page("/people", {"name": "NAME", "role": "viewer", "site": "daily"}, 201),
    ("POST", "desk.change_role"): Page(
        "/people/role", {"name": "ID", "role": "moderator"}, 303, elsewhere=422
    ),
    ("POST", "desk.revoke"): Page("/people/revoke", {"name": "ID"}, 303, elsewhere=422),
    ("GET", "desk.journal"): Page("/journal?site=daily"),
    ("GET", "desk.reasons"): Page("/reasons?site=daily"),
    ("POST", "desk.keep_reason"): Page(
        "/reasons/new", {"site": "daily", "title": "NAME", "reason": "spam", "message": "x"}, 303
    ),
    ("GET", "desk.figures"): Page("/figures?site=daily"),
    ("GET", "desk.rest"): Page("/rest", elsewhere=200),
}


def asked_anew(house: House, route: tuple[str, str], page: Page | None = None) -> dict[str, Any]:
    """The request for a page, as in ``ASKED`` unless ``page`` is given, about a comment that was made for it."""
    page = page or ASKED[route]
    author = {"name": f"Ada {uuid4().hex[:8]}", "email": f"{uuid4().hex}@example.org"}
    comment_id = house.post(author=author)["id"]
    house.token_for(comment_id, Role.VIEWER, "daily")
    wanted = page.path + str(page.form)
    filled = {
        "ID": comment_id,
        "NAME": f"Somebody {uuid4().hex[:8]}",
        "THREAD": str(house.stored()[0]["thread_id"]),
    }
    if "DECISION" in wanted:
        filled["DECISION"] = house.decide(comment_id, "hold")["decision"]["id"]
    if "SHOWN" in wanted:
        filled["SHOWN"] = str(house.approved(author=author))
    if "DRAFT" in wanted:
        filled["DRAFT"] = house.bulk(start=False)["id"]
    if "BULK" in wanted:
        filled["BULK"] = house.bulk()["id"]
    if "STANDING" in wanted:
        filled["STANDING"] = house.stand(comment_id)["id"]
    if "CANNED" in wanted:
        filled["CANNED"] = house.can(f"Title {comment_id}")["id"]
    if "VERSION" in wanted:
        shown = house.client.get("/v1/admin/policy?site=daily", headers=house.admin).get_json()
        filled["VERSION"] = str(shown["version"])

    def fill(text: str) -> str:
        return re.sub("|".join(_PLACES), lambda found: filled[found[0]], text)

    form = {name: fill(value) for name, value in page.form.items()} if route[0] == "POST" else None
    return {"path": f"/moderation{fill(page.path)}", "method": route[0], "data": form}


_PLACES = ("ID", "NAME", "SHOWN", "THREAD", "DECISION", "DRAFT", "BULK", "STANDING", "CANNED", "VERSION")
