"""The deep tier's way into an int8 graph and back; runs where the dependency group ``training`` is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from service.scoring.deep import Deep
from service.scoring.labels import LABELS
from service.scoring.scorer import WEIGHTS
from training.__main__ import main
from training.data import Examples

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def narrow() -> object:
    """An encoder that nobody trained, with a few hidden units."""
    from training.encoder import Encoder

    torch.manual_seed(7)
    model = Encoder(len(LABELS), inner=64)
    # None may be like another: the exporter keeps equal ones once.
    for value in model.parameters():
        torch.nn.init.normal_(value, mean=0.0 if value.ndim > 1 else 0.5, std=0.05)
    return model.eval()


@pytest.fixture(scope="module")
def graph(narrow: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from training import quantise

    folder = tmp_path_factory.mktemp("graph")
    torch.save(narrow.state_dict(), folder / "deep-final.pt")
    quantise.deep(folder / "deep-final.pt", folder / "deep.onnx")
    return folder / "deep.onnx"


def ids() -> list[list[int]]:
    draw = np.random.default_rng(3)
    return [draw.integers(1, 30_000, size).tolist() for size in (3, 17, 60, 128)]


def said(model: torch.nn.Module, given: list[int]) -> np.ndarray:
    with torch.no_grad():
        return model(torch.tensor([given]), torch.ones(1, len(given), dtype=torch.bool))[0].numpy()


def test_the_graph_says_what_the_encoder_says(narrow: torch.nn.Module, graph: Path) -> None:
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    pairs = [(said(narrow, one), session.run(None, {"ids": np.array([one])})[0][0]) for one in ids()]
    whole, small = (np.concatenate(each) for each in zip(*pairs, strict=True))
    assert np.corrcoef(whole, small)[0, 1] > 0.99


def test_what_is_read_back_of_a_graph_says_what_was_written(narrow: torch.nn.Module, graph: Path) -> None:
    from training.shipped import read_back

    again = read_back(graph).eval()
    assert {name: value.shape for name, value in again.state_dict().items()} == {
        name: value.shape for name, value in narrow.state_dict().items()
    }
    for name, value in narrow.state_dict().items():
        most = (value.max() - value.min()) / 255 if value.ndim > 1 else 1e-6
        assert (again.state_dict()[name] - value).abs().max() <= most, name
    pairs = [(said(narrow, one), said(again, one)) for one in ids()]
    whole, read = (np.concatenate(each) for each in zip(*pairs, strict=True))
    assert np.corrcoef(whole, read)[0, 1] > 0.99


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A tokenizer as the base brings one, of the vocabulary that is shipped."""
    from tokenizers.implementations import BertWordPieceTokenizer

    from training.deep import tokenizer

    file = tmp_path_factory.mktemp("cut") / "tokenizer.json"
    made = BertWordPieceTokenizer(str(WEIGHTS / "vocab.txt"), lowercase=True)
    made.enable_truncation(128)
    made.save(str(file))
    return tokenizer(file)


SAID = "the council moved our library from high street and nobody asked whether children can walk there"
TEXTS = [" ".join([SAID] * times) for times in (1, 3, 7, 10, 18, 40)]


def test_training_reads_of_a_long_text_what_the_product_reads_and_takes_it_together_alike(
    cut: object,
) -> None:
    from training.deep import logits
    from training.shipped import read_back

    insult = "You are a pathetic idiot, and so is everybody who voted for you."
    texts = [*TEXTS, insult, *(f"{text} {insult}" for text in TEXTS)]
    product = Deep(WEIGHTS / "deep.onnx", WEIGHTS / "vocab.txt").logits(texts)
    training = logits(read_back(WEIGHTS / "deep.onnx"), texts, cut)
    # Numbers in int8 beside numbers in bfloat16.
    assert np.corrcoef(product[:, 0], training[:, 0])[0, 1] > 0.99
    assert np.abs(product - training)[:, 0].max() < 1.0


def test_a_batch_holds_each_text_with_both_of_its_halves(cut: object) -> None:
    from training.deep import _epoch, as_one

    shape = (len(TEXTS), len(LABELS))
    known = Examples(TEXTS, np.ones(shape, np.float32), np.ones(shape, np.float32), ["own"] * len(TEXTS))
    shown = [batch for batch, _ in _epoch(known, cut, seed=1, number=0, noise=0.0, budget=400)]
    assert sorted(row for batch in shown for row in batch.rows) == list(range(len(TEXTS)))
    assert len(shown) > 1
    for batch in shown:
        for row, (first, last) in zip(batch.rows, batch.halves.tolist(), strict=True):
            assert (first == last) == (len(TEXTS[row].split()) <= 126)
        assert sorted({half for pair in batch.halves.tolist() for half in pair}) == list(
            range(len(batch.ids))
        )
    said = torch.tensor([[0.0], [4.0], [-2.0]])
    assert as_one(said, torch.tensor([[0, 1], [2, 2]])).tolist() == [[2.0], [-2.0]]


def test_another_graph_is_refused(tmp_path: Path) -> None:
    import onnx

    from training.shipped import read_back

    empty = onnx.helper.make_graph([], "empty", [], [])
    onnx.save(onnx.helper.make_model(empty), tmp_path / "other.onnx")
    with pytest.raises(KeyError):
        read_back(tmp_path / "other.onnx")


def test_a_blend_lies_between_what_was_before_and_the_mean_of_what_came_of_it(tmp_path: Path) -> None:
    for name, number in (("before", 0.0), ("one", 1.0), ("other", 3.0)):
        (tmp_path / name).mkdir()
        torch.save({"head.bias": torch.full((2,), number)}, tmp_path / name / "deep-final.pt")
    args = [
        "blend",
        "--work",
        "made",
        "--earlier",
        "before",
        "--later",
        "one",
        "--later",
        "other",
        "--share",
        "0.25",
    ]
    made = [str(tmp_path / arg) if (tmp_path / arg).exists() or arg == "made" else arg for arg in args]
    done = CliRunner().invoke(main, made, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert torch.load(tmp_path / "made" / "deep-final.pt")["head.bias"].tolist() == [0.5, 0.5]


def test_trainings_of_different_models_are_not_blended(tmp_path: Path) -> None:
    for name, size in (("before", 2), ("later", 3)):
        (tmp_path / name).mkdir()
        torch.save({"head.bias": torch.zeros(size)}, tmp_path / name / "deep-final.pt")
    args = [
        "blend",
        "--work",
        tmp_path / "made",
        "--earlier",
        tmp_path / "before",
        "--later",
        tmp_path / "later",
    ]
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == 1
    assert "not trainings of one model" in done.output
    assert not (tmp_path / "made" / "deep-final.pt").exists()
