"""Who may do what: how every route is asked, every kind of caller, and the answer that the route itself promises."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from service.domain.roles import POWERS, Role
from service.people import Tokens
from service.store.desk_tables import sessions
from service.store.tables import metadata, tokens
from service.web.identity import COOKIE
from service.web.openapi import OPERATIONS
from tests.people import NOW
from tests.web.asks import STORY, Ask
from tests.web.conftest import House
from tests.web.desk_asks import ASKED

# Nobody is known by these.
NOBODY = ("none", "malformed", "unknown", "revoked")


@dataclass(frozen=True)
class Who:
    """A kind of caller: one of ``NOBODY``, or a role at all sites, at the one asked about, or at another."""

    role: str
    site: str | None = None

    def __str__(self) -> str:
        return f"{self.role} at {self.site}" if self.site else self.role


EVERYBODY = (
    *map(Who, NOBODY),
    *(Who(role.value, site) for role in Role for site in (None, "daily", "other")),
)

# How each route of the desk is asked, about a comment or a person ("ID", see ``subject``) or the site "daily". Who may
# ask stands with the route itself (``operation(power=...)``): a route that is missing here, or names no power, fails.
DESK: dict[tuple[str, str], Ask] = {
    ("GET", "admin.me"): Ask("/v1/admin/me"),
    ("GET", "admin.sites"): Ask("/v1/admin/sites"),
    ("GET", "admin.count_queues"): Ask("/v1/admin/queues?site=daily"),
    ("GET", "admin.list_views"): Ask("/v1/admin/views"),
    ("POST", "admin.save_view"): Ask("/v1/admin/views", "POST", json={"name": "Mine", "query": "queue=spam"}),
    ("DELETE", "admin.delete_view"): Ask("/v1/admin/views/none", "DELETE"),
    ("POST", "admin.claim_comment"): Ask("/v1/admin/comments/ID/claim", "POST"),
    ("DELETE", "admin.give_up_claim"): Ask("/v1/admin/comments/ID/claim", "DELETE"),
    ("GET", "admin.read_queue"): Ask("/v1/admin/comments?site=daily"),
    ("GET", "admin.open_case"): Ask("/v1/admin/comments/ID"),
    ("POST", "admin.decide"): Ask(
        "/v1/admin/comments/ID/decision", "POST", json={"action": "hold", "revision": 1}
    ),
    ("GET", "admin.read_figures"): Ask("/v1/admin/figures?site=daily"),
    ("GET", "admin.draw_figures"): Ask("/v1/admin/figures/drawing?of=waits&site=daily"),
    ("POST", "admin.add_note"): Ask("/v1/admin/comments/ID/notes", "POST", json={"text": "x"}),
    ("POST", "admin.pick_comment"): Ask("/v1/admin/comments/SHOWN-ID/pick", "POST", json={"on": True}),
    ("POST", "admin.reply_to_comment"): Ask("/v1/admin/comments/SHOWN-ID/reply", "POST", json={"text": "x"}),
    ("GET", "admin.list_standings"): Ask("/v1/admin/standings?site=daily"),
    ("POST", "admin.create_standing"): Ask(
        "/v1/admin/standings", "POST", json={"comment": "ID", "kind": "trust", "of": "address"}
    ),
    ("POST", "admin.preview_standing"): Ask(
        "/v1/admin/standings/preview", "POST", json={"comment": "ID", "kind": "ban", "of": "name"}
    ),
    ("POST", "admin.lift_standing"): Ask("/v1/admin/standings/STANDING-ID/lift", "POST"),
    ("GET", "admin.list_canned_reasons"): Ask("/v1/admin/canned-reasons?site=daily"),
    ("POST", "admin.add_canned_reason"): Ask(
        "/v1/admin/canned-reasons",
        "POST",
        json={"site": "daily", "reason": "spam", "title": "ID", "message": "x"},
    ),
    ("PUT", "admin.change_canned_reason"): Ask(
        "/v1/admin/canned-reasons/CANNED-ID",
        "PUT",
        json={"reason": "spam", "title": "A title", "message": "x"},
    ),
    ("DELETE", "admin.remove_canned_reason"): Ask("/v1/admin/canned-reasons/CANNED-ID", "DELETE"),
    ("POST", "admin.undo"): Ask(
        "/v1/admin/comments/ID/undo", "POST", json={"decision": "DECISION", "revision": 2}
    ),
    ("POST", "admin.start_bulk"): Ask("/v1/admin/bulks/DRAFT-ID/start", "POST"),
    ("POST", "admin.make_bulk"): Ask(
        "/v1/admin/bulks",
        "POST",
        json={"site": "daily", "action": "approve", "query": "queue=pending"},
    ),
    ("GET", "admin.list_bulks"): Ask("/v1/admin/bulks?site=daily"),
    ("GET", "admin.follow_bulk"): Ask("/v1/admin/bulks/BULK-ID"),
    ("POST", "admin.undo_bulk"): Ask("/v1/admin/bulks/BULK-ID/undo", "POST"),
    ("GET", "admin.show_policy"): Ask("/v1/admin/policy?site=daily"),
    ("PUT", "admin.set_policy"): Ask(
        "/v1/admin/policy?site=daily", "PUT", json={"document": {}, "base_version": 0}
    ),
    ("POST", "admin.check_policy"): Ask("/v1/admin/policy/check", "POST", json={"document": {}}),
    ("POST", "admin.try_policy"): Ask("/v1/admin/policy/try?site=daily", "POST", json={"document": {}}),
    ("GET", "admin.policy_history"): Ask("/v1/admin/policy/history?site=daily"),
    ("POST", "admin.set_storm"): Ask("/v1/admin/storm", "POST", json={"site": "daily", "on": False}),
    ("GET", "admin.show_thread"): Ask("/v1/admin/threads/THREAD"),
    ("POST", "admin.change_thread"): Ask("/v1/admin/threads/THREAD", "POST", json={"closed": False}),
    ("GET", "admin.people"): Ask("/v1/admin/people"),
    ("POST", "admin.make_person"): Ask(
        "/v1/admin/people", "POST", json={"name": "Another ID", "role": "viewer", "site": "daily"}
    ),
    ("POST", "admin.revoke_person"): Ask("/v1/admin/people/ID/revoke", "POST"),
    ("POST", "admin.change_role"): Ask("/v1/admin/people/ID/role", "POST", json={"role": "moderator"}),
    ("GET", "admin.read_journal"): Ask("/v1/admin/journal?site=daily"),
    ("GET", "admin.export_journal"): Ask("/v1/admin/journal.jsonl"),
    ("GET", "health.figures"): Ask("/metrics"),
}
# Pages of the desk are for browsers; who may open them stands in test_desk_pages.
PAGES = set(ASKED) | {("POST", f"desk.{name}") for name in ("sign_in", "sign_out", "sign_out_everywhere")}
# What everybody may ask is answered alike, and a moderator's token opens nothing of an author's.
OPEN: dict[tuple[str, str], tuple[Ask, int]] = {
    ("POST", "public.send_comment"): (
        Ask(
            "/v1/comments",
            "POST",
            json={
                "site": "daily",
                "url": STORY,
                "author": {"name": "A", "email": "a@example.org"},
                "text": "x",
            },
        ),
        202,
    ),
    ("GET", "public.own_comment"): (Ask("/v1/comments/ID"), 404),
    ("PATCH", "public.edit_comment"): (Ask("/v1/comments/ID", "PATCH", json={"text": "x"}), 404),
    ("DELETE", "public.withdraw_comment"): (Ask("/v1/comments/ID", "DELETE"), 404),
    ("POST", "public.appeal_decision"): (Ask("/v1/comments/ID/appeal", "POST", json={}), 404),
    ("POST", "public.flag_comment"): (Ask("/v1/comments/ID/flag", "POST", json={"reason": "spam"}), 404),
    ("POST", "public.like_comment"): (Ask("/v1/comments/ID/like", "POST"), 404),
    ("DELETE", "public.take_like_back"): (Ask("/v1/comments/ID/like", "DELETE"), 404),
    ("GET", "public.read_thread"): (Ask(f"/v1/threads?site=daily&url={STORY}"), 200),
    ("GET", "public.thread_fragment"): (Ask(f"/v1/threads.html?site=daily&url={STORY}"), 200),
    ("GET", "public.thread_linked_data"): (Ask(f"/v1/threads.jsonld?site=daily&url={STORY}"), 200),
    ("GET", "public.thread_feed"): (Ask(f"/v1/feeds/thread.atom?site=daily&url={STORY}"), 200),
    ("GET", "public.site_feed"): (Ask("/v1/feeds/site.atom?site=daily"), 200),
    ("GET", "public.counts"): (Ask(f"/v1/counts?site=daily&url={STORY}"), 200),
    ("OPTIONS", "public.preflight"): (Ask("/v1/threads", "OPTIONS"), 204),
    ("GET", "health.healthz"): (Ask("/healthz"), 200),
    ("GET", "health.readyz"): (Ask("/readyz"), 503),
    ("GET", "health.contract"): (Ask("/openapi.json"), 200),
    ("GET", "pages.static_file"): (Ask("/static/icon.svg"), 200),
    ("GET", "embed.script"): (Ask("/embed.js"), 200),
    ("GET", "embed.part"): (Ask("/embed/old/form.js"), 404),
    ("POST", "public.preview_text"): (
        Ask("/v1/preview", "POST", json={"site": "daily", "text": "x"}),
        200,
    ),
    ("GET", "pages.thread_page"): (Ask(f"/daily/t?url={STORY}"), 200),
    ("GET", "frame.frame_page"): (Ask(f"/daily/frame?url={STORY}"), 200),
    ("GET", "own.own_page"): (Ask("/own"), 200),
    ("POST", "own.own_comment_page"): (Ask("/own", "POST", form={"code": f"ID.{'A' * 43}"}), 404),
    ("GET", "report.report_page"): (Ask("/daily/report/ID"), 404),
    ("POST", "report.report_comment"): (Ask("/daily/report/ID", "POST", form={"reason": "spam"}), 404),
    ("GET", "pages.front"): (Ask("/"), 302),
    ("GET", "pages.demo_story"): (Ask("/demo/"), 200),
    ("GET", "gallery.gallery_page"): (Ask("/demo/gallery"), 200),
    ("GET", "pages.documentation"): (Ask("/docs"), 200),
    ("GET", "pages.problem_pages"): (Ask("/docs/problems"), 200),
}
PROTECTED = list(DESK.values())


def subject(house: House) -> str:
    """What ID stands for: the id of a new comment at ``daily``, and the name of somebody who moderates there."""
    author = {"name": f"Ada {uuid4().hex[:8]}", "email": f"{uuid4().hex}@example.org"}
    made: str = house.post(author=author)["id"]
    house.token_for(made, Role.VIEWER, "daily")
    return made


def asked_anew(house: House, ask: Ask) -> dict[str, Any]:
    """The request, about a comment of "daily" that was made for it, or a ban, a canned reason, a decision or a bulk."""
    comment_id = subject(house)
    path, body = ask.path, ask.json
    if "STANDING-ID" in path:
        path = path.replace("STANDING-ID", house.stand(comment_id)["id"])
    if "SHOWN-ID" in path:
        house.decide(comment_id)
        path = path.replace("SHOWN-ID", "ID")
    if "CANNED-ID" in path:
        path = path.replace("CANNED-ID", house.can(f"Title {comment_id}")["id"])
    if "DRAFT-ID" in path:
        path = path.replace("DRAFT-ID", house.bulk(start=False)["id"])
    if "BULK-ID" in path:
        path = path.replace("BULK-ID", house.bulk()["id"])
    if "THREAD" in path:
        path = path.replace("THREAD", str(house.stored()[0]["thread_id"]))
    if body and "base_version" in body:
        shown = house.client.get("/v1/admin/policy?site=daily", headers=house.admin).get_json()
        body = {**body, "base_version": shown["version"]}
    if body and "title" in body:
        body = {**body, "title": f"{body['title']} {comment_id}"}
    if body and body.get("decision") == "DECISION":
        body = {**body, "decision": house.decide(comment_id, "hold")["decision"]["id"]}
    return replace(ask, path=path, json=body).of(comment_id)


def expected(route: tuple[str, str], who: Who, headers: dict[str, str]) -> int:
    """What a route of the desk answers a caller: from the power that it declares, and whose site it is asked about."""
    described = OPERATIONS.by_view[route[1].rpartition(".")[2]]
    ask = DESK[route]
    if who.role in NOBODY or ("Cookie" in headers and route[1] == "health.figures"):
        # A machine reads figures: a session is none of its business.
        return 401
    granted = min(described.gives)
    if described.power is None:
        return granted
    if described.power not in POWERS[Role(who.role)] or (described.everywhere and who.site):
        return 403
    if who.site != "other":
        return granted
    if "ID" in ask.path or "THREAD" in ask.path or (ask.json or {}).get("comment") == "ID":
        # What a token may not see is not there.
        return 404
    return 403 if "daily" in ask.path or "daily" in json.dumps(ask.json) else granted


def headers_of(house: House, who: Who) -> list[dict[str, str]]:
    """The ways in which such a caller may present themselves: a token, or the session of a browser."""
    role = who.role
    if role == "none":
        return [{}]
    if role == "malformed":
        right = house.token
        wrong = [f"Basic {right}", right, "Bearer", "Bearer  ", f"Bearer {right}é", "Bearer " + "x" * 201]
        cookies = [house.token, "", "é", "x" * 101]
        return [
            *({"Authorization": value} for value in wrong),
            *({"Cookie": f"{COOKIE}={value}"} for value in cookies),
        ]
    if role == "unknown":
        return [{"Authorization": "Bearer grt_" + "A" * 43}, {"Cookie": f"{COOKIE}={'A' * 43}"}]
    if role == "revoked":
        found = house.token_for("gone", Role.ADMINISTRATOR)
        session = house.signed_in(found)
        assert Tokens(house.database, lambda: NOW).revoke("gone")
        return [found, session]
    found = house.token_for(str(who), Role(role), who.site)
    return [found, house.signed_in(found)]


# Whoever is known leaves these behind by asking, whatever the answer is.
_SEEN = {tokens.c.last_used_at, sessions.c.seen_at}


def state(house: House) -> dict[str, Any]:
    """All that a change could change, by table: every row of everything that is kept, in the order of its keys. When
    somebody was last seen is left out."""
    with house.database.read() as connection:
        return {
            table.name: connection.execute(
                sa.select(*(column for column in table.c if column not in _SEEN)).order_by(*table.primary_key)
            ).all()
            for table in metadata.sorted_tables
        }
