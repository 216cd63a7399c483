"""Never exposed: whatever readers, moderators, operators and faults do, no trace of an address is found afterwards.

One long story, told twice: with ``greenroom up`` on SQLite, logging text, and with processes apart on PostgreSQL and
a Valkey of the operator's own, logging JSON. Every answer is kept, and whatever the commands wrote. Then all of it is
searched, and the log, Redis, its files, the database, command lines, and the whole data folder.

One thing is let through, and looked at closely: the plain form comes back to the reader who sent it, in the answer to
that very request, with what was typed in it. Two things are no author's address: somebody else's in a comment's text,
and the name by which a query asks for a story (its path, or the publisher's id).
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from redis import Redis

from service.adapters.valkey import EmbeddedValkey, answers
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.store.tables import sites, vault
from tests.conftest import make_database, named
from tests.product import moderators
from tests.product.canaries import Canaries, Search, in_database, in_folder, in_redis
from tests.product.ears import Ears
from tests.product.faults import locked, missing, spoiled
from tests.product.readers import waiting
from tests.product.running import STORY, Answer, Running, alive, command_line
from tests.product.strangers import Strangers

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

OF_THE_STORY = f"site=demo&url={quote(STORY)}"
PAGES = [
    f"/v1/threads?{OF_THE_STORY}",
    f"/v1/threads?{OF_THE_STORY}&view=flat&sort=newest",
    *(f"/v1/threads.{form}?{OF_THE_STORY}" for form in ("html", "jsonld")),
    f"/v1/feeds/thread.atom?{OF_THE_STORY}",
    "/v1/feeds/site.atom?site=demo",
    f"/v1/counts?{OF_THE_STORY}",
    f"/demo/t?url={quote(STORY)}",
    f"/demo/frame?url={quote(STORY)}",
    *(
        "/",
        "/demo/",
        "/demo/gallery",
        "/moderation",
        "/docs",
        "/docs/problems",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/embed.js",
    ),
    "/static/desk/queue.js",
]
STATUSES = ("pending", "held", "approved", "rejected", "withdrawn", "erased")
ADMIN_PAGES = [
    *("/metrics", "/v1/admin/me", "/v1/admin/sites", "/v1/admin/queues", "/v1/admin/comments?limit=100"),
    *("/v1/admin/people", "/v1/admin/journal?limit=100", "/v1/admin/journal.jsonl"),
    *(f"/v1/admin/comments?status={status}" for status in STATUSES),
]


class House:
    """One Greenroom of the story. ``start_worker`` is for whoever has no supervisor that does it."""

    def __init__(self, running: Running, valkey: EmbeddedValkey | None) -> None:
        self.running = running
        self.valkey = valkey
        self.ears = Ears(running)
        self.canaries = Canaries()
        self.strangers = Strangers(running, self.ears, self.canaries)
        self._workers = 0

    def start(self) -> None:
        if self.valkey is None:
            self.running.up()
            return
        assert self.ears.command("migrate", "--first-run").returncode == 0
        self.running.start("web", "serve")
        self.start_worker()
        self.start_worker()
        self.running.until(self.running.ready, seconds=60, what="ready")

    def start_worker(self) -> None:
        self._workers += 1
        self.running.start(f"worker {self._workers}", "work")

    @property
    def socket(self) -> Path:
        return (self.running.data_dir / "run" if self.valkey is None else self.running.folder) / "valkey.sock"

    @cached_property
    def redis(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    @property
    def valkey_pid(self) -> int:
        return self.running.valkey if self.valkey is None else self.valkey.pid

    def as_admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        return self.ears.ask(method, path, body, Authorization=f"Bearer {self.running.admin_token}")

    def own(self, made: dict[str, Any]) -> tuple[str, dict[str, str]]:
        """Path and header by which an author reaches the own comment."""
        return f"/v1/comments/{made['id']}", {"Authorization": f"Bearer {made['edit_token']}"}

    def until(self, condition: Callable[[], object], what: str) -> None:
        self.running.until(condition, seconds=40, what=what)

    def until_screened(self) -> None:
        self.until(lambda: not waiting(self.running), "all comments decided")


@pytest.fixture(params=["up", "apart"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    running = Running(tmp_path / "g")
    valkey = None
    if request.param == "apart":
        postgres: str = request.getfixturevalue("postgres_url")
        name = f"greenroom_{uuid4().hex[:12]}"
        make_database(postgres, name)
        socket = running.folder / "valkey.sock"
        running.settings |= {
            "database_url": named(postgres, name),
            "redis_url": f"unix://{socket}?db=0",
            "web_workers": "2",
            "trusted_proxies": "1",
            "log": "json",
            # Counted in Redis, under keys that are made of addresses.
            **dict.fromkeys(("rate_origin", "rate_author", "rate_site"), "100000 per hour"),
        }
        valkey = EmbeddedValkey(running.folder / "valkey", socket)
        valkey.start()
    else:
        running.settings |= {"log": "text"}
    found = House(running, valkey)
    yield found
    found.redis.close()
    running.stop()
    if valkey is not None:
        valkey.stop()


# --- the story ---------------------------------------------------------------------------------------------------


def test_no_trace_of_an_address_is_found_anywhere(house: House) -> None:
    house.start()
    strangers = house.strangers
    strangers.send_addresses()
    strangers.slip()
    strangers.break_bodies()
    strangers.send_headers()
    strangers.send_lines()
    authors_edit(house)
    moderators.decide(house)
    strangers.come_back()
    house.until_screened()
    moderators.live_at_the_desk(house)
    authors_withdraw(house)
    strangers.ask_oddly([*PAGES, *ADMIN_PAGES], house.running.admin_token)
    break_things(house)
    operators_look(house)
    house.until(lambda: post_somehow(house) == 202, "all mended")
    house.until_screened()
    everything_is_read(house)
    moderators.open_the_pages(house)
    operators_erase(house)
    everything_is_read(house)

    search = Search(house.canaries.all)
    search.look_at(iter(house.ears.heard))
    search.look_at(in_redis(house.redis))
    search.look_at(in_database(house.running.database_url))
    search.look_at(("command lines", command_line(pid).encode()) for pid in house.running.everyone())
    search.look_at(in_folder(house.running.folder))
    check_that_all_was_looked_at(house, search)
    assert not search.found


def some_of(house: House, count: int, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
    return list(house.strangers.taken.items())[since : since + count]


def authors_edit(house: House) -> None:
    canary, ask = house.canaries.make, house.ears.ask
    assert ask("POST", "/v1/preview", {"site": "demo", "text": "Seen before it is sent"}).status == 200
    for wrong in ({"text": [canary("as a text to preview")]}, {"text": "x", "email": canary("of a preview")}):
        assert ask("POST", "/v1/preview", {"site": "demo", **wrong}).status == 422
    for address, made in some_of(house, 5):
        path, own = house.own(made)
        for text, status in ((f"Or write to {address}", 422), (f"Better said {uuid4()}", 202)):
            assert ask("PATCH", path, {"text": text}, **own).status == status
        for wrong in (
            {"text": "x", "email": canary("as a new address")},
            {"text": [canary("as a wrong text")]},
        ):
            assert ask("PATCH", path, wrong, **own).status == 422
        broken = f'{{"text": "{canary("in a broken edit")}'.encode()
        assert ask("PATCH", path, broken, Content_Type="application/json", **own).status == 400
        for method in ("GET", "PATCH", "DELETE"):
            token = {"Authorization": f"Bearer {canary('as an edit token')}"}
            assert ask(method, path, {"text": "x"}, **token).status == 404


def authors_withdraw(house: House) -> None:
    for _, made in some_of(house, 2, since=4):
        path, own = house.own(made)
        assert house.ears.ask("DELETE", path, **own).status == 200


def everything_is_read(house: House) -> None:
    for path in PAGES:
        # Each process learns within seconds that what was broken on purpose is mended.
        house.until(lambda path=path: house.ears.ask("GET", path).status in (200, 302), path)  # type: ignore[misc]
        house.ears.ask("GET", path, Accept_Encoding="gzip")
    for path in ADMIN_PAGES:
        assert house.as_admin("GET", path).status == 200, path
    for _, made in house.strangers.taken.items():
        assert house.as_admin("GET", f"/v1/admin/comments/{made['id']}").status == 200
        path, own = house.own(made)
        house.ears.ask("GET", path, **own)


def operators_look(house: House) -> None:
    policy = house.running.folder / "policy.json"
    policy.write_text(json.dumps({**DEFAULT_DOCUMENT, "otherwise": "approve"}))
    address, _ = some_of(house, 1)[0]
    looks = [
        (("status",), ""),
        (("site", "list"), ""),
        (("token", "list"), ""),
        (("journal", "export"), ""),
        (("keys", "list"), ""),
        (("keys", "rotate"), ""),
        (("policy", "try", "demo", str(policy)), ""),
        (("export", "--site", "demo"), ""),
        (("export", "--person"), address),
    ]
    # As many at a time as a small machine has processors.
    with ThreadPoolExecutor(2) as pool:
        for (words, _), done in zip(
            looks, pool.map(lambda it: house.ears.command(*it[0], typed=it[1]), looks), strict=True
        ):
            assert done.returncode == 0, (words, done.stderr)
            assert done.stdout, words


def operators_erase(house: House) -> None:
    address, made = some_of(house, 1)[0]
    refused = house.canaries.make("refused by a command", "{local} @{domain}.example.org")
    with ThreadPoolExecutor(2) as pool:
        asked = [
            pool.submit(house.ears.command, *words, typed=refused)
            for words in (["erase"], ["export", "--person"])
        ]
        for one in asked:
            assert (one.result().returncode, b"does not look like" in one.result().stderr) == (1, True)
    assert house.ears.command("erase", typed=address).stdout == b"1 comments were erased\n"
    assert house.ears.command("export", "--person", typed=address).stdout == b""
    path, own = house.own(made)
    assert house.ears.ask("GET", path, **own).status == 404


# --- faults ------------------------------------------------------------------------------------------------------


def break_things(house: House) -> None:
    """Each fault is met by comments with an address in them, and by an edit that holds one."""
    redis_goes(house)
    workers_die(house)
    canary, strangers, url = house.canaries.make, house.strangers, house.running.database_url
    with missing(url, "vault"):
        strangers.post(canary("while the vault is gone"), status=503)
        strangers.post_form(canary("in a form while the vault is gone"), status=503)
        assert edit_with_own_address(house, 0).status == 503
    with spoiled(url, vault.c.sealed, b"\1\2k1" + b"\0" * 40, vault.c.comment_id == id_of(house, 7)):
        assert edit_with_own_address(house, 7).status == 500
    with locked(url, "comments"):
        everybody_waits(house)
    for _ in range(3):
        # A process that saw a commit fail looks for the story anew.
        strangers.post(canary("when all is well again"), status=202)
    with missing(url, "threads", "storm"):
        # Comments under a story that is known are taken, and no job can make anything of them.
        house.until(lambda: post_somehow(house) == 202, "taken")
        # What nobody has thought of: an exception of Python's own in the middle of a request.
        with spoiled(url, sites.c.settings, {"text_max": "many"}, sites.c.site == "demo"):
            house.until(lambda: post_somehow(house) == 500, "met by a comment")
            house.until(lambda: house.redis.zcard("rq:failed:greenroom"), "a job failed for good")


def redis_goes(house: House) -> None:
    post, canary = house.strangers.post, house.canaries.make
    pid = house.valkey_pid
    os.kill(pid, signal.SIGSTOP)
    post(canary("while Redis is silent"), status=202)
    house.until(lambda: "redis is away" in house.running.log(), "said so")
    os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGKILL)
    house.until(lambda: not alive(pid), "Valkey killed")
    post(canary("while Redis is gone"), status=202)
    if house.valkey is not None:
        house.valkey.kill()
        house.valkey.start()
    house.until(lambda: answers(house.socket), "Valkey answers again")


def workers_die(house: House) -> None:
    for number in range(2):
        house.strangers.post(house.canaries.make(f"before worker {number} dies"), status=202)
        gone = house.running.workers[0]
        os.kill(gone, signal.SIGKILL)
        if house.valkey is not None:
            house.start_worker()
        house.running.wait_for("workers", without=[gone])


def everybody_waits(house: House) -> None:
    """All at once, for each waits as long as it may."""
    path, own = house.own(some_of(house, 1)[0][1])
    with ThreadPoolExecutor(3) as pool:
        sent = [
            pool.submit(house.strangers.post, house.canaries.make("while all is locked"), status=503),
            pool.submit(house.ears.ask, "PATCH", path, {"text": "Said while all is locked"}, **own),
            pool.submit(house.ears.ask, "DELETE", path, **own),
        ]
        assert [one.result().status for one in sent] == [503] * 3


def id_of(house: House, number: int) -> UUID:
    return UUID(some_of(house, 1, since=number)[0][1]["id"])


def edit_with_own_address(house: House, number: int) -> Answer:
    [(address, made)] = some_of(house, 1, since=number)
    path, own = house.own(made)
    return house.ears.ask("PATCH", path, {"text": f"Or write to {address}"}, **own)


def post_somehow(house: House) -> int:
    body = {"site": "demo", "url": STORY, "text": f"Still there? {uuid4()}"}
    author = {"name": "Ada", "email": house.canaries.make("while a site is spoiled")}
    return house.ears.ask("POST", "/v1/comments", {**body, "author": author}).status


# --- nothing is found where nothing was looked at ----------------------------------------------------------------


def check_that_all_was_looked_at(house: House, search: Search) -> None:
    described = json.loads(house.ears.ask("GET", "/openapi.json").body)["paths"]
    asked = {place.removeprefix("the answer to ") for place in search.places}
    for path, methods in described.items():
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        for method in methods:
            assert any(re.fullmatch(f"{method.upper()} {pattern.pattern}", one) for one in asked), (
                method,
                path,
            )
    data = "data/" if house.valkey is None else ""
    somewhere = {
        *(
            "the keys of Redis",
            "the values of Redis",
            "the table comments",
            "the table vault",
            "the table screenings",
        ),
        *("command lines", "the file log", "the names of files", "greenroom export", "greenroom erase"),
        f"the file {data}valkey/appendonlydir/appendonly.aof.1.incr.aof",
    }
    if house.valkey is None:
        somewhere |= {"the file data/greenroom.db", "the file data/greenroom.db-wal"}
    assert {place for place in somewhere if not search.places.get(place)} == set()
    assert len(house.strangers.taken) > 30
    log = house.running.log()
    for words in (
        "the database failed",
        "redis is away",
        "answered 500",
        "unexpected error",
        "screened comment=",
    ):
        assert words in log, words
