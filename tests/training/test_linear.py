"""A small model from nothing: data in a folder, the steps as commands, weights that the product loads."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from service.scoring.features import BUCKETS
from service.scoring.labels import LABELS
from service.scoring.linear import Linear
from service.scoring.measures import roc_auc
from service.scoring.scorer import Scorer
from training import examined, frames_people
from training.__main__ import main
from training.data import read_folder
from training.noise import disguised
from training.sentences import own_sentences

NOUNS = ["bridge", "library", "ferry", "council", "budget", "school", "tram", "garden", "market", "harbour"]
RUDE = ["idiot", "moron", "fool", "clown", "loser"]
CALM = ["teacher", "engineer", "baker", "driver", "neighbour"]


def rows(source: str, count: int, *, positives: float, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    made = []
    for number in range(count):
        bad = draw.random() < positives
        text = (
            f"{draw.choice(['I think', 'Honestly', 'No doubt'])} the man who wrote about the {draw.choice(NOUNS)} "
            f"is a {draw.choice(RUDE if bad else CALM)}. {draw.choice(NOUNS).title()} number {number} matters more."
        )
        labels: dict[str, float | None] = dict.fromkeys(LABELS)
        labels |= {"toxicity": float(bad), "insult": float(bad)}
        split = "dev" if number % 5 == 0 else "train"
        made.append(
            {"id": f"{source}{number}", "text": text, "labels": labels, "source": source, "split": split}
        )
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for source, count, positives in (
        ("jigsaw_wiki", 400, 0.2),
        ("civil_spans", 200, 1.0),
        ("davidson", 40, 1.0),
    ):
        with gzip.open(folder / f"{source}.jsonl.gz", "wt", encoding="utf-8") as file:
            for row in rows(source, count, positives=positives, seed=count):
                file.write(json.dumps(row) + "\n")
    return folder


def stepped(*args: object) -> None:
    done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def made(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights made by the commands that docs/models.md names."""
    work, out = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("weights")
    stepped("prepare", "--data", data, "--work", work)
    stepped("linear", "--data", data, "--work", work, "--most", 15)
    stepped("words", "--data", data, "--work", work)
    stepped("quantise", "--work", work, "--base", work, "--out", out)
    stepped("calibrate", "--data", data, "--out", out, "--version", "test")
    return out


def test_the_trained_model_tells_abuse_from_what_it_never_saw(data: Path, made: Path) -> None:
    dev = read_folder(data, "dev").of("jigsaw_wiki")
    scores = np.array([one.scores["toxicity"] for one in Scorer("linear", made).score(dev.texts)])
    assert roc_auc(dev.labels[:, 0], scores) > 0.95


def test_training_again_gives_the_same_weights(data: Path, made: Path, tmp_path: Path) -> None:
    stepped("prepare", "--data", data, "--work", tmp_path)
    stepped("linear", "--data", data, "--work", tmp_path, "--most", 15)
    stepped("words", "--data", data, "--work", tmp_path)
    out = tmp_path / "out"
    stepped("quantise", "--work", tmp_path, "--base", tmp_path, "--out", out)
    with np.load(made / "linear.npz") as one, np.load(out / "linear.npz") as other:
        for name in one.files:
            assert np.array_equal(one[name], other[name]), name


def test_int8_keeps_what_was_trained(made: Path, data: Path, tmp_path: Path) -> None:
    from training import linear, quantise

    draw = np.random.default_rng(1)
    weights = (draw.standard_normal((BUCKETS, len(LABELS))) ** 3).astype(np.float32)
    intercepts, signs = np.zeros(len(LABELS), np.float32), np.zeros(16, np.float32)
    np.savez(tmp_path / "trained.npz", weights=weights, intercepts=intercepts, signs=signs)
    quantise.linear(tmp_path / "trained.npz", tmp_path / "small.npz")
    texts = [f"{' '.join(NOUNS[n:])} {n}" for n in range(10)]
    whole = linear.logits((weights, intercepts, signs), texts, [{} for _ in texts])
    small = Linear(tmp_path / "small.npz").logits(texts)
    assert np.corrcoef(whole.ravel(), small.ravel())[0, 1] > 0.999


def test_what_only_examines_is_never_trained_on(data: Path, made: Path) -> None:
    from training.options import examples_for_training

    work = made.parent / "examined"
    work.mkdir(exist_ok=True)
    (work / "clean.json").write_text("[]")
    assert "davidson" not in examples_for_training(data, work).sources


def test_a_label_that_was_not_asked_is_not_a_nought(data: Path) -> None:
    examples = read_folder(data, "train").of("civil_spans")
    assert np.isnan(examples.labels[:, LABELS.index("sexual")]).all()
    assert not np.isnan(examples.labels[:, LABELS.index("toxicity")]).any()


def test_what_few_marked_in_a_newspaper_comment_is_a_degree_to_learn_from_and_examines_nothing(
    tmp_path: Path,
) -> None:
    row: dict[str, Any] = {"text": "x", "source": "civil_spans", "labels": dict.fromkeys(LABELS)}
    marked = [(None, 0.33, "train"), (1.0, 0.67, "train"), (None, 0.14, "dev"), (1.0, 1.0, "dev")]
    with gzip.open(tmp_path / "civil_spans.jsonl.gz", "wt", encoding="utf-8") as file:
        for toxicity, share, split in marked:
            asked = row["labels"] | {"toxicity": toxicity}
            file.write(json.dumps(row | {"labels": asked, "span_share": share, "split": split}) + "\n")
    train, dev = (read_folder(tmp_path, split).of("civil_spans") for split in ("train", "dev"))
    assert train.labels[:, LABELS.index("toxicity")].tolist() == pytest.approx([0.33, 1.0])
    assert np.isnan(dev.labels[:, LABELS.index("toxicity")]).tolist() == [True, False]
    # It says how toxic, not of what kind.
    assert np.isnan(train.labels[0, LABELS.index("insult")])


def test_a_source_counts_for_each_label_as_its_search_has_it() -> None:
    from training import linear
    from training.data import Examples

    sources = ["jigsaw_wiki", "edos", "sms_spam"]
    ones = np.ones((3, len(LABELS)), np.float32)
    counted = linear.weighed(Examples(["x"] * 3, ones, ones, sources, [{}] * 3)).weights
    for task in linear.TASKS:
        for column in task.columns:
            assert counted[:, column].tolist() == pytest.approx([task.counts.get(s, 1.0) for s in sources])
    assert sorted(column for task in linear.TASKS for column in task.columns) == list(range(len(LABELS)))


def test_our_own_sentences_are_the_same_each_time_and_name_their_identities() -> None:
    own_sentences.cache_clear()
    first = own_sentences()
    own_sentences.cache_clear()
    assert own_sentences() == first
    calm = {one.identity for one in first if one.identity and not one.labels["toxicity"]}
    assert len(calm) >= 42
    assert len({one.text for one in first}) == len(first)


def test_the_words_of_violence_stand_in_sentences_that_threaten_nobody() -> None:
    threats = {one.text for one in own_sentences() if one.labels.get("threat") == 1}
    idioms = [one for one in own_sentences() if one.text.startswith(("Kill the ", "We killed them"))]
    assert len(idioms) > 20
    assert all(one.labels["threat"] == one.labels["toxicity"] == 0 for one in idioms)
    assert threats.isdisjoint(one.text for one in idioms)


def test_noise_is_drawn_from_its_seed_and_leaves_short_words() -> None:
    text = "You are an incredible nuisance to the whole village"
    assert disguised(text, random.Random(4), share=1) == disguised(text, random.Random(4), share=1)
    seen = {disguised(text, random.Random(seed), share=1) for seed in range(40)}
    assert len(seen) > 30
    assert all(line.startswith("You are an ") for line in seen)


def test_what_examines_is_in_no_frame_that_training_saw() -> None:
    trained = {
        *frames_people.EVERYDAY,
        *frames_people.REFUSED,
        *frames_people.ATTACKS,
        *frames_people.THREATS_TO_MANY,
    }
    assert trained.isdisjoint([*examined.EVERYDAY, *examined.DENIALS, *examined.ATTACKS])
    texts = {sentence.text for sentence in own_sentences()}
    assert texts.isdisjoint(one.text for one in examined.examined_sentences())
