"""JSON answers, and pages."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response, render_template

from service.web.languages import ENGLISH, Voice, voice

NOBODY = "'none'"
_PAGE_LOADS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
PAGE_POLICY = _PAGE_LOADS + NOBODY


# RFC 9110, sections 12.4.2 and 12.5.3.
_GZIP = re.compile(
    r"(?:^|,)[ \t]*(?:x-)?gzip[ \t]*(?:;[ \t]*q=([01](?:\.\d{0,3})?)[ \t]*)?(?:,|$)", re.IGNORECASE
)


def takes_gzip(accepts: str) -> bool:
    """Whether whoever sends this ``Accept-Encoding`` takes what is packed."""
    found = _GZIP.search(accepts)
    return found is not None and (found[1] is None or float(found[1]) > 0)


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer that no cache keeps, unless the caller says otherwise."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    response = Response(body, status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def html_page(name: str, status: int = 200, **context: Any) -> Response:
    """A page of a template, in English, which no cache keeps and nobody frames."""
    return _page(name, voice(ENGLISH), status, context)


def spoken_page(name: str, spoken: Voice, status: int = 200, **context: Any) -> Response:
    """A page for readers in one of their languages."""
    response = _page(name, spoken, status, context)
    response.headers["Content-Language"] = spoken.lang
    response.vary.add("Accept-Language")
    return response


def framed_page(name: str, spoken: Voice, origins: tuple[str, ...], **context: Any) -> Response:
    """A page for readers that pages of these web origins may frame, and no others."""
    response = spoken_page(name, spoken, **context)
    response.headers["Content-Security-Policy"] = _PAGE_LOADS + (" ".join(origins) or NOBODY)
    # It knows no list of origins. Browsers that know it alone would show the frame to nobody.
    del response.headers["X-Frame-Options"]
    return response


def _page(name: str, spoken: Voice, status: int, context: dict[str, Any]) -> Response:
    said = {"voice": spoken, "t": spoken.t, "nt": spoken.nt}
    response = Response(
        render_template(name, **said, **context), status=status, content_type="text/html; charset=utf-8"
    )
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    return response


def message(title: str, sentence: str, status: int, spoken: Voice | None = None) -> Response:
    """A small page that says one thing; both are given in English, and said to readers in their language."""
    if spoken is None:
        return html_page("message.html", status, title=title, sentence=sentence)
    said = {"title": spoken.told(title), "sentence": spoken.told(sentence)}
    return spoken_page("message.html", spoken, status, **said)
