"""``python -m training STEP --data FOLDER``: see ``python -m training --help``."""

from __future__ import annotations

import json
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


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@click.group()
def main() -> None:
    """Make the weights of the scorers, a step at a time. Nothing is fetched; every step can be run again.

    \b
    prepare    find clean sentences in newspaper comments         2 min
    linear     train the linear tier                              5 min
    deep       fine-tune the deep tier (goes on where it stopped)  90 min
    quantise   weights in int8, as the product reads them         1 min
    calibrate  logits to probabilities, thresholds                2 min
    evaluate   figures for docs/models.md                         5 min
    """


@main.command()
@data_option
@work_option
def prepare(data: Path, work: Path) -> None:
    """Find clean sentences in newspaper comments, with a model that never saw those."""
    from training import linear

    work.mkdir(parents=True, exist_ok=True)
    examples = read_folder(data, "train").without(*EXAMINES_ONLY)
    first = linear.fit(examples.without("civil_spans"), iterations=40, noise=0.0)
    sentences = sentences_of(examples)
    scores = linear.logits(first, sentences, [{} for _ in sentences])[:, TOXICITY]
    found = clean_sentences(sentences, scores)
    (work / "clean.json").write_text(json.dumps(found.texts))
    say(f"prepare: {len(found)} clean sentences out of {len(sentences)}")


def examples_for_training(data: Path, work: Path) -> Examples:
    """The training split without what only examines, and the clean sentences of ``prepare``."""
    texts = json.loads((work / "clean.json").read_text())
    clean = clean_sentences(texts, np.arange(len(texts)), share=1.0)
    return joined(read_folder(data, "train").without(*EXAMINES_ONLY), clean)


@main.command("linear")
@data_option
@work_option
@click.option("--iterations", default=60, show_default=True)
def linear_step(data: Path, work: Path, iterations: int) -> None:
    """Train the linear tier."""
    from training import linear

    weights, intercepts, signs = linear.fit(examples_for_training(data, work), iterations=iterations)
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
def deep_step(data: Path, work: Path, base: Path, epochs: int, minutes: float, seed: int) -> None:
    """Fine-tune the deep tier; goes on where an interrupted run stopped."""
    import torch

    from training import deep
    from training.encoder import started_from

    model = deep.train(
        started_from(base, len(LABELS)),
        examples_for_training(data, work),
        deep.tokenizer(base / "tokenizer.json"),
        work,
        epochs=epochs,
        seconds=minutes * 60,
        seed=seed,
    )
    torch.save(model.state_dict(), work / "deep-final.pt")
    say("deep: done")


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
@click.option("--weights", type=click.Path(exists=True, file_okay=False, path_type=Path), default=WEIGHTS)
@click.option(
    "--page", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=Path("docs/models.md")
)
def evaluate_step(data: Path, weights: Path, page: Path) -> None:
    """Write the figures of the shipped weights into docs/models.md."""
    from training import evaluate

    begin, end = "<!-- figures: python -m training evaluate -->\n", "<!-- end of figures -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    figures = evaluate.figures(read_folder(data, "dev"), weights)
    page.write_text(f"{before}{begin}\n{figures}\n{end}{after}", encoding="utf-8")
    say(f"evaluate: wrote {page}")


if __name__ == "__main__":
    main()
