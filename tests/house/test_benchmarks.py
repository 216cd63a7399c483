"""The page of figures follows from the figures that are kept; nothing is measured here."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import report
from benchmarks.__main__ import PAGE, RESULTS
from benchmarks.corpus import written
from benchmarks.goals import GOALS
from benchmarks.ground import ROOT, NotMeasured


def test_the_page_is_what_the_kept_figures_say(tmp_path: Path) -> None:
    report.write(RESULTS, tmp_path / "performance.md")
    assert (tmp_path / "performance.md").read_text() == PAGE.read_text()
    for picture in (tmp_path / "images").iterdir():
        ElementTree.parse(picture)
        assert picture.read_text() == (PAGE.parent / "images" / picture.name).read_text()


def test_every_goal_is_a_row_of_the_page() -> None:
    page = PAGE.read_text()
    assert [goal.what for goal in GOALS if f"| {goal.what} |" not in page] == []


def test_a_missed_goal_is_named_as_missed() -> None:
    figures = copy.deepcopy(report.load(RESULTS))
    figures["startup"]["first_answer_s"] = 6.0
    page = report.text(figures)
    assert "| 6.00 s | ≤ 0.60 s | **no** |" in page
    assert (
        "first answer after `greenroom serve`: 6.00 s, asked ≤ 0.60 s."
        in page.partition("## What stands in the way")[2]
    )


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
