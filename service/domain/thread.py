"""The shape of a conversation: a tree from rows in order of arrival, without recursion; its orders and their pages."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from service.domain.ids import parse_id

Sort = Literal["oldest", "newest", "most_liked"]
# More likes than a comment can have, and what both databases count to.
_LIKES_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a conversation ended: with this comment, which had so many ``likes`` when the page was made.

    ``likes`` is ``None`` in orders that do not go by them.
    """

    id: UUID
    likes: int | None = None

    def __str__(self) -> str:
        return str(self.id) if self.likes is None else f"{self.likes}.{self.id}"


def read_cursor(text: str, sort: Sort) -> Cursor | None:
    """The cursor that ``text`` is in this order, or ``None``."""
    counted, _, raw_id = text.rpartition(".")
    comment_id = parse_id(raw_id)
    if comment_id is None or (sort == "most_liked") != ("." in text):
        return None
    if sort != "most_liked":
        return Cursor(comment_id)
    if not (counted.isascii() and counted.isdigit() and len(counted) <= _LIKES_DIGITS):
        return None
    return Cursor(comment_id, int(counted))


def build_tree(roots: list[dict[str, Any]], replies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hang ``replies`` below ``roots`` and return ``roots``.

    Every node has ``id`` and ``parent_id`` and gets ``replies`` (oldest first, as they come). Replies whose
    parent is not among the nodes are left out; they cannot be reached from this page of roots.
    """
    nodes: dict[UUID | str, dict[str, Any]] = {}
    for node in (*roots, *replies):
        node["replies"] = []
        nodes[node["id"]] = node
    for node in replies:
        parent = nodes.get(node["parent_id"])
        if parent is not None:
            parent["replies"].append(node)
    return roots
