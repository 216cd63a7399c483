"""The product's own processes on a data folder of the test's: started as an operator starts them, and killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from service.store.database import Database

STORY = "https://example.org/budget"
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """Processes of one Greenroom. ``settings`` are environment variables without their prefix, in small letters."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def log_file(self) -> Path:
        """What all processes wrote, on either stream."""
        return self.folder / "log"

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_")}
        own = {
            "data_dir": str(self.data_dir),
            "port": str(self.port),
            "rate_origin": "off",
            "rate_author": "off",
            "rate_site": "off",
            "proof_origin": "off",
            "proof_site": "off",
            "sweep_seconds": "1",
            "lease_seconds": "3",
            **self.settings,
        }
        return {**kept, **{f"GREENROOM_{name.upper()}": value for name, value in own.items()}}

    def start(
        self, name: str, *command: str, preexec: Callable[[], None] | None = None
    ) -> subprocess.Popen[bytes]:
        """Run ``greenroom COMMAND``; what it writes goes to the log file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", *command],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=preexec,
            )
        self.processes[name] = process
        return process

    def up(self) -> subprocess.Popen[bytes]:
        """``greenroom up``, waited for until it is ready."""
        process = self.start("up", "up")
        self.until(self.ready, seconds=60, what="ready")
        return process

    def run(self, *command: str) -> str:
        """A command that ends by itself; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def answers(self) -> bool:
        """Whether the web is there, whatever it lacks."""
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def ready(self) -> bool:
        up = self.processes.get("up")
        assert up is None or up.poll() is None, self.log()
        try:
            return self.ask("GET", "/readyz").status == 200
        except OSError:
            return False

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        *,
        timeout: float = 30.0,
        **headers: str,
    ) -> Answer:
        """One request over a connection of its own. Raises ``OSError`` when there is no whole answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            named.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        began = time.monotonic()
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, content, time.monotonic() - began)

    @property
    def admin_token(self) -> str:
        return (self.data_dir / "admin-token").read_text().strip()

    def as_admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        return self.ask(method, path, body, Authorization=f"Bearer {self.admin_token}")

    def post(self, text: str, **changes: Any) -> Answer:
        """Submit a comment to the demo site."""
        submission = {
            "site": "demo",
            "url": STORY,
            "author": {"name": "Ada", "email": "ada@example.org"},
            "text": text,
            **changes,
        }
        headers = {"Idempotency-Key": changes.pop("key")} if "key" in changes else {}
        submission.pop("key", None)
        return self.ask("POST", "/v1/comments", submission, **headers)

    def post_form(self, text: str, **changes: str) -> Answer:
        """Submit a comment as a page without scripts does."""
        fields = {
            "site": "demo",
            "url": STORY,
            "name": "Ada",
            "email": "ada@example.org",
            "text": text,
            **changes,
        }
        return self.ask(
            "POST",
            "/v1/comments",
            urlencode(fields).encode(),
            Content_Type="application/x-www-form-urlencoded",
        )

    def read(self) -> Answer:
        """What a reader of the story asks for."""
        return self.ask("GET", f"/v1/threads?{urlencode({'site': 'demo', 'url': STORY})}")

    @property
    def database_url(self) -> str:
        return self.settings.get("database_url") or f"sqlite:///{self.data_dir}/greenroom.db"

    @contextmanager
    def database(self) -> Iterator[sa.Connection]:
        """A look into the database, past the product."""
        opened = Database(self.database_url)
        try:
            with opened.read() as connection:
                yield connection
        finally:
            opened.close()

    def story(self) -> str:
        """The end of the log without its line for each comment: what to read when something did not happen."""
        told = [line for line in self.log().splitlines() if "screened comment=" not in line]
        return "\n".join(told[-40:])

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def everyone(self) -> list[int]:
        """The ids of every living process of this Greenroom, orphans included; parents come before their children."""
        for process in self.processes.values():
            process.poll()
        return sorted(int(entry.name) for entry in Path("/proc").iterdir() if self._is_ours(entry))

    def _is_ours(self, entry: Path) -> bool:
        # Ours were started with our data folder in their environment, and Valkey, which overwrites it, works there.
        if not entry.name.isdigit() or not alive(int(entry.name)):
            return False
        try:
            started_with = (entry / "environ").read_bytes().split(b"\0")
            works_in = os.readlink(entry / "cwd")
        except OSError:
            return False
        return os.fsencode(f"GREENROOM_DATA_DIR={self.data_dir}") in started_with or works_in == str(
            self.data_dir / "valkey"
        )

    def named(self, *ways: str) -> list[int]:
        """Those whose command line holds one of ``ways``."""
        return [pid for pid in self.everyone() if any(way in command_line(pid) for way in ways)]

    @property
    def valkey(self) -> int:
        return self.named("valkey-server")[0]

    @property
    def web(self) -> list[int]:
        """granian's main process and those that answer; empty while they are being started again."""
        return self.named("-m service.web ", "-m service.cli serve ")

    @property
    def workers(self) -> list[int]:
        return self.named("-m workers ", "-m service.cli work ")

    def wait_for(self, kind: str, *, without: Collection[int] = ()) -> list[int]:
        """The processes of a kind ("web", "workers") once they are there and none of them is one of ``without``."""
        found: list[int] = []

        def there() -> bool:
            found[:] = getattr(self, kind)
            return bool(found) and not set(found) & set(without)

        self.until(there, what=f"{kind} started again")
        return found

    def until(self, condition: Callable[[], object], *, seconds: float = 20.0, what: str = "") -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"did not happen within {seconds} s: {what}\n{self.story()}")
            time.sleep(0.03)

    def stop(self) -> None:
        """Ask all to end, and make sure that they are gone."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.everyone():
            os.kill(pid, signal.SIGKILL)
        self.processes.clear()


def alive(pid: int) -> bool:
    """Whether this process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
