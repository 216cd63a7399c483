"""What readers and their pages call: send a comment, read threads and counts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request

from service.adapters.work import PROOF_MAX
from service.domain.errors import CommentNotFound, Malformed
from service.domain.ids import parse_id
from service.domain.site import Site
from service.domain.stories import canonical_url
from service.flagging import FlagReason
from service.reading import Answer, count_comments
from service.submission import IDEMPOTENCY_KEY_MAX, Accepted, Caller, Untrusted
from service.web import metrics, pages, schemas
from service.web.answers import answer, takes_gzip
from service.web.bodies import FORM_TYPE, WRONG_BODY, media_type, read_bytes, read_form, read_json
from service.web.identity import check_page, let_pages_read, rooms
from service.web.openapi import Parameter, operation
from service.web.own import private_link
from service.web.public_query import LIMIT_MAX, SORTS, VIEWS, asked_thread

door = Blueprint("public", __name__)
door.after_request(let_pages_read)

# In a header, so that a second try with a proof has the same body, and is the same under its Idempotency-Key.
PROOF = "Greenroom-Proof"
CACHE = "public, max-age=0, s-maxage=5, must-revalidate"
_STRING = {"type": "string"}
SITE = Parameter("site", "Key of the site.", _STRING, required=True)
STORY = (
    Parameter("url", "Address of the story.", _STRING),
    Parameter("thread", "The publisher's own id of the story, instead of or beside its url.", _STRING),
)
SORT = Parameter("sort", "oldest (default), newest or most_liked.", {"type": "string", "enum": list(SORTS)})
PAGE = (
    Parameter(
        "limit", "Top-level comments on a page.", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX}
    ),
    Parameter("cursor", "next_cursor of the page before, asked for in the same order.", _STRING),
)
IF_NONE_MATCH = Parameter("If-None-Match", "ETag of an earlier answer.", _STRING, place="header")
ETAG = {"ETag": "A strong tag of this form of the answer; gzip has one of its own."}


@door.post("/v1/comments")
@operation(
    "Send a comment",
    takes=schemas.Submission,
    gives={202: schemas.Accepted, 303: None},
    parameters=(
        Parameter(
            "Idempotency-Key",
            "Makes a repeat answer like the first request instead of storing a second comment.",
            {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX},
            place="header",
        ),
        Parameter(
            PROOF,
            "The answer to the challenge of a proof-needed problem, as ALTCHA has it.",
            {"type": "string", "maxLength": PROOF_MAX},
            place="header",
        ),
    ),
    problems=(
        *WRONG_BODY,
        "site-unknown",
        "address-not-allowed",
        "thread-closed",
        "idempotency-mismatch",
        "rate-limited",
        "proof-needed",
        "unavailable",
    ),
    also_form=True,
    headers={303: {"Location": "Our own page of the thread, or the story, with the result."}},
)
def send_comment() -> Response:
    """A 202 means that the comment is stored. It is not visible to anyone before it was screened and approved.

    A form is answered with a redirect; with `return_to` "page", with a page that shows the author's private link.
    """
    body = read_bytes()
    if media_type() == FORM_TYPE:
        return pages.take_form(read_form(body), body)
    sent = read_json(schemas.Submission, body)
    here = rooms()
    site = here.sites.get(sent.site)
    check_page(site.origins)
    untrusted = Untrusted(
        site=sent.site,
        url=sent.url,
        text=sent.text,
        name=sent.author.name,
        email=sent.author.email,
        parent_id=sent.parent_id,
        external_id=sent.thread,
        title=sent.title,
        trap=sent.form.trap if sent.form else "",
        seconds=sent.form.seconds if sent.form else None,
    )
    caller = Caller(request.remote_addr, _idempotency_key(), body, request.headers.get(PROOF))
    accepted = here.submit(untrusted, caller)
    metrics.SUBMISSIONS.labels(site.key, "accepted").inc()
    return answer(_accepted(accepted, untrusted), 202)


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > IDEMPOTENCY_KEY_MAX:
        raise Malformed("An Idempotency-Key has 1 to 200 characters.")
    return key


def _accepted(accepted: Accepted, untrusted: Untrusted) -> dict[str, Any]:
    here = rooms()
    comment_id = str(accepted.comment_id)
    # As it is stored: what else the page's address held may be personal, and links are passed on.
    url = canonical_url(untrusted.url)
    return {
        "id": comment_id,
        "status": "pending",
        "edit_token": accepted.edit_token,
        "links": {
            "self": f"{here.settings.public_url}/v1/comments/{comment_id}",
            "thread": here.settings.public_url + _thread_query(untrusted.site, url),
            "page": here.page_url(untrusted.site, url, untrusted.external_id),
            "own": private_link(accepted),
        },
    }


@lru_cache(maxsize=512)
def _thread_query(site: str, url: str) -> str:
    return f"/v1/threads?site={quote(site, safe='')}&url={quote(url, safe='')}"


# --- readers' calls ----------------------------------------------------------------------------------------------


@door.post("/v1/comments/<comment_id>/flag")
@operation(
    "Call a moderator",
    takes=schemas.Flag,
    gives={202: schemas.Flagged},
    problems=(
        *WRONG_BODY,
        "comment-not-found",
        "address-not-allowed",
        "rate-limited",
        "unavailable",
    ),
)
def flag_comment(comment_id: str) -> Response:
    """A reader's call about a comment on the page, once from each place; a repeat is answered alike. Nothing changes
    that the public sees."""
    sent = read_json(schemas.Flag, read_bytes())
    identity, site = comment_on_stage(comment_id)
    rooms().flagging.flag(identity, site, FlagReason(sent.reason), request.remote_addr)
    return answer({"id": str(identity)}, 202)


def comment_on_stage(raw_id: str) -> tuple[UUID, Site]:
    """A comment that everybody sees, asked for from a page of its site.

    Raises ``CommentNotFound`` and ``AddressNotAllowed``.
    """
    comment_id = parse_id(raw_id)
    if comment_id is None:
        raise CommentNotFound
    site = rooms().on_stage.site_of(comment_id)
    check_page(site.origins)
    return comment_id, site


# --- reading -----------------------------------------------------------------------------------------------------


@door.get("/v1/threads")
@operation(
    "Read the comments under a story",
    gives={200: schemas.Thread, 304: None},
    parameters=(
        SITE,
        *STORY,
        Parameter("view", "tree (default) or flat.", {"type": "string", "enum": list(VIEWS)}),
        SORT,
        *PAGE,
        IF_NONE_MATCH,
    ),
    problems=("invalid-submission", "site-unknown", "address-not-allowed", "unavailable"),
    headers={200: ETAG, 304: ETAG},
)
def read_thread() -> Response:
    """Approved comments only. The ETag changes when, and only when, what the public sees has changed."""
    here = rooms()
    asked = asked_thread(site=request.args.get("site", ""), external_id=request.args.get("thread"))
    return send_kept(here.read_thread(asked), "application/json")


def send_kept(found: Answer, content_type: str) -> Response:
    """An answer as its reader takes it: packed or not, or not at all where it is known."""
    zipped = takes_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    tag = f'"{found.etag}-gzip"' if zipped else f'"{found.etag}"'
    seen = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if seen and (tag in seen or seen.strip() == "*"):
        response = Response(status=304)
    else:
        response = Response(found.compressed if zipped else found.body, content_type=content_type)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = CACHE
    return response


@door.get("/v1/counts")
@operation(
    "Count comments for a front page",
    gives={200: schemas.Counts},
    parameters=(
        SITE,
        Parameter(
            "url",
            "Address of a story; may be given up to a hundred times.",
            {"type": "array", "items": {"type": "string"}},
            required=True,
        ),
    ),
    problems=("invalid-submission", "site-unknown", "unavailable"),
)
def counts() -> Response:
    """Approved comments under each story, in the order asked, each named by its address without query and fragment.

    What cannot be the address of one of the site's stories is left out.
    """
    here = rooms()
    site = here.sites.get(request.args.get("site", ""))
    counted = count_comments(here.database, here.sites, site.key, request.args.getlist("url"))
    response = answer({"counts": counted})
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@door.route("/v1/comments", methods=["OPTIONS"])
@door.route("/v1/comments/<comment_id>", methods=["OPTIONS"])
@door.route("/v1/comments/<comment_id>/appeal", methods=["OPTIONS"])
@door.route("/v1/comments/<comment_id>/flag", methods=["OPTIONS"])
@door.route("/v1/comments/<comment_id>/like", methods=["OPTIONS"])
@door.route("/v1/threads", methods=["OPTIONS"])
@door.route("/v1/threads.html", methods=["OPTIONS"])
@door.route("/v1/threads.jsonld", methods=["OPTIONS"])
@door.route("/v1/feeds/thread.atom", methods=["OPTIONS"])
@door.route("/v1/feeds/site.atom", methods=["OPTIONS"])
@door.route("/v1/counts", methods=["OPTIONS"])
@door.route("/v1/preview", methods=["OPTIONS"])
def preflight(comment_id: str | None = None) -> Response:
    """A browser asks whether a page may call us: pages of registered sites may."""
    rooms().sites.everyone()
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
    response.headers["Access-Control-Allow-Headers"] = (
        f"Authorization, Content-Type, Idempotency-Key, {PROOF}"
    )
    response.headers["Access-Control-Max-Age"] = "7200"
    return response
