"""What a worker does for a job out of Redis, and what it never does, whoever put it there."""

from __future__ import annotations

import json
import pickle
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis import Redis
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from service.adapters import queue as bell
from service.adapters.queue import enqueue_screening
from service.learning import Learning
from service.screening import Screening
from service.store import lessons
from service.store.database import Database
from tests.conftest import Clock
from tests.people import add_site, arrival, store
from tests.screening_room import decide_as_person, decided_once, screening_on, waiting
from workers import jobs

Work = Callable[[], None]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """One kind is enough: what a job does in the database is tested on both elsewhere."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def screening(database: Database, clock: Clock) -> Screening:
    """The screening of the worker in this process, on a database with a site."""
    add_site(database)
    found = screening_on(database, clock)
    jobs.install(found, Learning(database, clock))
    return found


def inject(client: Redis, fields: dict[str, Any], job_id: str = "injected") -> None:
    """Put a job into Redis as somebody does who can write there."""
    told = {"created_at": "2026-11-24T09:00:00.000000Z", "origin": "greenroom", "status": "queued", **fields}
    client.hset(f"rq:job:{job_id}", mapping=told)
    client.rpush("rq:queue:greenroom", job_id)


def payload(function: str, *args: object) -> bytes:
    return zlib.compress(json.dumps([function, None, args, {}]).encode())


# --- Ours ----------------------------------------------------------------------------------------------------------


def test_both_sides_mean_the_same_functions() -> None:
    assert bell.SCREEN == jobs.SCREEN
    assert bell.DRAIN == jobs.DRAIN
    for name in jobs.ALLOWED:
        assert callable(getattr(jobs, name.removeprefix("workers.jobs.")))


@pytest.mark.usefixtures("screening")
def test_what_people_decided_is_learned_from_by_a_job(
    database: Database, client: Redis, queue: Queue, work: Work
) -> None:
    [comment_id] = store(database, arrival())
    jobs.screen([str(comment_id)])
    decide_as_person(database, comment_id, "approve")
    queue.enqueue(jobs.LEARN, "daily")
    queue.enqueue(jobs.LEARN, "a site that is gone")
    work()
    with database.read() as connection:
        found = lessons.load(connection)
    assert {site: row.lessons for site, row in found.items()} == {"daily": 1}
    assert queue.failed_job_registry.count == 0


@pytest.mark.usefixtures("screening")
def test_a_job_that_cannot_learn_says_its_kind_of_failure_and_nothing_else(
    database: Database,
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE learned")
    with pytest.raises(jobs.JobFailed, match=r"^OperationalError$"):
        jobs.learn("daily")


def test_a_job_in_redis_is_json_and_holds_ids_only(
    client: Redis, queue: Queue, screening: Screening, database: Database
) -> None:
    ids = store(database, arrival("Words that stay in the database"), arrival("And these"))
    enqueue_screening(queue, ids)
    [key] = client.keys("rq:job:*")
    raw = client.hgetall(key)
    told = json.loads(zlib.decompress(raw[b"data"]))
    assert told == ["workers.jobs.screen", None, [[str(one) for one in ids]], {}]
    everything = b" ".join(part for pair in raw.items() for part in pair) + zlib.decompress(raw[b"data"])
    for private in (b"Words", b"these", b"Ada", b"daily"):
        assert private not in everything
    # Whatever becomes of it, Redis is rid of it soon.
    assert int(raw[b"failure_ttl"]) <= 3600
    assert int(raw[b"result_ttl"]) <= 60
    assert int(raw[b"timeout"]) == 30


def test_a_job_that_is_run_twice_decides_once(
    queue: Queue, work: Work, screening: Screening, database: Database
) -> None:
    ids = store(database, arrival("Once"), arrival("And once"))
    for _ in range(2):
        enqueue_screening(queue, ids)
    work()
    enqueue_screening(queue, ids)
    work()
    assert decided_once(database)


def test_a_job_takes_along_what_else_waits(
    queue: Queue, work: Work, screening: Screening, database: Database
) -> None:
    ids = store(database, *(arrival(f"Number {n}") for n in range(5)))
    enqueue_screening(queue, ids[:1])
    work()
    assert decided_once(database)


def test_ids_that_are_none_are_passed_over(
    queue: Queue, work: Work, screening: Screening, database: Database
) -> None:
    [comment_id] = store(database, arrival())
    told = ["", "not-an-id", "'; DROP TABLE comments", comment_id.hex, f" {comment_id}", str(UUID(int=0))]
    queue.enqueue(jobs.SCREEN, args=(told,))
    work()
    assert waiting(database) == 1
    queue.enqueue(jobs.SCREEN, args=([*told, str(comment_id)],))
    work()
    assert decided_once(database)


@pytest.mark.parametrize("args", [(), (None,), (17,), ([17],), ([], []), ({"ids": []},)])
def test_a_job_of_another_shape_fails_alone(
    queue: Queue, work: Work, screening: Screening, database: Database, args: tuple[Any, ...]
) -> None:
    ids = store(database, arrival())
    queue.enqueue(jobs.SCREEN, args=args)
    enqueue_screening(queue, ids)
    work()
    assert decided_once(database)


def test_what_redis_keeps_of_a_failed_job_names_the_kind_of_error_alone(
    client: Redis, queue: Queue, work: Work, screening: Screening, database: Database
) -> None:
    ids = store(database, arrival("Words that stay in the database"))

    def stumble() -> timedelta:
        raise ValueError("what ada@example.org wrote: Words that stay in the database")

    screening.now = stumble  # type: ignore[assignment,method-assign]
    enqueue_screening(queue, ids)
    work()
    [job_id] = queue.failed_job_registry.get_job_ids()
    told = Job.fetch(job_id, connection=client, serializer=JSONSerializer).latest_result().exc_string
    assert "JobFailed: ValueError" in told
    assert "Words" not in told
    assert "example.org" not in told


# --- Not ours ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tripwire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there once the module ``tripwire`` was imported, or anything in it was called."""
    touched = tmp_path / "touched"
    (tmp_path / "tripwire.py").write_text(
        f"from pathlib import Path\n"
        f"def spring(*args, **kwargs):\n    Path({str(touched)!r}).touch()\n"
        f"spring()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tripwire", raising=False)
    return touched


def check_that_work_goes_on(queue: Queue, work: Work, database: Database) -> None:
    """Whatever came before it in the queue, the next job is done."""
    ids = store(database, arrival("The next one"))
    enqueue_screening(queue, ids)
    work()
    assert decided_once(database)


@pytest.mark.parametrize(
    "function",
    [
        "os.system",
        "posix.system",
        "subprocess.check_output",
        "builtins.exec",
        "exec",
        "tripwire.spring",
        "workers.jobs.os.system",
        "workers.jobs._run",
        "workers.jobs.install",
        "workers.jobs.screen ",
        "WORKERS.JOBS.SCREEN",
        "service.bootstrap.now",
        "",
    ],
)
def test_a_job_that_names_a_foreign_function_is_refused(
    client: Redis,
    queue: Queue,
    work: Work,
    screening: Screening,
    database: Database,
    tripwire: Path,
    caplog: pytest.LogCaptureFixture,
    function: str,
) -> None:
    inject(client, {"data": payload(function, f"touch {tripwire}")})
    check_that_work_goes_on(queue, work, database)
    assert not tripwire.exists()
    assert jobs._screening is screening
    assert [one.getMessage() for one in caplog.records if one.name == "greenroom.jobs"] == [
        "refused a job that names a foreign function"
    ]
    # It is counted among those that failed.
    assert queue.failed_job_registry.get_job_ids() == ["injected"]


def test_a_refused_job_is_not_tried_for_ever(
    client: Redis, queue: Queue, work: Work, screening: Screening, caplog: pytest.LogCaptureFixture
) -> None:
    # As a later release might enqueue it, while a worker of this one is still there.
    queue.enqueue("workers.jobs.screen_in_pairs", args=([],), retry=Retry(max=3))
    work()
    assert queue.count == 0
    assert len([one for one in caplog.records if one.name == "greenroom.jobs"]) == 4


class Snare:
    """What unpickles to a call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize("field", ["data", "meta", "result", "exc_info"])
def test_a_pickle_is_never_opened(
    client: Redis,
    queue: Queue,
    work: Work,
    screening: Screening,
    database: Database,
    tmp_path: Path,
    field: str,
) -> None:
    snare = pickle.dumps(Snare(tmp_path / "sprung"))
    pickle.loads(snare)
    assert (tmp_path / "sprung").exists(), "the snare does not work"
    (tmp_path / "sprung").unlink()
    fields = {"data": payload(jobs.DRAIN), field: snare}
    inject(client, fields)
    inject(client, fields | {field: zlib.compress(snare)}, "compressed")
    check_that_work_goes_on(queue, work, database)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("when", ["success", "failure", "stopped"])
@pytest.mark.parametrize("function", [jobs.DRAIN, "os.getcwd"])
def test_a_callback_is_neither_imported_nor_called(
    client: Redis,
    queue: Queue,
    work: Work,
    screening: Screening,
    database: Database,
    tripwire: Path,
    when: str,
    function: str,
) -> None:
    inject(client, {"data": payload(function), f"{when}_callback_name": "tripwire.spring"})
    check_that_work_goes_on(queue, work, database)
    assert not tripwire.exists()


@pytest.mark.parametrize(("function", "status"), [(jobs.DRAIN, "finished"), ("os.getcwd", "failed")])
def test_a_job_sends_no_request_to_anybody(
    client: Redis,
    queue: Queue,
    work: Work,
    screening: Screening,
    database: Database,
    function: str,
    status: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hook = {
            "url": f"http://127.0.0.1:{listener.getsockname()[1]}/",
            "job_status": status,
            "method": "POST",
            "timeout": 1,
        }
        inject(client, {"data": payload(function), "webhooks": json.dumps([hook])})
        check_that_work_goes_on(queue, work, database)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "fields",
    [
        {"data": b"\x80\x04not a job"},
        {"data": zlib.compress(b"[" * 100_000)},
        {"data": zlib.compress(b'["workers.jobs.drain"]')},
        {"data": payload(jobs.DRAIN), "retries_left": "many"},
        {"data": payload(jobs.DRAIN), "status": "unheard of"},
        {"data": payload(jobs.DRAIN), "created_at": "yesterday"},
        {"data": payload(jobs.DRAIN), "timeout": "0"},
        {"no": "data"},
    ],
)
def test_rubbish_in_redis_ends_no_workers_loop(
    client: Redis, queue: Queue, work: Work, screening: Screening, database: Database, fields: dict[str, Any]
) -> None:
    inject(client, fields)
    check_that_work_goes_on(queue, work, database)
