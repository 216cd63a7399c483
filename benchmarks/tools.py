"""The environment of what is measured beside Greenroom (.bench/tools), made once from a hashed lock.

It is not ``.venv``: the yardstick's libraries must never be mistaken for the product's.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from benchmarks.ground import BENCH, Ground, NotMeasured, run

LOCK = Path(__file__).with_name("tools.lock")
FOLDER = BENCH / "tools"
NEEDED = {"wrk": "apt install wrk", "strace": "apt install strace"}


def tool(name: str) -> Path:
    """A command of the environment; see ``make_tools``."""
    return FOLDER / "bin" / name


def make_tools(ground: Ground) -> None:
    """Make the environment where it is missing or its lock has changed."""
    stamp = FOLDER / "stamp"
    wanted = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version_info[0]}.{sys.version_info[1]}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    ground.say("making .bench/tools with Isso and py-spy (once)")
    uv = shutil.which("uv")
    locked: list[str | Path] = ["--quiet", "--require-hashes", "--requirement", LOCK]
    if uv is not None:
        run([uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, FOLDER])
        run([uv, "pip", "install", "--python", tool("python"), *locked])
    else:
        run([sys.executable, "-m", "venv", "--clear", FOLDER])
        run([tool("python"), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", *locked])
    stamp.write_text(wanted)


def check_commands() -> None:
    """Raises ``NotMeasured`` naming every command that is missing, and how to get it."""
    missing = [f"{name} ({how})" for name, how in NEEDED.items() if shutil.which(name) is None]
    if missing:
        raise NotMeasured("needed and not found: " + ", ".join(missing))
