"""JSON answers."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer that no cache keeps, unless the caller says otherwise."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    response = Response(body, status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
