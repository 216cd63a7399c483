"""Where links lead: a host that was rejected before, one that many names push within a day, and one that people
let through."""

from __future__ import annotations

import pytest

from service.checks.hosts import Hosts
from service.checks.links import HOSTS_MAX, hosts_of
from service.domain.comment import HostRecord
from service.domain.policy import Outcome
from tests.checks.cases import case

KITCHENS = "kitchens.example"


@pytest.mark.parametrize(
    ("record", "at_least", "at_most"),
    [
        (HostRecord(KITCHENS), 0, 0),
        (HostRecord(KITCHENS, rejected=1), 0, 0),
        (HostRecord(KITCHENS, rejected=2), 0.7, 0.7),
        (HostRecord(KITCHENS, rejected=9), 0.95, 0.95),
        (HostRecord(KITCHENS, approved=3, rejected=3), 0, 0),
        (HostRecord(KITCHENS, waiting=2, lately=2, names=2), 0, 0),
        (HostRecord(KITCHENS, waiting=3, lately=3, names=3), 0.5, 0.5),
        (HostRecord(KITCHENS, waiting=30, lately=30, names=30), 0.9, 0.9),
        # One reader who links to the same page again and again is the business of other checks.
        (HostRecord(KITCHENS, waiting=9, lately=9, names=1), 0, 0),
        (HostRecord(KITCHENS, approved=1, waiting=9, lately=9, names=9), 0, 0),
    ],
)
def test_a_host_is_judged_by_what_became_of_comments_that_name_it(
    record: HostRecord, at_least: float, at_most: float
) -> None:
    finding = Hosts({}).run(case("See kitchens.example", hosts=(record,)))
    assert at_least <= finding.score <= at_most
    assert bool(finding.evidence) == (finding.score > 0)


def test_the_worst_host_counts_and_is_named() -> None:
    records = (HostRecord("fine.example"), HostRecord(KITCHENS, rejected=3))
    finding = Hosts({}).run(case("both", hosts=records))
    assert finding.score == pytest.approx(0.8)
    assert [KITCHENS in one.note for one in finding.evidence] == [True]


def test_without_links_and_for_trusted_hosts_there_is_nothing_to_say() -> None:
    assert Hosts({}).run(case("no link")).outcome is Outcome.SKIPPED
    trusting = Hosts({"trusted": ["Kitchens.example"]})
    assert trusting.run(case("x", hosts=(HostRecord(KITCHENS, rejected=9),))).outcome is Outcome.SKIPPED


def test_the_hosts_of_a_text_are_named_once_without_the_sites_own() -> None:
    text = "https://www.kitchens.example/a http://kitchens.example/b and daily.example/c, www.other.example"
    assert hosts_of(text, ("daily.example",)) == ("kitchens.example", "other.example")
    many = " ".join(f"https://h{n}.example/" for n in range(50))
    assert len(hosts_of(many)) == HOSTS_MAX
