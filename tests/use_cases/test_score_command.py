"""``greenroom score`` and ``greenroom evaluate``: lines in, lines out, no server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from service.cli.commands import greenroom
from service.scoring.labels import LABELS

RUDE = "You are an idiot, shut up."
CALM = "Thank you for the article about the bridge."


def scored(*lines: Any, args: tuple[str, ...] = ("--tier", "linear")) -> tuple[int, list[dict[str, Any]]]:
    given = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = CliRunner().invoke(greenroom, ["score", *args], input=given)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_is_answered_in_order_with_all_labels() -> None:
    code, answers = scored({"id": "a", "text": RUDE}, {"id": 2, "text": CALM}, {"text": ""})
    assert code == 0
    assert [answer["id"] for answer in answers] == ["a", 2, None]
    assert all(tuple(answer["scores"]) == LABELS for answer in answers)
    assert answers[0]["scores"]["toxicity"] > answers[1]["scores"]["toxicity"]
    assert answers[0]["model"].startswith("linear-")


def test_evidence_is_words_of_the_text_and_can_be_left_out() -> None:
    _, (answer,) = scored({"id": 1, "text": RUDE})
    assert any(one["word"] == "idiot" == RUDE[one["start"] : one["end"]] for one in answer["evidence"])
    _, (silent,) = scored({"id": 1, "text": RUDE}, args=("--tier", "linear", "--no-evidence"))
    assert silent["evidence"] == []
    assert silent["scores"] == answer["scores"]


def test_context_speaks_for_spam() -> None:
    text = "Nice article, have a look"
    _, (bare, signed, earlier) = scored(
        {"id": 1, "text": text},
        {"id": 2, "text": text, "author": {"name": "buy.cheap99"}, "links": ["http://bit.ly/x"]},
        {"id": 3, "text": text, "author": "Ann", "earlier": [text, "another"], "links": "no list"},
    )
    assert signed["scores"]["spam"] > bare["scores"]["spam"]
    assert 0 <= earlier["scores"]["spam"] <= 1


@pytest.mark.parametrize(
    "line", ["not json", "[1]", '{"id": 5}', '{"id": 5, "text": 7}', "[" * 100_000, '"text"']
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_are_answered(line: str) -> None:
    code, answers = scored({"id": 1, "text": CALM}, line, {"id": 3, "text": RUDE})
    assert code == 1
    assert [answer["id"] for answer in (answers[0], answers[2])] == [1, 3]
    assert "line 2" in answers[1]["error"]
    assert "scores" not in answers[1]


@pytest.mark.parametrize("text", ["\ud800 alone", "nul \u0000", "\u202e", "😀" * 50, "é" * 5000])
def test_no_text_breaks_it(text: str) -> None:
    code, (answer,) = scored({"id": text[:2], "text": text})
    assert code == 0
    assert answer["id"] == text[:2]


def test_it_runs_without_server_database_or_settings(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "score"],
        input=json.dumps({"id": 1, "text": RUDE}) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert json.loads(done.stdout)["scores"]["toxicity"] > 0.5
    assert list(tmp_path.iterdir()) == []


def labelled(text: str, toxicity: float | None, **more: Any) -> dict[str, Any]:
    return {"text": text, "labels": {"toxicity": toxicity, "spam": None}, **more}


def test_evaluate_prints_figures_by_source_and_identity_and_never_a_text(tmp_path: Path) -> None:
    rows = [labelled(f"{RUDE} {n}", 1, source="papers") for n in range(8)]
    rows += [labelled(f"{CALM} {n}", 0, source="papers" if n < 10 else "talk") for n in range(20)]
    rows += [labelled(f"My neighbour is gay and kind, number {n}", 0, identity="gay") for n in range(6)]
    rows += [labelled("left out", None)]
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\nnot json\n")
    picture = tmp_path / "roc.svg"
    done = CliRunner().invoke(
        greenroom, ["evaluate", str(file), "--tier", "linear", "--curves", str(picture)]
    )
    assert done.exit_code == 0, done.output
    (line,) = [line for line in done.output.splitlines() if line.startswith("toxicity") and " all " in line]
    assert line.split()[2:4] == ["34", "8"]
    assert "1.000 (1.000–1.000)" in line
    assert any(line.split()[:2] == ["toxicity", "papers"] for line in done.output.splitlines())
    assert any(line.split()[:2] == ["gay", "6"] for line in done.output.splitlines())
    assert "idiot" not in done.output
    assert "neighbour" not in done.output
    root = ElementTree.fromstring(picture.read_text())
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 1


def test_evaluate_tells_what_a_sites_own_calibration_would_mend_where_labels_are_enough(
    tmp_path: Path,
) -> None:
    # A site that finds half of the rude comments fine: the models are surer than its people.
    rows = [labelled(f"{RUDE} {n}", n % 2, source="papers") for n in range(240)]
    rows += [labelled(f"{CALM} {n}", 0, source="papers" if n < 240 else "talk") for n in range(300)]
    rows += [labelled(f"{RUDE} {n}", 1, source="talk") for n in range(20)]
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    done = CliRunner().invoke(greenroom, ["evaluate", str(file), "--tier", "linear", "--no-intervals"])
    assert done.exit_code == 0, done.output
    _, heads, *lines = done.output.splitlines()
    assert heads.endswith("ECE, own calibration")
    cells = {line.split()[1]: line.split()[-2:] for line in lines}
    before, after = map(float, cells["papers"])
    assert after < 0.06 < before
    assert cells["talk"][1] == "-"
    drawn = CliRunner().invoke(greenroom, ["evaluate", str(file), "--tier", "linear"])
    (line,) = [line for line in drawn.output.splitlines() if line.startswith("toxicity") and "papers" in line]
    figure, low_and_high = line.split()[-2:]
    low, high = map(float, low_and_high.strip("()").split("–"))
    assert low <= float(figure) == after <= high


def test_evaluate_says_when_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text('{"text": "no labels"}\n')
    done = CliRunner().invoke(greenroom, ["evaluate", str(file), "--tier", "linear"])
    assert done.exit_code == 1
    assert "no line with a text and labels" in done.output
