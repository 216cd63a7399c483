"""``python -m training STEP --data FOLDER``: see ``python -m training --help``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import numpy as np

from service.scoring.labels import LABELS
from training.data import EXAMINES_ONLY, Examples, joined, read_folder
from training.deep_steps import STEPS
from training.options import (
    FOLDER,
    NEW_FOLDER,
    base_option,
    between,
    data_option,
    examples_for_training,
    most_option,
    page_option,
    prepared,
    say,
    weights_option,
    work_option,
)
from training.pseudo import clean_sentences, sentences_of

TOXICITY = 0


@click.group()
def main() -> None:
    """Make the weights of the scorers, a step at a time. Nothing is fetched; every step can be run again.

    \b
    prepare    find clean sentences in newspaper comments         2 min
    linear     train the linear tier                              5 min
    unpack     the shipped deep tier, for deep to go on from       1 min
    deep       fine-tune the deep tier (goes on where it stopped)  90 min
    blend      weights between the earlier ones and the later      1 min
    distil     a narrower deep tier, taught by the whole one       30 min
    words      the words by which English is known                1 min
    quantise   weights in int8, as the product reads them         1 min
    calibrate  what each tier says, probabilities, thresholds     2 min
    evaluate   figures for docs/models.md                         5 min
    transfer   what the models lack where they have never been     5 min
    videos     the deep tier under videos that it never saw        40 min
    """


@main.command()
@data_option
@work_option
def prepare(data: Path, work: Path) -> None:
    """Find clean sentences in newspaper comments, with a model that never saw those."""
    from training import linear

    work.mkdir(parents=True, exist_ok=True)
    examples = read_folder(data, "train").without(*EXAMINES_ONLY)
    first = linear.fit(examples.without("civil_spans"), tasks=(linear.TOXICITY,), noise=0.0)
    for split, name in (("train", "clean.json"), ("dev", "clean-dev.json")):
        sentences = sentences_of(examples if split == "train" else read_folder(data, split))
        scores = linear.logits(first, sentences, [{} for _ in sentences])[:, TOXICITY]
        found = clean_sentences(sentences, scores)
        (work / name).write_text(json.dumps(found.texts))
        say(f"prepare: {len(found)} clean sentences out of {len(sentences)} ({split})")


@main.command("linear")
@data_option
@work_option
@most_option
def linear_step(data: Path, work: Path, most: int) -> None:
    """Train the linear tier."""
    from training import linear

    weights, intercepts, signs = linear.fit(examples_for_training(data, work), most=most)
    np.savez(work / "linear.npz", weights=weights, intercepts=intercepts, signs=signs)
    say("linear: done")


@main.command("words")
@data_option
@work_option
def words_step(data: Path, work: Path) -> None:
    """Find the words by which a text is known to be in English."""
    from training import words

    found = words.common(read_folder(data, "train").without(*EXAMINES_ONLY))
    (work / "english.txt").write_text("\n".join(found) + "\n", encoding="utf-8")
    say(f"words: {len(found)} words")


@main.command("quantise")
@work_option
@base_option
@click.option(
    "--out",
    type=NEW_FOLDER,
    default=Path("service/scoring/weights"),
    show_default=True,
)
def quantise_step(work: Path, base: Path, out: Path) -> None:
    """Make int8 weights of what was trained; the manifest is ``calibrate``'s."""
    from training import quantise

    out.mkdir(parents=True, exist_ok=True)
    quantise.linear(work / "linear.npz", out / "linear.npz")
    shutil.copyfile(work / "english.txt", out / "english.txt")
    if (work / "deep-final.pt").exists():
        quantise.deep(work / "deep-final.pt", out / "deep.onnx")
        quantise.vocabulary(base, out / "vocab.txt")
    for file in sorted(out.iterdir()):
        say(f"quantise: {file.name} {file.stat().st_size / 1e6:.1f} MB")


@main.command("calibrate")
@data_option
@click.option(
    "--out",
    type=FOLDER,
    default=Path("service/scoring/weights"),
    show_default=True,
)
@click.option("--version", required=True, help="What findings will name, such as 1.")
def calibrate_step(data: Path, out: Path, version: str) -> None:
    """Fit probabilities on the development split with the weights as they are shipped, and write the manifest."""
    from service.scoring.closer import of_both, of_deep, read_closely
    from service.scoring.deep import Deep
    from service.scoring.linear import Linear
    from training import calibrate, quantise
    from training.linear import around

    dev = read_folder(data, "dev")
    beside = [around(extra) for extra in dev.extras]
    linear = Linear(out / "linear.npz")
    logits = {"linear": linear.logits(dev.texts, beside)}
    shares = dict.fromkeys(LABELS, 1.0)
    if (out / "deep.onnx").exists():
        deep = Deep(out / "deep.onnx", out / "vocab.txt")
        of_words, of_texts = read_closely(linear, deep, dev.texts, beside)
        logits["deep"] = of_deep(of_texts)
        shares = calibrate.shares(logits["linear"], logits["deep"], dev)
        logits["both"] = of_both(of_words, of_texts, np.array(list(shares.values())))
    made = {tier: calibrate.calibration(found, dev) for tier, found in logits.items()}
    limits = {}
    for tier, found in logits.items():
        pairs = np.array([made[tier][label] for label in LABELS])
        limits[tier] = calibrate.thresholds(1 / (1 + np.exp(-(found * pairs[:, 0] + pairs[:, 1]))), dev)
    quantise.manifest(out, version, shares, made, limits)
    say("calibrate: wrote the manifest")


@main.command("evaluate")
@data_option
@weights_option
@page_option
def evaluate_step(data: Path, weights: Path, page: Path) -> None:
    """Write the figures of the shipped weights into docs/models.md."""
    from training import evaluate

    marks = ("<!-- figures: python -m training evaluate -->", "<!-- end of figures -->")
    between(page, marks)
    figures = evaluate.figures(read_folder(data, "dev"), weights)
    before, after = between(page, marks)
    page.write_text(f"{before}\n{figures}\n{after}", encoding="utf-8")
    say(f"evaluate: wrote {page}")


@main.command("transfer")
@data_option
@work_option
@weights_option
@page_option
@most_option
def transfer_step(data: Path, work: Path, weights: Path, page: Path, most: int) -> None:
    """Measure unseen videos, unseen spam, newspapers and a site's own calibration; write it into docs/models.md."""
    from training import transfer

    marks = ("<!-- transfer: python -m training transfer -->", "<!-- end of transfer -->")
    # Now, lest it be missed when all is measured; and again then, for a person may have written on in the meantime.
    between(page, marks)
    train = read_folder(data, "train").without(*EXAMINES_ONLY)
    if (work / "clean.json").exists():
        train = joined(train, prepared(work / "clean.json"))
    # Newspapers need what ``prepare`` found among the comments that training never saw.
    sentences = prepared(work / "clean-dev.json") if (work / "clean-dev.json").exists() else Examples()
    dev = read_folder(data, "dev")
    figures = transfer.figures(train, dev, sentences, weights, most=most)
    before, after = between(page, marks)
    page.write_text(f"{before}\n{figures}\n{after}", encoding="utf-8")
    say(f"transfer: wrote {page}")


for step in STEPS:
    main.add_command(step)

if __name__ == "__main__":
    main()
