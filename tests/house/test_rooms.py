"""What the import contracts cannot say: what no room of the house may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "service").rglob("*.py"), *(ROOT / "workers").rglob("*.py")])
# All that is read by whoever looks after the house, whether it is served or not.
ROOMS = ("service", "workers", "tests", "training", "benchmarks")
WRITTEN = sorted([*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])
STATIC = ROOT / "service" / "web" / "static"
STATICS = sorted(path for path in STATIC.rglob("*") if path.is_file())
TEMPLATES = sorted((ROOT / "service" / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted(STATIC.glob("*.js"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def users(of: set[str]) -> set[str]:
    """The files that import one of these modules, or something below one."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(name in of or any(name.startswith(module + ".") for module in of) for name in imported(path))
    }


def test_nothing_speaks_http_to_the_outside() -> None:
    clients = {
        "http.client",
        "urllib.request",
        "requests",
        "httpx",
        "httpx2",
        "aiohttp",
        "urllib3",
        "ftplib",
        "smtplib",
    }
    assert users(clients) == set()


def test_the_service_enqueues_by_name_and_imports_no_worker() -> None:
    assert {path for path in users({"workers"}) if not path.startswith("workers/")} == set()


@pytest.mark.parametrize(
    ("tool", "rooms"),
    [
        ("bleach", {"service/adapters/sanitizer.py"}),
        ("markdown_it", {"service/adapters/sanitizer.py"}),
        ("email_validator", {"service/adapters/addresses.py"}),
        ("cryptography", {"service/adapters/cipher.py"}),
    ],
)
def test_each_tool_of_trust_lives_in_one_file(tool: str, rooms: set[str]) -> None:
    assert users({tool}) == rooms


def test_of_the_web_only_the_doors_process_holds_models() -> None:
    asked = "import sys, service.web.app; print([name for name in sys.modules if name in ('numpy', 'onnxruntime')])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    scoring = {path for path in users({"service.scoring"}) if path.startswith("service/web/")}
    assert scoring == {"service/web/doors/app.py"}


def test_only_store_holds_sql() -> None:
    statement = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b [\w*(]")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.search(node.value)
    ]
    assert {path for path in found if not path.startswith("service/store/")} == set()


def test_the_domain_asks_no_clock_and_no_chance() -> None:
    asks = {"time", "random", "secrets", "os", "socket", "datetime.datetime.now"}
    assert {path for path in users(asks) if path.startswith("service/domain/")} == set()


def test_an_address_is_revealed_in_few_places() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in SOURCES if ".reveal()" in path.read_text()}
    assert found == {"service/adapters/addresses.py", "service/adapters/cipher.py"}


def test_no_file_asks_to_be_split() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in WRITTEN} >= set(ROOMS)
    long = [path for path in WRITTEN if len(path.read_text().splitlines()) > 400]
    assert [path.relative_to(ROOT).as_posix() for path in long] == []


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_html_or_runs_text(script: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", script.read_text(), flags=re.DOTALL)
    forbidden = r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|HTMLUnsafe"
    assert re.findall(forbidden, source) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_script_a_style_or_a_handler(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", source)
    assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize(
    "page",
    [*TEMPLATES, *STATICS],
    ids=lambda path: path.name,
)
def test_no_page_asks_a_third_party(page: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", page.read_text(), flags=re.DOTALL)
    found = re.findall(
        r"""(?:src|href)=["'](?:https?:)?//[^"']+|@import|url\((?!["']?(?:data:|#))[^)]+\)""", source
    )
    assert found == []


# --- what is installed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "benchmarks/tools.lock"])
def test_locks_hold_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    packages = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
    assert packages
    blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
    assert [block.partition("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_dependency_has_an_upper_bound_or_is_dated_data() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    section = project.partition("dependencies = [")[2].partition("\n]")[0]
    unbounded = [line for line in re.findall(r'"([^"]+)"', section) if "<" not in line]
    # Lists of domains, whose versions are dates or counters.
    assert [re.split(r"[>=]", line)[0] for line in unbounded] == [
        "disposable-email-domains",
        "publicsuffixlist",
    ]
