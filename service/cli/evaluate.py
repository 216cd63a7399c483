"""``greenroom evaluate``: how good the models are on comments that somebody labelled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from service.cli.score import BATCH, Progress, around
from service.scoring.calibration import cross_fitted
from service.scoring.curves import Curve, draw, roc_points
from service.scoring.labels import LABELS
from service.scoring.measures import Measure, calibration_error, interval, pr_auc, recall_at, roc_auc
from service.scoring.scorer import TIERS, Scorer, Tier, WeightsDamaged

FEWEST = 5  # of each kind; below, a figure would be noise


@dataclass
class Labelled:
    """Scores beside truth, both of shape (comments, 8); NaN in ``truth`` is "not labelled"."""

    truth: list[list[float]] = field(default_factory=list)
    scores: list[list[float]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option(
    "--tier", type=click.Choice(TIERS), default="both", show_default=True, help="Which models answer."
)
@click.option(
    "--curves",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the ROC curves into this SVG file.",
)
@click.option(
    "--intervals/--no-intervals", default=True, show_default=True, help="95 % intervals, by drawing anew."
)
def command(file: Iterable[str], tier: Tier, curves: Path | None, intervals: bool) -> None:
    """Hold the models against the labelled comments in FILE (or stdin), one JSON object a line.

    \b
    {"text": "…", "labels": {"toxicity": 1, "spam": null}, "source": "…", "identity": "…"}

    A label is from 0 to 1, positive from 0.5; null or missing is "not labelled" and not 0. For each label, as a
    whole and by source: ROC AUC, PR AUC, recall at 5 % false alarms and the calibration error (ECE); and the ECE
    after the site's own calibration: each half of the comments calibrated by the labels of the other half, "-" where
    these are too few. For each identity: how many comments that are labelled not toxic pass the threshold which 5 %
    of the others pass. Prints figures, never a text.
    """
    try:
        judge = Scorer(tier)
    except (WeightsDamaged, ImportError) as error:
        raise click.ClickException(f"the tier {tier} cannot be loaded: {error}") from None
    found = _scored(judge, file)
    if not found.truth:
        raise click.ClickException("there is no line with a text and labels")
    truth, scores = np.array(found.truth), np.array(found.scores)
    click.echo(f"{len(truth):,} comments, {judge.model}")
    click.echo(f"{'label':16} {'source':22} {'n':>7} {'+':>6}  {_heads(intervals)}")
    drawn: list[Curve] = []
    sources = np.array(found.sources)
    for column, label in enumerate(LABELS):
        known = ~np.isnan(truth[:, column])
        names = sorted(set(sources[known]))
        parts = [("all", known)] + [(name, known & (sources == name)) for name in names if len(names) > 1]
        for name, here in parts:
            line = _line(truth[here, column], scores[here, column], intervals)
            if line:
                click.echo(f"{label:16} {name[:22]:22} {line}")
                if name == "all":
                    drawn.append(Curve(label, roc_points(truth[here, column], scores[here, column])))
    _identities(found, truth, scores)
    if curves:
        curves.write_text(draw(drawn, f"ROC, {judge.model}"), encoding="utf-8")
        click.echo(f"curves: {curves}")


def _scored(judge: Scorer, lines: Iterable[str]) -> Labelled:
    found = Labelled()
    progress = Progress()
    batch: list[dict[str, object]] = []

    def flush() -> None:
        scored = judge.score([str(item["text"]) for item in batch], [around(item) for item in batch])
        found.scores.extend([one.scores[label] for label in LABELS] for one in scored)
        progress.count(len(batch))
        batch.clear()

    for line in lines:
        try:
            item = json.loads(line)
            labels = item["labels"]
            row = [float("nan") if labels.get(label) is None else float(labels[label]) for label in LABELS]
            text = item["text"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if not isinstance(text, str):
            continue
        found.truth.append(row)
        found.sources.append(str(item.get("source") or "-"))
        found.identities.append(str(item.get("identity") or ""))
        batch.append(item)
        if len(batch) == BATCH:
            flush()
    if batch:
        flush()
    progress.end()
    return found


MEASURES: tuple[tuple[str, Measure], ...] = (
    ("ROC AUC", roc_auc),
    ("PR AUC", pr_auc),
    ("recall@5%", recall_at),
    ("ECE", calibration_error),
)
OWN = "ECE, own calibration"


def _heads(intervals: bool) -> str:
    heads = " ".join(f"{name:{21 if intervals else 9}}" for name, _ in MEASURES)
    return f"{heads} {OWN}"


def _line(truth: NDArray[np.float64], scores: NDArray[np.float64], intervals: bool) -> str:
    positives = int((truth >= 0.5).sum())
    if min(positives, len(truth) - positives) < FEWEST:
        return ""
    cells = [
        f"{_cell(measure, truth, scores, intervals):{21 if intervals else 9}}" for _, measure in MEASURES
    ]
    own = cross_fitted(scores, truth)
    cells.append("-" if own is None else _cell(calibration_error, truth, own, intervals))
    return f"{len(truth):>7,} {positives:>6,}  {' '.join(cells)}"


def _cell(measure: Measure, truth: NDArray[np.float64], scores: NDArray[np.float64], intervals: bool) -> str:
    cell = f"{measure(truth, scores):.3f}"
    if intervals:
        low, high = interval(measure, truth, scores)
        cell = f"{cell} ({low:.3f}–{high:.3f})"
    return cell


def _identities(found: Labelled, truth: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    column = LABELS.index("toxicity")
    identities = np.array(found.identities)
    clean = truth[:, column] < 0.5
    others = clean & (identities == "")
    named = clean & (identities != "")
    if not others.any() or not named.any():
        return
    threshold = float(np.quantile(scores[others, column], 0.95))
    click.echo(
        f"\nfalse alarms by identity, toxicity at {threshold:.4f} (which 5 % of the other clean comments pass)"
    )
    click.echo(f"{'all':22} {int(named.sum()):>6,}  {(scores[named, column] > threshold).mean():.3f}")
    for identity in sorted(set(identities[named])):
        here = named & (identities == identity)
        click.echo(
            f"{identity[:22]:22} {int(here.sum()):>6,}  {(scores[here, column] > threshold).mean():.3f}"
        )
