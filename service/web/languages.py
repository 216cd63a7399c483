"""The languages of the readers' side: one catalogue of gettext for each, and how a request's language is found.

English is what stands in the code, and what is said wherever a catalogue has nothing. The desk speaks English alone.
A place in a sentence is written ``{name}``, for the pages and for the embed alike. See docs/languages.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import request
from markupsafe import Markup, escape

WORDS = Path(__file__).parent / "words"
DOMAIN = "greenroom"
ENGLISH = "en"
# Where a language is written in more than one way, ours: dates as they always stood on the English pages.
LOCALES = {ENGLISH: "en_GB"}
_PLACE = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\d[\d,]*")

Plural = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Voice:
    """One language: its sentences by the English ones, and its ways with numbers and dates.

    ``plurals`` are found by both English forms, and hold as many forms as ``form`` tells apart.
    """

    lang: str
    locale: Locale
    sentences: dict[str, str] = field(default_factory=dict)
    plurals: dict[Plural, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = lambda n: int(n != 1)

    @property
    def dir(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    def t(self, sentence: str, **values: Any) -> str:
        """The sentence in this language. Where a value is markup, so is the answer, and all else in it is escaped."""
        return _filled(self.sentences.get(sentence, sentence), self._shown(values))

    def nt(self, one: str, many: str, n: int, **values: Any) -> str:
        """The same for a sentence with a number, ``{n}``."""
        forms = self.plurals.get((one, many), (one, many))
        return _filled(forms[self.form(n)], self._shown({"n": n, **values}))

    def told(self, sentence: str) -> str:
        """A sentence of the service itself, which comes in English; one without a translation is marked as English.
        Of nothing, nothing is said."""
        if not sentence:
            return ""
        plain, numbers = in_general(sentence)
        if numbers:
            for one, many in self.plurals:
                if many == plain:
                    return self.nt(one, many, numbers[0])
        if self.lang == ENGLISH or sentence in self.sentences:
            return self.t(sentence)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(sentence)

    def when(self, moment: str) -> str:
        """A moment of our own JSON (ISO 8601, UTC) for people."""
        at = datetime.fromisoformat(moment).astimezone(UTC)
        day, hour = format_date(at, "long", self.locale), format_time(at, "short", UTC, self.locale)
        pattern = str(get_datetime_format("medium", locale=self.locale))
        return pattern.replace("{1}", day).replace("{0}", hour) + " UTC"

    def _shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: format_decimal(value, locale=self.locale) if isinstance(value, int) else value
            for name, value in values.items()
        }


def in_general(sentence: str) -> tuple[str, list[int]]:
    """A sentence with ``{n}`` for its number, as catalogues have it, and the numbers that it held."""
    numbers = [int(found.replace(",", "")) for found in _NUMBER.findall(sentence)]
    return _NUMBER.sub("{n}", sentence), numbers


def _filled(said: str, values: dict[str, Any]) -> str:
    if any(hasattr(value, "__html__") for value in values.values()):
        return Markup(_PLACE.sub(lambda place: str(escape(values[place[1]])), str(escape(said))))
    return _PLACE.sub(lambda place: str(values[place[1]]), said)


@cache
def languages() -> tuple[str, ...]:
    """Every language that there is, English among them, in the order of the alphabet."""
    return tuple(
        sorted({ENGLISH, *(path.parents[1].name for path in WORDS.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))})
    )


@cache
def voice(lang: str) -> Voice:
    """The voice of one of ``languages()``; its catalogue is read once, from the file that translators write."""
    locale = Locale.parse(LOCALES.get(lang, lang))
    if lang == ENGLISH:
        return Voice(lang, locale)
    with (WORDS / lang / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    said: dict[str, str] = {}
    plurals: dict[Plural, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                said[message.id] = str(message.string)
        elif isinstance(message.string, tuple) and all(message.string):
            plurals[message.id[0], message.id[1]] = message.string
    return Voice(lang, locale, said, plurals, c2py(catalogue.plural_expr))


def choose(asked: str | None, accepted: Iterable[str]) -> str:
    """The language for somebody who asked for one, or whose browser accepts these, the best first; else English."""
    return kept(asked) or _ours(accepted) or ENGLISH


def spoken_here(asked: str | None) -> Voice:
    """The voice of this request: of ``?lang=`` or the form's field, else of Accept-Language, else English."""
    accepted = [lang for lang, quality in request.accept_languages if quality > 0]
    return voice(choose(asked, accepted))


def kept(asked: str | None) -> str | None:
    """The language for our own links and forms: one that was asked for and is there; none where the browser says it."""
    return _ours([asked]) if asked else None


def _ours(preferred: Iterable[str]) -> str | None:
    # What is found comes back as it was written.
    return negotiate_locale([lang.lower() for lang in preferred], languages(), sep="-")


def in_language(url: str, lang: str | None) -> str:
    """One of our addresses, for a reader who asked for a language."""
    return f"{url}{'&' if '?' in url else '?'}lang={lang}" if lang else url
