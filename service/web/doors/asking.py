"""What the protocols share: the rooms behind them, and the fields that a caller sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import current_app, g, request

from service.domain.errors import Malformed
from service.web.bodies import JSON_TYPE, media_type, parse_json, read_bytes

if TYPE_CHECKING:
    from service.bootstrap import DoorRooms

# WordPress sends along every header of its reader's request.
FIELDS_MAX = 1_000


def rooms() -> DoorRooms:
    """The use case of this process and what it needs."""
    found: DoorRooms = current_app.extensions["greenroom.doors"]
    return found


def sent_document() -> dict[str, Any]:
    """The body as one JSON object. Raises ``Malformed`` and what ``read_bytes`` raises."""
    return _document(read_bytes())


def _document(body: bytes) -> dict[str, Any]:
    document = parse_json(body)
    if not isinstance(document, dict):
        raise Malformed
    try:
        mended: dict[str, Any] = _mended(document)
    except RecursionError:
        raise Malformed from None
    return mended


def _mended(value: Any) -> Any:
    """JSON's escapes can carry half a character, as callers send that cut a text in the middle of an emoji: it can be
    neither stored nor answered, and what stands around it is to be judged all the same."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_mended(name): _mended(inner) for name, inner in value.items()}
    return [_mended(inner) for inner in value] if isinstance(value, list) else value


def sent_fields(wanted: frozenset[str]) -> dict[str, str]:
    """Those of the wanted fields that came by query, form or JSON; of one that came twice, the last.

    What is not wanted, a reader's headers and cookies among it, goes no further than here. Raises ``Malformed``.
    """
    found = {name: value for name, value in request.args.items() if name in wanted}
    return found | {name: value for name, value in _pairs() if name in wanted}


def _pairs() -> list[tuple[str, str]]:
    """The body's fields; it can be read only once, and is asked for twice."""
    kept: list[tuple[str, str]] | None = g.get("pairs")
    if kept is None:
        kept = g.pairs = _read_pairs(read_bytes())
    return kept


def _read_pairs(body: bytes) -> list[tuple[str, str]]:
    if media_type() == JSON_TYPE and body:
        return [(name, str(value)) for name, value in _document(body).items() if isinstance(value, str | int)]
    try:
        text = body.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise Malformed from None
