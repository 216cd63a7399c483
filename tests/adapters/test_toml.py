"""A policy as TOML: the same document there and back, explained, and nothing that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters import toml
from service.domain.errors import InvalidPolicy
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    WORDS | NUMBERS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
OPTIONS = st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=3), max_size=3)
RULES = st.lists(
    st.fixed_dictionaries(
        {"label": WORDS, "at": st.floats(0, 1) | st.just("site"), "action": st.just("hold")},
        optional={"check": WORDS},
    ),
    max_size=4,
)
PART = {
    "otherwise": st.sampled_from(["hold", "approve", "trust"]),
    "on_failure": st.just("hold"),
    "close_after_days": st.integers(1, 3650),
    "checks": st.dictionaries(WORDS, st.sampled_from(["enforce", "observe", "off"]), max_size=3),
    "options": OPTIONS,
    "rules": RULES,
}
SECTIONS = st.lists(st.fixed_dictionaries({"path": WORDS}, optional=PART), max_size=3)
THREADS = st.lists(st.fixed_dictionaries({"url": WORDS}, optional=PART), max_size=3)
DOCUMENTS = st.fixed_dictionaries({}, optional={**PART, "sections": SECTIONS, "threads": THREADS})


@given(DOCUMENTS)
def test_what_is_written_reads_as_the_same_document(document: dict[str, Any]) -> None:
    assert toml.read(toml.write(document)) == document


def test_an_editor_sees_each_part_explained_also_those_that_are_not_there() -> None:
    text = toml.write({})
    for name in ("otherwise", "close_after_days", "checks", "options", "[[sections]]", "[[threads]]"):
        assert name in text
    assert toml.read(text) == {}
    assert toml.write(DEFAULT_DOCUMENT).count("\n# ") > 10


def test_the_examples_in_the_explanations_are_valid() -> None:
    examples = [line.partition("for example: ")[2] for line in toml.write({}).lower().splitlines()]
    found = [toml.read(example) for example in examples if example]
    assert [next(iter(one)) for one in found] == ["close_after_days", "checks", "options"]
    for one in found:
        read_policy(one, 1)


def test_rules_stand_on_a_line_each() -> None:
    said = toml.lines(DEFAULT_DOCUMENT)
    assert sum('action = "' in line for line in said) == len(DEFAULT_DOCUMENT["rules"])
    assert not [line for line in said if line.startswith("#")]


@pytest.mark.parametrize(
    "text", ["otherwise = ", "= 1", "a = 1\na = 2", "a = [" * 50_000, "a = {b = " * 50_000, "\x00", "\ud800"]
)
def test_what_is_no_toml_is_told_where(text: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        toml.read(text)
    [fault] = caught.value.errors
    assert fault.pointer == "/toml"
    assert fault.detail.startswith("This is not valid TOML: ")


@pytest.mark.parametrize("text", ["a = 2026-11-24", "at = inf", "at = nan", "a = 07:00:00"])
def test_what_toml_has_and_json_has_not_is_no_policy(text: str) -> None:
    with pytest.raises(InvalidPolicy):
        read_policy({"options": {"trap": toml.read(text)}}, 1)
