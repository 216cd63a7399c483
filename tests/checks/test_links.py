"""Links: how many, how much of the text, and where to."""

from __future__ import annotations

from typing import Any

import pytest

from service.checks.links import Links
from service.domain.comment import Signals
from tests.checks.cases import case, marked

LONG = "I have read the whole report of the engineers twice, and what it says of the saloon roof is clear. "


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        # No link at all, and things that only have dots.
        ("What about the bridge?", 0, 0),
        ("It was 7.10. Then...what? e.g. this, v1.2.3, end.So", 0, 0),
        # One link in a longer text is everyday writing.
        (LONG + "See https://council.example.org/report", 0.1, 0.39),
        # A link and nothing else; many; to many places.
        ("https://shop.example.org/watches", 0.4, 0.6),
        (
            LONG + "https://a.example.org https://b.example.org https://c.example.org https://d.example.org",
            0.8,
            1,
        ),
        # Where it leads is hidden, or not what it looks like.
        (LONG + "https://bit.ly/3abc", 0.45, 0.7),
        (LONG + "http://xn--pypal-4ve.com/login", 0.4, 0.7),
        (LONG + "http://pаypal.com/login", 0.5, 0.8),  # a Cyrillic letter in it
        (LONG + "http://203.0.113.7/x", 0.5, 0.8),
        (LONG + "http://[2001:db8::1]/x", 0.5, 0.8),
        (LONG + "http://3405803783/x", 0.5, 0.8),
        # Bare names below a public suffix are links as people read them.
        (LONG + "go to shop.example.com now", 0.1, 0.39),
        (LONG + "WWW.EXAMPLE.COM", 0.1, 0.39),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_what_links_weigh(text: str, least: float, most: float) -> None:
    finding = Links({}).run(case(text))
    assert finding.label == "spam"
    assert least <= finding.score <= most


def test_every_link_is_marked_in_the_text() -> None:
    text = "See (https://example.org/a), www.example.com/b. And shop.example.net!"
    finding = Links({}).run(case(text))
    assert marked(finding, text) == ["https://example.org/a", "www.example.com/b", "shop.example.net"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "As I wrote: https://daily.example/budget and http://www.daily.example/x"),
        ({"own_hosts": ["Other.example.org"]}, "https://other.example.org/a"),
        ({"trusted_hosts": ["council.example.org"]}, "council.example.org/report"),
    ],
)
def test_links_to_known_hosts_do_not_count(options: dict[str, Any], text: str) -> None:
    assert Links(options).run(case(text)).score == 0


def test_a_host_that_only_ends_like_a_known_one_counts() -> None:
    assert Links({}).run(case("https://evildaily.example.com/ https://daily.example.evil.test/")).score > 0


def test_a_throw_away_address_counts_and_is_not_shown() -> None:
    finding = Links({}).run(case(signals=Signals(address_disposable=True)))
    assert finding.score == 0.3
    assert [each.note for each in finding.evidence] == ["the e-mail address is of a throw-away service"]


def test_a_thousand_links_are_one_finding_with_bounded_evidence() -> None:
    finding = Links({}).run(case(" ".join(f"https://a{n}.example.org/" for n in range(400))))
    assert finding.score == 1.0
    assert len(finding.evidence) < 30
