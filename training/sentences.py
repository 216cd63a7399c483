"""Sentences of our own writing, for what the labelled comments lack.

Identity words stand mostly in abuse there, so a model learns to mind the word: here they stand in everyday
sentences, and beside them attacks built alike, attacks quoted to be refused, and the same attack on a thing
instead of people. Clean newspaper comments are missing, too: here people disagree about budgets and bridges. Then
the spam that is left under articles, comments with an honest link, and writing about sex that is and isn't. Every
combination is made, and ``own_sentences`` keeps a fixed part of them, drawn with a seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache

from training.frames import (
    CLEAN_NEWS,
    HONEST,
    HONEST_HOSTS,
    HOSTS,
    INSULTS,
    MILD,
    NAMES_TO_CALL,
    NOT_SEXUAL,
    SEXUAL,
    SHORT_HAM,
    SPAM,
    WHAT,
    WHO,
)
from training.frames_people import (
    ABOUT_THINGS,
    ABOUT_TRADES,
    ATTACKS,
    EVERYDAY,
    IDENTITIES,
    NO_THREATS,
    REFUSED,
    THINGS,
    THREATS,
    THREATS_TO_MANY,
    TRADES,
)
from training.frames_threats import (
    DEEDS,
    GOODS,
    IDIOMS,
    NAMES,
    NOT_VEILED,
    PAPERS,
    PARTIES,
    SCORES,
    THREATENING,
    TOLD,
    VEILED,
    WEAPONS,
    WHOM,
    WHOSE,
)

SEED = 20261125

CLEAN = {
    "toxicity": 0,
    "severe": 0,
    "insult": 0,
    "threat": 0,
    "identity_attack": 0,
    "obscene": 0,
    "sexual": 0,
    "spam": 0,
}
ATTACK = {"toxicity": 1, "identity_attack": 1, "sexual": 0, "spam": 0}
THREAT = {"toxicity": 1, "threat": 1, "identity_attack": 0, "sexual": 0, "spam": 0}
KEPT = {
    "clean news": 1400,
    "insults": 700,
    "mild": 240,
    "honest": 420,
    "spam": 400,
    "everyday": 2400,
    "attacks": 800,
    "news with links": 500,
    "threats": 600,
    "told": 600,
    "veiled": 160,
}


@dataclass(frozen=True)
class Sentence:
    """``labels`` names what is known; a label that is missing was not asked. ``identity`` is an adjective or ""."""

    text: str
    labels: dict[str, float] = field(hash=False)
    identity: str = ""


@lru_cache(maxsize=1)
def own_sentences() -> tuple[Sentence, ...]:
    """All of them, the same ones in the same order each time."""
    draw = random.Random(SEED)
    people = [_identity(frame, CLEAN) for frame in EVERYDAY]
    made = _some(draw, [one for made in people for one in made], KEPT["everyday"])
    made += _some(draw, [one for frame in REFUSED for one in _identity(frame, CLEAN)], KEPT["attacks"])
    made += _some(draw, [one for frame in ATTACKS for one in _identity(frame, ATTACK)], KEPT["attacks"])
    threat = ATTACK | {"threat": 1, "severe": 1}
    made += _some(draw, [one for frame in THREATS_TO_MANY for one in _identity(frame, threat)], 60)
    made += [_labelled(frame, {"many": thing}, CLEAN) for frame in ABOUT_THINGS for thing in THINGS]
    trade = {"identity_attack": 0, "threat": 0, "sexual": 0, "spam": 0}
    made += [_labelled(frame, {"many": many}, trade) for frame in ABOUT_TRADES for many in TRADES]
    made += [
        Sentence(text, {"toxicity": 1, "threat": 1, "identity_attack": 0, "spam": 0}) for text in THREATS
    ]
    made += [Sentence(text, CLEAN) for text in (*NO_THREATS, *SHORT_HAM, *NOT_SEXUAL)]
    made += [Sentence(text, {"sexual": 1, "threat": 0, "identity_attack": 0, "spam": 0}) for text in SEXUAL]
    made += _some(draw, _news(CLEAN_NEWS, CLEAN), KEPT["clean news"])
    made += _some(draw, _news(MILD, CLEAN | {"toxicity": 0.2, "insult": 0.1}), KEPT["mild"])
    insult = {"toxicity": 1, "insult": 1, "threat": 0, "identity_attack": 0, "sexual": 0, "spam": 0}
    made += _some(draw, _news(INSULTS, insult), KEPT["insults"])
    links = [(frame, host) for frame in SPAM for host in HOSTS]
    spam = [
        _labelled(frame, {"link": _as_link(draw, host)}, {"spam": 1, "toxicity": 0}) for frame, host in links
    ]
    made += _some(draw, spam, KEPT["spam"])
    honest = [
        _labelled(frame, {"link": host, "what": draw.choice(WHAT)}, CLEAN)
        for frame in HONEST
        for host in HONEST_HOSTS
    ]
    made += _some(draw, honest, KEPT["honest"])
    lead_ins = (
        "See {}",
        "Source: {}",
        "({})",
        "The numbers are at {}",
        "{}",
        "More here: {}",
        "Read {} first.",
    )
    for plain in _some(draw, _news(CLEAN_NEWS, CLEAN), KEPT["news with links"]):
        link = draw.choice(HONEST_HOSTS) + draw.choice(
            ["", f"/{draw.randrange(9999)}", "?page=2", "/a-longer-title"]
        )
        made.append(Sentence(f"{plain.text} {draw.choice(lead_ins).format(link)}", CLEAN))
    made += _violence(draw)
    return tuple(_without_copies(made))


def _some(draw: random.Random, made: list[Sentence], count: int) -> list[Sentence]:
    return draw.sample(made, min(count, len(made)))


def _identity(frame: str, labels: dict[str, float]) -> list[Sentence]:
    return [
        Sentence(filled(frame, {"one": one, "many": many, "adj": adjective}), labels, adjective)
        for one, many, adjective in IDENTITIES
    ]


def _news(frames: list[str], labels: dict[str, float]) -> list[Sentence]:
    made = []
    for place, frame in enumerate(frames):
        names = NAMES_TO_CALL if "{name}" in frame else [""]
        for number, who in enumerate(WHO):
            for turn, name in enumerate(names):
                what = WHAT[(place * 7 + number * 3 + turn) % len(WHAT)]
                made.append(_labelled(frame, {"who": who, "what": what, "name": name}, labels))
    return made


def _violence(draw: random.Random) -> list[Sentence]:
    made = []
    for frames, labels, kept in ((THREATENING, THREAT, "threats"), (TOLD, CLEAN, "told")):
        filled_in = [
            _labelled(
                frame,
                {"deed": deed, "done": done, "whom": draw.choice(WHOM), "weapon": draw.choice(WEAPONS)},
                labels,
            )
            for frame in frames
            for deed, done in DEEDS
            for _ in range(3)
        ]
        made += _some(draw, _without_copies(filled_in), KEPT[kept])
    for frames, labels in ((VEILED, THREAT), (NOT_VEILED, CLEAN)):
        filled_in = [
            _labelled(frame, {"name": name, "whose": whose}, labels)
            for frame in frames
            for name in NAMES
            for whose in WHOSE
        ]
        made += _some(draw, _without_copies(filled_in), KEPT["veiled"])
    idioms = [
        _labelled(
            frame,
            {"paper": paper, "good": GOODS[(place + turn) % len(GOODS)], "party": party, "score": score},
            CLEAN,
        )
        for place, frame in enumerate(IDIOMS)
        for turn, paper in enumerate(PAPERS)
        for party in PARTIES
        for score in SCORES
    ]
    return made + _without_copies(idioms)


def _without_copies(made: list[Sentence]) -> list[Sentence]:
    """Each once: a frame with room for one word of two comes out the same for every other one."""
    return list({sentence.text: sentence for sentence in made}.values())


def _labelled(frame: str, words: dict[str, str], labels: dict[str, float]) -> Sentence:
    return Sentence(filled(frame, words), labels)


def filled(frame: str, words: dict[str, str]) -> str:
    """A frame with its words, beginning with a capital; "{Who}" is "{who}" with one."""
    capital = {key.capitalize(): word[:1].upper() + word[1:] for key, word in words.items()}
    text = frame.format(**words, **capital)
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return text[:1].upper() + text[1:]


def _as_link(draw: random.Random, host: str) -> str:
    return draw.choice(["https://", "http://", "http://www.", "", ""]) + host
