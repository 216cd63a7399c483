"""``greenroom score``: what the models say of texts, without a server or a database."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import IO, Any

import click

from service.scoring.scorer import TIERS, Scorer, Tier, WeightsDamaged
from service.scoring.spam_signs import Around

BATCH = 64
EVIDENCE_FROM = 0.3


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option(
    "--tier",
    type=click.Choice(TIERS),
    default="both",
    show_default=True,
    help="Which models answer; both is what workers use.",
)
@click.option(
    "--evidence/--no-evidence", default=True, show_default=True, help="Name the words that weighed most."
)
def command(file: IO[str], tier: Tier, evidence: bool) -> None:
    """Score the comments in FILE (or stdin), one JSON object a line, and write one JSON object a line.

    \b
    In:  {"id": "7", "text": "…"}
         and, where known, for spam: "author" (a name), "links" and "earlier" (lists of texts)
    Out: {"id": "7", "scores": {"toxicity": 0.02, …, "spam": 0.9}, "evidence": […], "model": "linear+deep-1"}

    Scores are probabilities from 0 to 1, in the order of the lines. A line that cannot be read is answered with
    {"id": null, "error": "…"}; the command then ends with status 1. Nothing leaves this process but its output.
    """
    try:
        judge = Scorer(tier)
    except (WeightsDamaged, ImportError) as error:
        raise click.ClickException(f"the tier {tier} cannot be loaded: {error}") from None
    if judge.fallback:
        click.echo(f"greenroom: {judge.fallback}; scoring with linear", err=True)
    unread = 0
    progress = Progress()
    for batch in _batches(file):
        given = [item for item in batch if "error" not in item]
        scored = iter(judge.score([item["text"] for item in given], [around(item) for item in given]))
        for item in batch:
            if "error" in item:
                unread += 1
                answer = item
            else:
                found = next(scored)
                answer = {"id": item.get("id"), "scores": found.scores, "evidence": [], "model": found.model}
                if evidence:
                    answer["evidence"] = _evidence(judge, item["text"], found.scores)
            sys.stdout.write(json.dumps(answer) + "\n")
        progress.count(len(batch))
    sys.stdout.flush()
    progress.end()
    if unread:
        raise click.ClickException(f"{unread} lines could not be read; see the answers with an error")


class Progress:
    """How far it is, on stderr when a person looks on."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() or bool(os.environ.get("GREENROOM_PROGRESS"))
        self._started = self._said = time.monotonic()
        self._done = 0

    def count(self, number: int) -> None:
        self._done += number
        if self._shown and time.monotonic() - self._said > 1:
            self._said = time.monotonic()
            click.echo(f"\r{self._done:,} comments, {self._rate():,.0f}/s", err=True, nl=False)

    def end(self) -> None:
        if self._shown:
            click.echo(f"\r{self._done:,} comments, {self._rate():,.0f}/s", err=True)

    def _rate(self) -> float:
        return self._done / max(1e-6, time.monotonic() - self._started)


def _batches(file: IO[str]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for number, line in enumerate(file, 1):
        if line.strip():
            batch.append(_read(line, number))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(line: str, number: int) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": f"line {number} is not JSON"}
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        name = item.get("id") if isinstance(item, dict) else None
        return {"id": name, "error": f"line {number} has no text"}
    item.pop("error", None)
    return item


def around(item: dict[str, Any]) -> Around:
    """What a line tells beside the text."""
    author = item.get("author", item.get("author_name"))
    if isinstance(author, dict):
        author = author.get("name")
    return Around(
        author_name=author if isinstance(author, str) else "",
        links=_texts(item.get("links")),
        earlier=_texts(item.get("earlier")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _evidence(judge: Scorer, text: str, scores: dict[str, float]) -> list[dict[str, Any]]:
    loud = sorted(
        (label for label, score in scores.items() if score >= EVIDENCE_FROM), key=lambda label: -scores[label]
    )
    return [
        {
            "label": label,
            "word": text[one.start : one.end],
            "start": one.start,
            "end": one.end,
            "weight": one.weight,
        }
        for label in loud[:2]
        for one in judge.evidence(text, label)
    ]
