"""What a site's decisions teach: little from few, the site's own spam from many, nothing from a bad day."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from service.scoring.learner import BUCKETS, FEWEST, Correction, Lesson, Seen, learn, see
from service.scoring.measures import roc_auc

TOPICS = ["bridge", "ferry", "school", "budget", "library", "harbour", "council", "tram", "market", "garden"]
TRADES = ["roofing", "gutters", "plumbing", "driveways", "kitchens"]


def lesson(number: int, *, spam: bool, day: str = "alice 1", draw: random.Random) -> Lesson:
    """Comments as this site gets them: its spam praises craftsmen, which the model takes for everyday talk."""
    topic = draw.choice(TOPICS)
    if spam:
        text = f"Nice words on the {topic}. Our neighbours chose Hartley {draw.choice(TRADES)} and were so pleased."
    else:
        text = f"I think the {topic} needs {draw.choice(['money', 'time', 'a plan', 'people'])}, says number {number}."
    return Lesson(f"{number:04}", text, "", draw.gauss(-3.0 + 0.5 * spam, 1.0), spam, day)


def lessons(count: int, *, seed: int = 1, share: float = 0.3, day: str = "") -> list[Lesson]:
    draw = random.Random(seed)
    return [
        lesson(n, spam=draw.random() < share, day=day or f"alice {n // 20}", draw=draw) for n in range(count)
    ]


def auc(correction: Correction | None, asked: list[Lesson]) -> float:
    logits = [
        correction.logit(one.logit, one.text, one.author_name) if correction else one.logit for one in asked
    ]
    return roc_auc(np.array([float(one.spam) for one in asked]), np.array(logits))


def test_a_hundred_decisions_teach_a_sites_own_spam() -> None:
    asked = lessons(400, seed=2)
    learned = learn(lessons(100))
    assert learned.correction is not None
    assert auc(None, asked) < 0.75
    assert auc(learned.correction, asked) > 0.95


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_few_decisions_are_not_trusted(count: int) -> None:
    learned = learn(lessons(count))
    assert learned.correction is None
    assert "are needed" in learned.why


def test_decisions_of_one_kind_are_not_trusted() -> None:
    assert learn(lessons(200, share=0.0)).correction is None
    assert learn(lessons(200, share=1.0)).correction is None


def test_decisions_by_the_toss_of_a_coin_teach_nothing() -> None:
    draw = random.Random(7)
    tossed = [replace(one, spam=draw.random() < 0.4) for one in lessons(200)]
    learned = learn(tossed)
    assert learned.correction is None
    assert "no better" in learned.why


def test_one_moderators_bad_day_is_outweighed() -> None:
    good = lessons(300)
    bad = [replace(one, key=f"bad{one.key}", spam=not one.spam, day="bob 9") for one in lessons(200, seed=5)]
    learned = learn([*good, *bad])
    assert learned.correction is not None
    assert auc(learned.correction, lessons(400, seed=2)) > 0.9


def test_what_is_no_longer_there_is_forgotten() -> None:
    before = learn(lessons(120))
    more = lessons(160)
    assert learn(more).correction is not None
    after = learn(more[:120])
    assert before.correction is not None
    assert after.correction is not None
    assert before.correction.to_bytes() == after.correction.to_bytes()


def test_the_order_of_decisions_does_not_matter() -> None:
    some = lessons(80)
    one, other = learn(some).correction, learn(some[::-1]).correction
    assert one is not None
    assert other is not None
    assert one.to_bytes() == other.to_bytes()


def test_a_correction_is_small_and_survives_its_storage() -> None:
    correction = learn(lessons(1_000)).correction
    assert correction is not None
    stored = correction.to_bytes()
    assert len(stored) < 4 * BUCKETS
    again = Correction.from_bytes(stored)
    for one in lessons(30, seed=3):
        mine, kept = (each.logit(one.logit, one.text, one.author_name) for each in (correction, again))
        assert kept == pytest.approx(mine, abs=0.05)


def test_what_was_seen_of_a_comment_teaches_what_its_text_would() -> None:
    with_text = lessons(100)
    kept = [see(one.text, one.author_name).to_bytes() for one in with_text]
    without = [
        replace(one, text="", author_name="", seen=Seen.from_bytes(stored))
        for one, stored in zip(with_text, kept, strict=True)
    ]
    first, second = learn(with_text).correction, learn(without).correction
    assert first is not None
    assert second is not None
    assert first.to_bytes() == second.to_bytes()


def test_what_was_seen_holds_no_word_of_a_comment() -> None:
    stored = see("Zyxwunderbar bridge, Zyxwunderbar!", "Zyxwunder").to_bytes()
    assert b"unde" not in stored.lower()
    assert len(stored) < 1_000


def test_what_another_version_of_the_learner_kept_is_not_learned_from() -> None:
    stored = see("A bridge").to_bytes()
    assert Seen.from_bytes(stored) is not None
    assert Seen.from_bytes(b"\x00" + stored[1:]) is None
    assert Seen.from_bytes(b"") is None
