"""Pages for readers: a thread with its plain form, the demo story, the documentation.

The thread's page works without scripts, and whatever goes wrong with a form, it comes back with what was typed.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request, send_from_directory
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import (
    AddressNotAllowed,
    GreenroomError,
    InvalidSubmission,
    RateLimited,
    SiteUnknown,
    Unavailable,
)
from service.domain.site import Site
from service.domain.stories import UrlFault, canonical_url, is_allowed
from service.reading import Asked
from service.submission import Caller, Untrusted
from service.web import health, metrics, own
from service.web.answers import html_page, message, spoken_page
from service.web.atom import thread_feed_address
from service.web.demo import demo_addresses
from service.web.identity import check_page, rooms
from service.web.languages import Voice, in_language, kept, spoken_here
from service.web.problems import KINDS, kind_of
from service.web.public_query import asked_thread
from service.web.telling import told_of

door = Blueprint("pages", __name__)

STATIC = Path(__file__).parent / "static"
FIELD_OF_POINTER = {"/author/name": "name", "/author/email": "email", "/text": "text"}
FORM_TOKEN_SECONDS = 86_400
# What a form that led here did, as the address says it: a name, never a sentence.
RESULTS = frozenset({"received", "reported"})


def asset(name: str) -> str:
    """The address of a static file, with its content's hash so that it may be cached for good."""
    return f"/static/{name}?v={_version(name)}"


def _version(name: str) -> str:
    kept: dict[str, str] = current_app.extensions.setdefault("greenroom.assets", {})
    if name not in kept:
        kept[name] = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return kept[name]


@door.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """Our own scripts, styles and pictures."""
    response = send_from_directory(STATIC, name, conditional=True, etag=True)
    # Only under its own version: a cache must not be made to keep this one for good under the next one's address.
    for_good = "v" in request.args and request.args["v"] == _version(name)
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if for_good else "public, max-age=300"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


# --- a thread ------------------------------------------------------------------------------------------------------


@door.get("/<site>/t")
@door.get("/<site>/t/<path:external_id>")
def thread_page(site: str, external_id: str | None = None) -> Response:
    """Our own page of a thread: everything works without scripts."""
    spoken = spoken_here(request.args.get("lang"))
    asked = asked_thread(site=site, external_id=external_id)
    result = found if (found := request.args.get("result")) in RESULTS else None
    try:
        return _thread(asked, spoken, result=result, reply_to=request.args.get("reply_to"))
    except (SiteUnknown, AddressNotAllowed) as error:
        return no_thread(error, spoken)


def no_thread(error: SiteUnknown | AddressNotAllowed, spoken: Voice) -> Response:
    """What is said of a story that is none of the site's, or of a site that is not here."""
    if isinstance(error, SiteUnknown):
        return message("Not found", "There is no such site here.", 404, spoken)
    return message("Not found", "This story does not belong to this site.", 404, spoken)


def _thread(
    asked: Asked,
    spoken: Voice,
    *,
    result: str | None = None,
    reply_to: str | None = None,
    fields: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    summary: str | None = None,
    status: int = 200,
) -> Response:
    here = rooms()
    site = here.sites.get(asked.site)
    typed = fields or {}
    lang = kept(request.args.get("lang") if fields is None else fields.get("lang"))
    document, answered = here.read_thread.page(asked, reply_to or typed.get("parent_id"))
    comments = [marked(node) for node in document["comments"]]
    following = next_address(asked, document)
    context = {
        "site": {"key": site.key, "name": site.name},
        "thread": {
            "url": document["url"],
            "title": document["title"] or typed.get("title"),
            "closed": document["closed"],
            "count": document["count"],
            "external_id": asked.external_id,
        },
        "comments": comments,
        "form": {
            "values": {name: typed.get(name, "") for name in ("name", "email", "text")},
            "errors": faults or {},
            "summary": summary,
            "opened": opened_token(),
            "lang": lang,
            "key": secrets.token_hex(16),
            "email_required": site.email_required,
            "text_max": site.text_max,
            "name_max": site.name_max,
            "parent": {"id": str(answered.id), "author": {"name": answered.author_name}}
            if answered
            else None,
        },
        "result": result,
        "next_url": in_language(following, lang) if following else None,
        "feed_url": thread_feed_address(here.settings.public_url, asked),
        "page_url": in_language(document["links"]["page"], lang),
    }
    return spoken_page("thread.html", spoken, status, **context)


def marked(node: dict[str, Any]) -> dict[str, Any]:
    """The node with its html marked as safe: it comes from the sanitizer, and from nowhere else."""
    html = Markup(node["html"]) if node["html"] is not None else None
    return {**node, "html": html, "replies": [marked(reply) for reply in node.get("replies", [])]}


def next_address(asked: Asked, document: dict[str, Any]) -> str | None:
    """Our own page with what comes after this document; ``None`` where nothing does."""
    if document["next_cursor"] is None:
        return None
    page_url: str = document["links"]["page"]
    more = urlencode({"cursor": document["next_cursor"], **_order(asked)})
    return page_url + ("&" if "?" in page_url else "?") + more


def _order(asked: Asked) -> dict[str, str]:
    """What the next page has to be asked for in the same way, where it is not the usual way."""
    plain = Asked(asked.site, asked.url, asked.external_id)
    return {
        name: str(getattr(asked, name))
        for name in ("view", "sort", "limit")
        if getattr(asked, name) != getattr(plain, name)
    }


def opened_token() -> str:
    """Says when a form was handed out, signed, so that the time spent on it can be believed."""
    stamp = str(int(time.time()))
    mac = rooms().cipher.mac("form-opened", stamp.encode())
    return f"{stamp}.{urlsafe_b64encode(mac[:12]).decode()}"


def seconds_open(token: str) -> float | None:
    """Seconds since the form was handed out, or ``None`` for a token that is not ours or too old."""
    stamp, _, signature = token.partition(".")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        return None
    mac = rooms().cipher.mac("form-opened", stamp.encode())
    if not rooms().cipher.equal(urlsafe_b64encode(mac[:12]), signature.encode("ascii", "replace")):
        return None
    seconds = time.time() - int(stamp)
    return seconds if 0 <= seconds <= FORM_TOKEN_SECONDS else None


# --- the form without scripts ----------------------------------------------------------------------------------------


def take_form(fields: dict[str, str], body: bytes) -> Response:
    """A comment from a plain form: back to where it was written, or on our own page its author's private link; where
    it is refused, the form with what was typed."""
    here = rooms()
    spoken = spoken_here(fields.get("lang"))
    try:
        site = here.sites.get(fields.get("site", ""))
    except SiteUnknown as error:
        return message("Not found", error.detail, 404, spoken)
    try:
        check_page(site.origins)
        accepted = here.submit(
            _untrusted(fields), Caller(request.remote_addr, _sent_twice(fields, body), body, can_prove=False)
        )
    except (GreenroomError, SQLAlchemyError) as error:
        refused = error if isinstance(error, GreenroomError) else Unavailable()
        return _form_again(site, spoken, fields, refused)
    metrics.SUBMISSIONS.labels(site.key, "accepted").inc()
    if fields.get("return_to") == "page":
        url = canonical_url(fields["url"])
        page_url = here.page_url(site.key, url, fields.get("thread") or None)
        return own.thanks(site, url, page_url, accepted, spoken, kept(fields.get("lang")))
    return redirect(_afterwards(site, fields), 303)  # type: ignore[return-value]


def _sent_twice(fields: dict[str, str], body: bytes) -> str | None:
    """A key by which a double click stores one comment, and an edit after "Back" another one."""
    key = fields.get("key")
    return f"form {key[:64]} {sha256(body).hexdigest()}" if key else None


def _untrusted(fields: dict[str, str]) -> Untrusted:
    return Untrusted(
        site=fields.get("site", ""),
        url=fields.get("url", ""),
        text=fields.get("text", ""),
        name=fields.get("name", ""),
        email=fields.get("email"),
        parent_id=fields.get("parent_id") or None,
        external_id=fields.get("thread") or None,
        title=fields.get("title") or None,
        trap=fields.get("website", ""),
        seconds=seconds_open(fields.get("opened", "")),
    )


def _afterwards(site: Site, fields: dict[str, str]) -> str:
    url = canonical_url(fields["url"])
    if fields.get("return_to") == "story":
        return f"{url}?greenroom=received#greenroom"
    page = rooms().page_url(site.key, url, fields.get("thread") or None)
    page = in_language(page, kept(fields.get("lang")))
    return page + ("&" if "?" in page else "?") + "result=received#result"


def _form_again(site: Site, spoken: Voice, fields: dict[str, str], error: GreenroomError) -> Response:
    kind = kind_of(error)
    metrics.PROBLEMS.labels(kind.slug).inc()
    faults: dict[str, str] = {}
    summary = told_of(error, spoken)
    if isinstance(error, InvalidSubmission):
        summary = spoken.told(error.detail)
        for fault in error.errors:
            field = FIELD_OF_POINTER.get(fault.pointer)
            if field is None:
                summary = spoken.told(fault.detail)
            else:
                faults.setdefault(field, spoken.told(fault.detail))
    url = fields.get("url", "")
    try:
        if not is_allowed(canonical_url(url), site.origins):
            return message("Not possible", AddressNotAllowed.detail, KINDS[AddressNotAllowed].status, spoken)
    except UrlFault as fault:
        return message("Not possible", str(fault), 422, spoken)
    asked = Asked(site.key, url, fields.get("thread") or None)
    try:
        response = _thread(asked, spoken, fields=fields, faults=faults, summary=summary, status=kind.status)
    except (SQLAlchemyError, GreenroomError):
        response = _form_alone(site, spoken, fields, faults, summary, kind.status)
    if isinstance(error, RateLimited | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _form_alone(
    site: Site, spoken: Voice, fields: dict[str, str], faults: dict[str, str], summary: str, status: int
) -> Response:
    """The form without the thread around it: the database is away, and the text must not be lost for that."""
    lang = kept(fields.get("lang"))
    return spoken_page(
        "thread.html",
        spoken,
        status,
        site={"key": site.key, "name": site.name},
        thread={
            "url": fields.get("url"),
            "title": fields.get("title"),
            "closed": False,
            # Not known while the database is away.
            "count": None,
            "external_id": fields.get("thread") or None,
        },
        comments=[],
        form={
            "values": {name: fields.get(name, "") for name in ("name", "email", "text")},
            "errors": faults,
            "summary": summary,
            "opened": opened_token(),
            "lang": lang,
            "key": secrets.token_hex(16),
            "email_required": site.email_required,
            "text_max": site.text_max,
            "name_max": site.name_max,
            "parent": None,
        },
        result=None,
        next_url=None,
        feed_url=None,
        page_url=in_language(
            rooms().page_url(site.key, fields.get("url", ""), fields.get("thread") or None), lang
        ),
    )


# --- other pages ---------------------------------------------------------------------------------------------------


@door.get("/")
def front() -> Response:
    """There is no front page of a back room: the demo where there is one, else the documentation."""
    target = "/demo/" if rooms().settings.demo else "/docs"
    return redirect(target, 302)  # type: ignore[return-value]


@door.get("/demo")
@door.get("/demo/")
def demo_story() -> Response:
    """A news story with the comment section, as a publisher would embed it."""
    here = rooms()
    if not here.settings.demo:
        return no_demo()
    return html_page("demo.html", site="demo", **demo_addresses(here.settings.public_url))


def no_demo() -> Response:
    """What is said where the demo would be."""
    spoken = spoken_here(request.args.get("lang"))
    return message("Not found", "The demo is switched off here.", 404, spoken)


@door.get("/docs")
def documentation() -> Response:
    """The API, readable."""
    document = health.document()
    return html_page("docs.html", document=document, operations=_operations(document))


@door.get("/docs/problems")
def problem_pages() -> Response:
    """Every problem that can be answered, at the address of its type."""
    from service.web.problem_texts import PROBLEMS

    return html_page("problems.html", problems=PROBLEMS)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            responses = described["responses"].items()
            problems = [
                slug
                for _, answer in responses
                if answer["description"].startswith("Problem: ")
                for slug in answer["description"].removeprefix("Problem: ").split(", ")
            ]
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": described["summary"],
                    "description": described["description"],
                    "parameters": described.get("parameters", []),
                    "request_schema": schema.get("$ref", "").rsplit("/", 1)[-1] or None,
                    "responses": [
                        {"status": status, "description": answer["description"]}
                        for status, answer in responses
                    ],
                    "problems": problems,
                    "security": "security" in described,
                }
            )
    return found
