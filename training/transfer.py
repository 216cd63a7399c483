"""How the models do where they have never been: unseen videos, unseen kinds of spam, newspapers, a site's own people.

``evaluate`` looks at a tenth of sources that training saw the rest of; a site is no such tenth. Here whole videos and
whole sources are kept from a linear tier that is trained for the purpose, on spam alone and without disguises. What the
deep tier makes of unseen videos takes longer to find out: see ``videos``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import expit

from service.domain.policy_document import THRESHOLDS
from service.scoring.calibration import cross_fitted, logit_of
from service.scoring.labels import LABELS
from service.scoring.learner import Lesson, learn
from service.scoring.measures import calibration_error, interval, roc_auc
from service.scoring.scorer import Scorer, Tier
from service.scoring.spam_signs import SIGNS, spam_signs
from training import calibrate, linear
from training.data import SPAM_SOURCES, Examples, joined
from training.evaluate import FEWEST, ranking
from training.options import say

TIERS: tuple[Tier, ...] = ("linear", "deep", "both")
TOXICITY, SPAM = LABELS.index("toxicity"), LABELS.index("spam")
LINKS, SHARE_OF_LINKS = SIGNS.index("links"), SIGNS.index("share_of_links")
# From this share of links on, a text is nothing else: how a scheme is written counts for the rest.
BARE = 0.9
NEWSPAPERS = ("civil_spans", "civil_clean")
VIDEOS = "youtube_spam"
# What a site may have taught by its first days, and how often that is drawn.
TAUGHT = (100, 300)
DRAWS = 5
# So many decisions make a moderator's day, of which the learner trusts none blindly.
A_DAY = 25
# What newspaper comments stand beside in which all annotators marked something: (name, share of annotators who did at
# most, characters at least). One of some length is seldom toxic in each of its words.
MARKED = (
    ("marked by none", 0.0, 0),
    ("marked by a fifth at most", 0.2, 0),
    ("marked by a fifth at most, of 100 characters or more", 0.2, 100),
    ("marked by a third at most", 0.34, 0),
)
CALIBRATED = ("jigsaw_wiki", "ruddit", "paradetox")


def figures(train: Examples, dev: Examples, sentences: Examples, weights: Path, *, most: int) -> str:
    """Markdown tables. ``sentences`` are clean ones of newspaper comments that training never saw; may be empty."""
    scorers = {tier: Scorer(tier, weights) for tier in TIERS}
    return "\n".join(
        [
            *clean_news(train, dev, sentences, scorers, most),
            "",
            *marked_newspapers(dev, scorers),
            "",
            *own_calibration(dev, sentences, scorers),
            "",
            *unseen_videos(train, dev, most),
            "",
            *unseen_sources(train, dev, most),
            "",
            *beside_plain(train, dev, scorers, most),
        ]
    )


def unseen_videos(train: Examples, dev: Examples, most: int) -> list[str]:
    """For each video the ranking of its comments by a linear tier that read every other source and video."""
    rows = [
        "Spam under a video of which training saw no comment:",
        "",
        "| video | comments | spam | linear, ROC AUC |",
        "| --- | --- | --- | --- |",
    ]
    commented = joined(train.of(VIDEOS), dev.of(VIDEOS))
    found = []
    for video in sorted({str(extra["video"]) for extra in commented.extras}):
        say(f"transfer: without the video {video}")
        model = spam_model(train.take(~under(video, train)), most)
        asked = commented.take(under(video, commented))
        truth, scores = _spam(asked), linear.logits(model, asked.texts, asked.extras)[:, SPAM]
        found.append(roc_auc(truth, scores))
        rows.append(f"| {video} | {len(asked):,} | {int(truth.sum()):,} | {ranking(truth, scores)} |")
    rows.append(f"| mean | | | {np.mean(found):.3f} |")
    return rows


def unseen_sources(train: Examples, dev: Examples, most: int) -> list[str]:
    """For each source of spam the ranking by a linear tier that never saw it: cold, and taught by some of its own."""
    rows = [
        "Spam of a source that training never saw, by the linear tier: cold, and after so many of that source's own"
        f" decisions as a site teaches them. ROC AUC on the same other comments, mean of {DRAWS} draws; in brackets the"
        " lowest and the highest, and how often what was taught was used:",
        "",
        f"| source | comments | spam | cold | {' | '.join(f'after {count}' for count in TAUGHT)} |",
        f"| --- | --- | --- | --- | {' | '.join('---' for _ in TAUGHT)} |",
    ]
    for source in SPAM_SOURCES:
        asked = joined(train.of(source), dev.of(source))
        truth = _spam(asked)
        if len(asked) < 2 * max(TAUGHT) or min(truth.sum(), (1 - truth).sum()) < max(TAUGHT) / 10:
            if len(asked):
                rows.append(
                    f"| {source} | {len(asked):,} | {int(truth.sum()):,} |{' - |' * (1 + len(TAUGHT))}"
                )
            continue
        say(f"transfer: without the source {source}")
        model = spam_model(train.without(source), most)
        logits = _calibrated_spam(model, asked, dev.without(source))
        ranks = np.array([_taught(asked, truth, logits, seed) for seed in range(DRAWS)])
        cells = [f"{ranks[:, 0, 0].mean():.3f} ({ranks[:, 0, 0].min():.3f}–{ranks[:, 0, 0].max():.3f})"]
        for place in range(1, 1 + len(TAUGHT)):
            aucs, used = ranks[:, place, 0], int(ranks[:, place, 1].sum())
            cells.append(f"{aucs.mean():.3f} ({aucs.min():.3f}–{aucs.max():.3f}; {used} of {DRAWS})")
        rows.append(f"| {source} | {len(asked):,} | {int(truth.sum()):,} | {' | '.join(cells)} |")
    return rows


def clean_news(
    train: Examples, dev: Examples, sentences: Examples, scorers: dict[Tier, Scorer], most: int
) -> list[str]:
    """How many newspaper comments, none of which anybody called spam, reach the threshold for spam."""
    at = THRESHOLDS["spam"]
    rows = [
        f"Newspaper comments called spam, at the {at:g} of the built-in policy. They were published and are taken for"
        " no spam. The shipped models never saw these, but others of the same newspapers; a linear one was trained for"
        " this that saw none. In brackets 95 % intervals (Wilson):",
        "",
        f"| newspaper | number | {' | '.join(scorers)} | linear, no newspaper seen |",
        f"| --- | --- | {' | '.join('---' for _ in scorers)} | --- |",
    ]
    say("transfer: without newspapers")
    stranger = spam_model(train.without(*NEWSPAPERS), most)
    comments = dev.of("civil_spans")
    comments = comments.take(comments.labels[:, SPAM] < 0.5)
    for name, examples in (("comments", comments), ("clean sentences of them", sentences)):
        if not len(examples):
            continue
        called = [_scores(scorer, examples, SPAM) >= at for scorer in scorers.values()]
        called.append(_calibrated_spam(stranger, examples, dev) >= logit_of(at))
        signs = np.array([spam_signs(text) for text in examples.texts])
        linked, bare = signs[:, LINKS] > 0, signs[:, SHARE_OF_LINKS] >= BARE
        for kind, here in (
            ("without a link", ~linked),
            ("with a link", linked & ~bare),
            ("nothing but a link", bare),
        ):
            if here.any():
                cells = [_share(int(its[here].sum()), int(here.sum())) for its in called]
                rows.append(f"| {name}, {kind} | {int(here.sum()):,} | {' | '.join(cells)} |")
    return rows


def by_marking(dev: Examples, most: float) -> tuple[Examples, np.ndarray]:
    """The newspaper comments in which all annotators marked something toxic, and those in which a share of ``most`` of
    them did; with 1.0 and 0.0."""
    comments = dev.of("civil_spans")
    shares = np.array([float(extra.get("span_share", np.nan)) for extra in comments.extras])
    asked = (shares == 1) | (shares <= most)
    return comments.take(asked), (shares[asked] == 1).astype(float)


def marked_newspapers(dev: Examples, scorers: dict[Tier, Scorer]) -> list[str]:
    """How well toxicity tells whole newspaper comments apart, as far as this can be known of the sources."""
    rows = [
        "Newspaper comments in which all annotators marked something toxic, beside those in which none or few did."
        " These need not be clean, for all of a comment and nothing of it were the same answer. ROC AUC of toxicity:",
        "",
        f"| beside | comments | by all | {' | '.join(scorers)} |",
        f"| --- | --- | --- | {' | '.join('---' for _ in scorers)} |",
    ]
    for name, most, enough in MARKED:
        examples, truth = by_marking(dev, most)
        here = np.array([len(text) >= enough for text in examples.texts], bool)
        if min(truth[here].sum(), (1 - truth[here]).sum()) < FEWEST:
            continue
        say(f"transfer: newspaper comments, {name}")
        cells = [
            ranking(truth[here], _scores(scorer, examples.take(here), TOXICITY))
            for scorer in scorers.values()
        ]
        rows.append(f"| {name} | {int(here.sum()):,} | {int(truth[here].sum()):,} | {' | '.join(cells)} |")
    return rows


def own_calibration(dev: Examples, sentences: Examples, scorers: dict[Tier, Scorer]) -> list[str]:
    """How far the probability of toxicity is from the share of toxic comments, before and after its own calibration."""
    rows = [
        "Calibration error (ECE) of toxicity, as shipped and after a site's own calibration: each half of the comments"
        " with the two numbers that were fitted on the labels of the other half:",
        "",
        "| comments | number | toxic | tier | as shipped | after its own calibration |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    asked = {source: dev.of(source) for source in CALIBRATED}
    if len(sentences):
        news = joined(dev.of("civil_spans"), sentences)
        asked = {"newspapers": news} | asked
    for name, examples in asked.items():
        examples = examples.take(~np.isnan(examples.labels[:, TOXICITY]))
        if not len(examples):
            continue
        truth = (examples.labels[:, TOXICITY] >= 0.5).astype(float)
        for tier, scorer in scorers.items():
            say(f"transfer: calibration of {tier} on {name}")
            shipped = _scores(scorer, examples, TOXICITY)
            own = cross_fitted(shipped, truth)
            cells = [_error(truth, shipped), "-" if own is None else _error(truth, own)]
            rows.append(f"| {name} | {len(truth):,} | {int(truth.sum()):,} | {tier} | {' | '.join(cells)} |")
    return rows


# What anybody would do first: no label by itself, no source weighed, no word trusted more than another.
PLAIN = linear.Task((*linear.TOXICITY.columns, *linear.ABUSE.columns), power=0.0, steps=120, beside=0.1)
RANKED = (
    ("toxicity", "jigsaw_wiki"),
    ("toxicity", "ruddit"),
    ("toxicity", "davidson"),
    ("insult", "civil_spans"),
)


def beside_plain(train: Examples, dev: Examples, scorers: dict[Tier, Scorer], most: int) -> list[str]:
    """The ranking of comments that training never saw, beside that of a plain recipe on the same."""
    rows = [
        "How hard the comments are that were set aside: the tiers beside a logistic regression of the same n-grams and"
        " sources' intercepts, for which all sources count alike, without disguises, our own sentences and the"
        " newspapers' clean ones. ROC AUC:",
        "",
        f"| label | plain recipe on | comments | plain | {' | '.join(scorers)} |",
        f"| --- | --- | --- | --- | {' | '.join('---' for _ in scorers)} |",
    ]
    say("transfer: a plain recipe")
    # Nor does it learn from what is null: see ``training.data``.
    degrees = np.array([source == "civil_spans" for source in train.sources]) & (
        train.labels[:, TOXICITY] < 0.5
    )
    given = train.take(~degrees).without("own", "civil_clean")
    model = linear.fit(given, tasks=(PLAIN,), most=most, noise=0.0, alike=True)
    for label, source in RANKED:
        column, examples = LABELS.index(label), dev.of(source)
        examples = examples.take(~np.isnan(examples.labels[:, column]))
        truth = (examples.labels[:, column] >= 0.5).astype(float)
        if len(set(truth)) < 2:
            continue
        said = [linear.logits(model, examples.texts, examples.extras)[:, column]]
        said += [_scores(scorer, examples, column) for scorer in scorers.values()]
        cells = " | ".join(f"{roc_auc(truth, scores):.3f}" for scores in said)
        rows.append(f"| {label} | {source} | {len(examples):,} | {cells} |")
    return rows


def spam_model(examples: Examples, most: int) -> linear.Model:
    """A linear tier that knows of spam alone, and no disguises; in ``most`` steps."""
    return linear.fit(examples, tasks=(linear.ADVERTISING,), most=most, noise=0.0)


def under(video: str, examples: Examples) -> np.ndarray:
    """Which of the examples are comments under the video."""
    return np.array([extra.get("video") == video for extra in examples.extras], bool)


def _spam(examples: Examples) -> np.ndarray:
    return (examples.labels[:, SPAM] >= 0.5).astype(float)


def _calibrated_spam(model: linear.Model, asked: Examples, others: Examples) -> np.ndarray:
    """Logits of spam as a worker would keep them: calibrated on the development split of ``others``, and rounded."""
    others = others.of(*calibrate.SOURCES)
    pairs = calibrate.calibration(linear.logits(model, others.texts, others.extras), others)
    slope, shift = pairs["spam"]
    logits = linear.logits(model, asked.texts, asked.extras)[:, SPAM] * slope + shift
    return np.array([logit_of(round(chance, 4)) for chance in expit(logits).tolist()])


def _taught(asked: Examples, truth: np.ndarray, logits: np.ndarray, seed: int) -> list[tuple[float, float]]:
    """(ROC AUC, 1 if a correction was used) cold and for each number of ``TAUGHT``, on what no lesson was made of."""
    order = np.random.default_rng(seed).permutation(len(asked))
    drawn, rest = order[: max(TAUGHT)], order[max(TAUGHT) :]
    names = [linear.around(extra).author_name for extra in asked.extras]
    lessons = [
        Lesson(
            key=str(asked.extras[i]["id"]),
            text=asked.texts[i],
            author_name=names[i],
            logit=float(logits[i]),
            spam=bool(truth[i]),
            day=f"day {turn // A_DAY}",
        )
        for turn, i in enumerate(drawn)
    ]
    made = [(roc_auc(truth[rest], logits[rest]), 0.0)]
    for count in TAUGHT:
        correction = learn(lessons[:count]).correction
        if correction is None:
            made.append(made[0])
            continue
        corrected = np.array([correction.logit(float(logits[i]), asked.texts[i], names[i]) for i in rest])
        made.append((roc_auc(truth[rest], corrected), 1.0))
    return made


def _scores(scorer: Scorer, examples: Examples, column: int) -> np.ndarray:
    """Probabilities of one label as findings keep them, with four digits."""
    logits = scorer.logits(examples.texts, [linear.around(extra) for extra in examples.extras])
    return np.round(expit(logits[:, column]), 4)


def _share(hits: int, count: int, z: float = 1.96) -> str:
    """A share in per cent with its interval: E. B. Wilson, "Probable Inference" (1927)."""
    share = hits / count
    middle = (share + z * z / 2 / count) / (1 + z * z / count)
    width = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / 4 / count**2)
    return f"{share:.1%} ({max(0.0, middle - width) * 100:.1f}–{min(1.0, middle + width) * 100:.1f})".replace(
        "%", " %"
    )


def _error(truth: np.ndarray, scores: np.ndarray) -> str:
    low, high = interval(calibration_error, truth, scores)
    return f"{calibration_error(truth, scores):.3f} ({low:.3f}–{high:.3f})"
