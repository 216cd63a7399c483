"""The page of figures follows from the figures that are kept; measured is only whether measuring works."""

from __future__ import annotations

import copy
import json
import math
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import models, report
from benchmarks.__main__ import PAGE, RESULTS
from benchmarks.corpus import short_and_long, written
from benchmarks.goals import GOALS
from benchmarks.ground import ROOT, Ground, NotMeasured
from service.checks.catalogue import CATALOGUE


def test_the_page_is_what_the_kept_figures_say(tmp_path: Path) -> None:
    report.write(RESULTS, tmp_path / "performance.md")
    assert (tmp_path / "performance.md").read_text() == PAGE.read_text()
    for picture in (tmp_path / "images").iterdir():
        ElementTree.parse(picture)
        assert picture.read_text() == (PAGE.parent / "images" / picture.name).read_text()


def test_every_goal_is_a_row_of_the_page() -> None:
    page = PAGE.read_text()
    assert [goal.what for goal in GOALS if f"| {goal.what} |" not in page] == []


def test_what_was_measured_on_another_day_and_machine_is_named() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    for found in figures.values():
        found["measured"]["on"] = "2026-01-01"
    assert "on other machines" not in report.text(figures)
    for name in ("doors", "growth"):
        figures[name]["measured"]["on"] = "2026-01-02"
    assert (
        "Of 2026-01-02, on other machines of this kind, quicker or slower ones: `growth`, `doors`."
        in report.text(figures)
    )


def test_a_missed_goal_is_named_as_missed() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    figures["startup"]["first_answer_s"] = 6.0
    page = report.text(figures)
    assert "| 6.00 s | ≤ 0.60 s | **no** |" in page
    assert (
        "first answer after `greenroom serve`: 6.00 s, asked ≤ 0.60 s."
        in page.partition("## What stands in the way")[2]
    )


def test_a_goal_without_a_figure_is_never_met() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    figures["desk"].pop("pages", None)
    figures["desk_load"].pop("deciding", None)
    figures["embed"] = {}
    unmeasured = [goal for goal, measured in report.judged(figures) if math.isnan(measured.value)]
    assert [goal.source for goal in unmeasured] == ["desk", "desk", "desk_load", *["embed"] * 3]
    page = report.text(figures)
    for goal in unmeasured:
        assert f"| {goal.what} | not measured yet | – | not measured yet | {goal.asked} | **no** |" in page
    assert "Decisions by key in Chromium: not measured yet." in page
    assert "**The embed** beside Isso's: not measured yet." in page


def test_the_page_that_grew_most_stands_for_all() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    row = {"small": {"p50_ms": 9.0, "p99_ms": 10.0}, "large": {"p50_ms": 20.0, "p99_ms": 35.0}}
    calm = {"small": row["small"], "large": row["small"]}
    for backend in ("sqlite", "postgresql"):
        figures["desk"][backend] = {"queue": calm}
    figures["desk"]["pages"] = {"sqlite": {"queue": row}, "postgresql": {"queue": row}}
    times = {"p50_ms": 20.0, "p95_ms": 120.0, "p99_ms": 150.0}
    figures["desk_load"]["deciding"] = {"presses": 200, "seen": times, "answered": times}
    page = report.text(figures)
    assert page.count("| 35.00 ms | 10.00 ms | 3.5 × | ≤ 2 × | **no** |") == 2
    assert "| 120 ms | 120 ms | 120 ms | ≤ 100 ms | **no** |" in page
    assert "The desk's pages on SQLite, p50/p99 in the small house and the large one" in page


def test_a_disturbed_machine_is_told_of() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    figures["read"]["contenders"]["isso"]["foreign_cores"] = 1.3
    assert "other programs used up to 1.3 of its cores" in report.text(figures)


def test_missing_figures_are_named(tmp_path: Path) -> None:
    (tmp_path / "write.json").write_text("{}")
    with pytest.raises(NotMeasured, match="fsyncs, read"):
        report.load(tmp_path)


def test_kept_figures_hold_no_path_of_the_machine() -> None:
    for kept in RESULTS.glob("*.json"):
        json.loads(kept.read_text())
        assert str(ROOT) not in kept.read_text()


def test_comments_of_the_load_are_always_the_same_and_never_twice() -> None:
    comments = written(500)
    assert comments == written(500)
    assert len({comment.text for comment in comments}) == 500
    assert all(30 <= len(comment.text) <= 600 for comment in comments)


def test_short_comments_are_never_twice_and_some_are_whole() -> None:
    texts = [comment.text for comment in short_and_long(500)]
    assert len(set(texts)) == 500
    assert sorted(map(len, texts))[250] < 100
    assert max(map(len, texts)) > 300


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_the_models_can_be_measured_in_short_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GREENROOM_")]:
        monkeypatch.delenv(name)
    found = json.loads(json.dumps(models.measure(Ground(tmp_path, quick=True))))
    for tier in models.TIERS:
        backlog, alone = found["backlog"][tier], found["alone"][tier]
        assert sum(backlog["decided"].values()) == backlog["comments"]
        assert 0 < alone["comment"]["p50_ms"] <= alone["comment"]["p95_ms"]
        assert alone["floor"]["p50_ms"] > 0
        steps = {row["step"] for row in found["steps"][tier]["steps"]}
        assert {f"check {name}" for name in CATALOGUE if name != "model"} <= steps
        assert ("check model: the deep tier's graph" in steps) is (tier == "both")
    assert 0 < found["memory"]["second_fifth_mb"] <= found["memory"]["highest_mb"]
    assert str(tmp_path) not in json.dumps(found)
    figures = report.load(RESULTS)
    assert "with both tiers" in report.text({**figures, "models": {**figures["models"], **found}})
