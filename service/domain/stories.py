"""Addresses of stories: one canonical form for each, and only on origins that a site registered."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

URL_MAX = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}\s]")
# Browsers keep these letters in a host name, and Python's codec, which is of 2003, replaces them by others.
_AMBIGUOUS = "ßςẞ"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")

WRONG = "This is not the address of a web page (http:// or https://)."
IN_ASCII = "Please write this host name in its ASCII form (xn--…)."
TOO_LONG = "The address of the page is too long."
NO_PATH = "This is the beginning of a path, such as /sport/."


class UrlFault(ValueError):
    """An address that cannot be a story's; the message is a sentence."""


@lru_cache(maxsize=4096)
def canonical_url(raw: str) -> str:
    """The story that ``raw`` leads to: scheme and host in lower case, no default port, no query, no fragment.

    Queries are dropped because campaign links would split a conversation; a site whose stories differ in the
    query gives its own thread ids instead. Raises ``UrlFault``.
    """
    if len(raw) > URL_MAX:
        raise UrlFault(TOO_LONG)
    if _FORBIDDEN.search(raw) or not raw.isprintable():
        raise UrlFault(WRONG)
    origin, path = _split(raw)
    return origin + (path or "/")


def origin_of(url: str) -> str:
    """The web origin of a URL. Raises ``UrlFault``."""
    return _split(url)[0]


def path_of(canonical: str) -> str:
    """The path of a canonical URL, from its first slash on."""
    return "/" + canonical.split("/", 3)[3]


def canonical_path(raw: str) -> str:
    """A path of stories as an editor types it, ending in a slash: ``/sport`` and ``/sport/`` are one.

    Raises ``UrlFault``.
    """
    if not raw.startswith("/") or raw.startswith("//") or "?" in raw or "#" in raw:
        raise UrlFault(NO_PATH)
    return path_of(canonical_url("https://story.invalid" + raw)).rstrip("/") + "/"


def normalise_origin(raw: str) -> str:
    """An origin as an operator types it, such as ``https://www.example.org/``. Raises ``UrlFault``."""
    origin, path = _split(raw.strip())
    if path not in ("", "/"):
        raise UrlFault("An origin is scheme and host only, such as https://www.example.org.")
    return origin


def is_allowed(canonical: str, origins: tuple[str, ...]) -> bool:
    """Whether a canonical URL lies on one of these origins; they are compared whole, never by suffix."""
    return any(canonical.startswith(origin + "/") for origin in origins)


def _split(raw: str) -> tuple[str, str]:
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlFault(WRONG) from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise UrlFault(WRONG)
    host = _ascii_host(f"[{host}]" if ":" in host else host)
    where = "" if port is None or port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{where}", parts.path


def _ascii_host(host: str) -> str:
    if not host.isascii():
        if any(letter in _AMBIGUOUS for letter in host):
            raise UrlFault(IN_ASCII)
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise UrlFault(WRONG) from None
    host = host.lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise UrlFault(WRONG)
    return host
