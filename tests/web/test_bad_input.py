"""Whatever arrives at the HTTP door, the answer is a problem with a 4xx status, and nothing is stored.

The routes are taken from the app itself, so that a new one is held to this without anybody thinking of it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.web.openapi import OPERATIONS, Operation
from service.web.problem_texts import PROBLEMS
from tests.web.asks import Heard
from tests.web.conftest import STORY, House, open_house

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CANARY = "Kestrel-7413"
# Larger than the default, so that what is deep or long fits in and meets the parser.
BODY_BYTES = 300_000
SLUGS = {text.slug for text in PROBLEMS} | {"not-found", "method-not-allowed"}


@dataclass(frozen=True)
class Write:
    """One route that changes something, with a live comment in its path and the token that opens it."""

    method: str
    path: str
    headers: dict[str, str]
    described: Operation


class Door:
    """A house with one comment in it, and every way to write to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.made = house.post("The one comment.")
        self.tokens = {"admin": house.token, "author": self.made["edit_token"]}

    @property
    def writes(self) -> list[Write]:
        found = []
        for rule in self.house.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
                described = OPERATIONS.by_view[rule.endpoint.rpartition(".")[2]]
                token = self.tokens.get(described.security or "")
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                found.append(Write(method, self.path(rule), headers, described))
        return found

    @property
    def with_body(self) -> list[Write]:
        return [write for write in self.writes if write.described.takes is not None]

    @property
    def reads(self) -> list[tuple[str, str]]:
        """(endpoint, path) of every route that is read."""
        return [
            (rule.endpoint, self.path(rule))
            for rule in self.house.app.url_map.iter_rules()
            if "GET" in (rule.methods or set())
        ]

    def path(self, rule: Rule, **arguments: str) -> str:
        path = rule.rule
        known = {
            "comment_id": self.made["id"],
            "site": "daily",
            "path:external_id": "story-1",
            "path:name": "embed.js",
        }
        for name, value in {**known, **arguments}.items():
            path = path.replace(f"<{name}>", value)
        assert "<" not in path, f"this test does not know how to fill {rule.rule}"
        return path

    def send(
        self,
        write: Write,
        body: bytes,
        content_type: str | None = JSON,
        *,
        environ: Any = None,
        **headers: str,
    ) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.client.open(
            write.path,
            method=write.method,
            data=body,
            content_type=content_type,
            headers={**write.headers, **named},
            environ_overrides=environ or {},
        )


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("bad-input")
    path = folder / "greenroom.db"
    path.write_bytes(sqlite_template.read_bytes())
    house = open_house(f"sqlite:///{path}", folder, body_bytes=str(BODY_BYTES))
    house.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield Door(house)
    house.close()


@pytest.fixture
def door(opened: Door) -> Iterator[Door]:
    """The door, which nothing may have passed at the end of a test."""
    before = opened.house.stored()
    yield opened
    assert opened.house.stored() == before, "something came in"


def refused(answer: TestResponse, *statuses: int) -> dict[str, Any]:
    """The problem document, checked for everything that holds for all of them."""
    shown = f"{answer.request.method} {answer.request.path[:80]!r}: {answer.status} {answer.data[:300]!r}"
    assert answer.status_code in (statuses or range(400, 500)), shown
    assert answer.content_type == "application/problem+json", shown
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["status"] == answer.status_code
    assert document["type"].partition("#")[2] in SLUGS, shown
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert CANARY not in answer.text, "input was repeated"
    return document


# --- bodies --------------------------------------------------------------------------------------------------------


def test_every_route_that_writes_is_known_and_reads_its_body(door: Door) -> None:
    assert len(door.with_body) >= 3
    for write in door.with_body:
        # Proves that the cases below are refused for their bodies and not for a missing token.
        document = refused(door.send(write, b"{}"), 422)
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


@pytest.mark.parametrize(
    "content_type", ["Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"]
)
def test_the_type_may_be_written_in_every_legal_way(door: Door, content_type: str) -> None:
    for write in door.with_body:
        refused(door.send(write, b"{}", content_type), 422)


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
        refused(door.send(write, b"{}".rjust(BODY_BYTES)), 422)
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


# --- everything else of a request ------------------------------------------------------------------------------------

QUERIES: dict[str, str] = {
    "arrays": "site[]=daily&url[]=x&limit[]=1&status[]=held&cursor[]=1",
    "repeated": f"site=daily&site=weekly&url={quote(STORY)}&url=x&limit=1&limit=x&view=tree&view=x&sort=x&cursor=1",
    "NUL": "site=daily%00&url=%00&thread=%00&view=%00&sort=%00&limit=%00&cursor=%00&status=%00&reply_to=%00&result=%00",
    "NUL inside": f"site=daily&url={quote(STORY)}%00&thread=a%00b&limit=1%00&cursor=%00&status=held%00",
    "only NUL as an id": "site=daily&thread=%00&status=held",
    "invalid percent": "site=%&url=%zz&thread=%1&limit=%&cursor=%g0&status=%",
    "invalid UTF-8": "site=%ff&url=%c3&thread=%ed%a0%80&limit=%fe&cursor=%ff&status=%ff",
    "very long": "site=" + "x" * 50_000 + "&url=" + "x" * 50_000 + "&thread=" + "x" * 50_000,
    "very many": "&".join(f"url={n}" for n in range(5_000)) + "&site=daily",
    "very many names": "&".join(f"f{n}={n}" for n in range(5_000)),
    "separators": "&" * 20_000 + "=" * 20_000 + ";" * 20_000,
    "no values": "site&url&thread&view&sort&limit&cursor&status",
    "empty values": "site=&url=&thread=&view=&sort=&limit=&cursor=&status=&reply_to=",
    "numbers": "site=1&url=1&thread=1&limit=99999999999999999999&cursor=1&status=1",
    "other digits": "site=daily&thread=1&limit=%D9%A1&cursor=%D9%A1",
    "below zero": "site=daily&thread=1&limit=-1",
    "zero": "site=daily&thread=1&limit=0",
    "a fraction": "site=daily&thread=1&limit=1.0",
    "a number of 5,000 digits": "site=daily&thread=1&limit=" + "9" * 5_000,
    "an unknown cursor": "site=daily&thread=1&cursor=00000000-0000-7000-8000-000000000000",
    "a cursor in braces": "site=daily&thread=1&cursor=%7B00000000-0000-7000-8000-000000000000%7D",
    "SQL": "site=daily&thread=%27%20OR%201=1--&cursor=1;DROP%20TABLE%20comments&status=held%27",
    "markup": "site=%3Cscript%3Ealert(1)%3C/script%3E&url=%22%3E%3Cscript%3E&thread=%3Cscript%3E&result=%3Cscript%3E",
    "surrogates of another encoding": "site=%u0041&url=%uD800",
    "zalgo": "site=daily&thread=a" + "%CC%81" * 5_000,
    "JSON": 'site={"a":1}&url=[1]&thread={"$ne":1}',
    "line breaks": "site=daily%0d%0aX-Evil:1&url=%0d%0a&thread=%0d%0aX-Evil:1",
    "a token": "token=Kestrel-7413&access_token=Kestrel-7413&Authorization=Kestrel-7413",
}
# The only route that may say 5xx here: no worker runs in this process.
NOT_READY = "health.readyz"


def harmless(endpoint: str, answer: TestResponse) -> None:
    """No fault of ours, a problem where it is refused, no sniffing, no header and no script from outside."""
    shown = f"{endpoint} {answer.request.query_string[:100]!r}: {answer.status} {answer.data[:300]!r}"
    if endpoint == NOT_READY:
        assert answer.status_code == 503
        return
    assert answer.status_code < 500, shown
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers
    assert b"<script>" not in answer.data, shown
    if answer.status_code >= 400 and not (endpoint.startswith("pages.") and answer.mimetype == "text/html"):
        refused(answer)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("token", [False, True], ids=["anybody", "moderator"])
def test_no_query_is_too_odd_for_any_page(door: Door, query: str, token: bool) -> None:
    headers = door.house.admin if token else {}
    for endpoint, path in door.reads:
        answer = door.house.client.get(path, query_string=query, headers=headers)
        harmless(endpoint, answer)
        answer.close()


SEGMENTS = [
    "%00",
    "%0d%0aX-Evil:1",
    "%ff",
    "%ed%a0%80",
    "%",
    "%zz",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f",
    "..%5c",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "{00000000-0000-7000-8000-000000000000}",
    "urn:uuid:00000000-0000-7000-8000-000000000000",
    "0" * 32,
    "%D9%A1" * 32,
    "x" * 20_000,
    "é",
    "a;b=c",
    "a,b",
    " ",
    "%20",
    "*",
    "null",
    "-1",
]


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: segment[:30])
def test_no_name_in_a_path_is_too_odd_for_any_route(door: Door, segment: str) -> None:
    names = ("comment_id", "site", "path:external_id", "path:name")
    for rule in door.house.app.url_map.iter_rules():
        for name in names:
            if f"<{name}>" not in rule.rule:
                continue
            path = door.path(rule, **{name: segment})
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                for token in door.tokens.values():
                    answer = door.house.client.open(
                        path,
                        method=method,
                        headers={"Authorization": f"Bearer {token}"},
                        json={"text": "Kestrel-7413"},
                    )
                    if method == "HEAD":
                        assert answer.status_code < 500, path
                    else:
                        harmless(rule.endpoint, answer)
                    answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/threads;x=1",
        "/v1/threads;.css",
        "/v1/counts;",
        "/v1/comments;x",
        "/v1/admin/comments;.js",
        "/v1/admin/me;x=.png",
        "/;/v1/threads",
        "/v1;/threads",
        "/v1/../v1/threads",
        "/v1/./threads",
        "/v1/threads/",
        "/V1/Threads",
        "/v1/threads.json",
        "/v1/threads%2e",
        "/embed.js;x",
        "/moderation;.css",
        "/openapi.json/",
        "/healthz%00",
        "/static/",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/.env",
        "/%",
        "/" + "x/" * 5_000,
    ],
    ids=lambda path: path[:40],
)
def test_another_spelling_of_a_path_is_no_path(door: Door, path: str) -> None:
    answer = door.house.client.get(
        path, query_string={"site": "daily", "url": STORY}, headers=door.house.admin
    )
    refused(answer, 404)


HOSTS = [
    "",
    "evil.test",
    "evil.test:80:80",
    "evil.test, daily.example",
    "evil.test,evil.test",
    "evil.test evil.test",
    "evil.test/path",
    "evil.test#x",
    "evil.test?x",
    "user@evil.test",
    "[::1",
    "[evil.test]",
    "evil.test:port",
    "evil.test:99999",
    "evil_test.test\\",
    "e\u00e9vil.test",
    "\x00evil.test",
    "evil.test\t",
    '"evil.test"',
    "<script>evil.test",
    "-evil.test.",
    "evil" * 2_000,
]


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host[:30])
def test_a_host_header_changes_no_answer_and_no_link(door: Door, host: str) -> None:
    query = {"site": "daily", "url": STORY}
    for endpoint, path in door.reads:
        if endpoint == "health.figures":
            continue
        usual = Heard.of(door.house.client.get(path, query_string=query, headers=door.house.admin))
        answer = door.house.client.get(
            path, query_string=query, headers=door.house.admin, environ_overrides={"HTTP_HOST": host}
        )
        if answer.status_code == 400:
            refused(answer)
        else:
            assert Heard.of(answer) == usual, endpoint


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host[:30])
def test_no_path_is_mended_by_a_redirect_to_another_host(door: Door, host: str) -> None:
    rules = [rule for rule in door.house.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [door.path(rule) for rule in rules]
    paths += [path.rstrip("/") if path.endswith("/") else path + "/" for path in paths]
    paths += [path.replace("/", "//") for path in paths]
    paths += ["//evil.test", "//evil.test/%2f..", "//evil.test//demo", "/\\evil.test", "///evil.test"]
    for path in paths:
        answer = door.house.client.get("/", environ_overrides={"HTTP_HOST": host, "PATH_INFO": path})
        if answer.status_code in range(300, 400):
            assert answer.headers["Location"] in ("/demo/", "/docs"), path
        elif answer.status_code >= 400:
            assert "Location" not in answer.headers
        answer.close()


def test_a_host_header_changes_no_link_of_an_accepted_comment(house: House) -> None:
    usual = house.post()["links"]
    for host in HOSTS:
        answer = house.client.post(
            "/v1/comments", json=house.submission(), environ_overrides={"HTTP_HOST": host}
        )
        if answer.status_code == 400:
            refused(answer)
            continue
        links = json.loads(answer.data)["links"]
        assert {name: link for name, link in links.items() if name != "self"} == {
            name: link for name, link in usual.items() if name != "self"
        }
        assert links["self"].startswith("http://127.0.0.1:8080/v1/comments/")


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "PROPFIND", "BREW", "X" * 1_000])
def test_a_method_that_a_route_does_not_take_is_refused(door: Door, method: str) -> None:
    for rule in door.house.app.url_map.iter_rules():
        answer = door.house.client.open(door.path(rule), method=method, headers=door.house.admin)
        refused(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) >= set(rule.methods or ()) - {"HEAD"}


HUGE = "Kestrel-7413 " * 4_000
HEADERS = {
    "Authorization": f"Bearer {HUGE}",
    "Cookie": f"a={HUGE}",
    "Origin": HUGE,
    "Referer": HUGE,
    "If-None-Match": f'"{HUGE}"',
    "If-Modified-Since": HUGE,
    "Range": f"bytes={HUGE}",
    "Accept": HUGE,
    "Accept-Encoding": "gzip" + " " * 50_000 + "x",
    "Accept-Language": HUGE,
    "User-Agent": HUGE,
    "X-Forwarded-For": HUGE,
    "X-Request-Id": HUGE,
    "Idempotency-Key": HUGE,
    "Sec-Fetch-Site": HUGE,
    "X-Kestrel": HUGE,
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_is_too_long_for_any_route(door: Door, name: str) -> None:
    for value in (HEADERS[name], "", "\u00ff\u00fe", ",;=\"'", "a, a, a"):
        for endpoint, path in door.reads:
            answer = door.house.client.get(path, headers={name: value})
            harmless(endpoint, answer)
            assert CANARY not in str(answer.headers)
            answer.close()
        for write in door.with_body:
            refused(door.send(write, b"{}", **{name.replace("-", "_"): value}))
