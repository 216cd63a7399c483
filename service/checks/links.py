"""Links: how many, how much of the text, and what kind. Links to the site's own pages do not count."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from service.domain.comment import Case
from service.domain.policy import Evidence, Finding

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_SHORTENERS = """
    bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy
    t.ly tiny.cc bl.ink short.io v.gd qr.ae adf.ly shorte.st lnkd.in s.id clck.ru urlz.fr
    dub.sh
"""
SHORTENERS = frozenset(_SHORTENERS.split())
# Bounded repetitions throughout, so that the time stays linear in the text.
_WEB = re.compile(r"(?:https?://(?:\[[0-9a-f:.]{2,45}\])?|www\.)[^\s<>\"'()\[\]{}]{1,2000}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@./-])((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})(?![\w@])(?:/[^\s<>\"']{0,500})?", re.IGNORECASE
)
# A host has a dot between two of its characters; most dots end a sentence.
_INNER_DOT = re.compile(r"[a-z0-9-]\.[a-z0-9-]", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://)?([^/?#\s]*)", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]")
MANY = 4
HOSTS_MAX = 10
HOST_LONGEST = 253


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


class Links:
    name, version, label = "links", "1", "spam"

    def __init__(self, options: dict[str, Any]) -> None:
        self._own = frozenset(str(host).lower() for host in options.get("own_hosts", []))
        self._trusted = frozenset(str(host).lower() for host in options.get("trusted_hosts", []))

    def run(self, case: Case) -> Finding:
        known = self._own | self._trusted | set(case.site_hosts)
        found = [link for link in _links(case.text) if not _is_known(link[2], known)]
        score = 0.0
        evidence: list[Evidence] = []
        if found:
            count = len(found)
            share = sum(end - start for start, end, _ in found) / max(1, len(case.text))
            # One link in a longer text is everyday writing.
            score = min(0.7, 0.15 * count) + (0.3 if share > 0.5 else 0.15 if share > 0.25 else 0.0)
            plural = "s" if count > 1 else ""
            evidence.append(Evidence(f"{count} link{plural}, {share:.0%} of the text"))
            if len({host for _, _, host in found}) >= MANY:
                score += 0.15
                evidence.append(Evidence("links to many different places"))
        for start, end, host in found[:20]:
            note, weight = _kind(host)
            score += weight
            evidence.append(Evidence(note or f"link to {host}", start, end))
        if case.signals.address_disposable:
            score += 0.3
            evidence.append(Evidence("the e-mail address is of a throw-away service"))
        return Finding(
            self.name, self.version, self.label, round(min(score, 1.0), 3), evidence=tuple(evidence)
        )


def hosts_of(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The different hosts that a text links to, in order, without those ``known``; at most ``HOSTS_MAX``."""
    hosts = dict.fromkeys(host.removeprefix("www.")[:HOST_LONGEST] for _, _, host in _links(text))
    wanted = [host for host in hosts if host and not _is_known(host, frozenset(known))]
    return tuple(wanted[:HOSTS_MAX])


def _links(text: str) -> list[tuple[int, int, str]]:
    """(start, end, host) of everything that is a link or reads like one."""
    if "." not in text:
        return []
    found = []
    taken: list[tuple[int, int]] = []
    written = "://" in text or "www." in text or "WWW." in text
    if not written and not _INNER_DOT.search(text):
        return []
    if written:
        for match in _WEB.finditer(text):
            end = match.start() + len(match[0].rstrip(".,;:!?"))
            found.append((match.start(), end, _host(text[match.start() : end])))
            taken.append((match.start(), match.end()))
    for match in _BARE.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        host = match[1].lower()
        # A sentence that ends without a space before the next one ("end.So") is none.
        if not match[1].rpartition(".")[2].istitle() and _is_registered(host):
            found.append((match.start(), match.end(), host))
    return found


@lru_cache(maxsize=4096)
def _is_registered(host: str) -> bool:
    """Whether this could be a real host: a name below a known public suffix."""
    return _suffixes().privatesuffix(host, accept_unknown=False) is not None


def _host(link: str) -> str:
    match = _HOST.match(link)
    host = (match[1] if match else "").rpartition("@")[2].lower()
    return host.partition(":")[0] if not host.startswith("[") else host


def _is_known(host: str, known: set[str] | frozenset[str]) -> bool:
    return host in known or host.removeprefix("www.") in known


def _kind(host: str) -> tuple[str | None, float]:
    """What is odd about a host, and how much that weighs."""
    if host.removeprefix("www.") in SHORTENERS:
        return f"{host} hides where it leads", 0.35
    if "xn--" in host:
        return "the host imitates letters (punycode)", 0.3
    if not host.isascii() and _LATIN.search(host):
        return "the host mixes scripts", 0.4
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ("the host is a bare number", 0.4) if host.replace(".", "").isdigit() else (None, 0.0)
    return "the host is a bare IP address", 0.4
