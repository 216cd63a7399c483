"""Personal data typed into a comment is held with its place marked, and is never repeated."""

from __future__ import annotations

import pytest

from service.checks.personal_data import PersonalData
from tests.checks.cases import case, marked


@pytest.mark.parametrize(
    ("text", "places", "kind"),
    [
        ("Write to bob@example.org please", ["bob@example.org"], "an e-mail address"),
        ("Write to bob (at) example.org", ["bob (at) example.org"], "an e-mail address"),
        ("BOB[AT]EXAMPLE.ORG", ["BOB[AT]EXAMPLE.ORG"], "an e-mail address"),
        ("müller@bücher.example", ["müller@bücher.example"], "an e-mail address"),
        ("Call 020 7946 0958 now", ["020 7946 0958"], "a phone number"),
        ("Call +49 (30) 901820", ["+49 (30) 901820"], "a phone number"),
        ("(020) 7946-0958", ["(020) 7946-0958"], "a phone number"),
        ("DE89 3704 0044 0532 0130 00", ["DE89 3704 0044 0532 0130 00"], "an account number (IBAN)"),
        ("GB82WEST12345698765432", ["GB82WEST12345698765432"], "an account number (IBAN)"),
        ("my card is 4539 1488 0343 6467", ["4539 1488 0343 6467"], "a card number"),
        ("5500-0000-0000-0004.", ["5500-0000-0000-0004"], "a card number"),
    ],
)
def test_what_is_personal_is_found_and_marked(text: str, places: list[str], kind: str) -> None:
    finding = PersonalData({}).run(case(text))
    assert finding.score == 0.9
    assert marked(finding, text) == places
    assert [each.note for each in finding.evidence] == [kind] * len(places)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "at 7.10 on 2026-11-19",
            "19.11.2026, 18:30",
            "1939-1945 and 2014/15",
            "12 000 000 people",
            "1.234.567 votes",
        ),
        *(
            "£64,000 of it",
            "3:1, 4:2 and 0:0",
            "ISBN 978-3-16-148410-0",
            "pi is 3.14159265358979",
            "version 10.0.19045",
        ),
        *(
            "https://example.org/2026/11/19/1234567890",
            "chapter 12, page 345",
            "20 000 – 30 000",
            "@bob said it",
        ),
        *("DE89 3704 0044 0532 0130 01", "4539 1488 0343 6468", "meet at example dot org", "192.168.100.100"),
    ],
)
def test_what_only_looks_so_is_left_alone(text: str) -> None:
    assert PersonalData({}).run(case(text)).score == 0


def test_notes_never_repeat_what_they_are_about() -> None:
    text = "bob@example.org, 020 7946 0958, DE89 3704 0044 0532 0130 00, 4539 1488 0343 6467"
    finding = PersonalData({}).run(case(text))
    notes = " ".join(each.note for each in finding.evidence)
    assert len(finding.evidence) == 4
    for secret in ("bob", "example", "7946", "3704", "4539"):
        assert secret not in notes


def test_a_newsroom_may_let_phone_numbers_be() -> None:
    check = PersonalData({"phone_numbers": False})
    assert check.run(case("Call 020 7946 0958")).score == 0
    assert check.run(case("bob@example.org")).score == 0.9
