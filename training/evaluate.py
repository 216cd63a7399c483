"""The figures of docs/models.md: each tier, each label, each source; disguises; false alarms by identity; time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from service.scoring.labels import LABELS
from service.scoring.measures import interval, pr_auc, recall_at, roc_auc
from service.scoring.scorer import Scorer, Tier
from training.data import Examples
from training.disguises import KINDS, disguised_all
from training.examined import LONG_COMMENTS, SENTENCES_OF_LONG, examined_sentences, long_comments
from training.linear import around

TIERS: tuple[Tier, ...] = ("linear", "deep", "both")
FEWEST = 10
TOXICITY = LABELS.index("toxicity")
IDENTITY_ATTACK = LABELS.index("identity_attack")


def figures(dev: Examples, weights: Path) -> str:
    """Markdown tables of what the shipped weights reach on the development split."""
    scorers = {tier: Scorer(tier, weights) for tier in TIERS}
    beside = [around(extra) for extra in dev.extras]
    logits = {tier: scorer.logits(dev.texts, beside) for tier, scorer in scorers.items()}
    return "\n".join(
        [
            *_ranking(dev, logits),
            "",
            *_disguises(dev, scorers),
            "",
            *_identities(dev, scorers, logits),
            "",
            *_long(dev, scorers, logits),
            "",
            *_times(dev, scorers),
        ]
    )


def _ranking(dev: Examples, logits: dict[Tier, np.ndarray]) -> list[str]:
    rows = [
        "| label | source | comments | positive | linear, ROC AUC | deep | both | both, PR AUC | both, recall at 5 % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    sources = np.array(dev.sources)
    for column, label in enumerate(LABELS):
        for source in sorted(set(dev.sources)):
            here = (sources == source) & ~np.isnan(dev.labels[:, column])
            truth = (dev.labels[here, column] >= 0.5).astype(float)
            positive = int(truth.sum())
            if min(positive, len(truth) - positive) < FEWEST:
                continue
            cells = [ranking(truth, logits[tier][here, column]) for tier in TIERS]
            both = logits["both"][here, column]
            cells += [f"{pr_auc(truth, both):.3f}", f"{recall_at(truth, both):.2f}"]
            rows.append(f"| {label} | {source} | {len(truth):,} | {positive:,} | {' | '.join(cells)} |")
    return rows


def ranking(truth: np.ndarray, scores: np.ndarray) -> str:
    """ROC AUC with its interval, as a cell of a table."""
    low, high = interval(roc_auc, truth, scores)
    return f"{roc_auc(truth, scores):.3f} ({low:.3f}–{high:.3f})"


def _clean_wikipedia(dev: Examples) -> np.ndarray:
    return (np.array(dev.sources) == "jigsaw_wiki") & (dev.labels[:, TOXICITY] < 0.5)


def _disguises(dev: Examples, scorers: dict[Tier, Scorer]) -> list[str]:
    """Recall of what was found undisguised, at the threshold that 5 % of clean Wikipedia comments pass."""
    clean = dev.take(_clean_wikipedia(dev))
    sources = np.array(dev.sources)
    toxic = dev.take(
        np.isin(sources, ("jigsaw_wiki", "civil_spans", "ruddit")) & (dev.labels[:, TOXICITY] >= 0.5)
    )
    rows = [
        "Toxic comments found while 5 % of clean Wikipedia comments are false alarms, in brackets the share of it that"
        " stays when the longer words are disguised:",
        "",
        f"| tier | as written | {' | '.join(KINDS)} |",
        f"| --- | --- | {' | '.join('---' for _ in KINDS)} |",
    ]
    texts = toxic.texts[:500]
    for tier, scorer in scorers.items():
        threshold = np.quantile(scorer.logits(clean.texts[:1500])[:, TOXICITY], 0.95)
        found = scorer.logits(texts)[:, TOXICITY] > threshold
        cells = []
        for kind in KINDS:
            disguised = scorer.logits(disguised_all(texts, kind))[:, TOXICITY] > threshold
            cells.append(f"{disguised.mean():.2f} ({disguised[found].mean():.2f})")
        rows.append(f"| {tier} | {found.mean():.2f} | {' | '.join(cells)} |")
    return rows


def _identities(dev: Examples, scorers: dict[Tier, Scorer], logits: dict[Tier, np.ndarray]) -> list[str]:
    """False alarms on sentences about people, and how well attacks on them rank, in frames that only examine."""
    clean = _clean_wikipedia(dev)
    examined = examined_sentences()
    kinds = np.array([one.kind for one in examined])
    identities = np.array([one.identity for one in examined])
    fine, attacks = kinds != "attack", kinds == "attack"
    rows = [
        f"{int(fine.sum()):,} sentences about {len(set(identities))} identities in which nobody is attacked, a third of"
        f" them about attacks, and {int(attacks.sum()):,} attacks, all in frames that training never saw"
        " (`training/examined.py`). False alarms for toxicity at the threshold that 5 % of clean Wikipedia comments"
        " pass; ROC AUC of identity_attack, attacks against the rest:",
        "",
        "| tier | everyday | denials | most for one identity | attacks found | identity_attack, ROC AUC |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for tier, scorer in scorers.items():
        scores = scorer.logits([one.text for one in examined])
        loud = scores[:, TOXICITY] > np.quantile(logits[tier][clean, TOXICITY], 0.95)
        by = {name: float(loud[fine & (identities == name)].mean()) for name in set(identities)}
        worst = max(sorted(by), key=by.__getitem__)
        cells = [f"{loud[kinds == kind].mean():.3f}" for kind in ("everyday", "denial")]
        cells += [f"{by[worst]:.2f} ({worst})", f"{loud[attacks].mean():.2f}"]
        cells.append(f"{roc_auc(attacks.astype(float), scores[:, IDENTITY_ATTACK]):.3f}")
        rows.append(f"| {tier} | {' | '.join(cells)} |")
    return rows


def _long(dev: Examples, scorers: dict[Tier, Scorer], logits: dict[Tier, np.ndarray]) -> list[str]:
    """False alarms on long comments in which nobody is attacked, and how many are found in which somebody is."""
    clean = _clean_wikipedia(dev)
    made = long_comments()
    kinds = np.array([one.kind for one in made])
    rows = [
        f"{LONG_COMMENTS} comments of {SENTENCES_OF_LONG} calm sentences each, as many in which one more, anywhere, is"
        " an insult, and as many in which it is an attack on people of some kind, none of them in training. At the"
        " same threshold; ROC AUC of toxicity, insults and attacks each beside the calm ones:",
        "",
        "| tier | false alarms | insults found | attacks found | insults, ROC AUC | attacks |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for tier, scorer in scorers.items():
        scores = scorer.logits([one.text for one in made])[:, TOXICITY]
        loud = scores > np.quantile(logits[tier][clean, TOXICITY], 0.95)
        cells = [f"{loud[kinds == 'calm'].mean():.3f}"]
        cells += [f"{loud[kinds == kind].mean():.2f}" for kind in ("insult", "attack")]
        for kind in ("insult", "attack"):
            beside = np.isin(kinds, ("calm", kind))
            cells.append(ranking((kinds[beside] == kind).astype(float), scores[beside]))
        rows.append(f"| {tier} | {' | '.join(cells)} |")
    return rows


def _times(dev: Examples, scorers: dict[Tier, Scorer]) -> list[str]:
    """Milliseconds for one comment, one at a time."""
    texts = dev.texts[:: max(1, len(dev) // 600)]
    rows = [
        "Time for one comment, alone, on one thread of the machine that this page was made on:",
        "",
        "| tier | p50 ms | p95 ms |",
        "| --- | --- | --- |",
    ]
    for tier, scorer in scorers.items():
        scorer.score(texts[:20])
        spent = []
        for text in texts:
            started = time.perf_counter()
            scorer.score([text])
            spent.append((time.perf_counter() - started) * 1000)
        low, high = np.quantile(spent, [0.5, 0.95])
        rows.append(f"| {tier} | {low:.2f} | {high:.2f} |")
    return rows
