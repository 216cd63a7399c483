"""What ``./greenroom`` runs first, with any Python 3.11: standard library only.

Makes ``.venv`` beside it, installs the hashed lock, and hands over to the command. A stamp in ``.venv`` holds the
lock's hash, so that an unchanged lock costs nothing. A half-made environment of a broken run is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": HERE / "requirements.lock", "test": HERE / "requirements-dev.lock"}

# What CI runs: one command each, in this order.
CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("contracts", ["lint-imports"]),
    (
        "tests of rooms and pages",
        ["pytest", "-n", "2", "--dist", "loadfile", "-m", "not processes or browser"],
    ),
    # These kill, stop and measure whole products: one at a time.
    ("tests of the product", ["pytest", "-m", "processes and not browser"]),
)


def say(line: str) -> None:
    print(f"greenroom: {line}", file=sys.stderr, flush=True)


def wanted_stamp(kind: str) -> str:
    """What the stamp of an environment for ``kind`` holds: the lock's hash and the interpreter's version."""
    lock = hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()
    return f"{kind} {lock} {sys.version_info[0]}.{sys.version_info[1]}"


def stamps() -> list[str]:
    try:
        return (VENV / "greenroom-stamp").read_text().splitlines()
    except OSError:
        return []


def is_ready(kind: str) -> bool:
    """Whether ``.venv`` serves; one made for tests also serves for running."""
    return PYTHON.exists() and wanted_stamp(kind) in stamps()


def kind_to_make(kind: str) -> str:
    """One that was made for tests, under whatever lock, is made for tests again: its developer would miss them."""
    return "test" if any(stamp.startswith("test ") for stamp in stamps()) else kind


def prepare(kind: str) -> None:
    """Make ``.venv`` fit for ``kind``, alone: whoever else starts meanwhile waits."""
    with open(HERE / ".venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(kind):
            return
        started = time.monotonic()
        uv = shutil.which("uv")
        if uv is None and (
            importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None
        ):
            say("the module venv is missing (on Debian and Ubuntu: apt install python3-venv)")
            sys.exit(2)
        say(f"setting up .venv with {'uv' if uv else 'pip'} (once; some seconds to a minute)")
        install(kind, uv)
        made = [wanted_stamp(kind)] + ([wanted_stamp("run")] if kind == "test" else [])
        (VENV / "greenroom-stamp").write_text("\n".join(made) + "\n")
        say(f"ready after {time.monotonic() - started:.0f} s")


def install(kind: str, uv: str | None) -> None:
    (VENV / "greenroom-stamp").unlink(missing_ok=True)
    lock = str(LOCKS[kind])
    if uv is not None:
        quiet = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV)}
        step([uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(VENV)], quiet)
        step(
            [
                uv,
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                "--python",
                str(PYTHON),
                "--require-hashes",
                "--requirements",
                lock,
            ],
            quiet,
        )
    else:
        step([sys.executable, "-m", "venv", "--clear", str(VENV)])
        pip = [
            str(PYTHON),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--require-hashes",
        ]
        step([*pip, "--no-deps", "--requirement", lock])
    # The checkout itself is importable without a build step.
    paths = subprocess.run(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    (Path(paths.stdout.strip()) / "greenroom.pth").write_text(f"{HERE}\n")
    # Compiled once here, a start takes a third of the time, also where Python may not write what it compiles.
    step([str(PYTHON), "-m", "compileall", "-q", str(HERE / "service"), str(HERE / "workers")])


def step(command: list[str], environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        say(f"this failed: {' '.join(command)}")
        sys.exit(1)


def run_checks(arguments: list[str]) -> int:
    """Everything that guards main, or with arguments the tests alone."""
    checks = CHECKS if not arguments else (("tests", ["pytest", *arguments]),)
    failed = []
    for name, command in checks:
        say(name)
        tool, *rest = command
        if subprocess.run([str(VENV / "bin" / tool), *rest], cwd=HERE, check=False).returncode != 0:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all is well")
    return 1 if failed else 0


def main() -> int:
    arguments = sys.argv[1:]
    kind = "test" if arguments[:1] == ["test"] else "run"
    if not is_ready(kind):
        prepare(kind_to_make(kind))
    if kind == "test":
        return run_checks(arguments[1:])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    os.execv(PYTHON, [str(PYTHON), "-m", "service.cli", *arguments])


if __name__ == "__main__":
    sys.exit(main())
