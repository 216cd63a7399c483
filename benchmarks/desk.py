"""How long moderators wait for a page: with a thousand comments in the house, and with very many.

Asked over HTTP of the running web process, one question after the other, of the small house and the large one in
turns: of the API, and of the desk for the page as a browser gets it. The houses are filled by the database itself from
a table of texts; what a page reads of a comment (its thread, screening, decision, findings and searched words) is all
there, and a page is as full in the small house as in the large one, but for those that only ten comments are on.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from benchmarks import greenroom
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, ORIGIN, SITE, Greenroom
from benchmarks.ground import Answer, Ground, NotMeasured, ask, run
from benchmarks.load import Target
from benchmarks.postgres import Server, postgres
from service.domain.policy import Finding, as_stored
from service.domain.search import searchable

SMALL = 1_000
LARGE = {"sqlite": (100_000, 3_000), "postgresql": (1_000_000, 5_000)}
TEXTS = 2_000
RARE_WORD, RARE_NAME, RARE_TIMES = "zanzibar", "Zanzibar", 10
# Asked for the page behind the first one.
SECOND = "second"
ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "queue": ("what is held, the oldest first", {"queue": "held"}),
    SECOND: ("its second page", {"queue": "held"}),
    "risk": ("what is held, by risk", {"queue": "held", "sort": "risk"}),
    "label": ("what is held, of one label", {"queue": "held", "label": "threat"}),
    "within": ("a word in what is held", {"queue": "held", "q": "council"}),
    "reported": ("what readers reported", {"queue": "reported"}),
    "spam": ("what is spam", {"queue": "spam"}),
    "everything": ("everything", {"queue": "everything"}),
    "author": ("a part of every twelfth author's name", {"queue": "everything", "author": "okafor"}),
    "person": ("the name of ten comments' author", {"queue": "everything", "author": RARE_NAME}),
    "common": ("a word of every third comment", {"q": "council"}),
    "rare": ("a word of ten comments", {"q": RARE_WORD}),
}


@dataclass(frozen=True)
class Door:
    """Where questions are asked: ``shown`` counts the comments of an answer, ``following`` is the cursor in it."""

    path: str
    more: dict[str, str]
    shown: Callable[[bytes], int]
    following: Callable[[bytes], str]


_NEXT = re.compile(rb'data-next="([^"]+)"')
DOORS = {
    "api": Door(
        "/v1/admin/comments",
        {"limit": "50"},
        lambda body: len(json.loads(body)["comments"]),
        lambda body: json.loads(body)["next_cursor"] or "",
    ),
    "page": Door(
        "/moderation",
        {},
        lambda body: body.count(b'<article class="card"'),
        lambda body: found[1].decode() if (found := _NEXT.search(body)) else "",
    ),
}


def measure(ground: Ground) -> dict[str, Any]:
    """``sqlite`` and ``postgresql`` are of the API's answers; below ``pages``, of the pages for the same questions."""
    asked = {name: words for name, (words, _) in ASKED.items()}
    found: dict[str, Any] = {"sizes": {}, "times": _times(ground), "asked": asked, "pages": {}}
    with postgres(ground) as server:
        for backend in ("sqlite", "postgresql"):
            sizes = {"small": SMALL, "large": ground.pick(*LARGE[backend])}
            houses = {name: _house(ground, backend, name, size, server) for name, size in sizes.items()}
            found["sizes"][backend] = sizes
            waited = _waited(ground, backend, houses)
            found[backend], found["pages"][backend] = waited["api"], waited["page"]
    return found


def _times(ground: Ground) -> int:
    return ground.pick(250, 15)


def _house(ground: Ground, backend: str, name: str, size: int, server: Server) -> Greenroom:
    url = server.make_database(f"desk_{name}") if backend == "postgresql" else ""
    ours = greenroom.installed(ground, f"desk-{backend}-{name}", database_url=url)
    began = time.monotonic()
    fill(ours.settings.database_url, size)
    ground.say(f"desk  {backend} with {size:,} comments, filled within {time.monotonic() - began:.0f} s")
    return ours


def _waited(ground: Ground, backend: str, houses: dict[str, Greenroom]) -> dict[str, dict[str, Any]]:
    """For each door and question, p50 and p99 in each house."""
    times, warm = _times(ground), ground.pick(20, 5)
    found: dict[str, dict[str, Any]] = {door: {} for door in DOORS}
    with ExitStack() as stack:
        askers = {}
        for name, house in houses.items():
            target = stack.enter_context(house.running(worker=False))
            headers = _signed_in(house, target)
            for door in DOORS:
                askers[door, name] = _Asker(target, DOORS[door], headers[door])
        for (kind, (_, asked)), door in product(ASKED.items(), DOORS):
            mine = {name: askers[door, name] for name in houses}
            paths = {name: asker.path(asked, second=kind == SECOND) for name, asker in mine.items()}
            waited: dict[str, list[float]] = {name: [] for name in houses}
            for number in range(warm + times):
                for name, asker in mine.items():
                    seconds = asker.ask(paths[name])
                    if number >= warm:
                        waited[name].append(seconds)
            found[door][kind] = {name: _described(seconds) for name, seconds in waited.items()}
            _tell(ground, f"{backend} {door} {kind}", found[door][kind])
    return found


def _tell(ground: Ground, what: str, rows: dict[str, dict[str, float]]) -> None:
    figures = (f"{name} p50 {row['p50_ms']:.1f} p99 {row['p99_ms']:.1f} ms" for name, row in rows.items())
    ground.say(f"desk  {what:<26}  {'  '.join(figures)}")


def _described(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
    }


def _signed_in(house: Greenroom, target: Target) -> dict[str, dict[str, str]]:
    """The headers of a moderator at each door: the token itself, and the session that a browser has for it."""
    command = [*COMMAND, "token", "create", f"desk {target.port}", "--role", "moderator"]
    token = run(command, environment=house.environment).split()[-1]
    answer = ask(
        target.port,
        "/moderation/sign-in",
        method="POST",
        body=urlencode({"token": token}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": house.settings.public_url},
    )
    return {
        "api": {"Authorization": f"Bearer {token}"},
        "page": {"Cookie": _cookie_of(answer), "Accept-Encoding": "gzip"},
    }


def _cookie_of(answer: Answer) -> str:
    cookie = answer.headers.get("set-cookie", "").partition(";")[0]
    if answer.status != 303 or not cookie:
        raise NotMeasured(f"signing in was answered {answer.status}")
    return cookie


class _Asker:
    """A moderator's browser: one connection, one question after the other."""

    def __init__(self, target: Target, door: Door, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
        self._door, self._headers = door, headers

    def path(self, asked: dict[str, str], *, second: bool) -> str:
        """Where the page is asked for; ``second``: the one that the first leads on to."""
        # The other door was asked meanwhile for longer than a server keeps a connection that is idle.
        self._connection.close()
        path = f"{self._door.path}?{urlencode({**asked, **self._door.more})}"
        if not second:
            return path
        cursor = self._door.following(self._asked(path)[1])
        if not cursor:
            raise NotMeasured(f"{path} led on to no second page")
        return f"{path}&{urlencode({'cursor': cursor})}"

    def ask(self, path: str) -> float:
        """Seconds until the whole page was there. Raises ``NotMeasured`` for one without comments."""
        seconds, body = self._asked(path)
        if not self._door.shown(body):
            raise NotMeasured(f"{path} was answered without comments")
        return seconds

    def _asked(self, path: str) -> tuple[float, bytes]:
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if answer.status != 200:
            raise NotMeasured(f"{path} was answered {answer.status}: {body[:200]!r}")
        return seconds, body


# --- filling -----------------------------------------------------------------------------------------------------


def fill(url: str, size: int) -> None:
    """``size`` decided and waiting comments, straight into the tables, each kind by one statement."""
    engine = sa.create_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        texts = [
            {"place": place, "name": one.name, "source": one.text, "words": searchable(one.name, one.text)}
            for place, one in enumerate(written(min(size, TEXTS)))
        ]
        connection.execute(
            sa.text(
                "CREATE TABLE bench_texts (place INTEGER PRIMARY KEY, name TEXT, source TEXT, words TEXT)"
            )
        )
        connection.execute(sa.text("INSERT INTO bench_texts VALUES (:place, :name, :source, :words)"), texts)
        findings = json.dumps([as_stored(Finding(name, "1", "spam", 0.2)) for name in ("links", "model")])
        values = {
            "size": size,
            "texts": len(texts),
            "rare": max(1, size // RARE_TIMES),
            "site": SITE,
            "origin": ORIGIN,
            "now": datetime.now(UTC).replace(tzinfo=None).isoformat(" "),
            "findings": findings,
        }
        for statement in _statements(sqlite, begin=int(time.time() * 1000) - size - 1_000):
            names = {name for name in values if f":{name}" in statement}
            connection.execute(sa.text(statement), {name: values[name] for name in names})
    if not sqlite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()


def _statements(sqlite: bool, *, begin: int) -> list[str]:
    def identity(kind: int, number: str) -> str:
        # A UUID of version 7: in order of its milliseconds.
        if sqlite:
            return f"printf('%012x7{kind:03x}8%015x', {begin} + {number}, {number})"
        return f"(lpad(to_hex({begin} + {number}), 12, '0') || '7{kind:03x}8' || lpad(to_hex({number}), 15, '0'))::uuid"

    numbers = (
        "(WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :size) SELECT n FROM up) s"
        if sqlite
        else "(SELECT n::bigint FROM generate_series(1, CAST(:size AS integer)) AS n) s"
    )
    now = ":now" if sqlite else "CAST(:now AS timestamp)"
    empty, hash_, yes, no = (
        ("'{}'", "x'00'", "1", "0") if sqlite else ("'{}'::jsonb", "'\\x00'::bytea", "true", "false")
    )
    findings = ":findings" if sqlite else "CAST(:findings AS jsonb)"
    nothing = "'[]'" if sqlite else "'[]'::jsonb"
    kind = "n % 20"
    status = (
        f"CASE WHEN {kind} < 6 THEN 'held' WHEN {kind} < 16 THEN 'approved'"
        f" WHEN {kind} < 19 THEN 'rejected' ELSE 'withdrawn' END"
    )
    comment, thread = identity(1, "n"), identity(2, "(n % 100)")
    # Who has the rare word has it in the name, which is searched, too.
    name = f"CASE WHEN n % :rare = 0 THEN '{RARE_NAME}' ELSE name END"
    words = f"words || CASE WHEN n % :rare = 0 THEN ' {RARE_WORD}' ELSE '' END"
    return [
        f"INSERT INTO threads (id, site, url, title, created_at) SELECT {thread}, :site, :origin || '/story-' || n,"
        f" 'A story', {now} FROM (SELECT n - 1 AS n FROM {numbers} WHERE n <= 100) s",
        "INSERT INTO comments (id, site, thread_id, depth, author_name, source, html, status, awaiting, place,"
        " revision, signals, edit_token_hash, created_at, attempt, risk, ground, automated, flags, escalated, shown_at)"
        f" SELECT {comment}, :site, {thread}, 0, {name}, source, source, {status},"
        f" CASE WHEN {kind} < 6 THEN 'held' END, CASE WHEN {kind} BETWEEN 6 AND 15 THEN 'shown' ELSE 'hidden' END, 1,"
        f" {empty}, {hash_}, {now}, 1, (n * 7919 % 1000) / 1250.0,"
        f" CASE WHEN {kind} IN (16, 17) THEN 'spam' ELSE '' END, CASE WHEN {kind} = 15 THEN {no} ELSE {yes} END,"
        f" CASE WHEN {kind} = 7 THEN 1 ELSE 0 END, CASE WHEN n % 700 = 1 THEN {yes} ELSE {no} END,"
        f" CASE WHEN {kind} BETWEEN 6 AND 15 THEN {now} END"
        f" FROM {numbers} JOIN bench_texts ON place = n % :texts ORDER BY n",
        "INSERT INTO screenings (id, comment_id, revision, policy_version, findings, created_at)"
        f" SELECT {identity(3, 'n')}, {comment}, 1, 0, {findings}, {now} FROM {numbers}",
        "INSERT INTO decisions (id, comment_id, site, revision, action, status_before, status, reasons, note, actor,"
        f" automated, decided_at) SELECT {identity(4, 'n')}, {comment}, :site, 1, 'hold', 'pending', {status},"
        f" {nothing}, '', 'policy 0', {yes}, {now} FROM {numbers}",
        'INSERT INTO notable_findings (comment_id, label, "check", score)'
        f" SELECT {comment}, 'threat', 'model', 0.6 FROM {numbers} WHERE n % 10 = 0",
        f"INSERT INTO search_rows (comment_id, site, text) SELECT {comment}, :site, {words} FROM {numbers}"
        " JOIN bench_texts ON place = n % :texts ORDER BY n",
    ]
