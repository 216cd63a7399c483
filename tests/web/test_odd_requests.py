"""However odd a query, a path, a host, a method or a header is, no answer is a fault of ours, and nothing is stored.

The routes are taken from the app itself, so that a new one is held to this without anybody thinking of it.
"""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.web.asks import Heard
from tests.web.conftest import STORY, House
from tests.web.contract import Contract
from tests.web.doors import CANARY, Door, refused
from tests.web.tour import ABOUT_A_STORY

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
    if answer.status_code >= 400 and not (
        endpoint.startswith(("pages.", "own.", "report.", "desk.")) and answer.mimetype == "text/html"
    ):
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
    names = (
        *("comment_id", "bulk_id", "standing_id", "canned_id", "view_id", "thread_id", "name", "site"),
        *("path:external_id", "path:name"),
    )
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
        # These two are of this comment alone.
        mine = ("self", "own")
        assert {name: link for name, link in links.items() if name not in mine} == {
            name: link for name, link in usual.items() if name not in mine
        }
        assert links["self"].startswith("http://127.0.0.1:8080/v1/comments/")
        assert links["own"].startswith("http://127.0.0.1:8080/own#")


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "PROPFIND", "BREW", "X" * 1_000])
def test_a_method_that_a_route_does_not_take_is_refused(door: Door, method: str) -> None:
    taking = {rule.rule for rule in door.house.app.url_map.iter_rules() if method in (rule.methods or ())}
    for rule in door.house.app.url_map.iter_rules():
        if rule.rule in taking:
            continue
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


def test_a_head_has_the_headers_of_its_get_and_no_body(house: House) -> None:
    house.approved()
    contract = Contract(house.client.get("/openapi.json").get_json())
    for method, path in contract.operations:
        if method != "GET" or "{" in path or path == "/metrics":
            continue
        query = {"site": "daily", "url": STORY} if path in ABOUT_A_STORY else {}
        got = house.client.get(path, query_string=query, headers=house.admin)
        head = house.client.head(path, query_string=query, headers=house.admin)
        assert (head.status_code, head.data) == (got.status_code, b"")
        of_the_moment = {"X-Request-Id", "Date"}
        assert {n: v for n, v in head.headers.items() if n not in of_the_moment} == {
            n: v for n, v in got.headers.items() if n not in of_the_moment
        }
