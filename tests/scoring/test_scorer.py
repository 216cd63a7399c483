"""The shipped models: the same answer in any company, evidence that is in the text, and no answer from damaged
weights."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.policy_document import THRESHOLDS
from service.scoring.labels import LABELS
from service.scoring.scorer import TIERS, WEIGHTS, Scorer, Tier, WeightsDamaged, scorer
from service.scoring.spam_signs import Around

EVERYDAY = [
    "Thank you for a fair article about the new bridge.",
    "I disagree with the council: the figures on page 12 don't add up.",
    "My neighbour is a gay man and we walk our dogs together.",
    "Muslims, Jews and Christians live on our street, and nobody minds.",
    "Does anyone know when the library opens on Sunday?",
]
ABUSE = [
    "You are a pathetic idiot, shut up.",
    "What a stupid moron you are.",
    "Go to hell, you worthless idiot.",
]
SPAM = [
    "I make $4,000 a week from home, visit http://cash-now.example/x and start today!!!",
    "Cheap pills without prescription, worldwide delivery www.best-pills.example",
]
THREATS = [
    "I'll find you at the station and stab you, you rat.",
    "Someone should take a rifle and shoot that councillor.",
    "We will beat up the next reporter who comes here.",
]
VIOLENCE_TOLD = [
    "The police say that the suspect stabbed two people at the station.",
    "My grandfather was shot at twice in the war and never spoke about it.",
    "The reporter was beaten up on her way home, and nobody was charged.",
]
# None of these is among the sentences of training, which has others with the same words.
IDIOMS = [
    "We got slaughtered in the second half on Saturday.",
    "My back is killing me after that match.",
    "Shoot down this proposal before it costs us millions.",
    "They murdered that song last night.",
]
HATE = [
    "Muslims are vermin and should be driven out of this country.",
    "Jews are the disease of this world.",
    "All these immigrants are filthy animals, send them back.",
    "Gays are disgusting perverts and don't deserve rights.",
]
RUDE_TO_ONE = [
    "You are a pathetic idiot, shut up.",
    "The mayor is a lying crook and a coward.",
    "What a stupid, ignorant comment.",
]
everything = pytest.mark.parametrize("tier", TIERS)


@everything
def test_abuse_and_spam_rank_above_everyday_comments(tier: Tier) -> None:
    judge = scorer(tier)
    calm, rude, sold = judge.score(EVERYDAY), judge.score(ABUSE), judge.score(SPAM)
    assert max(one.scores["toxicity"] for one in calm) < min(one.scores["toxicity"] for one in rude)
    assert max(one.scores["spam"] for one in calm) < min(one.scores["spam"] for one in sold)


@everything
def test_a_threat_ranks_above_violence_that_is_told_of(tier: Tier) -> None:
    judge = scorer(tier)
    meant, told = judge.score(THREATS), judge.score(VIOLENCE_TOLD)
    assert min(one.scores["threat"] for one in meant) > max(one.scores["threat"] for one in told)


@everything
def test_a_threat_ranks_above_idioms_of_violence(tier: Tier) -> None:
    judge = scorer(tier)
    meant, said = judge.score(THREATS), judge.score(IDIOMS)
    assert min(one.scores["threat"] for one in meant) > max(one.scores["threat"] for one in said)


@everything
def test_hate_of_any_identity_ranks_above_rudeness_to_somebody(tier: Tier) -> None:
    judge = scorer(tier)
    hateful, rude = judge.score(HATE), judge.score(RUDE_TO_ONE)
    assert min(one.scores["identity_attack"] for one in hateful) > max(
        one.scores["identity_attack"] for one in rude
    )


@everything
def test_scores_are_chances_for_every_label(tier: Tier) -> None:
    for scored in scorer(tier).score([*EVERYDAY, *ABUSE, "", " ", "\U0001f600", "é" * 4000]):
        assert tuple(scored.scores) == LABELS
        assert all(0 <= score <= 1 for score in scored.scores.values())
        assert scored.model.startswith("linear" if tier != "deep" else "deep")


@everything
def test_a_text_scores_the_same_alone_and_among_others(tier: Tier) -> None:
    judge = scorer(tier)
    texts = [*EVERYDAY, *ABUSE, *SPAM, "short", "word " * 900]
    together = judge.score(texts)
    backwards = judge.score(texts[::-1])[::-1]
    for text, one, other in zip(texts, together, backwards, strict=True):
        assert one == other == judge.score([text])[0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6), st.integers(0, 5))
def test_whatever_stands_beside_it_a_text_scores_the_same(texts: list[str], place: int) -> None:
    place %= len(texts)
    assert scorer("both").score(texts)[place] == scorer("both").score([texts[place]])[0]


def test_another_process_scores_the_same() -> None:
    code = (
        "import json; from service.scoring.scorer import scorer; "
        f"print(json.dumps([one.scores for one in scorer('both').score({[*ABUSE, *EVERYDAY]!r})]))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(other.stdout) == [one.scores for one in scorer("both").score([*ABUSE, *EVERYDAY])]


@pytest.mark.parametrize(
    "disguised",
    [
        "You are an 1d10t",
        "You are an i.d.i.o.t",
        "You are an і\u200bdіоt",
        "You are an iiiidiot",
        "YOU ARE AN i d i o t",
    ],
)
def test_a_disguised_insult_stays_one(disguised: str) -> None:
    found, calm = scorer("both").score([disguised, "You are an engineer"])
    assert found.scores["toxicity"] > max(0.5, calm.scores["toxicity"])


@everything
@pytest.mark.parametrize(
    "piece", ["a", "a.", "\u0301", "\u200b\u202e", "\U0001f468\u200d", "ﷺ", "@", "1d", "北京", "a b "]
)
def test_ten_kilobytes_of_anything_are_scored_in_bounded_time(tier: Tier, piece: str) -> None:
    judge = scorer(tier)
    text = piece * (10_000 // len(piece.encode()))
    judge.score([text])
    started = time.process_time()
    judge.score([text])
    # Some twentieth of it is usual; what is asked is that it never takes a worker's lease.
    assert time.process_time() - started < 2


@everything
def test_evidence_names_the_words_that_weighed(tier: Tier) -> None:
    text = "The article is long and well written, but you are an idiot all the same."
    (first, *_) = scorer(tier).evidence(text, "toxicity")
    assert text[first.start : first.end] == "idiot"


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_evidence_lies_within_the_text(text: str) -> None:
    for word in scorer("linear").evidence(text, "toxicity"):
        assert 0 <= word.start < word.end <= len(text)


@pytest.mark.parametrize("tier", TIERS)
def test_whoever_gives_a_source_is_not_called_a_spammer(tier: Tier) -> None:
    sources = (
        "The figures are in the minutes: https://www.example.gov/council/2026/minutes.pdf, page 12.",
        "That is not what the report says, see https://news.example.org/2026/11/ferry-report for the full text.",
        "There is a good overview at https://en.wikipedia.org/wiki/Ferry if anybody wants the history.",
        "The same paper wrote the opposite in May (https://www.example.com/2026/05/harbour).",
    )
    for text, scored in zip(sources, scorer(tier).score(sources), strict=True):
        assert scored.scores["spam"] < THRESHOLDS["spam"], text


def test_a_name_full_of_digits_and_a_link_given_apart_speak_for_spam() -> None:
    text = "Nice article, have a look"
    plain, signed = scorer("linear").score(
        [text, text], [None, Around(author_name="buy.cheap99", links=["http://bit.ly/abc"])]
    )
    assert signed.scores["spam"] > plain.scores["spam"]


def test_of_both_tiers_each_says_its_share_of_a_label_as_the_manifest_has_it() -> None:
    manifest = json.loads((WEIGHTS / "manifest.json").read_text(encoding="utf-8"))
    texts = [*ABUSE, *EVERYDAY, *SPAM]
    raw = {}
    for tier in TIERS:
        pairs = np.array([manifest["calibration"][tier][label] for label in LABELS])
        raw[tier] = (scorer(tier).logits(texts) - pairs[:, 1]) / pairs[:, 0]
    shares = np.array([manifest["shares"][label] for label in LABELS])
    assert raw["both"] == pytest.approx(shares * raw["linear"] + (1 - shares) * raw["deep"], abs=1e-3)
    assert len(set(shares)) > 1


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


@pytest.mark.parametrize("name", ["linear.npz", "manifest.json"])
def test_weights_that_are_not_those_of_the_manifest_are_refused(copied: Path, name: str) -> None:
    (copied / name).write_bytes((copied / name).read_bytes()[:-9])
    with pytest.raises(WeightsDamaged):
        Scorer("both", copied)


@pytest.mark.parametrize("name", ["deep.onnx", "vocab.txt"])
def test_without_its_deep_tier_it_falls_back_and_says_so(copied: Path, name: str) -> None:
    (copied / name).unlink()
    judge = Scorer("both", copied)
    (scored,) = judge.score(["You are an idiot"])
    assert scored.model.startswith("linear-")
    assert "deep" in scored.fallback
    assert scored.scores == Scorer("linear", copied).score(["You are an idiot"])[0].scores
    with pytest.raises(WeightsDamaged):
        Scorer("deep", copied)


def test_without_onnxruntime_the_linear_tier_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    judge = Scorer("both")
    assert judge.tier == "linear"
    assert "ImportError" in judge.fallback or "ModuleNotFoundError" in judge.fallback


def test_weights_for_another_reading_are_refused(copied: Path) -> None:
    from service.scoring.linear import Linear

    with np.load(copied / "linear.npz") as kept:
        arrays = dict(kept)
    arrays["made_for"] = np.array([99, 1])
    np.savez(copied / "linear.npz", **arrays)
    with pytest.raises(ValueError, match="trained on reading"):
        Linear(copied / "linear.npz")


def test_the_weights_are_as_small_as_promised() -> None:
    sizes = {file.name: file.stat().st_size for file in WEIGHTS.iterdir()}
    assert sizes["linear.npz"] < 10_000_000
    assert sizes["deep.onnx"] + sizes["vocab.txt"] < 25_000_000
