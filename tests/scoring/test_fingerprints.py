"""Equal texts agree, similar texts are few bits apart, others many."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from service.domain.fingerprint import distance
from service.scoring.fingerprints import WORDS_MAX, fingerprint, near_in

WORDS = (
    *("bridge", "council", "winter", "school", "river", "market", "tram", "harbour", "budget", "library"),
    *("ferry", "paving", "vote", "minutes", "report", "engine", "roof", "captain", "morning", "evening"),
    *("ticket", "pension", "children", "mayor", "bucket", "museum", "quay", "street", "money", "repair"),
)


def written(chance: random.Random, count: int = 40) -> list[str]:
    return chance.choices(WORDS, k=count)


@given(st.text(max_size=200))
def test_a_fingerprint_is_four_bands_of_one_number(text: str) -> None:
    found = fingerprint(text)
    number = found.simhash & (1 << 64) - 1
    assert sum(band << 16 * place for place, band in enumerate(found.bands)) == number
    assert all(0 <= band < 1 << 16 for band in found.bands)
    assert -(1 << 63) <= found.text_hash < 1 << 63
    assert fingerprint(text) == found


def test_space_and_punctuation_do_not_count() -> None:
    one, two = fingerprint("who counted the children?"), fingerprint("  who, counted -- the\nchildren!")
    assert one == two


def test_a_changed_word_in_a_longer_text_is_near_and_another_text_is_far() -> None:
    chance = random.Random(7)
    near, far = [], []
    for _ in range(200):
        words = written(chance, 60)
        changed = list(words)
        changed[chance.randrange(60)] = "lighthouse"
        near.append(distance(fingerprint(" ".join(words)).simhash, fingerprint(" ".join(changed)).simhash))
        other = " ".join(written(chance, 60))
        far.append(distance(fingerprint(" ".join(words)).simhash, fingerprint(other).simhash))
    # What is called near by the check (three bits) or compared at all (six).
    assert sum(apart <= 6 for apart in near) > 150
    assert sum(apart <= 6 for apart in far) == 0


def test_an_advertisement_with_a_running_number_is_near_and_not_equal() -> None:
    one = fingerprint("best watches order number 4711 today only at our shop by the river")
    two = fingerprint("best watches order number 4712 today only at our shop by the river")
    assert one.simhash == two.simhash
    assert one.text_hash != two.text_hash


def test_of_two_texts_three_bits_apart_one_band_agrees() -> None:
    chance = random.Random(11)
    seen = 0
    for _ in range(400):
        words = written(chance, 80)
        changed = [*words[:-1], "lighthouse"]
        one, two = fingerprint(" ".join(words)), fingerprint(" ".join(changed))
        if distance(one.simhash, two.simhash) <= 3:
            seen += 1
            assert set(zip(range(4), one.bands, strict=True)) & set(zip(range(4), two.bands, strict=True))
    assert seen > 20


def test_a_very_long_text_is_looked_at_up_to_a_bound() -> None:
    start = " ".join(f"word{'abc'[n % 3]}{'xyz'[n % 7 % 3]}" for n in range(WORDS_MAX))
    assert fingerprint(start) == fingerprint(start + " and more" * 10_000)


def test_nothing_has_a_fingerprint_too() -> None:
    assert fingerprint("").simhash == 0
    assert fingerprint("…").bands == (0, 0, 0, 0)


def test_a_batch_is_compared_as_each_two_of_it_would_be() -> None:
    chance = random.Random(3)
    texts = [" ".join(written(chance, 30)) for _ in range(20)]
    texts += [text.replace("bridge", "lighthouse") for text in texts] + texts[:5]
    batch = [fingerprint(text) for text in texts]
    found = near_in(batch, 6)
    wanted = {
        place: near
        for place, one in enumerate(batch)
        if (
            near := [
                (earlier, distance(one.simhash, other.simhash), one.text_hash == other.text_hash)
                for earlier, other in enumerate(batch[:place])
                if distance(one.simhash, other.simhash) <= 6 or one.text_hash == other.text_hash
            ]
        )
    }
    assert found == wanted
    assert len(found) > 5
