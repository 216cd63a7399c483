"""What the steps of training share: their options, the examples they read, and the pages they write into."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
import numpy as np

from service.scoring.scorer import WEIGHTS
from training.composed import composed
from training.data import EXAMINES_ONLY, Examples, joined, read_folder
from training.pseudo import clean_sentences

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)

data_option = click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Folder of *.jsonl.gz.",
)
work_option = click.option(
    "--work",
    type=NEW_FOLDER,
    default=Path("training/steps"),
    show_default=True,
    help="Where what is made in between is kept.",
)
weights_option = click.option("--weights", type=FOLDER, default=WEIGHTS)
base_option = click.option(
    "--base",
    type=FOLDER,
    required=True,
    help="Folder with model.safetensors, tokenizer.json and vocab.txt of all-MiniLM-L6-v2.",
)
page_option = click.option(
    "--page", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=Path("docs/models.md")
)
most_option = click.option(
    "--most", default=1_000, show_default=True, help="No search takes more steps: for trying things out."
)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def examples_for_training(data: Path, work: Path) -> Examples:
    """The training split without what only examines, and the clean sentences of ``prepare``."""
    clean = prepared(work / "clean.json")
    return joined(read_folder(data, "train").without(*EXAMINES_ONLY), clean)


def examples_for_deep(data: Path, work: Path) -> Examples:
    """Those and what is composed for the deep tier alone."""
    return joined(examples_for_training(data, work), composed())


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
