"""Made-up readers' comments, always the same ones: every contender gets the same texts in the same order.

Sentences are put together from the lists below with a fixed seed; most texts differ in more than their numbers, as
those of real readers do. Some have Markdown, links, quotes, umlauts and emoji.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

SEED = 20261124
LENGTHS = (30, 60, 90, 140, 180, 240, 300, 360, 450, 600)
TEXT_MAX = 600

OPENINGS = (
    "I disagree with the editorial about {place}",
    "Great reporting on {place}",
    "As someone who lives near {place}",
    "Why did nobody ask {person}",
    "The numbers in paragraph {number} look wrong",
    "My grandfather worked at {place}",
    "This is exactly what happened in {year}",
    "Thank you for keeping the comments open",
    "So the council votes *again* on {place}",
    "Typical coverage of {place}",
    "Honestly, {person}",
    "The chart with the {number} bars is misleading",
    "Can somebody explain {place} to me",
    "{person} said so in {year}",
)
MIDDLES = (
    "the budget for {place} was approved before the hearing",
    "nobody counted the {number} commuters from the north side",
    "{place} has been closed for {number} weeks",
    "rents near {place} went up by {number}% in a single year",
    "{person} never published the minutes",
    "the river reached step {number} of the church in {year}",
    "we were told the opposite by {person}",
    "a reader can check that in {number} minutes",
    "{person} offered a compromise about {place}",
    "the hospital lost {number} night shifts since {year}",
    "the café beside {place} had to shut down",
    "half of the trees around {place} are already gone",
    '{person}\'s answer was "no comment"',
    "Zürich solved the same problem with a tram line in {year}",
    "the source (page {number}) says something else",
    "it is not the first time & it won't be the last",
    "my neighbours and I have waited since {year}",
    "{person} should walk to {place} once, in the rain",
)
CLOSINGS = (
    "Please follow up.",
    "Shame on {person}!",
    "Just my two cents.",
    "See https://example.org/report-{year} for the figures.",
    "Does anyone remember {year}?",
    "I will cancel nothing, I want more of this.",
    "😀",
    "Votes matter.",
    "**Read it twice.**",
)
PLACES = (
    *("the rail depot", "the old bridge", "the swimming hall", "Mill Street", "the harbour", "the weir"),
    *("the school on the hill", "the town library", "the market square", "the bus station", "the paper mill"),
    *("the stadium", "Station Road", "the north quarter", "the cinema", "the cemetery wall", "the ring road"),
    *("the ferry landing", "the allotments", "the clinic"),
)
PEOPLE = (
    *("the mayor", "the minister", "the school board", "the union", "the editor", "Councillor Novak"),
    *("Mrs. Okafor", "the developer", "the bishop", "the police", "Dr. Lindqvist", "the water company"),
    *("the landlord", "the opposition", "my late uncle", "the headmaster"),
)
JOINS = (", ", ". ", "; ", " and ", "\n\n")
FIRST_NAMES = (
    *("Anna", "Bjørn", "Carla", "Dmitri", "Esra", "Farid", "Giulia", "Hans", "Ivana", "Jorge", "Keiko"),
    *("Łukasz", "Maria", "Noah", "Olga", "Pierre", "Quentin", "Rosa", "Søren", "Tomas"),
)
LAST_NAMES = (
    *("Weber", "Lindqvist", "Okafor", "Nakamura", "Petrov", "García", "Smith", "Rossi", "Kaya", "Novak"),
    *("Dubois", "Silva"),
)
DOMAINS = ("example.org", "example.com", "mail.example.net", "post.example.org", "uni.example.edu")
# Readers write more than once.
AUTHORS = 4_000


@dataclass(frozen=True, slots=True)
class Written:
    """One comment as its author typed it."""

    text: str
    name: str
    email: str


def written(count: int, *, seed: int = SEED) -> list[Written]:
    """The first ``count`` comments: no text twice, 30 to 600 characters."""
    return list(islice(_endless(seed), count))


def short_and_long(count: int, *, whole: int = 50) -> list[Written]:
    """Comments of a sentence or two, some 60 characters; every ``whole``-th as ``written`` has them."""
    chance = random.Random(SEED + 2)
    return [
        one if number % whole == 0 else replace(one, text=_short(chance, number))
        for number, one in enumerate(written(count, seed=SEED + 2))
    ]


def _short(chance: random.Random, number: int) -> str:
    return f"{_filled(chance, OPENINGS)}. {_filled(chance, CLOSINGS)} ({number})"


def _endless(seed: int) -> Iterator[Written]:
    chance = random.Random(seed)
    seen: set[str] = set()
    while True:
        text = _text(chance)
        if text in seen:
            continue
        seen.add(text)
        author = chance.randrange(AUTHORS)
        first, last = FIRST_NAMES[author % len(FIRST_NAMES)], LAST_NAMES[author % len(LAST_NAMES)]
        domain = DOMAINS[author % len(DOMAINS)]
        yield Written(text, f"{first} {last}", f"{_ascii(first)}.{_ascii(last)}{author}@{domain}")


def _text(chance: random.Random) -> str:
    wanted = chance.choice(LENGTHS)
    text = _filled(chance, OPENINGS)
    while len(text) < wanted - 40:
        text += chance.choice(JOINS) + _filled(chance, MIDDLES)
    return (text + ". " + _filled(chance, CLOSINGS))[:TEXT_MAX].rstrip()


def _filled(chance: random.Random, sentences: tuple[str, ...]) -> str:
    return chance.choice(sentences).format(
        place=chance.choice(PLACES),
        person=chance.choice(PEOPLE),
        number=chance.randrange(2, 98),
        year=chance.randrange(1990, 2027),
    )


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    return plain.lower() or "reader"
