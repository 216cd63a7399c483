"""Whatever comes over the wire: answered as what it is, never with a fault of ours, and never as another request.

A real server, raw sockets. After each test nothing was stored, the log has no fault, and the service goes on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from select import select

import pytest
import sqlalchemy as sa

from service.store.tables import comments
from tests.product.running import STORY, Running
from tests.product.wire import ANSWER_SECONDS, Connection, Reply

pytestmark = pytest.mark.processes

BODY_BYTES = 300_000
THREADS = 8
PLACES = 6
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
ALIVE = {"status": "alive"}
SUBMISSION = {
    "site": "demo",
    "url": STORY,
    "author": {"name": "Eve", "email": "eve@example.org"},
    "text": "Smuggled.",
}
# A comment that would be taken if anybody read it as a request of its own.
GOOD = json.dumps(SUBMISSION).encode()


def post(body: bytes, *headers: bytes, length: bytes | None = b"") -> bytes:
    """A request with this body; ``length=None`` leaves Content-Length out."""
    lines = [b"POST /v1/comments HTTP/1.1", b"Host: x"]
    if not any(header.lower().startswith(b"content-type") for header in headers):
        lines.append(b"Content-Type: application/json")
    if length is not None:
        lines.append(b"Content-Length: " + (length or str(len(body)).encode()))
    return b"\r\n".join((*lines, *headers, b"", body))


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


SMUGGLED = post(GOOD)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web alone: what is sent here never gets as far as a worker."""
    folder = tmp_path_factory.mktemp("wire")
    found = Running(folder)
    found.settings |= {
        "redis_url": f"unix://{folder}/nobody.sock",
        "body_bytes": str(BODY_BYTES),
        "web_threads": str(THREADS),
    }
    found.run("migrate", "--first-run")
    found.start("web", "serve")
    found.until(found.answers, what="alive")
    yield found
    found.stop()


def stored(server: Running) -> int:
    with server.database() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(comments)) or 0


@pytest.fixture
def wire(server: Running) -> Iterator[Running]:
    before = stored(server)
    yield server
    assert server.answers()
    assert stored(server) == before, "something came in"
    log = server.log()
    for trouble in ("Traceback", "panicked", "unexpected error", '"level": "error"', "internal-error"):
        assert trouble not in log, log[-3_000:]


def talk(wire: Running, *raw: bytes) -> tuple[Reply, bytes]:
    """The answer to these bytes, and all that came after it until the connection was closed."""
    with Connection(wire.port) as connection:
        connection.send(*raw)
        return connection.answer(), connection.end()


# --- where a body ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [chunked(b"{}"), chunked(GOOD), chunked(*[b"x" * 60_000] * 10), b"zz\r\nnot chunks\r\n0\r\n\r\n"],
    ids=["small", "a good comment", "over the limit", "broken"],
)
def test_a_chunked_body_is_refused_and_nothing_after_it_is_read(wire: Running, body: bytes) -> None:
    head = post(b"", b"Transfer-Encoding: chunked", length=None)
    answer, rest = talk(wire, head + body + SMUGGLED)
    assert (answer.status, answer.problem) == (411, "length-needed")
    assert rest == b""


@pytest.mark.parametrize(
    "raw",
    [
        post(chunked(GOOD), b"Transfer-Encoding: chunked", length=b"4"),
        post(b"", b"Transfer-Encoding: chunked", b"Content-Length: 4", length=None) + chunked(GOOD),
        post(b"0\r\n\r\n", b"Transfer-Encoding: chunked", length=b"%d" % (5 + len(SMUGGLED))),
        post(b"0\r\n\r\n", b"Transfer-Encoding: Chunked", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding:\tchunked", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding : chunked", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding: xchunked", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding: identity", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding: chunked, identity", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer-Encoding: x", b"Transfer-Encoding: chunked", length=b"5"),
        post(b"0\r\n\r\n", b"Transfer_Encoding: chunked", length=b"5"),
    ],
)
def test_a_length_beside_a_transfer_encoding_smuggles_nothing(wire: Running, raw: bytes) -> None:
    answer, rest = talk(wire, raw + SMUGGLED)
    # 411 where the server has dropped the length already, as RFC 9112, section 6.1, lets it.
    assert answer.status in (400, 411)
    assert answer.headers["connection"] == "close"
    assert rest == b""


@pytest.mark.parametrize(
    "length", [b"3, 3", b"3,4", b"+3", b"-3", b"0x3", b"3 3", b"", b"9" * 20, b"9" * 300, b"three"]
)
def test_a_length_that_is_none_ends_the_connection(wire: Running, length: bytes) -> None:
    raw = post(b"{}x", b"Content-Length: " + length, length=None)
    answer, rest = talk(wire, raw + SMUGGLED)
    assert answer.status in (400, 413)
    assert answer.headers["connection"] == "close"
    assert rest == b""


def test_two_lengths_that_differ_end_the_connection(wire: Running) -> None:
    for one, other in ((b"2", b"3"), (b"3", b"2"), (b"2", b"0")):
        answer, rest = talk(wire, post(b"{}", b"Content-Length: " + other, length=one) + SMUGGLED)
        assert answer.status == 400
        assert rest == b""


def test_the_same_length_twice_is_one_length(wire: Running) -> None:
    # RFC 9110, section 8.6, lets it be taken for one; the next request must begin where it says.
    with Connection(wire.port) as connection:
        connection.send(post(b"{}", b"Content-Length: 2") + HEALTH)
        assert connection.answer().problem == "invalid-submission"
        assert connection.answer().json() == ALIVE


def test_a_body_where_none_is_wanted_is_not_the_next_request(wire: Running) -> None:
    with Connection(wire.port) as connection:
        head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED)
        connection.send(head + SMUGGLED + HEALTH)
        assert [connection.answer().json() for _ in range(2)] == [ALIVE, ALIVE]
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.answer().json() == ALIVE
        assert connection.end() == b""


def test_a_body_over_the_limit_is_refused_before_it_is_there(wire: Running) -> None:
    answer, rest = talk(wire, post(b"", length=b"%d" % (BODY_BYTES + 1)))
    assert (answer.status, answer.problem) == (413, "too-large")
    assert rest == b""
    answer, rest = talk(wire, post(b"x" * 2 * BODY_BYTES) + SMUGGLED)
    assert (answer.status, answer.problem) == (413, "too-large")
    assert rest == b""


def test_a_body_that_breaks_off_is_nobodys(wire: Running) -> None:
    for sent in (b"", b"{", GOOD):
        with Connection(wire.port) as connection:
            connection.send(post(sent, length=b"%d" % (len(GOOD) + 1)))


# --- senders who take their time -------------------------------------------------------------------------------------


def test_a_body_may_come_in_pieces(wire: Running) -> None:
    with Connection(wire.port) as connection:
        connection.send(post(b"{", length=b"2"))
        assert wire.answers()
        connection.send(b"}")
        assert connection.answer().problem == "invalid-submission"


def test_while_many_send_slowly_everybody_else_is_served(wire: Running) -> None:
    slow = [Connection(wire.port) for _ in range(3 * THREADS)]
    for connection in slow:
        connection.send(post(b"{", length=b"1000"))
    for _ in range(5):
        assert wire.ask("GET", "/healthz", timeout=5).json() == ALIVE
        assert wire.read().status == 200
    # As many as there are places are waited for, and the others are sent away.
    waiting = list(slow)
    told: list[str] = []
    while len(told) < len(slow) - PLACES:
        ready, _, _ = select(waiting, [], [], ANSWER_SECONDS)
        assert ready, "no answer in time"
        told += [connection.answer().problem for connection in ready]
        waiting = [connection for connection in waiting if connection not in ready]
    assert set(told) == {"unavailable"}
    assert wire.ask("GET", "/healthz", timeout=5).json() == ALIVE
    for connection in slow:
        connection.close()
    wire.until(
        lambda: wire.ask("POST", "/v1/comments", {}, timeout=5).status == 422, what="bodies are read again"
    )


def test_a_slow_head_keeps_nobody_waiting(wire: Running) -> None:
    slow = [Connection(wire.port) for _ in range(3 * THREADS)]
    for connection in slow:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: ")
    assert wire.ask("GET", "/healthz", timeout=5).json() == ALIVE
    for connection in slow:
        connection.send(b"x\r\n\r\n")
        assert connection.answer().json() == ALIVE
        connection.close()


# --- heads -----------------------------------------------------------------------------------------------------------


def get(*headers: bytes, path: bytes = b"/healthz", version: bytes = b"1.1", method: bytes = b"GET") -> bytes:
    line = b" ".join((method, path, b"HTTP/" + version))
    return b"\r\n".join((line, b"Host: x", *headers, b"Connection: close", b"", b""))


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (get(b"X: " + b"a" * 65_000), {200, 431}),
        (get(b"X: " + b"a" * 1_000_000), {431}),
        (get(*[b"X-%d: a" % n for n in range(1_000)]), {431}),
        (get(*[b"X: a"] * 1_000), {431}),
        (get(path=b"/" + b"a" * 60_000), {404, 414}),
        (get(path=b"/" + b"a" * 1_000_000), {414, 431}),
        (get(path=b"/a\0b"), {400}),
        (get(path=b"/a%00b"), {404}),
        (get(path=b"/v1/threads%00?site=demo%00"), {404}),
        (get(path=b"/\xc3\xa9?x=\xff"), {400, 404}),
        (get(path=b"/%ff%fe"), {404}),
        (get(path=b"http://evil.example/healthz"), {200}),
        (get(path=b"//evil.example/demo"), {404}),
        (get(path=b"*", method=b"OPTIONS"), {404, 405}),
        (get(path=b"evil.example:443", method=b"CONNECT"), {400, 404, 405}),
        (get(b"X: a\0b"), {400}),
        (get(b"X: a\r\n folded"), {400}),
        (get(b"X : a"), {400}),
        (get(b"no colon"), {400}),
        (get(b": no name"), {400}),
        (get(b"X: \xff\xfe"), {200}),
        (get(method=b"BR3W!"), {405}),
        (get(method=b"get"), {200, 405}),
        (get(method=b"X" * 9_000), {400, 405}),
        (get(method=b"GE T"), {400}),
        (get(method=b"\xff\xfe"), {400}),
        (get(version=b"0.9"), {400}),
        (get(version=b"2.0"), {400}),
        (get(version=b"1.1.1"), {400}),
        (b"GET /healthz\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 400, {400}),
        (b"\xff" * 1_000 + b"\r\n\r\n", {400}),
        (get(b"Upgrade: websocket", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13"), {200}),
    ],
    ids=lambda value: value[:50].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_an_odd_head_is_answered_or_refused(wire: Running, raw: bytes, statuses: set[int]) -> None:
    answer, rest = talk(wire, raw)
    assert answer.status in statuses
    assert rest == b""


def test_the_beginning_of_another_protocol_ends_the_connection(wire: Running) -> None:
    with Connection(wire.port) as connection:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert b"200" not in connection.end()


@pytest.mark.parametrize("hosts", [[], [b"a.example", b"b.example"], [b""], [b"evil.example"], [b"a b"]])
def test_hosts_that_are_doubled_missing_or_foreign_change_no_link(wire: Running, hosts: list[bytes]) -> None:
    path = b"/v1/threads?site=demo&url=" + STORY.encode()
    lines = [b"GET " + path + b" HTTP/1.1", *(b"Host: " + host for host in hosts), b"Connection: close"]
    answer, rest = talk(wire, b"\r\n".join((*lines, b"", b"")))
    assert rest == b""
    if answer.status != 400:
        assert answer.json()["links"]["page"].startswith(wire.url + "/demo/t?")


def test_a_line_break_in_a_query_makes_no_header(wire: Running) -> None:
    for path in (b"/demo/t?url=https://example.org/x%0d%0aX-Evil:%201", b"/demo/t/x%0d%0aX-Evil:%201"):
        answer, _ = talk(wire, get(path=path))
        assert answer.status < 500
        assert "x-evil" not in answer.headers


def test_http_1_0_is_served_and_closed(wire: Running) -> None:
    answer, rest = talk(wire, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (answer.json(), rest) == (ALIVE, b"")
    old = post(b"{}").replace(b"HTTP/1.1", b"HTTP/1.0")
    answer, rest = talk(wire, old)
    assert (answer.problem, rest) == ("invalid-submission", b"")


def test_requests_sent_in_one_go_are_answered_in_their_order(wire: Running) -> None:
    with Connection(wire.port) as connection:
        connection.send(HEALTH + post(b"{}") + HEALTH + post(b"[]") + post(b"{") + HEALTH)
        answers = [connection.answer() for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 422, 200, 422, 400]
        # What is left of a body that nobody could read is not the next request.
        assert answers[-1].headers["connection"] == "close"
        assert connection.end() == b""


def test_a_head_and_an_unchanged_answer_have_no_body_on_the_wire(wire: Running) -> None:
    where = b"/v1/threads?site=demo&url=" + STORY.encode()
    with Connection(wire.port) as connection:
        connection.send(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + HEALTH)
        assert connection.answer(has_body=False).headers["content-length"] == "18"
        assert connection.answer().json() == ALIVE
        connection.send(b"GET " + where + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        seen = connection.answer().headers["etag"].encode()
        connection.send(
            b"GET " + where + b" HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + seen + b"\r\n\r\n" + HEALTH
        )
        assert connection.answer(has_body=False).status == 304
        assert connection.answer().json() == ALIVE


def test_whoever_asks_before_sending_is_told_to_go_on(wire: Running) -> None:
    with Connection(wire.port) as connection:
        connection.send(post(b"", b"Expect: 100-continue", length=b"2"))
        assert connection.answer().status == 100
        connection.send(b"{}")
        assert connection.answer().problem == "invalid-submission"


# --- bodies ----------------------------------------------------------------------------------------------------------

UNREADABLE = {
    "100,000 deep": b"[" * 100_000,
    "100,000 deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "40,000 deep in a field": b'{"text": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_001,
    "invalid UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NUL": GOOD + b"\0",
    "truncated": GOOD[:-1],
    "a key twice": GOOD[:-1] + b', "site": "demo"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_said_to_be_so(wire: Running, body: bytes) -> None:
    answer, rest = talk(wire, post(body) + SMUGGLED)
    assert (answer.status, answer.problem) == (400, "malformed-request")
    assert rest == b""


def test_a_compressed_body_is_not_inflated(wire: Running) -> None:
    bomb = gzip.compress(b'{"text": "' + b"x" * 20_000_000 + b'"}')
    for body in (gzip.compress(GOOD), bomb):
        with Connection(wire.port) as connection:
            connection.send(post(body, b"Content-Encoding: gzip") + HEALTH)
            assert connection.answer().problem == "format-unknown"
            assert connection.answer().json() == ALIVE


@pytest.mark.parametrize("kind", [b"text/plain", b"application/octet-stream", b"\xff", b"a" * 60_000])
def test_a_body_of_another_type_is_not_read_as_a_comment(wire: Running, kind: bytes) -> None:
    with Connection(wire.port) as connection:
        connection.send(post(GOOD, b"Content-Type: " + kind) + HEALTH)
        assert connection.answer().problem == "format-unknown"
        assert connection.answer().json() == ALIVE


def test_a_good_comment_is_taken_after_all(server: Running) -> None:
    before = stored(server)
    with Connection(server.port) as connection:
        connection.send(SMUGGLED)
        answer = connection.answer()
    assert answer.status == 202
    assert stored(server) == before + 1
