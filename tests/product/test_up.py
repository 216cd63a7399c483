"""``greenroom up`` as its operator meets it: it starts, it says so, it looks after its own, and it stops."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.product.readers import Readers, reckon
from tests.product.running import ROOT, Running, alive

pytestmark = pytest.mark.processes


def gone(running: Running, tree: list[int], *, seconds: float) -> None:
    running.until(lambda: not any(alive(pid) for pid in tree), seconds=seconds, what="all processes gone")


def refused(running: Running, *words: str) -> str:
    """What ``up`` complained of when it would not start."""
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "up", *words],
        env=running.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    return done.stderr


# --- starting ------------------------------------------------------------------------------------------------------


def test_up_serves_the_demo_and_leaves_no_process_behind(running: Running) -> None:
    up = running.up()
    assert running.ask("GET", "/demo/").status == 200
    assert running.post("Hello").status == 202
    tree = running.everyone()
    assert len(tree) >= 4
    up.terminate()
    assert up.wait(10) == 0
    gone(running, tree, seconds=2)


def test_up_says_where_everything_is_and_keeps_it_to_itself(running: Running) -> None:
    running.settings["log"] = "text"
    running.up()
    running.until(lambda: "Ctrl-C" in running.log(), what="the welcome")
    told = running.log()
    for address in ("/demo/", "/moderation", "/docs"):
        assert f"{running.url}{address}" in told
        assert running.ask("GET", address).status == 200
    token = running.data_dir / "admin-token"
    assert str(token) in told
    assert running.admin_token not in told
    assert running.as_admin("GET", "/v1/admin/me").status == 200
    assert stat.S_IMODE(running.data_dir.stat().st_mode) == 0o700
    for secret in ("admin-token", "keys.json"):
        assert stat.S_IMODE((running.data_dir / secret).stat().st_mode) == 0o600
    assert "keys.json: back this file up" in told


def test_the_first_token_is_made_once(running: Running) -> None:
    running.up()
    first = running.admin_token
    running.stop()
    running.up()
    assert running.admin_token == first
    # Whoever takes it away has another way in, or makes one.
    (running.data_dir / "admin-token").unlink()
    running.stop()
    running.up()
    assert not (running.data_dir / "admin-token").exists()


def test_a_second_up_on_the_same_folder_is_refused_and_names_the_first(running: Running) -> None:
    up = running.up()
    told = refused(running, "--port", "0")
    assert f"another greenroom (process {up.pid}) is running on {running.data_dir}" in told
    assert running.ready()


def test_a_taken_port_is_named(running: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.port))
        taken.listen()
        told = refused(running)
    assert f"port {running.port} is taken" in told
    assert "--port 0" in told
    assert running.everyone() == []


def test_up_takes_a_free_port_when_it_is_asked_to(running: Running) -> None:
    running.start("up", "up", "--port", "0")
    found: list[int] = []

    def welcomed() -> bool:
        found[:] = [int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)/demo/", running.log())]
        return bool(found)

    running.until(welcomed, seconds=40, what="the welcome")
    running.port = found[0]
    assert running.ask("GET", "/demo/").status == 200


def test_every_wrong_setting_is_told_at_once(running: Running) -> None:
    running.settings |= {"web_threads": "none", "rate_site": "often", "colour": "red"}
    told = refused(running)
    for setting in ("GREENROOM_WEB_THREADS", "GREENROOM_RATE_SITE", "GREENROOM_COLOUR"):
        assert setting in told
    assert not running.data_dir.exists()


# --- the log -------------------------------------------------------------------------------------------------------


def test_on_a_terminal_each_event_is_one_readable_line(running: Running) -> None:
    running.settings["log"] = "text"
    running.up()
    made = running.post("One line for this.").json()
    running.until(lambda: made["id"] in running.log(), what="a line of its screening")
    running.as_admin("GET", "/v1/admin/comments/unheard-of")
    events, _, rest = running.log().partition("\nGreenroom is ready.")
    welcome, _, later = rest.partition("Ctrl-C stops it.\n\n")
    assert "admin token" in welcome
    for line in [*events.splitlines(), *later.splitlines()]:
        assert re.fullmatch(r"\d\d:\d\d:\d\d (up|web|worker) +\S.*", line), line


def test_elsewhere_each_event_is_one_json_object(running: Running) -> None:
    running.settings["log"] = "json"
    running.up()
    made = running.post("One line for this.").json()
    running.until(lambda: made["id"] in running.log(), what="a line of its screening")
    wrong = running.ask("GET", "/v1/admin/me", Authorization="Bearer wrong")
    running.until(lambda: "a wrong token" in running.log(), what="a line about the token")
    lines = [json.loads(line) for line in running.log().splitlines() if line.startswith("{")]
    assert {line["process"] for line in lines} == {"up", "web", "worker"}
    for line in lines:
        assert {"time", "level", "logger", "message", "process"} <= set(line)
    [about] = [line for line in lines if "a wrong token" in line["message"]]
    assert about["request_id"] == wrong.headers["x-request-id"]


# --- looking after its own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["web", "workers", "valkey"])
def test_a_child_that_dies_is_started_again_and_that_is_said(running: Running, kind: str) -> None:
    running.up()
    before = [running.valkey] if kind == "valkey" else getattr(running, kind)
    os.kill(before[0], signal.SIGKILL)
    name = {"web": "web", "workers": "worker 1", "valkey": "valkey"}[kind]
    running.until(lambda: f"{name} was killed by signal 9" in running.log(), what="said that it died")
    running.until(lambda: f"{name} started again" in running.log(), what="said that it is back")
    running.until(running.ready, seconds=30, what="ready again")
    assert running.post(f"After {kind} came back.").status == 202


def test_with_the_parent_killed_no_child_outlives_it_and_the_next_up_works(running: Running) -> None:
    with_readers = Readers(running, pause_seconds=0.02)
    up = running.up()
    with with_readers as readers:
        readers.wait_for_more(20)
        tree = running.everyone()
        up.kill()
        up.wait()
        # At once the next one: it waits until nothing of the first is left, which may answer for seconds yet.
        running.processes.clear()
        running.up()
        gone(running, tree, seconds=8)
        running.until(
            lambda: running.log().count("Greenroom is ready.") == 2, seconds=40, what="the second welcome"
        )
        readers.wait_for_more(20)
    reckon(running, readers)


def test_without_a_next_one_they_are_gone_within_seconds(running: Running) -> None:
    up = running.up()
    tree = running.everyone()
    up.kill()
    up.wait()
    gone(running, tree, seconds=8)


# --- stopping ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda signum: signum.name
)
def test_a_signal_stops_everything_within_ten_seconds_while_readers_post(
    running: Running, signum: signal.Signals
) -> None:
    up = running.up()
    with Readers(running, pause_seconds=0.01) as readers:
        readers.wait_for_more(30)
        tree = running.everyone()
        up.send_signal(signum)
        began = time.monotonic()
        assert up.wait(10) == 0
        assert time.monotonic() - began < 10
    gone(running, tree, seconds=1)
    assert "stopped; nothing was lost" in running.log()
    running.processes.clear()
    running.up()
    reckon(running, readers)


def test_a_silent_valkey_holds_up_no_stop(running: Running) -> None:
    up = running.up()
    tree = running.everyone()
    os.kill(running.valkey, signal.SIGSTOP)
    running.post("Nobody is told of this.")
    up.terminate()
    assert up.wait(10) == 0
    gone(running, tree, seconds=1)


# --- before there is an environment --------------------------------------------------------------------------------


def checkout(folder: Path) -> None:
    """What of a checkout an environment is made of."""
    for name in ("bootstrap.py", "requirements.lock", "requirements-dev.lock"):
        (folder / name).write_bytes((ROOT / name).read_bytes())


def environment(folder: Path, python: str, stamp: str) -> None:
    """A checkout with an environment that was made before: its Python is this script."""
    checkout(folder)
    program = folder / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{python}\n")
    program.chmod(0o755)
    (folder / ".venv" / "greenroom-stamp").write_text(stamp)


def test_a_python_without_venv_is_told_in_one_line(tmp_path: Path) -> None:
    """As on Debian without python3-venv: the module is there, and what it needs is not."""
    checkout(tmp_path)
    script = (
        "import importlib.util as u, runpy, shutil, sys\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest)\n"
        "shutil.which = lambda name: None\n"
        f"sys.argv = ['bootstrap.py', 'up']; runpy.run_path({str(tmp_path / 'bootstrap.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "greenroom: the module venv is missing (on Debian and Ubuntu: apt install python3-venv)"
    ]
    assert not (tmp_path / ".venv").exists()


def test_an_environment_that_fits_is_used_as_it_is(tmp_path: Path) -> None:
    checkout(tmp_path)
    stamp = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import bootstrap; print(bootstrap.wanted_stamp('run'))"
    wanted = subprocess.run([sys.executable, "-c", stamp], capture_output=True, text=True, check=True).stdout
    environment(tmp_path, 'echo "handed over: $@"', wanted)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, tmp_path / "bootstrap.py", "status"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "handed over: -m service.cli status\n"
    assert "setting up" not in done.stderr
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("stamp", "made"),
    [("test of-another-lock 3.11\nrun of-another-lock 3.11", "test"), ("run of-another-lock 3.11", "run")],
)
def test_a_new_lock_takes_no_developers_tests_away(tmp_path: Path, stamp: str, made: str) -> None:
    environment(tmp_path, "exit 0", stamp + "\n")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import bootstrap\n"
        "bootstrap.install = lambda kind, uv: print('made for', kind)\n"
        "bootstrap.os.execv = lambda *_: sys.exit(0)\n"
        "sys.argv = ['bootstrap.py', 'status']; bootstrap.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"made for {made}\n"
    assert (tmp_path / ".venv" / "greenroom-stamp").read_text().split()[0] == made


def test_the_front_script_is_for_any_shell() -> None:
    script = (ROOT / "greenroom").read_text()
    assert script.startswith("#!/bin/sh\n")
    assert os.access(ROOT / "greenroom", os.X_OK)
    assert subprocess.run(["sh", "-n", ROOT / "greenroom"], check=False).returncode == 0
