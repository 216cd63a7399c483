"""What is composed for the deep tier alone: the same each time, of what training may see, and as it is labelled."""

from __future__ import annotations

from training import examined
from training.composed import LONG, LONG_WITH_ONE, composed, composed_sentences
from training.data import in_training
from training.sentences import CLEAN, own_sentences


def long_ones() -> list[str]:
    return [one.text for one in composed_sentences()[-LONG - LONG_WITH_ONE :]]


def test_it_is_the_same_each_time() -> None:
    first = composed_sentences()
    composed_sentences.cache_clear()
    assert composed_sentences() == first
    assert set(composed().sources) == {"own"}


def test_a_long_comment_is_an_attack_where_one_of_its_sentences_is() -> None:
    attacks = {one.text for one in own_sentences() if one.labels.get("toxicity") == 1}
    for one in composed_sentences()[-LONG - LONG_WITH_ONE :]:
        has_one = any(attack in one.text for attack in attacks)
        assert has_one == (one.labels.get("toxicity") == 1), one.text
        assert has_one or one.labels == CLEAN


def test_nothing_that_is_kept_aside_is_in_them() -> None:
    trained = "\n".join(one.text for one in own_sentences() if in_training(one.text))
    # Some are the beginning of one that has a link after it.
    aside = [one.text for one in own_sentences() if not in_training(one.text) and one.text not in trained]
    together = "\n".join(long_ones())
    assert len(aside) > 500
    assert [text for text in aside if text in together] == []
    assert [text for text in (*examined.CALM, *examined.RUDE) if text in together] == []


def test_a_call_is_a_threat_by_whom_it_is_about_alone() -> None:
    short = composed_sentences()[: -LONG - LONG_WITH_ONE]
    threats = {one.text for one in short if one.labels.get("threat") == 1}
    calls = {one.text for one in short if one.labels.get("threat") == 0}
    assert len(threats) > 100
    assert "Kill the bill!" in calls
    assert threats.isdisjoint(calls)
    assert {text.split()[0] for text in threats} & {text.split()[0] for text in calls} >= {"Kill", "Just"}
