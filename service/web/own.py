"""One's own comment, days later: what became of it, and what its author may do about it, with scripts or without.

Whoever has the private code of a comment is its author. The code comes in the body of a form and goes into a hidden
field of the answer, and nowhere else: no address that we are asked for holds it, and so no log, no cookie and no
Referer does. The private link carries it behind a "#", which browsers keep to themselves; ``static/own.js`` puts it
into the form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from service.domain.appeal import WORDS_MAX
from service.domain.errors import CommentNotFound, GreenroomError, RateLimited, Unavailable
from service.domain.ids import parse_id
from service.domain.site import Site
from service.domain.stories import origin_of
from service.submission import Accepted
from service.web import metrics
from service.web.answers import message, spoken_page
from service.web.bodies import FORM_TYPE, media_type, read_bytes, read_form
from service.web.identity import rooms
from service.web.languages import Voice, in_language, kept, spoken_here
from service.web.own_words import appeal_told, standing_of
from service.web.problems import FormatUnknown, kind_of
from service.web.telling import told_of

door = Blueprint("own", __name__)

# Of a comment that is not there and of a wrong code the same, so that nobody learns which of the two it is.
UNKNOWN = "There is no comment with this code. Please look whether all of it is there."
APPEALED = "Your comment waits for a person, who will read it again."
CHANGED = "Your change was received, and is looked at again."
UNCHANGED = "That is what your comment says already."
WITHDRAWN = "You have withdrawn your comment."
FOREIGN = "This form was not sent from our own page. Please open the page itself and try again there."
SENTENCES = (UNKNOWN, APPEALED, CHANGED, UNCHANGED, WITHDRAWN, FOREIGN)


@door.after_request
def keep_to_ourselves(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# --- the code ------------------------------------------------------------------------------------------------------


def private_code(accepted: Accepted) -> str:
    """What an author keeps: it shows the comment, and lets its holder change and withdraw it."""
    return f"{accepted.comment_id}.{accepted.edit_token}"


def private_link(accepted: Accepted, lang: str | None = None) -> str:
    """Our page with the code behind a "#", where no server and no log sees it."""
    return f"{in_language(f'{rooms().settings.public_url}/own', lang)}#{private_code(accepted)}"


def _read_code(raw: str) -> tuple[UUID, str]:
    """The comment and the edit token; the whole link is taken for the code in it. Raises ``CommentNotFound``."""
    raw_id, _, token = raw.strip().rpartition("#")[2].partition(".")
    comment_id = parse_id(raw_id)
    if comment_id is None or not token or len(token) > 200 or not token.isascii():
        raise CommentNotFound
    return comment_id, token


def thanks(
    site: Site, story_url: str, page_url: str, accepted: Accepted, spoken: Voice, lang: str | None
) -> Response:
    """What our own page answers a comment with. Not a redirect: its address would have to hold the code."""
    response = spoken_page(
        "thanks.html",
        spoken,
        202,
        site={"key": site.key, "name": site.name},
        story_url=story_url,
        page_url=in_language(page_url, lang),
        link=private_link(accepted, lang),
        code=private_code(accepted),
        lang=lang,
    )
    return keep_to_ourselves(response)


# --- the page ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class _Sent:
    """A form of this page. It prints nothing of what it holds."""

    fields: dict[str, str]
    step: str

    def of(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def spoken(self) -> Voice:
        return spoken_here(self.of("lang"))


@dataclass(frozen=True, slots=True, repr=False)
class _Said:
    """What is told besides the comment: what was just done, or what is wrong with what was ``typed`` in which step."""

    done: str = ""
    fault: str = ""
    step: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    status: int = 200


@door.get("/own")
def own_page() -> Response:
    """The field for the code. Of the address nothing is read but the language."""
    return _asked(_Sent({"lang": request.args.get("lang", "")}, "look"), _Said())


@door.post("/own")
def own_comment_page() -> Response:
    """The comment of a code, and after one of its forms what came of that."""
    if media_type() != FORM_TYPE:
        raise FormatUnknown
    fields = read_form(read_bytes())
    sent = _Sent(fields, fields.get("step", "look"))
    if not _is_from_us():
        return message("Not possible", FOREIGN, 403, sent.spoken)
    try:
        own = _read_code(sent.of("code"))
        rooms().authors_own.look(*own)
    except (CommentNotFound, SQLAlchemyError) as error:
        return _refused(error, sent, lambda said: _asked(sent, said))
    try:
        done = _act(own, sent)
        return _shown(own, sent, _Said(sent.spoken.told(done), step=sent.step if not done else ""))
    except (GreenroomError, SQLAlchemyError) as error:
        return _refused(error, sent, lambda said: _shown_if_possible(own, sent, said))


def _is_from_us() -> bool:
    """Whether no foreign page sent this form.

    Our own pages send ``Origin: null`` here, because they name themselves to nobody; what tells them from others is
    ``Sec-Fetch-Site``. https://fetch.spec.whatwg.org/#append-a-request-origin-header
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if site is not None and origin in (None, "null"):
        return site in ("same-origin", "none")
    return origin is None or origin == origin_of(rooms().settings.public_url)


def _act(own: tuple[UUID, str], sent: _Sent) -> str:
    """Do what the form asks; a sentence about it, or nothing where it only asks to be shown something."""
    here = rooms().authors_own
    if sent.step == "change":
        row, _ = here.look(*own)
        # Loading the answer again sends the form again.
        if sent.of("text").replace("\r\n", "\n").strip() == (row.edit_source or row.source).strip():
            return UNCHANGED
        here.edit(*own, sent.of("text"), request.remote_addr)
        return CHANGED
    if sent.step == "withdraw-for-good":
        here.withdraw(*own)
        return WITHDRAWN
    if sent.step == "appeal":
        rooms().appealing.appeal(*own, sent.of("words"), request.remote_addr)
        return APPEALED
    return ""


def _asked(sent: _Sent, said: _Said) -> Response:
    return _drawn(None, sent, said)


def _drawn(own: dict[str, Any] | None, sent: _Sent, said: _Said) -> Response:
    lang = kept(sent.of("lang"))
    return spoken_page(
        "own.html", sent.spoken, said.status, own=own, code=sent.of("code"), said=said, lang=lang
    )


def _shown(own: tuple[UUID, str], sent: _Sent, said: _Said) -> Response:
    here, told = rooms(), sent.spoken.told
    row, last = here.authors_own.look(*own)
    until = here.authors_own.editable_until(row)
    site = here.sites.get(row.site)
    standing = standing_of(row, last)
    appealed = here.appealing.state(row)
    context: dict[str, Any] = {
        "site": {"key": site.key, "name": site.name},
        "story_url": row.thread_url,
        "story_title": row.thread_title,
        "page_url": in_language(here.page_url(row.site, row.thread_url, None), kept(sent.of("lang"))),
        "text": row.edit_source or row.source,
        # From the sanitizer, and from nowhere else.
        "html": Markup(row.edit_html or row.html),
        "created_at": row.created_at,
        "standing": {
            "headline": told(standing.headline),
            "who": told(standing.who),
            "grounds": [told(ground) for ground in standing.grounds],
            "message": standing.message,
            "when": standing.when,
        },
        "until": until,
        "appealable": appealed.possible,
        "appeal": appealed.last,
        "appeal_told": told(appeal_told(row, appealed)),
        "words_max": WORDS_MAX,
        "text_max": site.text_max,
        "withdrawn": row.status == "withdrawn",
    }
    return _drawn(context, sent, said)


def _shown_if_possible(own: tuple[UUID, str], sent: _Sent, said: _Said) -> Response:
    try:
        return _shown(own, sent, said)
    except (GreenroomError, SQLAlchemyError):
        # The comment cannot be read either: what was typed must not be lost for that.
        return _asked(sent, said)


def _refused(error: Exception, sent: _Sent, draw: Callable[[_Said], Response]) -> Response:
    refused = error if isinstance(error, GreenroomError) else Unavailable()
    kind = kind_of(refused)
    metrics.PROBLEMS.labels(kind.slug).inc()
    unknown = isinstance(refused, CommentNotFound)
    sentence = sent.spoken.told(UNKNOWN) if unknown else told_of(refused, sent.spoken)
    typed = {name: sent.of(name) for name in ("text", "words") if sent.of(name)}
    response = draw(_Said("", sentence, sent.step, typed, kind.status))
    if isinstance(refused, RateLimited | Unavailable):
        response.headers["Retry-After"] = str(refused.retry_after_seconds)
    return response
