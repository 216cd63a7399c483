"""``python -m training STEP --data FOLDER``: see ``python -m training --help``."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import click
import numpy as np

from service.scoring.labels import LABELS
from service.scoring.scorer import WEIGHTS
from training.data import EXAMINES_ONLY, Examples, read_folder
from training.pseudo import clean_sentences, joined, sentences_of

TOXICITY = 0
data_option = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of *.jsonl.gz.",
)
work_option = click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("training/steps"),
    show_default=True,
    help="Where what is made in between is kept.",
)
weights_option = click.option(
    "--weights", type=click.Path(exists=True, file_okay=False, path_type=Path), default=WEIGHTS
)
page_option = click.option(
    "--page", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=Path("docs/models.md")
)
most_option = click.option(
    "--most", default=1_000, show_default=True, help="No search takes more steps: for trying things out."
)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@click.group()
def main() -> None:
    """Make the weights of the scorers, a step at a time. Nothing is fetched; every step can be run again.

    \b
    prepare    find clean sentences in newspaper comments         2 min
    linear     train the linear tier                              5 min
    deep       fine-tune the deep tier (goes on where it stopped)  90 min
    distil     a narrower deep tier, taught by the whole one       30 min
    words      the words by which English is known                1 min
    quantise   weights in int8, as the product reads them         1 min
    calibrate  logits to probabilities, thresholds                2 min
    evaluate   figures for docs/models.md                         5 min
    transfer   what the models lack where they have never been     5 min
    """


@main.command()
@data_option
@work_option
def prepare(data: Path, work: Path) -> None:
    """Find clean sentences in newspaper comments, with a model that never saw those."""
    from training import linear

    work.mkdir(parents=True, exist_ok=True)
    examples = read_folder(data, "train").without(*EXAMINES_ONLY)
    first = linear.fit(examples.without("civil_spans"), tasks=(linear.ABUSE,), noise=0.0)
    for split, name in (("train", "clean.json"), ("dev", "clean-dev.json")):
        sentences = sentences_of(examples if split == "train" else read_folder(data, split))
        scores = linear.logits(first, sentences, [{} for _ in sentences])[:, TOXICITY]
        found = clean_sentences(sentences, scores)
        (work / name).write_text(json.dumps(found.texts))
        say(f"prepare: {len(found)} clean sentences out of {len(sentences)} ({split})")


def examples_for_training(data: Path, work: Path) -> Examples:
    """The training split without what only examines, and the clean sentences of ``prepare``."""
    clean = prepared(work / "clean.json")
    return joined(read_folder(data, "train").without(*EXAMINES_ONLY), clean)


def prepared(file: Path) -> Examples:
    """The clean sentences that ``prepare`` wrote into a file."""
    texts = json.loads(file.read_text())
    return clean_sentences(texts, np.arange(len(texts)), share=1.0)


def between(page: Path, marks: tuple[str, str]) -> tuple[str, str]:
    """What a page holds up to and with its first mark, a line, and from the second on: figures stand between them."""
    begin, end = marks
    before, begins, rest = page.read_text(encoding="utf-8").partition(begin + "\n")
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise click.ClickException(f"{page} has no line {begin} with {end} after it")
    return f"{before}{begins}", f"{ends}{after}"


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


@main.command("deep")
@data_option
@work_option
@click.option(
    "--base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with model.safetensors and tokenizer.json of all-MiniLM-L6-v2.",
)
@click.option("--epochs", default=5, show_default=True)
@click.option(
    "--minutes", default=100.0, show_default=True, help="Ends by then, the learning rate having fallen to 0."
)
@click.option("--seed", default=1, show_default=True)
@click.option("--rate", default=1.2e-4, show_default=True, help="The highest learning rate.")
@click.option(
    "--earlier",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with deep-final.pt and deep.pt of an earlier version to begin from, instead of the base.",
)
def deep_step(
    data: Path,
    work: Path,
    base: Path,
    epochs: int,
    minutes: float,
    seed: int,
    rate: float,
    earlier: Path | None,
) -> None:
    """Fine-tune the deep tier; goes on where an interrupted run stopped.

    Where only our own sentences have changed, an epoch at a third of the rate from the --earlier version does.
    """
    import torch

    from training import deep
    from training.encoder import started_from

    model, intercepts = started_from(base, len(LABELS)), None
    if earlier is not None:
        model.load_state_dict(torch.load(earlier / "deep-final.pt", weights_only=True))
        intercepts = torch.load(earlier / "deep.pt", weights_only=True)["intercepts"]
    model = deep.train(
        model,
        examples_for_training(data, work),
        deep.tokenizer(base / "tokenizer.json"),
        work,
        epochs=epochs,
        seconds=minutes * 60,
        seed=seed,
        rate=rate,
        intercepts_before=intercepts,
    )
    torch.save(model.state_dict(), work / "deep-final.pt")
    say("deep: done")


@main.command("distil")
@data_option
@work_option
@click.option(
    "--whole",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The --work folder of the steps before: clean.json, linear.npz, deep-final.pt and deep.pt.",
)
@click.option(
    "--base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with tokenizer.json of all-MiniLM-L6-v2.",
)
@click.option(
    "--inner", default=1024, show_default=True, help="Hidden units that stay in each layer, of 1,536."
)
@click.option("--epochs", default=2, show_default=True)
@click.option("--minutes", default=30.0, show_default=True)
@click.option("--rate", default=6e-5, show_default=True, help="The highest learning rate.")
def distil_step(
    data: Path, work: Path, whole: Path, base: Path, inner: int, epochs: int, minutes: float, rate: float
) -> None:
    """Make the deep tier narrower, and have the whole one teach it; goes on where an interrupted run stopped."""
    import torch

    from training import deep, distil
    from training.encoder import Encoder

    work.mkdir(parents=True, exist_ok=True)
    if (whole / "linear.npz").exists():
        # The next step makes both tiers ready from one folder.
        shutil.copyfile(whole / "linear.npz", work / "linear.npz")
    teacher = Encoder(len(LABELS))
    teacher.load_state_dict(torch.load(whole / "deep-final.pt", weights_only=True))
    examples, cut = examples_for_training(data, whole), deep.tokenizer(base / "tokenizer.json")
    model = distil.narrowed(teacher, deep.some_batches(examples, cut, count=60), inner)
    say(f"distil: {inner} of each layer's units stay")
    model = deep.train(
        model,
        examples,
        cut,
        work,
        epochs=epochs,
        seconds=minutes * 60,
        rate=rate,
        intercepts_before=torch.load(whole / "deep.pt", weights_only=True)["intercepts"],
        teacher=teacher,
    )
    torch.save(model.state_dict(), work / "deep-final.pt")
    say("distil: done")


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
@click.option("--base", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
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
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("service/scoring/weights"),
    show_default=True,
)
@click.option("--version", required=True, help="What findings will name, such as 1.")
def calibrate_step(data: Path, out: Path, version: str) -> None:
    """Fit probabilities on the development split with the weights as they are shipped, and write the manifest."""
    from service.scoring.deep import Deep
    from service.scoring.linear import Linear
    from training import calibrate, quantise
    from training.linear import around

    dev = read_folder(data, "dev")
    logits = {"linear": Linear(out / "linear.npz").logits(dev.texts, [around(extra) for extra in dev.extras])}
    if (out / "deep.onnx").exists():
        logits["deep"] = Deep(out / "deep.onnx", out / "vocab.txt").logits(dev.texts)
        logits["both"] = (logits["linear"] + logits["deep"]) / 2
    made = {tier: calibrate.calibration(found, dev) for tier, found in logits.items()}
    limits = {}
    for tier, found in logits.items():
        pairs = np.array([made[tier][label] for label in LABELS])
        limits[tier] = calibrate.thresholds(1 / (1 + np.exp(-(found * pairs[:, 0] + pairs[:, 1]))), dev)
    quantise.manifest(out, version, made, limits)
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


if __name__ == "__main__":
    main()
