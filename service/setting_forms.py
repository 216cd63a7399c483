"""How settings are written: a reader for each form, which raises ``Wrong`` with what the value has to be."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import urlsplit

KEY_BYTES = 32


class Wrong(ValueError):
    pass


def text(value: str) -> str:
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise Wrong(f"has to be a whole number from {least} to {most}")
        return int(value)

    return read


def choice(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise Wrong("has to be one of: " + ", ".join(choices))
        return value

    return read


def switch(value: str) -> bool:
    if value.lower() not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise Wrong("has to be on or off")
    return value.lower() in ("on", "true", "1", "yes")


def public_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
    ):
        raise Wrong("has to be an address such as https://talk.example.org")
    return value.rstrip("/")


def database_url(value: str) -> str:
    if value.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + value.partition("://")[2]
    if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise Wrong("has to begin with sqlite:/// or postgresql://")
    return value


def redis_url(value: str) -> str:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise Wrong("has to begin with redis://, rediss:// or unix://")
    return value


def rate(value: str) -> str:
    if value.strip().lower() == "off":
        return "off"
    for part in value.replace(",", ";").split(";"):
        words = part.replace("/", " per ").split()
        if not (len(words) in (3, 4) and words[0].isdigit() and words[1] == "per"):
            raise Wrong('has to look like "10 per minute; 100 per hour", or be off')
        if words[-1].rstrip("s") not in ("second", "minute", "hour", "day", "month", "year"):
            raise Wrong('has to look like "10 per minute; 100 per hour", or be off')
    return value


def key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("has to be base64") from None
    if len(key) != KEY_BYTES:
        raise Wrong(f"has to hold {KEY_BYTES} bytes")
    return key


def index_key(value: str) -> bytes | None:
    return key(value) if value else None


def vault_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    ring: list[tuple[str, bytes]] = []
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        key_id, colon, raw = part.partition(":")
        if not colon or not key_id or len(key_id) > 40 or key_id == "index":
            raise Wrong("has to look like id:base64,id:base64")
        ring.append((key_id, key(raw)))
    if len({key_id for key_id, _ in ring}) != len(ring):
        raise Wrong("has an id twice")
    return tuple(ring)


def named_secrets(value: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        site, colon, secret = part.partition(":")
        if not colon or not site or len(secret) < 16:
            raise Wrong("has to look like site:secret,site:secret, with secrets as Coral shows them")
        found.append((site, secret))
    return tuple(found)
