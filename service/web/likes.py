"""Readers' likes. Neither request has a body: who likes is told by where it comes from, and by nothing that is sent."""

from __future__ import annotations

from flask import Response, request

from service.web import schemas
from service.web.answers import answer
from service.web.identity import rooms
from service.web.openapi import operation
from service.web.public import comment_on_stage, door

_PROBLEMS = ("comment-not-found", "address-not-allowed", "rate-limited", "unavailable")


@door.post("/v1/comments/<comment_id>/like")
@operation("Like a comment", gives={200: schemas.Liked}, problems=_PROBLEMS)
def like_comment(comment_id: str) -> Response:
    """A comment on the page, once from each place; a repeat is answered alike and changes nothing. Everybody sees how
    many like it, and nobody who."""
    liked = rooms().liking.like(*comment_on_stage(comment_id), request.remote_addr)
    return answer({"likes": liked, "liked": True})


@door.delete("/v1/comments/<comment_id>/like")
@operation("Take a like back", gives={200: schemas.Liked}, problems=_PROBLEMS)
def take_like_back(comment_id: str) -> Response:
    """The like that came from the same place; where there is none, nothing changes."""
    left = rooms().liking.take_back(*comment_on_stage(comment_id), request.remote_addr)
    return answer({"likes": left, "liked": False})
