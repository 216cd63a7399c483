"""Whatever body arrives at the HTTP door, the answer is a problem with a 4xx status, and nothing is stored.

The routes are taken from the app itself, so that a new one is held to this without anybody thinking of it.
"""

from __future__ import annotations

import gzip
import json

import pytest

from tests.web.conftest import House
from tests.web.doors import BODY_BYTES, CANARY, FORM, JSON, Door, Write, refused

# --- bodies --------------------------------------------------------------------------------------------------------


def test_every_route_that_writes_is_known_and_reads_its_body(door: Door) -> None:
    assert len(door.with_body) >= 3
    for write in door.with_body:
        # Proves that the cases below are refused for their bodies and not for a missing token.
        document = refused(door.send(write, b'{"kestrel": 7413}'), 422)
        assert document["type"].endswith("#invalid-submission")


DEEP = 100_000
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" \r\n\t",
    "truncated object": b'{"text": "Kestrel-7413"',
    "truncated text": b'{"text": "Kestrel-7413',
    "truncated escape": b'{"text": "\\u12',
    "a key without a value": b'{"text"}',
    "trailing comma": b'{"text": "x",}',
    "two documents": b'{"text": "x"}{"text": "x"}',
    "trailing words": b'{"text": "x"} Kestrel-7413',
    "a comment": b'{"text": "x" /* Kestrel-7413 */}',
    "single quotes": b"{'text': 'x'}",
    "no quotes": b"{text: x}",
    "a key twice": b'{"text": "x", "text": "x"}',
    "a key twice in other letters": b'{"text": "x", "\\u0074ext": "x"}',
    "a key twice inside": b'{"author": {"name": "Ada", "name": "Ada"}}',
    "an unknown key twice": b'{"Kestrel-7413": 1, "Kestrel-7413": 1}',
    "deep arrays": b"[" * DEEP,
    "deep arrays that end": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * (DEEP // 2),
    "deep objects that end": b'{"a":' * (DEEP // 3) + b"1" + b"}" * (DEEP // 3),
    "deep inside a field": b'{"text": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "NaN": b'{"revision": NaN}',
    "Infinity": b'{"revision": Infinity}',
    "minus Infinity": b'{"form": {"seconds": -Infinity}}',
    "a number of 5,000 digits": b'{"revision": ' + b"9" * 5_000 + b"}",
    "a leading zero": b'{"revision": 01}',
    "a leading plus": b'{"revision": +1}',
    "hexadecimal": b'{"revision": 0x1}',
    "a raw line break": b'{"text": "a\nb"}',
    "a raw NUL": b'{"text": "a\x00b"}',
    "NUL before": b'\x00{"text": "x"}',
    "NUL after": b'{"text": "x"}\x00',
    "a byte order mark": b'\xef\xbb\xbf{"text": "x"}',
    "invalid UTF-8": b'{"text": "\xff\xfe"}',
    "overlong UTF-8": b'{"text": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "beyond Unicode": b'{"text": "\xf4\x90\x80\x80"}',
    "half a character": '{"text": "é"}'.encode()[:-3],
    "Latin-1": '{"text": "é"}'.encode("latin-1"),
    "UTF-16": '{"text": "x"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"text": "x"}'.encode("utf-16-le"),
    "UTF-16 the other way": '{"text": "x"}'.encode("utf-16-be"),
    "UTF-32": '{"text": "x"}'.encode("utf-32"),
    "a form": b"text=Kestrel-7413",
    "XML": b'<?xml version="1.0"?><text>Kestrel-7413</text>',
    "a pickle": b"\x80\x04\x95.",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_refused(door: Door, body: bytes) -> None:
    for write in door.with_body:
        document = refused(door.send(write, body), 400)
        assert document["type"].endswith("#malformed-request")


def test_every_beginning_of_a_good_body_is_refused(door: Door) -> None:
    whole = json.dumps(door.house.submission("Köln – 😀 Kestrel-7413"), ensure_ascii=False).encode()
    (write,) = [write for write in door.with_body if write.path == "/v1/comments"]
    for length in range(len(whole)):
        refused(door.send(write, whole[:length]), 400)


INVALID: dict[str, bytes] = {
    "null": b"null",
    "a number": b"7413",
    "a text": b'"Kestrel-7413"',
    "an array": b"[]",
    "many arrays": b"[" + b"[]," * 50_000 + b"[]]",
    "everything null": json.dumps(
        dict.fromkeys(("site", "url", "author", "text", "action", "revision", "note"))
    ).encode(),
    "a lone surrogate": b'{"text": "\\ud800", "note": "\\ud800", "action": "\\ud800"}',
    "surrogates the wrong way round": b'{"text": "\\udc00\\ud800", "action": "\\udc00\\ud800"}',
    "a key that is a lone surrogate": b'{"\\ud800": "Kestrel-7413"}',
    "a key with NUL": b'{"a\\u0000b": "Kestrel-7413"}',
    "an empty key": b'{"": "Kestrel-7413"}',
    "a key like a pointer": b'{"/Kestrel-7413/~0": 1}',
    "ten thousand unknown keys": json.dumps({f"{CANARY} {n}": n for n in range(10_000)}).encode(),
    "a key of 100,000 characters": json.dumps({CANARY * 8_000: 1}).encode(),
    "a number without end": b'{"revision": 1e999, "form": {"seconds": 1e999}}',
    "a number of 4,000 digits": b'{"revision": ' + b"9" * 4_000 + b"}",
    "a number with a fraction": b'{"revision": 1.5, "action": "approve"}',
    "true for a number": b'{"revision": true, "action": "approve"}',
    "a text for a number": b'{"revision": "1", "action": "approve"}',
    "a number below all": b'{"revision": -1, "action": "approve"}',
    "a number above all": b'{"revision": 99999999999999999999, "action": "approve"}',
    "numbers for texts": b'{"text": 1, "note": 1, "action": 1}',
    "objects for texts": b'{"text": {"a": "Kestrel-7413"}, "action": {"a": "Kestrel-7413"}}',
    "a prototype": b'{"__proto__": {"text": "Kestrel-7413"}}',
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
def test_json_that_is_not_what_was_asked_for_is_refused(door: Door, body: bytes) -> None:
    for write in door.with_body:
        document = refused(door.send(write, body), 422)
        assert 1 <= len(document["errors"]) <= 50
        for fault in document["errors"]:
            assert set(fault) == {"pointer", "detail"}


def test_nul_in_a_text_is_dropped_alike_by_both_databases(either_house: House) -> None:
    made = either_house.post(
        "a\x00b", author={"name": "A\x00da", "email": "ada@example.org"}, title="\x00T", thread="s\x00"
    )
    (row,) = either_house.stored()
    assert (str(row["id"]), row["source"], row["author_name"]) == (made["id"], "ab", "Ada")


# --- the frame of a body: type, encoding, length -------------------------------------------------------------------


TYPES = [
    None,
    "",
    "text/plain",
    "text/json",
    "text/html",
    "application/xml",
    "application/octet-stream",
    "application/jsonp",
    "application/problem+json",
    "application/json, text/html",
    "application/json/x",
    "json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "*/*",
    "x" * 10_000,
]


@pytest.mark.parametrize("content_type", TYPES)
def test_a_body_of_another_type_is_refused(door: Door, content_type: str | None) -> None:
    for write in door.with_body:
        refused(door.send(write, b'{"text": "Kestrel-7413"}', content_type), 415)


def empty(write: Write) -> int:
    """What an object without members is refused with: an appeal needs no words, but something to appeal."""
    return 409 if write.path.endswith("/appeal") else 422


@pytest.mark.parametrize(
    "content_type", ["Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"]
)
def test_the_type_may_be_written_in_every_legal_way(door: Door, content_type: str) -> None:
    for write in door.with_body:
        refused(door.send(write, b"{}", content_type), empty(write))


@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "x", "gzip, identity", "identity, gzip"]
)
def test_a_compressed_body_is_refused_and_never_inflated(door: Door, encoding: str) -> None:
    bomb = gzip.compress(b'{"text": "' + b"x" * 5_000_000 + b'"}', 1)
    for write in door.with_body:
        refused(door.send(write, bomb, Content_Encoding=encoding), 415)
        refused(door.send(write, b"text=x", FORM, Content_Encoding=encoding), 415)


@pytest.mark.parametrize("content_type", [JSON, FORM, "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked", "identity", "x"])
def test_a_body_without_a_length_is_refused(door: Door, content_type: str, coding: str) -> None:
    for write in door.writes:
        environ = {"HTTP_TRANSFER_ENCODING": coding, "wsgi.input_terminated": True}
        with_length = door.send(write, b"{}", content_type, environ=environ)
        assert refused(with_length, 400)["type"].endswith("#malformed-request")
        assert with_length.headers["Connection"] == "close"
        without = door.send(write, b"{}", content_type, environ={**environ, "CONTENT_LENGTH": ""})
        assert refused(without, 411)["type"].endswith("#length-needed")
        assert without.headers["Connection"] == "close"


@pytest.mark.parametrize(
    "length",
    ["x", "-1", "+2", "2.0", "1_0", "0x2", " 2", "2 ", "2,2", "2, 2", "\u0662", "9" * 5_000, "1e9", "NaN"],
)
def test_a_length_that_is_none_is_refused(door: Door, length: str) -> None:
    for write in door.with_body:
        refused(door.send(write, b"{}", environ={"CONTENT_LENGTH": length}), 400, 413)


@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_a_body_that_ends_before_its_length_is_refused(door: Door, content_type: str) -> None:
    for write in door.with_body:
        refused(door.send(write, b"{}", content_type, environ={"CONTENT_LENGTH": "100"}), 400)


@pytest.mark.parametrize("content_type", [JSON, FORM, "multipart/form-data; boundary=x", "text/plain", None])
def test_a_body_over_the_limit_is_refused_and_never_cut(door: Door, content_type: str | None) -> None:
    body = {
        FORM: b"site=daily&text=" + b"x" * BODY_BYTES,
        "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
        + b"x" * BODY_BYTES
        + b"\r\n--x--",
    }.get(content_type or "", b" " * BODY_BYTES + b"{}")
    for write in door.with_body:
        answer = door.send(write, body, content_type)
        refused(answer, 413)
        assert answer.headers["Connection"] == "close", "what is left of it is not the next request"
        refused(door.send(write, b"{}", content_type, environ={"CONTENT_LENGTH": str(10**15)}), 413)


def test_a_body_of_exactly_the_limit_is_read(door: Door) -> None:
    for write in door.with_body:
        refused(door.send(write, b"{}".rjust(BODY_BYTES)), empty(write))
        refused(door.send(write, b"{}".rjust(BODY_BYTES + 1)), 413)


# --- forms -----------------------------------------------------------------------------------------------------------

FORMS: dict[str, bytes] = {
    "thousands of fields": b"&".join(b"f%d=Kestrel-7413" % n for n in range(5_000)),
    "thousands of nameless fields": b"=&" * 5_000,
    "thousands of separators": b"&" * 200_000,
    "a field twice": b"site=daily&text=x&text=y",
    "invalid UTF-8": b"site=daily&text=%ff%fe",
    "half a character": b"site=daily&text=%c3",
    "a surrogate": b"site=daily&text=%ed%a0%80",
    "bytes that are not encoded": "site=daily&text=é".encode(),
    "UTF-16": "site=daily&text=x".encode("utf-16"),
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_a_form_that_cannot_be_read_is_refused(door: Door, body: bytes) -> None:
    for write in door.with_body:
        refused(door.send(write, body, FORM), 400 if write.described.also_form else 415)


ODD_FIELDS: dict[str, bytes] = {
    "nothing": b"",
    "no fields": b"Kestrel-7413",
    "percent signs that encode nothing": b"site=%&text=%zz%&name=%1",
    "NUL": b"site=daily%00&text=%00",
    "brackets": b"site[]=daily&text[a]=x&author[name]=Ada",
    "markup": b"site=%3Cscript%3E&name=%3Cscript%3E",
}


@pytest.mark.parametrize("body", ODD_FIELDS.values(), ids=ODD_FIELDS)
def test_a_form_without_a_site_leads_to_a_page_that_says_so(door: Door, body: bytes) -> None:
    for write in door.with_body:
        if write.described.also_form:
            answer = door.send(write, body, FORM)
            assert answer.status_code == 404
            assert answer.content_type == "text/html; charset=utf-8"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert b"<script>" not in answer.data
            assert CANARY not in answer.text
