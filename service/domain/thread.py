"""The shape of a conversation: a tree from rows in order of arrival, without recursion."""

from typing import Any
from uuid import UUID


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
