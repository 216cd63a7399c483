"""Plots are well-formed, say what they show, and hold whatever numbers and texts come."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.plots import PLOT, TOP, WIDTH, Bar, Series, duration, durations, intervals, shortly, stacked_bars

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\" onload='x' &amp; \x00\x0b\ufffe\ud800 ]]> -->"


def read(svg: str) -> ElementTree.Element:
    """The picture as a reader of XML has it; what must hold of every one is held here."""
    # It must be possible to send it, too.
    root = ElementTree.fromstring(svg.encode())
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, about = root[0], root[1]
    assert (title.tag, about.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"
    for one in root.iter():
        # Our pages refuse styles in attributes, and nothing here may act or lead anywhere.
        assert not [name for name in one.attrib if name == "style" or name.startswith("on") or "href" in name]
        assert one.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "path", "rect", "text", "circle"}
        for name in ("x", "y", "width", "height", "cx", "cy"):
            if (written := one.get(name)) is not None:
                assert re.fullmatch(r"-?[\d.]+", written), written
        # Every colour is the page's own, so that it can be another one in the dark.
        assert {one.get("fill", "none"), one.get("stroke", "none")} <= {"none", "currentColor"}
    return root


def bars(root: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """(x, y, width, height) of what is drawn, without the legend."""
    found = []
    for one in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        if y >= TOP - 1:
            found.append((x, y, width, height))
    return found


def texts(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def two(first: list[float | None], second: list[float | None]) -> list[Series]:
    return [Series("by machines", "machine", first), Series("by people", "people", second)]


def test_bars_stand_on_the_axis_and_on_each_other_in_proportion() -> None:
    root = read(stacked_bars("hours", "Decisions", "How many", ["8:00", "9:00"], two([30, 0], [10, 20])))
    machine, people, later = bars(root)
    # Ticks at 0, 10, 20, 30 and 40: a height of 200 is 40 decisions.
    assert texts(root)[:5] == ["0", "10", "20", "30", "40"]
    assert (machine[1] + machine[3], machine[3]) == (TOP + PLOT, 150)
    assert (people[1] + people[3], people[3]) == (machine[1], 50)
    assert (later[1] + later[3], later[3]) == (TOP + PLOT, 100)
    assert machine[0] == people[0] < later[0]
    assert [one.text for one in root.iter(f"{SVG}title")][1] == "8:00: 30 by machines, 10 by people"


def test_one_bar_is_a_bar_and_none_says_so() -> None:
    [only] = bars(read(stacked_bars("a", "T", "D", ["8:00"], [Series("x", "x", [1])])))
    assert only[3] == PLOT / 4
    for labels in ([], ["8:00", "9:00"]):
        empty = read(stacked_bars("a", "T", "D", labels, two([0] * len(labels), [None] * len(labels))))
        assert bars(empty) == []
        assert "Nothing in this time." in texts(empty)
    for root in (read(durations("a", "T", "D", [], [])), read(intervals("a", "T", "D", []))):
        assert "Nothing in this time." in texts(root)


def test_large_numbers_are_written_short() -> None:
    assert [shortly(n) for n in (0, 950, 9_999, 12_500, 40_000, 3_400_000, 2e9)] == [
        "0",
        "950",
        "9999",
        "12.5 k",
        "40 k",
        "3.4 M",
        "2 G",
    ]
    root = read(stacked_bars("a", "T", "D", ["8:00"], [Series("x", "x", [3_900_000])]))
    assert texts(root)[:5] == ["0", "1 M", "2 M", "3 M", "4 M"]


def test_durations_are_told_in_units_that_people_use() -> None:
    assert [duration(s) for s in (0, 0.4, 59, 60, 1_500, 9_000, 86_400, 260_000)] == [
        "0 s",
        "0.4 s",
        "59 s",
        "1 min",
        "25 min",
        "2.5 h",
        "24 h",
        "3 days",
    ]


def test_a_line_rises_with_its_values_and_is_broken_where_there_are_none() -> None:
    values = [2.0, 60.0, None, 3_600.0]
    root = read(durations("w", "T", "D", list("abcd"), [Series("half", "p50", values)]))
    heights = [float(one.attrib["cy"]) for one in root.iter(f"{SVG}circle")]
    assert heights == sorted(heights, reverse=True)
    [line] = [one.attrib["d"] for one in root.iter(f"{SVG}path") if "L" in one.attrib["d"]]
    assert re.sub(r"[\d. ]", "", line) == "MLM"
    assert texts(root)[:6] == ["1 s", "10 s", "1 min", "10 min", "1 h", "half"]


def test_an_interval_is_drawn_around_its_share() -> None:
    shown = Bar("links", "50 % of 40", 0.5, 0.35, 0.65)
    root = read(intervals("p", "T", "D", [shown, Bar("model", "not enough yet (3 of 20)")]))
    [bar] = bars(root)
    [whisker] = [one.attrib["d"] for one in root.iter(f"{SVG}path") if "H" in one.attrib["d"]]
    numbers = [float(n) for n in re.findall(r"[\d.]+", whisker)]
    assert numbers[0] < bar[0] + bar[2] < numbers[2]
    assert "not enough yet (3 of 20)" in texts(root)


def test_what_is_written_in_a_plot_can_be_anything() -> None:
    series = [Series(HOSTILE, HOSTILE, [1])]
    for svg in (
        stacked_bars(HOSTILE, HOSTILE, HOSTILE, [HOSTILE], series),
        durations(HOSTILE, HOSTILE, HOSTILE, [HOSTILE], series),
        intervals(HOSTILE, HOSTILE, HOSTILE, [Bar(HOSTILE, HOSTILE, 0.5, 0.1, 0.9)]),
    ):
        assert "<script" not in svg
        assert "onload='" not in svg
        assert "<script>" in (read(svg)[0].text or "")


NUMBERS = st.lists(st.tuples(*[st.one_of(st.none(), st.floats(0, 1e12))] * 2), max_size=60)


@given(NUMBERS)
def test_any_numbers_stay_within_the_picture_and_give_the_same_text(
    numbers: list[tuple[float, float]],
) -> None:
    series = two([one for one, _ in numbers], [other for _, other in numbers])
    labels = [str(n) for n in range(len(numbers))]
    for draw in (stacked_bars, durations):
        svg = draw("a", "T", "D", labels, series)
        assert svg == draw("a", "T", "D", labels, series)
        root = read(svg)
        for x, y, width, height in bars(root):
            assert x >= -0.1
            assert x + width <= WIDTH + 0.1
            assert y >= TOP - 0.2
            assert y + height <= TOP + PLOT + 0.2
        for dot in root.iter(f"{SVG}circle"):
            assert 0 <= float(dot.attrib["cx"]) <= WIDTH
            assert TOP - 0.1 <= float(dot.attrib["cy"]) <= TOP + PLOT + 0.1
        assert len([one for one in texts(root) if one.isdigit() or one in labels]) <= 8 + 5


@given(st.lists(st.tuples(st.text(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), max_size=20))
def test_any_shares_can_be_drawn(rows: list[tuple[str, float, float, float]]) -> None:
    shown = [Bar(label, label, *sorted(shares)) for label, *shares in rows]
    root = read(intervals("p", "T", "D", shown))
    assert len(bars(root)) == len(rows)


@pytest.mark.parametrize("count", [1, 8, 9, 48, 90])
def test_labels_under_the_axis_leave_each_other_room(count: int) -> None:
    labels = [f"l{n}" for n in range(count)]
    root = read(stacked_bars("a", "T", "D", labels, [Series("x", "x", [1] * count)]))
    places = [float(one.attrib["x"]) for one in root.iter(f"{SVG}text") if (one.text or "").startswith("l")]
    assert 1 <= len(places) <= 8
    assert all(later - earlier >= 50 for earlier, later in pairwise(places))
