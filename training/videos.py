"""Spam under videos that the deep tier never saw: it is trained for the purpose without each of them in turn.

To do it as for what is shipped would take a day. Of what tells nothing of spam only a part is shown, and what comes of
it is of the size of the whole deep tier, before it is made narrower.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from service.scoring.labels import LABELS
from service.scoring.measures import roc_auc
from training import linear
from training.data import SPAM_SOURCES, Examples, joined
from training.evaluate import ranking
from training.options import say
from training.transfer import SPAM, VIDEOS, spam_model, under

# Of the comments that were asked nothing of spam as many in each source as a run of minutes has time for.
OTHERS = 600
EPOCHS = 4


def shown(train: Examples, video: str, seed: int = 1) -> Examples:
    """What a model is trained on that must not see this video: all other spam, and some of everything else."""
    draw = random.Random(seed)
    rows = np.arange(len(train))
    draw.shuffle(rows)
    left: dict[str, int] = {}
    chosen = []
    for row in rows.tolist():
        source = train.sources[row]
        left[source] = left.get(source, 0) + 1
        if source in SPAM_SOURCES or left[source] <= OTHERS:
            chosen.append(row)
    some = train.take(np.array(sorted(chosen), int))
    return some.take(~under(video, some))


def figures(
    train: Examples, dev: Examples, base: Path, work: Path, *, share: float, minutes: float, most: int
) -> str:
    """A Markdown table. Goes on where an interrupted run stopped; ``minutes`` bounds each of the trainings.

    ``share``: how much of what both say about spam is the linear tier's.
    """
    from training import deep
    from training.encoder import started_from

    rows = [
        "Spam under a video of which training saw no comment, with a deep tier trained for this:",
        "",
        "| unseen video | comments | spam | linear, ROC AUC | deep | both |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    cut = deep.tokenizer(base / "tokenizer.json")
    commented = joined(train.of(VIDEOS), dev.of(VIDEOS))
    found = []
    for video in sorted({str(extra["video"]) for extra in commented.extras}):
        say(f"videos: without {video}")
        folder = work / f"without-{video}"
        folder.mkdir(parents=True, exist_ok=True)
        trained = deep.train(
            started_from(base, len(LABELS)),
            shown(train, video),
            cut,
            folder,
            epochs=EPOCHS,
            seconds=minutes * 60,
        )
        words = spam_model(train.take(~under(video, train)), most)
        asked = commented.take(under(video, commented))
        truth = (asked.labels[:, SPAM] >= 0.5).astype(float)
        logits = [
            linear.logits(words, asked.texts, asked.extras)[:, SPAM],
            deep.logits(trained, asked.texts, cut)[:, SPAM],
        ]
        logits.append(share * logits[0] + (1 - share) * logits[1])
        found.append([roc_auc(truth, scores) for scores in logits])
        cells = " | ".join(ranking(truth, scores) for scores in logits)
        rows.append(f"| {video} | {len(asked):,} | {int(truth.sum()):,} | {cells} |")
        say(f"videos: {rows[-1]}")
    means = np.mean(found, axis=0)
    rows.append(f"| mean of the unseen | | | {' | '.join(f'{mean:.3f}' for mean in means)} |")
    return "\n".join(rows)
