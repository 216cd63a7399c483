"""Reading addresses that strangers type: what is none is refused in our own words, and nobody is asked about any."""

from __future__ import annotations

import socket
import sys
import traceback

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from service.adapters.addresses import (
    LONGEST,
    NOT_AN_ADDRESS,
    TOO_LONG,
    AddressFault,
    is_disposable,
    read_address,
    spellings,
)
from service.domain.address import Address
from tests.product.canaries import Canaries, Search
from tests.product.strangers import REFUSED, TAKEN


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ada@example.org", "ada@example.org"),
        (" ada@example.org\n", "ada@example.org"),
        # The name before the sign is its owner's business; the domain has no case.
        ("Ada.Lovelace@Example.ORG", "Ada.Lovelace@example.org"),
        ("o'hara+news@example.org", "o'hara+news@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
        ("1@2.example", "1@2.example"),
        ("ada@bücher.example", "ada@bücher.example"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@例え.example", "ada@例え.example"),
        ("ada@مثال.example", "ada@مثال.example"),
        # Full-width letters are how some keyboards write a domain.
        ("ada@ｅｘａｍｐｌｅ.org", "ada@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_read_with_its_domain_normalised(typed: str, read: str) -> None:
    assert read_address(typed).reveal() == read


@pytest.mark.parametrize("kind", TAKEN)
def test_every_odd_way_to_write_an_address_is_taken(kind: str) -> None:
    read_address(Canaries().make("taken", TAKEN[kind]))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_address_is_refused_without_repeating_it(kind: str) -> None:
    canaries = Canaries()
    typed = canaries.make("refused", REFUSED[kind])
    with pytest.raises(AddressFault) as refused:
        read_address(typed)
    assert str(refused.value) in (NOT_AN_ADDRESS, TOO_LONG)
    search = Search(canaries.all)
    # As a log or an error page would show it, with whatever caused it.
    search.look("a traceback", "".join(traceback.format_exception(refused.value)).encode())
    assert not search.found


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "@",
        "ada",
        "ada@localhost",
        "ada@example",
        "ada@example.org.",
        "a" * 65 + "@example.org",
        "ａda@example.org",
    ],
)
def test_more_that_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressFault):
        read_address(typed)


def test_an_address_has_at_most_254_characters_also_as_it_is_sent() -> None:
    domain = ".".join(["d" * 60] * 3) + ".example"
    longest = "a" * (LONGEST - len(domain) - 1) + "@" + domain
    assert len(longest) == LONGEST
    assert read_address(longest).reveal() == longest
    with pytest.raises(AddressFault, match="too long"):
        read_address("a" + longest)
    # Short in letters, long in punycode.
    wide = "a@" + "üa." * 40 + "example"
    assert len(wide) < LONGEST < len(wide.encode("idna"))
    with pytest.raises(AddressFault):
        read_address(wide)


ANYTHING = st.text(max_size=80) | st.text(st.characters(max_codepoint=127), max_size=80)
LIKELY = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text("abAB01.+-_'\" @é", max_size=20),
    st.text("abAB01.-_ü[]:é", max_size=20)
    | st.sampled_from(["example.org", "a.example", "xn--p1ai.example", "1.2"]),
)


@given(ANYTHING | LIKELY)
@example("a@b.example\r\nBcc: c@d.example")
@example("a@b..example")
@example("a.@b.example")
@example("a@-b.example")
@example("a@b.example ")
def test_our_short_way_reads_what_the_validator_reads(typed: str) -> None:
    try:
        wanted = validate_email(
            typed.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
        ).normalized
    except EmailNotValidError:
        wanted = None
    try:
        found = read_address(typed).reveal()
    except AddressFault:
        found = None
    assert found == wanted


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture])
@given(LIKELY)
def test_what_was_read_is_read_the_same_again(typed: str) -> None:
    try:
        read = read_address(typed).reveal()
    except AddressFault:
        assume(False)
    assert read_address(read).reveal() == read


def test_no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def note(*arguments: object, **_named: object) -> None:
        asked.append(arguments)
        raise OSError("nobody is asked here")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "socket", "create_connection"):
        monkeypatch.setattr(socket, name, note)
    for resolver in [name for name in sys.modules if name == "dns" or name.startswith("dns.")]:
        monkeypatch.delitem(sys.modules, resolver)
    for form in (*TAKEN.values(), *REFUSED.values()):
        try:
            is_disposable(read_address(Canaries().make("looked up", form)))
        except AddressFault:
            continue
    assert asked == []
    assert not [name for name in sys.modules if name.startswith("dns.resolver")]


def test_an_address_is_spelled_as_it_may_stand_in_a_text() -> None:
    assert spellings(Address("ada@example.org")) == ("ada@example.org",)
    assert spellings(Address("ada@bücher.example")) == ("ada@bücher.example", "ada@xn--bcher-kva.example")
    # As the domain is registered, not as an older standard folded it.
    assert spellings(Address("ada@straße.example"))[1] == "ada@xn--strae-oqa.example"


@pytest.mark.parametrize(
    "domain", ["mailinator.com", "MAILINATOR.com", "ada.mailinator.com", "a.b.mailinator.com"]
)
def test_a_throw_away_domain_is_known_with_all_below_it(domain: str) -> None:
    assert is_disposable(Address(f"ada@{domain}"))


@pytest.mark.parametrize("domain", ["example.org", "mailinator.com.example", "mailinator.example", "com"])
def test_a_domain_that_only_looks_like_one_is_none(domain: str) -> None:
    assert not is_disposable(Address(f"ada@{domain}"))
