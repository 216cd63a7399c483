"""An address in the hands of the code: whatever prints, packs or compares it learns nothing of it."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from string import Template
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.address import WITHHELD, Address, lookup_form
from service.logs import JsonLines, Readable

LOCAL, DOMAIN = "zqlovelace", "zqanalytical.example.org"
SECRET = f"{LOCAL}@{DOMAIN}"


@dataclass
class Holder:
    """Something of ours that carries an address about."""

    address: Address
    others: dict[str, Any]


def shows(text: str) -> bool:
    return any(part in text.casefold() for part in (LOCAL, "zqanalytical"))


PRINTED: dict[str, Callable[[Address], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "an f-string": lambda it: f"{it}",
    "an f-string with a conversion": lambda it: f"{it!r} {it!s} {it!a}",
    "an f-string with a format": lambda it: f"{it:>40} {it:.3}",
    "format": lambda it: "{0} {0!r}".format(it),  # noqa: UP032 - this is what is tested
    "percent": lambda it: "%s %r" % (it, it),  # noqa: UP031 - this is what is tested
    "a template": lambda it: Template("$it").substitute(it=it),
    "print": lambda it: _printed(it),
    "pprint": lambda it: pprint.pformat([it, {"it": it}]),
    "a list": lambda it: str([it]),
    "a key": lambda it: str({it: it}),
    "a dataclass": lambda it: str(Holder(it, {"it": it})),
    "an exception": lambda it: str(ValueError(it)) + repr(ValueError("of", it)),
    "JSON made of text": lambda it: json.dumps({"it": it}, default=str),
}


def _printed(address: Address) -> str:
    out = io.StringIO()
    print(address, file=out)
    return out.getvalue()


@pytest.mark.parametrize("way", PRINTED)
def test_an_address_prints_as_withheld_whatever_prints_it(way: str) -> None:
    said = PRINTED[way](Address(SECRET))
    assert WITHHELD in said
    assert not shows(said)


PACKED: dict[str, Callable[[Address], object]] = {
    **{f"pickle {n}": lambda it, n=n: pickle.dumps(it, n) for n in range(pickle.HIGHEST_PROTOCOL + 1)},  # type: ignore[misc]
    "pickle of a holder": lambda it: pickle.dumps(Holder(it, {})),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "asdict": lambda it: asdict(Holder(it, {})),
    "JSON": json.dumps,
    "JSON key": lambda it: json.dumps({it: 1}),
    "join": lambda it: "".join([it]),  # type: ignore[list-item]
    "bytes": lambda it: bytes(it),  # type: ignore[call-overload]
    "concatenation": lambda it: "to " + it,  # type: ignore[operator]
    "sorting": lambda it: sorted([it, it]),  # type: ignore[type-var]
    "iteration": lambda it: list(it),  # type: ignore[call-overload]
    "length": lambda it: len(it),  # type: ignore[arg-type]
    "an index": lambda it: it[0],  # type: ignore[index]
    "all that it holds": vars,
}


@pytest.mark.parametrize("way", PACKED)
def test_an_address_cannot_be_packed_copied_or_taken_apart(way: str) -> None:
    with pytest.raises(TypeError) as refused:
        PACKED[way](Address(SECRET))
    assert not shows(str(refused.value))


def test_two_addresses_are_the_same_only_where_they_are_one() -> None:
    one, other = Address(SECRET), Address(SECRET)
    assert one != other
    assert one == one
    assert one != SECRET
    assert len({one, other}) == 2
    # A hash of the text would be one more thing that tells who it is.
    assert hash(one) != hash(SECRET)


@pytest.mark.parametrize("formatter", [JsonLines("web"), Readable("web")], ids=["json", "text"])
def test_a_log_line_with_an_address_in_it_withholds_it(formatter: logging.Formatter) -> None:
    address = Address(SECRET)
    lines = [
        logging.makeLogRecord(
            {"levelno": logging.INFO, "name": "greenroom.web", "msg": "from %s", "args": (address,)}
        ),
        logging.makeLogRecord({"levelno": logging.INFO, "name": "greenroom.web", "msg": f"from {address}"}),
        logging.makeLogRecord({"levelno": logging.INFO, "name": "greenroom.web", "msg": address}),
    ]
    for line in map(formatter.format, lines):
        assert WITHHELD in line
        assert not shows(line)


def _fail(address: Address) -> None:
    holder = Holder(address, {"address": address})
    raise RuntimeError(f"could not send to {holder.address}")


@pytest.mark.parametrize("formatter", [JsonLines("web"), Readable("web")], ids=["json", "text"])
def test_a_traceback_with_all_locals_withholds_it(formatter: logging.Formatter) -> None:
    with pytest.raises(RuntimeError) as failed:
        _fail(Address(SECRET))
    error = failed.value
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    said = "".join(whole.format())
    assert "holder = " in said
    record = logging.makeLogRecord(
        {"levelno": logging.INFO, "msg": "failed", "exc_info": (type(error), error, error.__traceback__)}
    )
    for text in (said, formatter.format(record)):
        # This file's own text stands in a traceback too: what is looked for is nowhere written out in that function.
        assert not shows(text.replace("Address(SECRET)", ""))


@pytest.mark.parametrize("formatter", [JsonLines("web"), Readable("web")], ids=["json", "text"])
def test_the_text_of_a_foreign_exception_is_not_logged(formatter: logging.Formatter) -> None:
    def complain(about: str) -> None:
        raise ValueError(f"{about} is not an address")

    with pytest.raises(ValueError, match="is not") as failed:
        complain(SECRET)
    error = failed.value
    record = logging.makeLogRecord(
        {"levelno": logging.INFO, "msg": "failed", "exc_info": (type(error), error, error.__traceback__)}
    )
    line = formatter.format(record)
    assert "ValueError at complain" in line
    assert not shows(line)


def test_an_address_knows_its_domain_in_small_letters() -> None:
    assert Address("Ada@Example.ORG").domain == "example.org"


# --- the form by which a mailbox is looked up ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ADA@Example.ORG"),
        ("ada@example.org", "ada+news@example.org"),
        ("ada@example.org", "Ada+news+more@example.org"),
        # At this one provider, as everybody knows.
        ("ada.lovelace@gmail.com", "adalovelace@gmail.com"),
        ("a.d.a@googlemail.com", "ada+x@gmail.com"),
    ],
)
def test_spellings_of_one_mailbox_have_one_form(one: str, other: str) -> None:
    assert lookup_form(one) == lookup_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "adb@example.org"),
        ("ada@example.org", "ada@example.net"),
        ("ada@example.org", "ada@mail.example.org"),
        # Elsewhere a dot is a letter like others.
        ("ada.lovelace@example.org", "adalovelace@example.org"),
        # All that stands before the sign belongs to the tag: there is no mailbox without a name.
        ("+ada@example.org", "+bob@example.org"),
        # Two domains, whoever may hold them.
        ("ada@straße.example", "ada@strasse.example"),
    ],
)
def test_two_mailboxes_have_two_forms(one: str, other: str) -> None:
    assert lookup_form(one) != lookup_form(other)


LOCALS = st.text("abcXYZ019.+_-", min_size=1, max_size=20)
DOMAINS = st.sampled_from(["example.org", "Example.NET", "gmail.com", "GoogleMail.com", "bücher.example"])


@given(LOCALS, DOMAINS)
@example("+", "gmail.com")
@example("+tag", "gmail.com")
@example("a.b+c", "googlemail.com")
def test_the_form_is_its_own_form_and_knows_no_case(local: str, domain: str) -> None:
    form = lookup_form(f"{local}@{domain}")
    assert lookup_form(form) == form
    assert lookup_form(f"{local}@{domain}".upper()) == form
    assert form == form.lower()
