"""What spam looks like beside its words: links, hosts, numbers, shouting, and the name it is signed with.

Sixteen numbers for a comment, all between 0 and about 3, so that one small set of weights can be learned over them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIGNS = (
    "links",
    "share_of_links",
    "shortener",
    "raw_address",
    "hosts",
    "deep_link",
    "honest_host",
    "contact",
    "money",
    "shouting",
    "exclamations",
    "digits",
    "emoji",
    "length",
    "odd_name",
    "repeats_earlier",
)
_LINK = re.compile(r"(?:https?://|www\.)([^\s/?#<>\"')\]]{1,100})([^\s<>\"')\]]{0,2000})", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@./-])([a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63}){0,2}\.(?:com|net|org|info|biz|ru|xyz|online|site|shop|top|club|store"
    r"|live|io|co|me|ly|tk|link|click|pro|vip|example))(?![\w@.])(/\S{0,200})?",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"^(?:www\.)?(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|cutt\.ly|rb\.gy|t\.ly|adf\.ly|shorturl\.at|t\.me|wa\.me"
    r"|chat\.whatsapp\.com|discord\.gg|linktr\.ee)$",
    re.IGNORECASE,
)
_RAW = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$|xn--")
_HONEST = re.compile(r"(?:\.gov|\.edu|\.gov\.\w\w|\.ac\.\w\w|wikipedia\.\w+|\.int)$", re.IGNORECASE)
_CALLED = r"\+?\d[\d ().-]{7,16}\d"
_MESSENGERS = r"\b(?:whats ?app|telegram|viber)\b"
_CONTACT = re.compile(rf"{_CALLED}|[\w.+-]{{1,60}}@[\w-]{{1,60}}\.\w{{2,10}}|{_MESSENGERS}", re.IGNORECASE)
# The same where no address can be: looking for one begins anew at each letter.
_CONTACT_WITHOUT_AT = re.compile(rf"{_CALLED}|{_MESSENGERS}", re.IGNORECASE)
_MONEY = re.compile(r"[$€£]\s?\d|\d\s?(?:[$€£%]|usd|eur|dollars?|btc|k/)", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_LETTER = re.compile(r"[^\W\d_]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# A host has a dot between two of its characters; most dots end a sentence.
_INNER_DOT = re.compile(r"[a-z0-9-]\.[a-z]", re.IGNORECASE)
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_NO_CAPITALS = bytes(code for code in range(128) if not chr(code).isupper())
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())


@dataclass(frozen=True, slots=True)
class Around:
    """What may be known beside a text: the name it is signed with, links given apart, the author's earlier texts."""

    author_name: str = ""
    links: Sequence[str] = ()
    earlier: Sequence[str] = ()


def _parts(link: str) -> tuple[str, str]:
    found = _LINK.match(link)
    return (found[1], found[2]) if found else (link[:100], "")


def spam_signs(text: str, around: Around | None = None) -> NDArray[np.float32]:
    """The sixteen ``SIGNS`` of a comment, float32 of shape (16,). Linear in the text, of which 6,000 characters
    count."""
    around = around or Around()
    text = text[:6_000]
    links = _LINK.findall(text) if "://" in text or "www." in text.lower() else []
    written = sum(len(host) + len(rest) + 7 for host, rest in links)
    if _INNER_DOT.search(text):
        bare = _BARE.findall(_LINK.sub(" ", text) if links else text)
        links += bare
        written += sum(len(host) + len(rest) for host, rest in bare)
    links += [_parts(link) for link in around.links]
    hosts = [host.lower() for host, _ in links]
    # Bytes are counted at once; what is beyond ASCII, one by one.
    ascii_ = text.encode("ascii", "ignore")
    beyond = [] if text.isascii() else _BEYOND_ASCII.findall(text)
    letters = len(ascii_.translate(None, _NO_LETTERS)) + sum(map(bool, map(_LETTER.match, beyond)))
    capitals = len(ascii_.translate(None, _NO_CAPITALS)) + sum(map(str.isupper, beyond))
    digits = len(ascii_.translate(None, _NO_DIGITS)) + sum(map(str.isdigit, beyond))
    contact = _CONTACT if "@" in text else _CONTACT_WITHOUT_AT
    size = max(1, len(text))
    name = around.author_name
    return np.array(
        [
            math.log1p(len(links)),
            min(1.0, written / size),
            any(map(_SHORT.match, hosts)),
            any(map(_RAW.search, hosts)),
            math.log1p(len(set(hosts))),
            any(len(rest) > 12 for _, rest in links),
            any(map(_HONEST.search, hosts)),
            min(2, len(contact.findall(text))),
            min(2, len(_MONEY.findall(text))) if digits else 0,
            capitals / letters if letters > 20 else 0.0,
            math.log1p(text.count("!")),
            digits / size,
            math.log1p(len(_EMOJI.findall(text))) if beyond else 0.0,
            math.log1p(len(text)) / 3,
            bool(name) and (any(map(str.isdigit, name)) or len(name.split()) > 3 or "." in name),
            any(earlier.strip().casefold() == text.strip().casefold() for earlier in around.earlier),
        ],
        np.float32,
    )
