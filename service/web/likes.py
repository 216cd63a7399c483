"""Readers' likes. Neither request has a body: who likes is told by where it comes from, and by nothing that is sent."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from service.domain.errors import CommentNotFound
from service.domain.ids import parse_id
from service.web import schemas
from service.web.answers import answer
from service.web.identity import check_page, let_pages_read, rooms
from service.web.openapi import operation

door = Blueprint("likes", __name__)
door.after_request(let_pages_read)

_PROBLEMS = ("comment-not-found", "address-not-allowed", "rate-limited", "unavailable")


@door.post("/v1/comments/<comment_id>/like")
@operation("Like a comment", gives={200: schemas.Liked}, problems=_PROBLEMS)
def like_comment(comment_id: str) -> Response:
    """A comment on the page, once from each place; a repeat is answered alike and changes nothing. Everybody sees how
    many like it, and nobody who."""
    liked = rooms().liking.like(_on_page(comment_id), request.remote_addr)
    return answer({"likes": liked, "liked": True})


@door.delete("/v1/comments/<comment_id>/like")
@operation("Take a like back", gives={200: schemas.Liked}, problems=_PROBLEMS)
def take_like_back(comment_id: str) -> Response:
    """The like that came from the same place; where there is none, nothing changes."""
    left = rooms().liking.take_back(_on_page(comment_id), request.remote_addr)
    return answer({"likes": left, "liked": False})


def _on_page(raw_id: str) -> UUID:
    """The comment that is meant, asked for from a page of its site.

    Raises ``CommentNotFound`` and ``AddressNotAllowed``.
    """
    comment_id = parse_id(raw_id)
    if comment_id is None:
        raise CommentNotFound
    check_page(rooms().liking.site_of(comment_id).origins)
    return comment_id
