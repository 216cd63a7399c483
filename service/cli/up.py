"""``greenroom up``: everything on one machine, under one small supervisor.

This process stays for as long as the service does, so it does with the standard library, and little of that.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from service.adapters import valkey
from service.settings import Settings, SettingsError, read_or_make_keys, read_settings
from service.supervisor import AlreadyRunning, Child, Supervisor, lock_folder, outlive_orphans

READY_SECONDS = 40.0
WEB, WORKERS, VALKEY = 0, 1, 2


def speaker(log: str) -> Callable[[str], None]:
    """What writes this process's lines, in the form that the others log in (see ``service.logs``)."""
    as_text = log == "text" or (log == "auto" and sys.stderr.isatty())

    def say(line: str) -> None:
        if not as_text:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            told = {"time": at, "level": "info", "logger": "greenroom.up", "process": "up", "message": line}
            line = json.dumps(told, ensure_ascii=False)
        else:
            line = f"{time.strftime('%H:%M:%S')} up     {line}"
        print(line, file=sys.stderr, flush=True)

    return say


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="greenroom up",
        description="Run Greenroom on this machine: web, workers and, unless GREENROOM_REDIS_URL is set, an"
        " embedded Valkey. Everything is kept in one folder (GREENROOM_DATA_DIR, ./data).",
        epilog="Example: GREENROOM_DATA_DIR=/srv/greenroom greenroom up --port 9000. Ctrl-C stops all and loses"
        " nothing. Every setting is in docs/settings.md.",
    )
    parser.add_argument("--port", type=int, help="instead of GREENROOM_PORT; 0 takes a free one")
    return parser.parse_args(given)


def main(given: Sequence[str]) -> NoReturn:
    """Run until asked to stop, then leave with status 0, or 1 where it could not start."""
    port: int | None = _arguments(given).port
    try:
        settings, environment = _prepare(os.environ, port)
        say = speaker(settings.log)
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.data_dir.chmod(0o700)
        lock = lock_folder(settings.data_dir)
        children_lock = outlive_orphans(settings.data_dir, say)
        _check_port(settings)
        if read_or_make_keys(settings).made:
            say(f"made keys in {settings.keys_file}: back this file up, without it no address can be read")
    except (SettingsError, AlreadyRunning, _Refused, OSError) as error:
        raise SystemExit(f"greenroom: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    supervisor = Supervisor(say, [children_lock.fileno()])
    supervisor.listen()
    status = 0
    try:
        _start(supervisor, settings, environment, say)
        supervisor.run()
    except _Refused as error:
        print(f"greenroom: {error}", file=sys.stderr, flush=True)
        status = 1
    finally:
        say("stopping")
        supervisor.stop()
        lock.close()
    say("stopped; nothing was lost" if status == 0 else "stopped")
    sys.exit(status)


class _Refused(RuntimeError):
    """It cannot be started; the message says why."""


def _prepare(environ: Mapping[str, str], port: int | None) -> tuple[Settings, dict[str, str]]:
    """Settings with a real port, and what the children need in their environment to see the same."""
    environment = {} if port is None else {"GREENROOM_PORT": str(port)}
    settings = read_settings({**environ, **environment})
    if settings.port == 0:
        with socket.socket(_family(settings.host)) as free:
            free.bind((settings.host, 0))
            environment["GREENROOM_PORT"] = str(free.getsockname()[1])
        settings = read_settings({**environ, **environment})
    environment["GREENROOM_DATA_DIR"] = str(settings.data_dir)
    return settings, environment


def _check_port(settings: Settings) -> None:
    _check_free(settings.host, settings.port, "GREENROOM_PORT")
    if settings.doors_port:
        _check_free(settings.host, settings.doors_port, "GREENROOM_DOORS_PORT")


def _check_free(host: str, port: int, setting: str) -> None:
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _Refused(f"{host} port {port} cannot be listened on: {error.strerror}") from None
            raise _Refused(
                f"port {port} is taken; set {setting} to another"
                + (", or use `up --port 0` for a free one" if setting == "GREENROOM_PORT" else "")
            ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _start(
    supervisor: Supervisor, settings: Settings, environment: dict[str, str], say: Callable[[str], None]
) -> None:
    # -s, -P and so on are not wanted: the children run in the same environment as this process.
    python = [sys.executable, "-m"]
    if settings.embedded_redis:
        folder = settings.data_dir / "valkey"
        try:
            valkey.make_folders(folder, settings.socket_path)
            line = valkey.command_line(folder, settings.socket_path)
        except valkey.ValkeyMissing as error:
            raise _Refused(str(error)) from None
        supervisor.start(Child("valkey", line, VALKEY, quiet=True))
        say("valkey started")
    migrated = subprocess.run(
        [*python, "service.cli", "migrate", "--first-run"],
        env={**os.environ, **environment},
        pass_fds=supervisor.inherited,
        check=False,
    )
    if migrated.returncode != 0:
        raise _Refused("the database could not be set up")
    say("database is ready")
    supervisor.start(Child("web", [*python, "service.web"], WEB, environment))
    for number in range(1, settings.workers + 1):
        supervisor.start(Child(f"worker {number}", [*python, "workers"], WORKERS, environment))
    if settings.doors_port:
        supervisor.start(Child("doors", [*python, "service.cli", "doors"], WEB, environment))
        say("doors started")
    say(f"web and {settings.workers} worker{'s' if settings.workers != 1 else ''} started")
    _wait_until_ready(supervisor, settings)
    if not supervisor.stopping:
        _welcome(settings)


def _wait_until_ready(supervisor: Supervisor, settings: Settings) -> None:
    end = time.monotonic() + READY_SECONDS
    missing: list[str] = []
    while not supervisor.stopping:
        found = _readiness(settings)
        if found.get("ready") or (found and settings.workers == 0):
            return
        missing = found.get("missing", ["web"])
        if time.monotonic() > end:
            raise _Refused(f"not ready after {READY_SECONDS:.0f} s; missing: {', '.join(missing)}")
        supervisor._tend()
        time.sleep(0.1)


def _readiness(settings: Settings) -> dict[str, list[str]]:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    # http.client would cost this process more memory than all of its own code.
    ask = f"GET /readyz HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, settings.port), timeout=2) as connection:
            connection.sendall(ask.encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        found: dict[str, list[str]] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return found
    except (OSError, ValueError):
        return {}


def _welcome(settings: Settings) -> None:
    lines = [f"  demo story       {settings.public_url}/demo/"] if settings.demo else []
    lines += [
        f"  moderation page  {settings.public_url}/moderation",
        f"  API docs         {settings.public_url}/docs",
    ]
    if settings.doors_port:
        lines.append(f"  doors            {settings.doors_url}")
    token = settings.data_dir / "admin-token"
    if token.exists():
        lines.append(f"  admin token      in {token}")
    print("\nGreenroom is ready.\n" + "\n".join(lines) + "\n  Ctrl-C stops it.\n", flush=True)
