"""The steps of training that make and measure the deep tier; only here torch is needed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from service.scoring.labels import LABELS
from training.data import read_folder
from training.options import (
    FOLDER,
    base_option,
    between,
    data_option,
    examples_for_deep,
    examples_for_training,
    most_option,
    page_option,
    say,
    weights_option,
    work_option,
)


@click.command("unpack")
@work_option
@weights_option
def unpack_step(work: Path, weights: Path) -> None:
    """Read the shipped deep tier back, so that ``deep --earlier`` can go on from it."""
    import torch

    from training.shipped import read_back

    work.mkdir(parents=True, exist_ok=True)
    torch.save(read_back(weights / "deep.onnx").state_dict(), work / "deep-final.pt")
    say("unpack: done")


@click.command("deep")
@data_option
@work_option
@base_option
@click.option("--epochs", default=5, show_default=True)
@click.option(
    "--minutes", default=100.0, show_default=True, help="Ends by then, the learning rate having fallen to 0."
)
@click.option("--seed", default=1, show_default=True)
@click.option("--rate", default=1.2e-4, show_default=True, help="The highest learning rate.")
@click.option(
    "--earlier",
    type=FOLDER,
    help="Folder with deep-final.pt (and deep.pt) of an earlier version to begin from, instead of the base.",
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
    from training.encoder import started_from, with_state

    intercepts = None
    if earlier is None:
        model = started_from(base, len(LABELS))
    else:
        model = with_state(torch.load(earlier / "deep-final.pt", weights_only=True))
        if (earlier / "deep.pt").exists():
            intercepts = torch.load(earlier / "deep.pt", weights_only=True)["intercepts"]
    model = deep.train(
        model,
        examples_for_deep(data, work),
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


@click.command("blend")
@work_option
@click.option(
    "--earlier",
    type=FOLDER,
    required=True,
    help="Folder with the deep-final.pt that the others went on from.",
)
@click.option(
    "--later",
    type=FOLDER,
    required=True,
    multiple=True,
    help="Folder with the deep-final.pt that came of it; can be given several times.",
)
@click.option("--share", default=0.4, show_default=True, help="Of the later ones, from 0 to 1.")
def blend_step(work: Path, earlier: Path, later: tuple[Path, ...], share: float) -> None:
    """Take the weights between those of an earlier deep tier and those of trainings that went on from it."""
    import torch

    from training.shipped import between as weights_between

    before, *after = (torch.load(one / "deep-final.pt", weights_only=True) for one in (earlier, *later))
    work.mkdir(parents=True, exist_ok=True)
    try:
        torch.save(weights_between(before, after, share), work / "deep-final.pt")
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    say("blend: done")


@click.command("distil")
@data_option
@work_option
@click.option(
    "--whole",
    type=FOLDER,
    required=True,
    help="The --work folder of the steps before: clean.json, linear.npz, deep-final.pt and deep.pt.",
)
@base_option
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
    from training.encoder import with_state

    work.mkdir(parents=True, exist_ok=True)
    if (whole / "linear.npz").exists():
        # The next step makes both tiers ready from one folder.
        shutil.copyfile(whole / "linear.npz", work / "linear.npz")
    teacher = with_state(torch.load(whole / "deep-final.pt", weights_only=True))
    examples, cut = examples_for_deep(data, whole), deep.tokenizer(base / "tokenizer.json")
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


@click.command("videos")
@data_option
@work_option
@base_option
@weights_option
@click.option("--minutes", default=14.0, show_default=True, help="For each of the trainings.")
@page_option
@most_option
def videos_step(
    data: Path, work: Path, base: Path, weights: Path, minutes: float, page: Path, most: int
) -> None:
    """Measure the deep tier under videos that it never saw, and write it into docs/models.md; goes on where an
    interrupted run stopped."""
    from training import videos

    marks = ("<!-- videos: python -m training videos -->", "<!-- end of videos -->")
    between(page, marks)
    train, dev = examples_for_training(data, work), read_folder(data, "dev")
    share = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))["shares"]["spam"]
    folder = work / "videos"
    figures = videos.figures(train, dev, base, folder, share=share, minutes=minutes, most=most)
    before, after = between(page, marks)
    page.write_text(f"{before}\n{figures}\n{after}", encoding="utf-8")
    say(f"videos: wrote {page}")


STEPS = (unpack_step, deep_step, blend_step, distil_step, videos_step)
