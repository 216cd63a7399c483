"""Every way in which somebody without a token can ask, by the name of the route, and answers made comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from service.web.embed import embed
from tests.web.desk_asks import ASKED

STORY = "https://daily.example/budget"
STORY_ID = "story-1"
# A story under which nobody has written anything that is to be seen.
SILENT = "https://daily.example/silence"
SILENT_ID = "story-2"

# What differs from answer to answer by design: the request's id, and what each handed-out form carries.
_OF_THE_MOMENT = (
    (re.compile(rb'"request_id": ?"[0-9a-f]+"'), b'"request_id":"-"'),
    (re.compile(rb'(name="(?:key|opened)" value=)"[^"]*"'), rb'\1"-"'),
)


@dataclass(frozen=True)
class Ask:
    """One request; ``ID`` in its path or body stands for a comment's id."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    form: dict[str, str] | None = None

    def of(self, comment_id: str) -> dict[str, Any]:
        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: filled(inner) for name, inner in value.items()}
            return value.replace("ID", comment_id) if isinstance(value, str) else value

        return {
            "path": self.path.replace("ID", comment_id),
            "method": self.method,
            "headers": self.headers,
            "json": filled(self.json),
            "data": filled(self.form),
        }


@dataclass(frozen=True)
class Heard:
    """An answer without what differs by design."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, answer: TestResponse, comment_id: str = "") -> Heard:
        body = answer.data
        answer.close()
        for pattern, replacement in _OF_THE_MOMENT:
            body = pattern.sub(replacement, body)
        if comment_id:
            body = body.replace(comment_id.encode(), b"ID")
        # The length follows from the body, and differs where an id is echoed in another length.
        apart = {"X-Request-Id", "Date", "Content-Length"}
        kept = tuple(sorted((name, value) for name, value in answer.headers.items() if name not in apart))
        return cls(answer.status_code, kept, body)


# By method, path, and whatever else tells two asks apart.
Answers = dict[tuple[str, str, str], Heard]


def _wheres(url: str, external_id: str) -> tuple[str, str, str]:
    """The ways to name a story."""
    return (f"url={quote(url)}", f"thread={external_id}", f"url={quote(url)}&thread={external_id}")


def _threads() -> Iterable[Ask]:
    for url, external_id in ((STORY, STORY_ID), (SILENT, SILENT_ID)):
        for where in _wheres(url, external_id):
            for view, sort, limit in product(("tree", "flat"), ("oldest", "newest", "most_liked"), (1, 100)):
                yield Ask(f"/v1/threads?site=daily&{where}&view={view}&sort={sort}&limit={limit}")
        yield Ask(f"/v1/threads?site=daily&url={quote(url)}", headers={"Accept-Encoding": "gzip"})


def _as_tree(path: str) -> Iterable[Ask]:
    for url, external_id in ((STORY, STORY_ID), (SILENT, SILENT_ID)):
        for where, sort, limit in product(_wheres(url, external_id), ("oldest", "newest"), (1, 100)):
            yield Ask(f"{path}?site=daily&{where}&sort={sort}&limit={limit}")
        yield Ask(f"{path}?site=daily&url={quote(url)}", headers={"Accept-Encoding": "gzip"})


def _feeds() -> Iterable[Ask]:
    for url, external_id in ((STORY, STORY_ID), (SILENT, SILENT_ID)):
        for where in _wheres(url, external_id):
            yield Ask(f"/v1/feeds/thread.atom?site=daily&{where}")
        path = f"/v1/feeds/thread.atom?site=daily&url={quote(url)}"
        yield Ask(path, headers={"Accept-Encoding": "gzip"})


def _pages() -> Iterable[Ask]:
    for url, external_id in ((STORY, STORY_ID), (SILENT, SILENT_ID)):
        for where in (f"t?url={quote(url)}&", f"t/{external_id}?", f"t/{external_id}?url={quote(url)}&"):
            yield Ask(f"/daily/{where}sort=oldest")
            yield Ask(f"/daily/{where}sort=newest&view=flat")
            yield Ask(f"/daily/{where}reply_to=ID")
            yield Ask(f"/daily/{where}result=received")
            yield Ask(f"/daily/{where}result=reported")


WRONG_TOKEN = {"Authorization": "Bearer " + "A" * 43}


def _frames() -> Iterable[Ask]:
    for url, external_id in ((STORY, STORY_ID), (SILENT, SILENT_ID)):
        for where in _wheres(url, external_id):
            yield Ask(f"/daily/frame?{where}")
            yield Ask(f"/daily/frame?{where}&theme=dark&title=ID#greenroom-ID")


def _own() -> Iterable[Ask]:
    for method, headers in product(("GET", "PATCH", "DELETE"), ({}, WRONG_TOKEN)):
        body = {"text": "Mine now."} if method == "PATCH" else None
        yield Ask("/v1/comments/ID", method, headers, body)


def _own_pages() -> Iterable[Ask]:
    for step in ("look", "change", "withdraw", "withdraw-for-good", "appeal"):
        for code in ("ID", "ID.", f"ID.{'A' * 43}"):
            yield Ask("/own", "POST", form={"code": code, "step": step, "text": "Mine now.", "words": "x"})


def _replies() -> Iterable[Ask]:
    """Answers to a comment that is not on stage. They are refused, so they may be asked again and again."""
    author = {"name": "Eve", "email": "eve@example.org"}
    for url in (STORY, SILENT):
        sent = {"site": "daily", "url": url, "author": author, "text": "Hello?", "parent_id": "ID"}
        yield Ask("/v1/comments", "POST", json=sent)
        form = {"site": "daily", "url": url, "name": "Eve", "email": "eve@example.org", "text": "Hello?"}
        yield Ask("/v1/comments", "POST", form={**form, "parent_id": "ID"})


# By endpoint. A test holds this table against the app's routes, so that a new one cannot be forgotten.
PUBLIC: dict[str, list[Ask]] = {
    "public.send_comment": list(_replies()),
    "public.own_comment": [ask for ask in _own() if ask.method == "GET"],
    "public.edit_comment": [ask for ask in _own() if ask.method == "PATCH"],
    "public.withdraw_comment": [ask for ask in _own() if ask.method == "DELETE"],
    "public.appeal_decision": [
        Ask("/v1/comments/ID/appeal", "POST", headers, {"text": "Once more."})
        for headers in ({}, WRONG_TOKEN)
    ],
    "public.flag_comment": [Ask("/v1/comments/ID/flag", "POST", json={"reason": "hate"})],
    "public.like_comment": [Ask("/v1/comments/ID/like", "POST")],
    "public.take_like_back": [Ask("/v1/comments/ID/like", "DELETE")],
    "public.read_thread": list(_threads()),
    "public.counts": [
        Ask(f"/v1/counts?site=daily&url={quote(STORY)}&url={quote(SILENT)}"),
        Ask(f"/v1/counts?site=other&url={quote(STORY)}"),
    ],
    "public.thread_fragment": list(_as_tree("/v1/threads.html")),
    "public.thread_linked_data": list(_as_tree("/v1/threads.jsonld")),
    "public.thread_feed": list(_feeds()),
    "public.site_feed": [
        Ask("/v1/feeds/site.atom?site=daily"),
        Ask("/v1/feeds/site.atom?site=daily", headers={"Accept-Encoding": "gzip"}),
        Ask("/v1/feeds/site.atom?site=other"),
    ],
    "public.preflight": [
        Ask(path, "OPTIONS")
        for path in (
            *("/v1/comments", "/v1/comments/ID", "/v1/comments/ID/flag", "/v1/comments/ID/like"),
            "/v1/comments/ID/appeal",
            *("/v1/threads", "/v1/threads.html", "/v1/threads.jsonld", "/v1/counts", "/v1/preview"),
            *("/v1/feeds/thread.atom", "/v1/feeds/site.atom"),
        )
    ],
    "admin.me": [Ask("/v1/admin/me")],
    "admin.sites": [Ask("/v1/admin/sites")],
    "admin.count_queues": [Ask("/v1/admin/queues")],
    "admin.list_views": [Ask("/v1/admin/views")],
    "admin.save_view": [Ask("/v1/admin/views", "POST", json={"name": "x", "query": ""})],
    "admin.delete_view": [Ask("/v1/admin/views/ID", "DELETE")],
    "admin.claim_comment": [Ask("/v1/admin/comments/ID/claim", "POST")],
    "admin.give_up_claim": [Ask("/v1/admin/comments/ID/claim", "DELETE")],
    "admin.read_queue": [Ask("/v1/admin/comments?status=held"), Ask("/v1/admin/comments?status=pending")],
    "admin.open_case": [Ask("/v1/admin/comments/ID")],
    "admin.decide": [
        Ask("/v1/admin/comments/ID/decision", "POST", json={"action": "approve", "revision": 1})
    ],
    "admin.read_figures": [Ask("/v1/admin/figures")],
    "admin.draw_figures": [Ask("/v1/admin/figures/drawing?of=hours")],
    "admin.add_note": [Ask("/v1/admin/comments/ID/notes", "POST", json={"text": "x"})],
    "admin.list_standings": [Ask("/v1/admin/standings")],
    "admin.create_standing": [
        Ask("/v1/admin/standings", "POST", json={"comment": "ID", "kind": "ban", "of": "name"})
    ],
    "admin.preview_standing": [
        Ask("/v1/admin/standings/preview", "POST", json={"comment": "ID", "kind": "ban", "of": "name"})
    ],
    "admin.lift_standing": [Ask("/v1/admin/standings/ID/lift", "POST")],
    "admin.list_canned_reasons": [Ask("/v1/admin/canned-reasons?site=daily")],
    "admin.add_canned_reason": [
        Ask(
            "/v1/admin/canned-reasons",
            "POST",
            json={"site": "daily", "reason": "spam", "title": "x", "message": "x"},
        )
    ],
    "admin.change_canned_reason": [
        Ask(
            "/v1/admin/canned-reasons/ID",
            "PUT",
            json={"reason": "spam", "title": "x", "message": "x"},
        )
    ],
    "admin.remove_canned_reason": [Ask("/v1/admin/canned-reasons/ID", "DELETE")],
    "admin.pick_comment": [Ask("/v1/admin/comments/ID/pick", "POST", json={"on": True})],
    "admin.reply_to_comment": [Ask("/v1/admin/comments/ID/reply", "POST", json={"text": "x"})],
    "admin.undo": [
        Ask("/v1/admin/comments/ID/undo", "POST", json={"decision": "ID", "revision": 1}),
    ],
    "admin.start_bulk": [Ask("/v1/admin/bulks/ID/start", "POST")],
    "admin.make_bulk": [
        Ask("/v1/admin/bulks", "POST", json={"site": "daily", "action": "spam", "query": "queue=held"}),
    ],
    "admin.list_bulks": [Ask("/v1/admin/bulks?site=daily")],
    "admin.follow_bulk": [Ask("/v1/admin/bulks/ID")],
    "admin.undo_bulk": [Ask("/v1/admin/bulks/ID/undo", "POST")],
    "admin.show_policy": [Ask("/v1/admin/policy?site=daily")],
    "admin.set_policy": [Ask("/v1/admin/policy?site=daily", "PUT", json={"document": {}, "base_version": 0})],
    "admin.check_policy": [Ask("/v1/admin/policy/check", "POST", json={"document": {}})],
    "admin.try_policy": [Ask("/v1/admin/policy/try?site=daily", "POST", json={"document": {}})],
    "admin.policy_history": [Ask("/v1/admin/policy/history?site=daily")],
    "admin.set_storm": [Ask("/v1/admin/storm", "POST", json={"site": "daily", "on": True})],
    "admin.show_thread": [Ask("/v1/admin/threads/ID")],
    "admin.change_thread": [Ask("/v1/admin/threads/ID", "POST", json={"closed": True})],
    "admin.people": [Ask("/v1/admin/people")],
    "admin.make_person": [Ask("/v1/admin/people", "POST", json={"name": "Ann", "role": "viewer"})],
    "admin.revoke_person": [Ask("/v1/admin/people/ID/revoke", "POST")],
    "admin.change_role": [Ask("/v1/admin/people/ID/role", "POST", json={"role": "viewer"})],
    "admin.read_journal": [Ask("/v1/admin/journal")],
    "admin.export_journal": [Ask("/v1/admin/journal.jsonl")],
    **{
        endpoint: [Ask(f"/moderation{re.sub('[A-Z]{2,}', 'ID', page.path)}", method, form=page.form or None)]
        for (method, endpoint), page in ASKED.items()
    },
    "desk.front": [Ask("/moderation")],
    "desk.sign_in": [Ask("/moderation/sign-in", "POST", form={"token": "ID"})],
    "desk.sign_out": [Ask("/moderation/sign-out", "POST", form={})],
    "desk.sign_out_everywhere": [Ask("/moderation/sign-out-everywhere", "POST", form={})],
    "health.healthz": [Ask("/healthz")],
    "health.readyz": [Ask("/readyz")],
    "health.figures": [Ask("/metrics")],
    "health.contract": [Ask("/openapi.json")],
    "pages.static_file": [Ask("/static/embed/main.js"), Ask("/static/desk/queue.js")],
    "public.preview_text": [Ask("/v1/preview", "POST", json={"site": "daily", "text": "x"})],
    "embed.script": [Ask("/embed.js")],
    "embed.part": [
        Ask(f"/embed/{embed().version}/form.js"),
        Ask(f"/embed/{embed().version}/words/de.json"),
        Ask("/embed/old/form.js"),
    ],
    "pages.thread_page": list(_pages()),
    "frame.frame_page": list(_frames()),
    "own.own_page": [Ask("/own")],
    "own.own_comment_page": list(_own_pages()),
    "report.report_page": [Ask(f"/{site}/report/ID") for site in ("daily", "other")],
    "report.report_comment": [
        Ask("/daily/report/ID", "POST", form=form)
        for form in ({"reason": "hate"}, {"reason": "x"}, {"x": "x"})
    ],
    "pages.front": [Ask("/")],
    "pages.demo_story": [Ask("/demo/")],
    "gallery.gallery_page": [Ask("/demo/gallery")],
    "pages.documentation": [Ask("/docs")],
    "pages.problem_pages": [Ask("/docs/problems")],
}
# What is made of the conversation: the same from every process.
READ = ("read_thread", "thread_fragment", "thread_linked_data", "thread_feed", "site_feed", "counts")


def routes(app: Flask) -> set[tuple[str, str]]:
    """(method, endpoint) of every route, without the HEAD that comes with GET."""
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }


def ask_everything(app: Flask, comment_id: str, *, of: Iterable[str] = PUBLIC) -> Answers:
    """The answers to all of ``PUBLIC``, or only to these routes, with ``comment_id`` wherever an id is asked for."""
    client = app.test_client(use_cookies=False)
    return {
        (ask.method, ask.path, str(ask.headers or ask.form or "")): Heard.of(
            client.open(**ask.of(comment_id)), comment_id
        )
        for endpoint in of
        for ask in PUBLIC[endpoint]
    }
