"""What moderators teach their site, from decision to score: learned, unlearned, forgotten; no other site's business."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

import service.checks.model as room
from service.domain.policy_document import DEFAULT_DOCUMENT, THRESHOLDS, read_policy
from service.domain.site import Site
from service.learning import EVERY, FEWEST_APPROVED, Learning
from service.policies import PolicyBook
from service.scoring.calibration import FEWEST as FEWEST_TO_CALIBRATE
from service.scoring.labels import UNTAUGHT, untaught
from service.scoring.learner import see
from service.scoring.scorer import scorer
from service.store import lessons, reports, threads
from service.store.database import Database
from service.store.tables import screenings
from tests.conftest import Clock
from tests.people import SITE, add_site, arrival
from tests.screening_room import decide_as_person, screening_on, store_many, undo_as_person

OFFER = "Nice words on the {}. Our neighbours chose Hartley roofing and were so pleased with them, number {}."
TALK = "I think the {} needs more money and more time, as I said at the meeting, number {}."
TOPICS = ["bridge", "ferry", "school", "budget", "library"]


@pytest.fixture(autouse=True)
def quick_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The linear tier: what is learned here is the site's, whichever tier says the first word."""
    monkeypatch.setattr(room, "scorer", lambda tier: scorer("linear"))


def written(database: Database, clock: Clock, frame: str, count: int, begin: int = 0) -> list[UUID]:
    """Comments of one kind, stored and screened."""
    texts = [frame.format(TOPICS[n % len(TOPICS)], n) for n in range(begin, begin + count)]
    ids = store_many(database, [arrival(text) for text in texts])
    screening_on(database, clock).screen(ids)
    return ids


def decided(database: Database, ids: list[UUID], action: str, **how: Any) -> None:
    for comment_id in ids:
        decide_as_person(database, comment_id, action, **how)


def findings_of(database: Database, comment_id: UUID) -> dict[str, Any]:
    with database.read() as connection:
        query = sa.select(screenings.c.findings).where(screenings.c.comment_id == comment_id)
        found = connection.scalars(query.order_by(screenings.c.id.desc())).first()
    return {one["label"]: one for one in found or [] if one["check"] == "model"}


@pytest.fixture
def learning(database: Database, clock: Clock) -> Learning:
    add_site(database)
    return Learning(database, clock)


def taught(database: Database, clock: Clock, learning: Learning) -> tuple[list[UUID], list[UUID]]:
    """A site whose moderators rejected twenty offers as spam and approved thirty comments."""
    offers, talk = written(database, clock, OFFER, 20), written(database, clock, TALK, 30)
    for day in range(5):
        decided(database, offers[day * 4 : day * 4 + 4], "reject", day=day)
        decided(database, talk[day * 6 : day * 6 + 6], "approve", day=day)
    return offers, talk


def test_what_moderators_call_spam_is_called_spam_from_then_on(
    database: Database, clock: Clock, learning: Learning
) -> None:
    taught(database, clock, learning)
    assert learning.due() == ["daily"]
    row = learning.learn("daily")
    assert row is not None
    assert (row.lessons, row.why, row.version) == (50, "", 1)
    [offer] = written(database, clock, OFFER, 1, 777)
    [talk] = written(database, clock, TALK, 1, 778)
    after, calm = findings_of(database, offer), findings_of(database, talk)
    assert after["spam"]["score"] > max(0.5, after[UNTAUGHT]["score"])
    assert calm["spam"]["score"] < 0.2
    assert after["spam"]["version"].endswith("+site-1")
    assert not after[UNTAUGHT]["version"].endswith("+site-1")


def test_another_site_learns_nothing_of_it(database: Database, clock: Clock, learning: Learning) -> None:
    taught(database, clock, learning)
    learning.learn("daily")
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    story = threads.Story("weekly", "https://weekly.example/budget")
    ids = store_many(database, [arrival(OFFER.format("tram", 1), story=story)])
    screening_on(database, clock).screen(ids)
    assert UNTAUGHT not in findings_of(database, ids[0])
    assert learning.due() == []


def test_a_decision_that_was_taken_back_teaches_nothing_and_undoing_that_teaches_it_again(
    database: Database, clock: Clock, learning: Learning
) -> None:
    offers, talk = taught(database, clock, learning)

    def lessons_now() -> int:
        assert learning.due() == ["daily"]
        row = learning.learn("daily")
        assert row is not None
        clock.move(minutes=6)
        assert learning.due() == []
        return row.lessons

    assert lessons_now() == 50
    undo_as_person(database, offers[0])
    undo_as_person(database, talk[0])
    assert lessons_now() == 48
    undo_as_person(database, offers[0])
    assert lessons_now() == 49
    # Of two decisions the first counts again when the second is taken back.
    decide_as_person(database, offers[1], "approve")
    undo_as_person(database, offers[1])
    assert lessons_now() == 49
    with database.read() as connection:
        stands = {row.comment_id: row.action for row in lessons.decided(connection, "daily")}
    assert talk[0] not in stands
    assert stands[offers[0]] == stands[offers[1]] == "reject"


def test_a_decision_against_an_earlier_one_unlearns(
    database: Database, clock: Clock, learning: Learning
) -> None:
    offers, _ = taught(database, clock, learning)
    learning.learn("daily")
    decided(database, offers, "approve")
    clock.move(minutes=6)
    assert learning.due() == ["daily"]
    row = learning.learn("daily")
    assert row is not None
    assert row.correction is None
    assert "0 decisions for spam" in row.why
    [offer] = written(database, clock, OFFER, 1, 777)
    assert UNTAUGHT not in findings_of(database, offer)


def test_an_erased_comment_is_forgotten_the_next_time(
    database: Database, clock: Clock, learning: Learning
) -> None:
    offers, _ = taught(database, clock, learning)
    before = learning.learn("daily")
    decide_as_person(database, offers[0], "erase", actor="the operator")
    clock.move(minutes=6)
    assert learning.due() == ["daily"]
    after = learning.learn("daily")
    assert before is not None
    assert after is not None
    assert after.lessons == before.lessons - 1
    assert after.correction != before.correction


def test_rejections_for_other_reasons_say_nothing_about_spam(
    database: Database, clock: Clock, learning: Learning
) -> None:
    decided(database, written(database, clock, OFFER, 20), "reject", reason="off_topic")
    decided(database, written(database, clock, TALK, 30), "approve")
    row = learning.learn("daily")
    assert row is not None
    assert row.correction is None
    assert row.lessons == 30


def test_a_site_is_due_once_in_five_minutes_and_only_after_a_decision(
    database: Database, clock: Clock, learning: Learning
) -> None:
    ids = written(database, clock, TALK, 3)
    assert learning.due() == []
    decided(database, ids[:1], "approve")
    assert learning.due() == ["daily"]
    learning.learn("daily")
    assert learning.due() == []
    decided(database, ids[1:2], "approve")
    assert learning.due() == []
    clock.move(seconds=EVERY.total_seconds() + 1)
    assert learning.due() == ["daily"]


def test_learning_twice_is_as_good_as_once(database: Database, clock: Clock, learning: Learning) -> None:
    taught(database, clock, learning)
    one, other = learning.learn("daily"), learning.learn("daily")
    assert one is not None
    assert other is not None
    assert replace(one, version=0) == replace(other, version=0)


def test_thresholds_follow_what_the_site_approves(
    database: Database, clock: Clock, learning: Learning
) -> None:
    add_site(database, replace(SITE, false_alarms_permille=100))
    ids = written(database, clock, TALK, FEWEST_APPROVED)
    decided(database, ids[:-1], "approve")
    row = learning.learn("daily")
    assert row is not None
    assert row.thresholds == {}
    decided(database, ids[-1:], "approve")
    row = learning.learn("daily")
    assert row is not None
    assert set(row.thresholds) == set(THRESHOLDS)
    scores = sorted(findings_of(database, one)["toxicity"]["score"] for one in ids)
    caught = sum(score >= row.thresholds["toxicity"] for score in scores)
    assert caught <= FEWEST_APPROVED // 10
    _, policy = PolicyBook(database).get("daily")
    (rule,) = [one for one in policy.rules if one.label == "toxicity"]
    assert rule.at == row.thresholds["toxicity"]


def test_a_policys_own_number_stands_against_the_sites_threshold() -> None:
    document = {"rules": [{"label": "toxicity", "at": 0.9, "action": "hold"}]}
    assert read_policy(document, 1, {"toxicity": 0.1}).rules[0].at == 0.9
    (rule,) = [one for one in read_policy(DEFAULT_DOCUMENT, 1).rules if one.label == "sexual"]
    assert rule.at == THRESHOLDS["sexual"]


def test_an_unknown_site_is_no_lesson(learning: Learning) -> None:
    assert learning.learn("nowhere") is None


def test_lessons_are_bounded(
    database: Database, clock: Clock, learning: Learning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "WINDOW", 20)
    taught(database, clock, learning)
    with database.read() as connection:
        assert len(lessons.decided(connection, "daily")) == 20


# --- a site's own calibration ----------------------------------------------------------------------------------

GRUMBLE = "What a stupid, stupid idea for the {}, number {}. Only a fool would have it."


def calibrating(database: Database, clock: Clock) -> None:
    """Moderators who let pass most of what the models call toxic, and reject the rest of it."""
    half = FEWEST_TO_CALIBRATE // 2
    rough, calm = written(database, clock, GRUMBLE, half), written(database, clock, TALK, half)
    decided(database, rough[: half // 2], "reject", reason="insult")
    decided(database, [*rough[half // 2 :], *calm], "approve")


def test_probabilities_of_toxicity_follow_the_sites_own_decisions(
    database: Database, clock: Clock, learning: Learning
) -> None:
    [before] = written(database, clock, GRUMBLE, 1, 700)
    shipped = findings_of(database, before)["toxicity"]["score"]
    assert shipped > 0.8
    calibrating(database, clock)
    row = learning.learn("daily")
    assert row is not None
    assert set(row.calibration) == {"toxicity"}
    [after] = written(database, clock, GRUMBLE, 1, 701)
    found = findings_of(database, after)
    # Half of such comments were rejected here.
    assert 0.35 < found["toxicity"]["score"] < 0.65
    assert found[untaught("toxicity")]["score"] > 0.8
    assert found["toxicity"]["version"].endswith("+site-1")
    [calm] = written(database, clock, TALK, 1, 702)
    assert findings_of(database, calm)["toxicity"]["score"] < found["toxicity"]["score"]


def test_what_was_calibrated_is_learned_from_as_the_models_said_it(
    database: Database, clock: Clock, learning: Learning
) -> None:
    calibrating(database, clock)
    first = learning.learn("daily")
    fresh = written(database, clock, GRUMBLE, 20, 800)
    decided(database, fresh[:10], "reject", reason="insult")
    decided(database, fresh[10:], "approve")
    second = learning.learn("daily")
    assert first is not None
    assert second is not None
    # The same habits again: were calibrated scores calibrated anew, the pair would run away.
    assert second.calibration["toxicity"] == pytest.approx(first.calibration["toxicity"], abs=0.2)


def test_few_decisions_calibrate_nothing(database: Database, clock: Clock, learning: Learning) -> None:
    rough = written(database, clock, GRUMBLE, 20)
    decided(database, rough, "reject", reason="insult")
    row = learning.learn("daily")
    assert row is not None
    assert row.calibration == {}


# --- what was told through the doors ---------------------------------------------------------------------------


def told(database: Database, clock: Clock, frame: str, count: int, **said: bool | None) -> None:
    """Reports on comments of another system, of which only what the learner sees was kept."""
    texts = [frame.format(TOPICS[n % len(TOPICS)], n) for n in range(count)]
    scored = scorer("linear").score(texts)
    with database.write() as connection:
        for text, one in zip(texts, scored, strict=True):
            report = reports.Report(
                site="daily",
                about=sha256(text.encode()).digest(),
                spam=said.get("spam"),
                toxic=said.get("toxic"),
                seen=see(text).to_bytes(),
                scores=one.scores,
                actor="coral",
                reported_at=clock(),
            )
            reports.keep(connection, report)


def test_what_moderators_elsewhere_report_teaches_the_site(
    database: Database, clock: Clock, learning: Learning
) -> None:
    told(database, clock, OFFER, 20, spam=True)
    told(database, clock, TALK, 30, spam=False)
    assert learning.due() == ["daily"]
    row = learning.learn("daily")
    assert row is not None
    assert (row.lessons, row.why) == (50, "")
    assert learning.due() == []
    [offer] = written(database, clock, OFFER, 1, 777)
    after = findings_of(database, offer)
    assert after["spam"]["score"] > max(0.5, after[UNTAUGHT]["score"])


def test_a_report_that_is_taken_back_is_unlearned(
    database: Database, clock: Clock, learning: Learning
) -> None:
    told(database, clock, OFFER, 20, spam=True)
    told(database, clock, TALK, 30, spam=False)
    learning.learn("daily")
    clock.move(minutes=6)
    told(database, clock, OFFER, 20, spam=False)
    assert learning.due() == ["daily"]
    row = learning.learn("daily")
    assert row is not None
    assert row.correction is None


def test_what_is_reported_as_fine_counts_for_thresholds(
    database: Database, clock: Clock, learning: Learning
) -> None:
    told(database, clock, TALK, FEWEST_APPROVED, toxic=False)
    row = learning.learn("daily")
    assert row is not None
    assert set(row.thresholds) == set(THRESHOLDS)
    assert row.lessons == 0


def test_an_operator_sees_what_a_site_has_learned(
    database: Database,
    database_url: str,
    clock: Clock,
    learning: Learning,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from click.testing import CliRunner

    from service.cli.commands import greenroom

    monkeypatch.setenv("GREENROOM_DATABASE_URL", database_url)
    monkeypatch.setenv("GREENROOM_DATA_DIR", str(tmp_path))

    def shown(key: str) -> str:
        return CliRunner().invoke(greenroom, ["site", "learned", key]).output

    assert "nothing yet" in shown("daily")
    taught(database, clock, learning)
    learning.learn("daily")
    assert "lessons\t50" in shown("daily")
    assert "corrected by what was learned" in shown("daily")
    assert "too few approved comments" in shown("daily")
    assert "too few decisions about what is toxic" in shown("daily")
    calibrating(database, clock)
    learning.learn("daily")
    assert "toxicity score\tcalibrated: a half of the models' is 0." in shown("daily")
    assert "no site" in shown("nowhere")
