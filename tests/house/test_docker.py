"""The files for containers, read by Compose's own parser and by hadolint: no engine runs here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from service.cli.commands import greenroom
from service.settings import SETTINGS
from tests.compose import BIN, ROOT, composition, parse

OURS = ("web", "worker", "migrate")
SECRETS = ("postgres_password", "database_url", "redis_url", "vault_keys", "index_key")


@pytest.fixture
def compose() -> dict[str, Any]:
    return composition()


def test_compose_takes_the_file_and_finds_fault_with_a_broken_one(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    assert set(compose["services"]) == {"web", "worker", "migrate", "postgres", "valkey"}
    broken = tmp_path / "docker-compose.yml"
    broken.write_text((ROOT / "docker-compose.yml").read_text().replace("healthcheck:", "healthchek:"))
    assert "healthchek" in parse(broken)[1]


def test_hadolint_finds_no_fault_with_the_dockerfile(tmp_path: Path) -> None:
    faulty = tmp_path / "Dockerfile"
    faulty.write_text("FROM python:latest\n")
    for file, status in ((ROOT / "Dockerfile", 0), (faulty, 1)):
        done = subprocess.run([BIN / "hadolint", file], capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout


def test_one_image_serves_web_worker_and_migrations(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert len({services[name]["image"] for name in OURS}) == 1
    context = click.Context(greenroom)
    for name in OURS:
        assert greenroom.get_command(context, services[name]["command"][0]) is not None


def test_the_image_runs_as_nobody_special_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert all("-slim" in line for line in lines if line.startswith("FROM python"))


def test_our_containers_cannot_write_to_themselves_or_gain_rights(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_setting_of_the_containers_is_one(compose: dict[str, Any]) -> None:
    known = {s.variable for s in SETTINGS} | {s.variable + "_FILE" for s in SETTINGS if s.secret}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= known
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"(GREENROOM_\w+)=", dockerfile)) <= known


def test_secrets_come_from_files_and_never_from_the_environment(compose: dict[str, Any]) -> None:
    secret = {setting.variable for setting in SETTINGS if setting.secret}
    assert set(compose["secrets"]) == set(SECRETS)
    for name in OURS:
        service = compose["services"][name]
        assert not set(service["environment"]) & secret
        mounted = {f"/run/secrets/{each['source']}" for each in service["secrets"]}
        files = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert files == mounted
    assert "POSTGRES_PASSWORD" not in compose["services"]["postgres"]["environment"]


def test_whoever_serves_waits_for_the_migration_and_the_migration_for_the_database(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    for name in ("web", "worker"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["valkey"]["condition"] == "service_healthy"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("worker", "postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]


def test_any_number_of_workers_may_run(compose: dict[str, Any]) -> None:
    # Compose refuses to scale what has a name or a port of its own.
    worker = compose["services"]["worker"]
    assert "container_name" not in worker
    assert not worker.get("ports")


def test_only_the_web_is_reached_from_outside_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if service.get("ports")
    }
    assert set(published) == {"web"}
    assert [port["host_ip"] for port in published["web"]] == ["127.0.0.1"]


def test_what_is_kept_is_kept_in_volumes(compose: dict[str, Any]) -> None:
    for name, place in (("postgres", "/var/lib/postgresql"), ("valkey", "/data"), ("web", "/data")):
        volumes = compose["services"][name]["volumes"]
        assert any(each["type"] == "volume" and each["target"] == place for each in volumes)
    command = compose["services"]["valkey"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_image_holds_no_secret_of_the_checkout() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == {
        *("requirements.lock", "service", "workers", "LICENSE", "README.md")
    }
    assert {"data", "secrets"} & {name.strip("/") for name in ignored} == {"data", "secrets"}
