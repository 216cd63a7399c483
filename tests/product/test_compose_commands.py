"""The commands of docker-compose.yml with its environment, against a real PostgreSQL and Valkey, without an engine."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from service.adapters.valkey import EmbeddedValkey
from tests.compose import composition
from tests.conftest import make_database, named
from tests.product.running import ROOT, STORY, Running

pytestmark = pytest.mark.processes


def environment_of(service: str) -> dict[str, str]:
    """What Compose gives to a service, as ``Running`` takes it: in small letters, without the prefix."""
    found = composition()["services"][service]["environment"]
    return {name.removeprefix("GREENROOM_").lower(): str(value) for name, value in found.items()}


@pytest.fixture
def composed(running: Running, postgres_url: str, tmp_path: Path) -> Iterator[Running]:
    """The services' settings, with the five secrets in files as docs/deploying.md has them made."""
    name = f"compose_{uuid4().hex[:8]}"
    make_database(postgres_url, name)
    valkey = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v" / "v.sock")
    valkey.start()
    files = {
        "database_url": named(postgres_url, name).replace("postgresql+psycopg", "postgresql"),
        "redis_url": f"unix://{tmp_path}/v/v.sock?db=0",
        "vault_keys": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "index_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    settings = environment_of("web")
    for secret, value in files.items():
        (tmp_path / secret).write_text(value + "\n")
        assert settings[f"{secret}_file"] == f"/run/secrets/{secret}"
        settings[f"{secret}_file"] = str(tmp_path / secret)
    running.settings |= settings | {"public_url": running.url}
    yield running
    running.stop()
    valkey.stop()


def run(running: Running, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *command],
        env=running.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_of_compose_run_a_comments_whole_life(composed: Running) -> None:
    assert run(composed, "status").returncode != 0, "healthy before there is a schema"
    composed.run("migrate", "--first-run")
    assert run(composed, "status").returncode == 1, "healthy without a worker"
    assert composed.run("site", "set", "daily", "--origin", "https://example.org") == "site daily is set\n"
    token = composed.run("token", "create", "ada").strip()
    composed.start("web", "serve")
    for number in range(4):
        composed.start(f"worker {number}", "work")
    composed.until(composed.ready, seconds=40, what="ready")
    composed.until(lambda: composed.ask("GET", "/readyz").json()["workers"] == 4, what="four workers")
    assert run(composed, "status").returncode == 0

    made = composed.post("What about the bridge?", site="daily").json()
    bearer = {"Authorization": f"Bearer {token}"}
    path = f"/v1/admin/comments/{made['id']}"
    composed.until(
        lambda: composed.ask("GET", path, **bearer).json()["status"] == "held", what="held by a worker"
    )
    decision = {"action": "approve", "reasons": [], "revision": 1}
    assert composed.ask("POST", f"{path}/decision", decision, **bearer).status == 200
    shown = composed.ask("GET", f"/v1/threads?site=daily&url={STORY}").json()
    assert [comment["id"] for comment in shown["comments"]] == [made["id"]]
    # In containers a log is read by machines.
    for line in composed.log().splitlines():
        json.loads(line)


def test_containers_have_no_demo_and_no_token_on_a_disk_that_goes_away(composed: Running) -> None:
    composed.run("migrate", "--first-run")
    composed.start("web", "serve")
    composed.until(lambda: answers(composed), what="an answer")
    assert composed.ask("GET", "/demo/").status == 404
    # The first token is on the volume that docker-compose.yml mounts there.
    assert (composed.data_dir / "admin-token").stat().st_mode & 0o777 == 0o600


def answers(running: Running) -> bool:
    try:
        return running.ask("GET", "/healthz").status == 200
    except OSError:
        return False


def test_a_container_without_its_keys_does_not_start(composed: Running, tmp_path: Path) -> None:
    composed.run("migrate", "--first-run")
    for secret in ("vault_keys", "index_key"):
        composed.settings[f"{secret}_file"] = str(tmp_path / "nowhere")
    for command in ("migrate", "serve", "work"):
        refused = run(composed, command)
        assert refused.returncode == 2
        assert "GREENROOM_VAULT_KEYS cannot be read from the file" in refused.stderr
        assert "GREENROOM_INDEX_KEY cannot be read from the file" in refused.stderr
        assert "Traceback" not in refused.stderr
