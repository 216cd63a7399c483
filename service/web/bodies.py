"""Reading request bodies that nobody vouches for: bounded, strict, and never echoed.

Refused here, before anything else looks: chunked bodies (Werkzeug would cut them silently at its limit),
compressed ones, Content-Length together with Transfer-Encoding (request smuggling), invalid UTF-8, duplicate
keys, NaN and infinities, and nesting that exhausts a parser.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from flask import current_app, request
from pydantic import BaseModel, ValidationError

from service.domain.errors import FieldError, InvalidSubmission, Malformed
from service.web.patience import Patience
from service.web.problems import FormatUnknown, LengthNeeded, TooLarge

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_FIELDS_MAX = 30

# What a route that takes a body can answer for it.
WRONG_BODY = ("malformed-request", "length-needed", "too-large", "format-unknown", "invalid-submission")

Model = TypeVar("Model", bound=BaseModel)


def refuse_unframed() -> None:
    """Refuse a body without a length on any route, also where it would not be read: what we take for the end of a
    request and what a proxy takes for it must be one and the same. Raises ``Malformed``, ``LengthNeeded``."""
    environ = request.environ
    if "HTTP_TRANSFER_ENCODING" in environ:
        if environ.get("CONTENT_LENGTH"):
            raise Malformed
        raise LengthNeeded


def read_bytes() -> bytes:
    """The request's body. Raises ``Malformed``, ``TooLarge``, ``FormatUnknown``, ``Busy``."""
    environ = request.environ
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() not in ("", "identity"):
        raise FormatUnknown
    raw_length = environ.get("CONTENT_LENGTH") or "0"
    if not (raw_length.isascii() and raw_length.isdigit()):
        raise Malformed
    # Python refuses to read numbers of thousands of digits, and need not.
    if len(raw_length) > 20 or (length := int(raw_length)) > current_app.config["BODY_BYTES"]:
        raise TooLarge
    patience: Patience = current_app.extensions["greenroom.patience"]
    body = patience.read(environ["wsgi.input"], length) if length else b""
    if len(body) != length:
        raise Malformed
    return body


def media_type() -> str:
    return (request.environ.get("CONTENT_TYPE") or "").split(";", 1)[0].strip().lower()


def read_json(model: type[Model], body: bytes) -> Model:
    """The body as ``model``. Raises ``Malformed``, ``FormatUnknown``, ``InvalidSubmission`` with every fault."""
    if media_type() != JSON_TYPE:
        raise FormatUnknown
    document = parse_json(body)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        # Without input and context: both may hold what the reader typed.
        faults = error.errors(include_input=False, include_context=False, include_url=False)
    raise InvalidSubmission(
        [
            FieldError(_pointer(fault["loc"], fault["type"] == "extra_forbidden"), _sentence(fault))
            for fault in faults[:50]
        ]
    )


def parse_json(body: bytes) -> Any:
    """Strict JSON. Raises ``Malformed``."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise Malformed from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key twice")
    return document


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not JSON")


def read_form(body: bytes) -> dict[str, str]:
    """The fields of an HTML form. Raises ``Malformed``, also for a field that comes twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FORM_FIELDS_MAX,
        )
        return _without_duplicates(pairs)
    except ValueError:
        raise Malformed from None


def field_of(body: bytes, name: str) -> str:
    """The first value of one field of a form, whatever else is in it; empty where it is not. Raises ``Malformed``."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict")
    except ValueError:
        raise Malformed from None
    return next((value for found, value in pairs if found == name), "")


def _pointer(location: tuple[int | str, ...], fault_is_extra: bool) -> str:
    if location and fault_is_extra:
        location = location[:-1]
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    # Names of unknown fields are the sender's words and are not repeated: the pointer stops at their parent.
    return "".join(f"/{part}" for part in escaped)


def _sentence(fault: Any) -> str:
    return {
        "missing": "This field is needed.",
        "extra_forbidden": "There is a field here that is not known.",
        "string_type": "This has to be text.",
        "string_unicode": "This has to be valid Unicode text.",
        "string_too_long": "This is too long.",
        "literal_error": "This is none of the possible values.",
        "int_type": "This has to be a whole number.",
    }.get(fault["type"], "This is not valid.")
