"""The figures of where the models have never been: what is kept out is kept out, and no text comes into the page."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import training.data
from service.scoring.labels import LABELS
from training import linear, transfer
from training.__main__ import main
from training.data import Examples
from training.sentences import own_sentences

SONGS = ["chorus", "drums", "voice", "lyrics", "dance", "video"]
SOLD = ["watches", "loans", "followers", "pills", "tickets", "coins"]
SENTENCES = [f"The council paid for bridge number {n} out of the schools' money." for n in range(40)]
SENTENCES += [f"https://paper.example/2015/bridge-number-{n}" for n in range(5)]
BEGIN, END = "<!-- transfer: python -m training transfer -->\n", "<!-- end of transfer -->"
PAGE = f"# Models\n\nBefore.\n\n{BEGIN}Stale.\n{END}\n\nAfter.\n"


def rows(source: str, count: int, *, spam: float | None, **extras: str) -> list[dict[str, Any]]:
    """Comments of a source; ``spam`` is the share of it, or None where nobody asked."""
    draw = random.Random(f"{source}{extras}")
    made = []
    for number in range(count):
        bad = draw.random() < (spam or 0)
        text = (
            f"Cheap {draw.choice(SOLD)} number {number}, order at http://shop{number}.example/now today!"
            if bad
            else f"I like the {draw.choice(SONGS)} in part {number}. The {draw.choice(SONGS)} is older than the budget."
        )
        if spam is None and number % 7 == 0:
            text += f" See https://paper.example/{number}"
        labels: dict[str, float | None] = dict.fromkeys(LABELS)
        labels |= {"toxicity": float(number % 3 == 0)} if spam is None else {"spam": float(bad)}
        # Of a fourth of newspaper comments nobody marked anything.
        marks = {"span_share": float(number % 4 != 0)} if source == "civil_spans" else {}
        if marks:
            labels["toxicity"] = 1.0 if marks["span_share"] else None
        made.append(
            {
                "id": f"{source}{''.join(extras.values())}{number}",
                "text": text,
                "labels": labels,
                "source": source,
                "split": "dev" if number % 5 == 0 else "train",
                **extras,
                **marks,
            }
        )
    return made


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Seven thousand sentences of our own, and five draws, take most of the time and say nothing here."""
    few = own_sentences()[::50]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.data, "own_sentences", lambda: few)
        patch.setattr(transfer, "DRAWS", 2)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    videos = [
        *rows("youtube_spam", 60, spam=0.5, video="first", author="Ann"),
        *rows("youtube_spam", 60, spam=0.5, video="second", author="Bob"),
    ]
    for name, made in {
        "youtube_spam": videos,
        "janitr_x": rows("janitr_x", 700, spam=0.3),
        "tg_spam": rows("tg_spam", 20, spam=1.0),
        "jigsaw_wiki": rows("jigsaw_wiki", 300, spam=None),
        "civil_spans": rows("civil_spans", 200, spam=None),
    }.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in made)
    return folder


def measured(data: Path, work: Path) -> str:
    """The page after the command has written its figures."""
    page = work / "models.md"
    page.write_text(PAGE, encoding="utf-8")
    args = ["transfer", "--data", data, "--work", work, "--page", page, "--most", 6]
    done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def fitted_on() -> list[Examples]:
    """What each model was trained on, in order."""
    return []


@pytest.fixture(scope="module")
def page(data: Path, fitted_on: list[Examples], tmp_path_factory: pytest.TempPathFactory) -> str:
    work = tmp_path_factory.mktemp("work")
    (work / "clean-dev.json").write_text(json.dumps(SENTENCES))
    fit = linear.fit

    def watched(examples: Examples, **options: Any) -> linear.Model:
        fitted_on.append(examples)
        return fit(examples, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear, "fit", watched)
        return measured(data, work)


def cells(page: str, first: str) -> list[str]:
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_the_figures_stand_between_their_marks_and_the_rest_of_the_page_stays(page: str) -> None:
    assert page.startswith(f"# Models\n\nBefore.\n\n{BEGIN}\n")
    assert page.endswith(f"\n{END}\n\nAfter.\n")
    assert "Stale" not in page


def test_a_video_is_measured_by_a_model_that_saw_none_of_its_comments(
    page: str, fitted_on: list[Examples]
) -> None:
    for video, other, seen in (("first", "second", fitted_on[1]), ("second", "first", fitted_on[2])):
        assert {extra["video"] for extra in seen.extras if "video" in extra} == {other}
        number, spam, auc = cells(page, video)
        assert number == "60"
        assert 10 < int(spam) < 50
        assert float(auc.split()[0]) > 0.9
    assert float(cells(page, "mean")[-1]) > 0.9


def test_a_source_is_measured_cold_and_taught_by_a_model_that_never_saw_it(
    page: str, fitted_on: list[Examples]
) -> None:
    # The videos are too few to leave three hundred for lessons, and Telegram has nothing but spam.
    assert len(fitted_on) == 5
    assert "janitr_x" not in fitted_on[3].sources
    assert {"youtube_spam", "tg_spam", "jigsaw_wiki"} < set(fitted_on[3].sources)
    number, _, *aucs = cells(page, "janitr_x")
    assert number == "700"
    assert all(0.5 < float(auc.split()[0]) <= 1 for auc in aucs)
    assert "of 2)" in aucs[1]
    assert cells(page, "tg_spam") == ["20", "20", "-", "-", "-"]


def test_the_plain_recipe_knows_nothing_of_our_own_writing(page: str, fitted_on: list[Examples]) -> None:
    assert not {"own", "civil_clean"} & set(fitted_on[4].sources)
    assert {"jigsaw_wiki", "civil_spans", "youtube_spam"} <= set(fitted_on[4].sources)
    # Nor of what is only a degree: that is the tiers' own way to learn from it.
    assert (fitted_on[4].of("civil_spans").labels[:, LABELS.index("toxicity")] == 1).all()
    (row,) = [line for line in page.splitlines() if line.startswith("| toxicity | jigsaw_wiki |")]
    number, *aucs = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert number == "60"
    assert len(aucs) == 4
    assert all(0 <= float(auc) <= 1 for auc in aucs)


def test_newspaper_comments_are_told_apart_by_what_their_annotators_marked(page: str) -> None:
    number, marked, *aucs = cells(page, "marked by none")
    assert (number, marked) == ("40", "30")
    assert len(aucs) == 3
    assert all(re.fullmatch(r"\d\.\d+ \(\d\.\d+–\d\.\d+\)", auc) for auc in aucs)


def test_newspaper_comments_with_links_are_counted_apart(page: str, fitted_on: list[Examples]) -> None:
    assert "civil_spans" not in fitted_on[0].sources
    plain, linked = cells(page, "comments, without a link"), cells(page, "comments, with a link")
    assert int(plain[0]) + int(linked[0]) == 40
    assert int(linked[0]) == len([n for n in range(0, 200, 5) if n % 7 == 0])
    assert cells(page, "clean sentences of them, without a link")[0] == "40"
    assert cells(page, "clean sentences of them, nothing but a link")[0] == "5"
    for share in (*plain[1:], *linked[1:]):
        assert re.fullmatch(r"\d+\.\d % \(\d+\.\d–\d+\.\d\)", share)


def test_no_text_comes_into_the_page(page: str) -> None:
    assert not any(word in page for word in [*SONGS[:5], *SOLD, "council", "budget", ".example"])


def test_measuring_again_gives_the_same_figures(data: Path, page: str, tmp_path: Path) -> None:
    (tmp_path / "clean-dev.json").write_text(json.dumps(SENTENCES))
    assert measured(data, tmp_path) == page


def test_without_what_prepare_found_the_newspapers_sentences_are_left_out(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("unseen_videos", "unseen_sources"):
        monkeypatch.setattr(transfer, step, lambda *_: [])
    page = measured(data, tmp_path)
    assert "| comments, without a link |" in page
    assert "clean sentences of them" not in page
    assert "| jigsaw_wiki |" in page


def test_a_page_without_the_marks_is_left_as_it_is(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "models.md"
    page.write_text("# Models\n")
    args = ["transfer", "--data", str(data), "--work", str(tmp_path), "--page", str(page)]
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 1
    assert page.read_text() == "# Models\n"


@pytest.mark.parametrize(
    ("hits", "count", "written"), [(0, 1000, "0.0 % (0.0–0.4)"), (5, 1000, "0.5 % (0.2–1.2)")]
)
def test_a_share_of_nothing_has_an_interval_too(hits: int, count: int, written: str) -> None:
    assert transfer._share(hits, count) == written
