"""How long moderators wait for a page: with a thousand comments in the house, and with very many.

Asked over HTTP of the running web process, one question after the other, of the small house and the large one in
turns. The houses are filled by the database itself from a table of texts; what a page reads of a comment (its thread,
screening, decision, findings and searched words) is all there.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from benchmarks import greenroom
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, ORIGIN, SITE, Greenroom
from benchmarks.ground import Ground, NotMeasured, run
from benchmarks.load import Target
from benchmarks.postgres import Server, postgres
from service.domain.policy import Finding, as_stored
from service.domain.search import searchable

SMALL = 1_000
LARGE = {"sqlite": (100_000, 3_000), "postgresql": (1_000_000, 5_000)}
TEXTS = 2_000
RARE_WORD, RARE_TIMES = "zanzibar", 10
ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "queue": ("what is held, the oldest first", {"queue": "held"}),
    "risk": ("what is held, by risk", {"queue": "held", "sort": "risk"}),
    "label": ("what is held, of one label", {"queue": "held", "label": "threat"}),
    "common": ("a word of every third comment", {"q": "council"}),
    "rare": ("a word of ten comments", {"q": RARE_WORD}),
}


def measure(ground: Ground) -> dict[str, Any]:
    found: dict[str, Any] = {"sizes": {}, "asked": {name: words for name, (words, _) in ASKED.items()}}
    with postgres(ground) as server:
        for backend in ("sqlite", "postgresql"):
            sizes = {"small": SMALL, "large": ground.pick(*LARGE[backend])}
            houses = {name: _house(ground, backend, name, size, server) for name, size in sizes.items()}
            found["sizes"][backend] = sizes
            found[backend] = _pages(ground, backend, houses)
    return found


def _house(ground: Ground, backend: str, name: str, size: int, server: Server) -> Greenroom:
    url = server.make_database(f"desk_{name}") if backend == "postgresql" else ""
    ours = greenroom.installed(ground, f"desk-{backend}-{name}", database_url=url)
    began = time.monotonic()
    fill(ours.settings.database_url, size)
    ground.say(f"desk  {backend} with {size:,} comments, filled within {time.monotonic() - began:.0f} s")
    return ours


def _pages(ground: Ground, backend: str, houses: dict[str, Greenroom]) -> dict[str, Any]:
    times, warm = ground.pick(400, 25), ground.pick(30, 5)
    waited: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        askers = {}
        for name, house in houses.items():
            target = stack.enter_context(house.running(worker=False))
            token = run(
                [*COMMAND, "token", "create", f"desk {name}", "--role", "viewer"],
                environment=house.environment,
            ).split()[-1]
            askers[name] = _Asker(target, token)
        for kind, (_, asked) in ASKED.items():
            for number in range(warm + times):
                for name, asker in askers.items():
                    seconds = asker.ask(asked)
                    if number >= warm:
                        waited.setdefault((kind, name), []).append(seconds)
    found = {kind: {name: _described(waited[kind, name]) for name in houses} for kind in ASKED}
    for kind, by_size in found.items():
        ground.say(
            f"desk  {backend} {kind:<7}"
            + "".join(
                f"  {name} p50 {row['p50_ms']:.1f} p99 {row['p99_ms']:.1f} ms"
                for name, row in by_size.items()
            )
        )
    return found


def _described(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
    }


class _Asker:
    """A moderator's browser: one connection, one question after the other."""

    def __init__(self, target: Target, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, asked: dict[str, str]) -> float:
        """Seconds until the whole page was there. Raises ``NotMeasured`` for one without comments."""
        path = f"/v1/admin/comments?{urlencode({**asked, 'limit': '50'})}"
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
        if answer.status != 200 or not json.loads(body)["comments"]:
            raise NotMeasured(f"{path} was answered {answer.status}: {body[:200]!r}")
        return seconds


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
    words = f"words || CASE WHEN n % :rare = 0 THEN ' {RARE_WORD}' ELSE '' END"
    return [
        f"INSERT INTO threads (id, site, url, title, created_at) SELECT {thread}, :site, :origin || '/story-' || n,"
        f" 'A story', {now} FROM (SELECT n - 1 AS n FROM {numbers} WHERE n <= 100) s",
        "INSERT INTO comments (id, site, thread_id, depth, author_name, source, html, status, awaiting, place,"
        " revision, signals, edit_token_hash, created_at, attempt, risk, ground, automated, flags, escalated)"
        f" SELECT {comment}, :site, {thread}, 0, name, source, source, {status},"
        f" CASE WHEN {kind} < 6 THEN 'held' END, CASE WHEN {kind} BETWEEN 6 AND 15 THEN 'shown' ELSE 'hidden' END, 1,"
        f" {empty}, {hash_}, {now}, 1, (n * 7919 % 1000) / 1250.0,"
        f" CASE WHEN {kind} IN (16, 17) THEN 'spam' ELSE '' END, CASE WHEN {kind} = 15 THEN {no} ELSE {yes} END,"
        f" CASE WHEN n % 500 = 7 THEN 1 ELSE 0 END, CASE WHEN n % 700 = 1 THEN {yes} ELSE {no} END"
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
