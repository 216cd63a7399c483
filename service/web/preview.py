"""What a text will look like, for whoever is still writing it. Nothing of it is kept or logged."""

from __future__ import annotations

from flask import Response

from service.submission import preview
from service.web import schemas
from service.web.answers import answer
from service.web.bodies import WRONG_BODY, read_bytes, read_json
from service.web.identity import check_page, rooms
from service.web.openapi import operation
from service.web.public import door


@door.post("/v1/preview")
@operation(
    "Preview a text",
    takes=schemas.Typed,
    gives={200: schemas.Preview},
    problems=(*WRONG_BODY, "site-unknown", "address-not-allowed", "unavailable"),
)
def preview_text() -> Response:
    """By the very rules by which comments are served, so that it shows what readers will see."""
    sent = read_json(schemas.Typed, read_bytes())
    site = rooms().sites.get(sent.site)
    check_page(site.origins)
    return answer({"html": preview(sent.text, site)})
