"""The figures that ``python -m training evaluate`` and ``transfer`` wrote into docs/models.md reach what was asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from service.scoring.scorer import WEIGHTS

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def row(*begin: str) -> list[str]:
    """The cells of the first row that begins with these."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[: len(begin)] == list(begin):
            return cells
    raise AssertionError(f"the page has no row {begin}")


def figure(cell: str) -> float:
    found = NUMBER.search(cell)
    assert found, cell
    return float(found[0])


def test_the_page_tells_of_the_version_that_is_shipped() -> None:
    version = json.loads((WEIGHTS / "manifest.json").read_text(encoding="utf-8"))["version"]
    text = PAGE.read_text(encoding="utf-8")
    assert f"--version {version}\n" in text
    assert f"Version {version} " in text


@pytest.mark.parametrize(
    ("label", "source", "linear", "both"),
    [
        ("insult", "civil_spans", 0.79, 0.83),
        ("toxicity", "davidson", 0.91, 0.945),
        ("identity_attack", "edos", 0.75, 0.81),
        ("identity_attack", "civil_spans", 0.68, 0.735),
        ("identity_attack", "openai_moderation_half", 0.75, 0.735),
        ("sexual", "openai_moderation_half", 0.87, 0.93),
        ("threat", "edos", 0.85, 0.85),
        ("threat", "openai_moderation_half", 0.85, 0.85),
    ],
)
def test_the_models_rank_as_well_as_asked(label: str, source: str, linear: float, both: float) -> None:
    cells = row(label, source)
    assert figure(cells[4]) >= linear
    assert figure(cells[6]) >= both


def test_on_wikipedia_the_models_rank_as_asked() -> None:
    cells = row("toxicity", "jigsaw_wiki")
    assert figure(cells[4]) >= 0.972
    assert figure(cells[6]) >= 0.980


def test_whole_newspaper_comments_are_told_apart_as_asked_where_annotators_agree_about_them() -> None:
    cells = row("marked by none")
    assert figure(cells[3]) >= 0.74
    assert figure(cells[5]) >= 0.765


@pytest.mark.parametrize("source", ["jigsaw_wiki", "ruddit"])
def test_the_tiers_rank_better_than_a_plain_recipe(source: str) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("| label | plain recipe on |")[2]
    (line,) = [each for each in text.splitlines() if each.startswith(f"| toxicity | {source} |")]
    plain, linear, deep, both = (figure(cell) for cell in line.strip("|").split("|")[3:])
    assert plain < linear < deep < both


@pytest.mark.parametrize(("tier", "most"), [("linear", 0.43), ("deep", 0.12), ("both", 0.12)])
def test_neutral_sentences_about_people_are_rarely_false_alarms(tier: str, most: float) -> None:
    text = PAGE.read_text(encoding="utf-8")
    line = next(
        each for each in text.partition("most for one identity")[2].splitlines() if f"| {tier} |" in each
    )
    everyday, denials, worst = (figure(cell) for cell in line.strip("|").split("|")[1:4])
    assert max(everyday, denials) <= most
    assert worst <= 0.30


def test_an_insult_is_found_in_a_long_comment_and_a_calm_one_is_no_false_alarm() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("insults found")[2]
    for tier in ("deep", "both"):
        line = next(each for each in text.splitlines() if f"| {tier} |" in each)
        false_alarms, insults = (figure(cell) for cell in line.strip("|").split("|")[1:3])
        assert false_alarms <= 0.01
        assert insults >= 0.8


def test_spam_is_known_where_the_models_have_never_been() -> None:
    assert figure(row("mean")[3]) >= 0.97
    linear, deep, both = (figure(cell) for cell in row("mean of the unseen")[3:6])
    assert linear >= 0.97
    assert min(deep, both) >= 0.975
    # Cold: of the sources this one alone is of comments. Posts and messages are another kind of text.
    assert figure(row("youtube_spam")[3]) >= 0.77
    for source in ("youtube_spam", "sms_spam", "janitr_x"):
        assert figure(row(source)[4]) >= 0.83, source
    for cell in row("comments, without a link")[2:]:
        assert figure(cell) <= 0.5, "per cent"


@pytest.mark.parametrize("tier", ["linear", "deep", "both"])
def test_a_newspapers_own_calibration_holds(tier: str) -> None:
    cells = next(
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| newspapers |") and f"| {tier} |" in line
    )
    assert figure(cells[5]) <= 0.06


def test_disguises_hide_little() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("zero width")[2]
    for tier, columns, least in (("linear", 5, 0.78), ("both", 5, 0.80), ("deep", 8, 0.80)):
        line = next(each for each in text.splitlines() if f"| {tier} |" in each)
        stays = [float(kept) for kept in re.findall(r"\((\d\.\d+)\)", line)]
        assert len(stays) == 8
        assert min(stays[:columns]) >= least, tier
