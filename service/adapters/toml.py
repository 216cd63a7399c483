"""A policy as TOML, the form in which people edit it: each part with a comment that explains it.

The comments are ours and come with every writing; what an editor adds is not kept, because the document is.
"""

from __future__ import annotations

import tomllib
from typing import Any

from service.domain.errors import FieldError, InvalidPolicy

POINTER = "/toml"

# What stands above each part, in the order in which parts are written. A part that is not there is explained, too.
ABOUT: dict[str, str] = {
    "otherwise": """What becomes of a comment that no rule below catches.
"hold": a person looks at each before it is shown (pre-moderation).
"approve": it is shown at once (post-moderation).
"trust": shown at once when its author is trusted here, and held otherwise.""",
    "on_failure": """What becomes of a comment when a check could not run: hold, reject or discard, never approve.""",
    "close_after_days": """Days after a thread's first comment at which it takes no more comments (1 to 3650).
Without this line threads stay open, for example: close_after_days = 14""",
    "checks": """Checks that do not simply count: "observe" keeps and shows what a check finds and lets it decide
nothing, "off" does not run it. For example: checks = {history = "observe"}""",
    "options": """Options of checks, for example: options = {wordlist = {hold = ["weirbridge"], allow = ["damn"]}}""",
    "rules": """A finding with this label (of this check, where one is named) and a score of at least "at" leads to this
action: approve, hold, reject, or discard (rejected, and in no queue). The strictest action of all rules wins.
"site" stands for the threshold that fits what this site approves.""",
    "sections": """Stories whose path begins so can have entries of their own; what they leave out is as above, and
rules, where given, replace those above. The longest path counts. For example:
[[sections]]
path = "/sport/"
otherwise = "approve\"""",
    "threads": """The same for one story, which counts before any section. For example:
[[threads]]
url = "https://www.example.org/politics/budget"
otherwise = "hold\"""",
}
ORDER = ("path", "url", "label", "check", "at", "action", *ABOUT)


def read(text: str) -> Any:
    """The document in TOML text. Raises ``InvalidPolicy`` with the line and column of a fault."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Its messages name a line and a column, and quote a character at most.
        where = str(error)[:200] if isinstance(error, tomllib.TOMLDecodeError) else "it lies too deep"
        raise InvalidPolicy([FieldError(POINTER, f"This is not valid TOML: {where}.")]) from None


def write(document: dict[str, Any]) -> str:
    """A valid policy document as TOML that reads as the same document."""
    # Here, because every web process and worker would pay for it, and only editors write TOML.
    import tomlkit

    toml = tomlkit.document()
    for name, about in ABOUT.items():
        for line in about.splitlines():
            toml.add(tomlkit.comment(line))
        value = document.get(name)
        if name in ("sections", "threads"):
            tables = tomlkit.aot()
            for part in value or ():
                table = tomlkit.table()
                for key in sorted(part, key=_place):
                    table.add(_key(key), _item(part[key], key))
                tables.append(table)
            if value:
                toml.add(tomlkit.nl())
                toml.add(name, tables)
            elif value is not None:
                toml.add(name, tomlkit.array())
        elif value is not None:
            toml.add(name, _item(value, name))
        toml.add(tomlkit.nl())
    return toml.as_string().rstrip("\n") + "\n"


def lines(document: dict[str, Any]) -> list[str]:
    """The lines of a document that say something: without comments and blank ones, for comparing."""
    return [line for line in write(document).splitlines() if line and not line.startswith("#")]


def _place(name: str) -> tuple[int, str]:
    # Databases and senders keep names in an order of their own; lines can only be compared in one that is always ours.
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _key(name: str) -> Any:
    import tomlkit

    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return tomlkit.key(name) if plain else tomlkit.key([name])


def _item(value: Any, name: str = "") -> Any:
    """A value on one line; rules on a line each, so that two documents can be compared line by line."""
    import tomlkit

    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        for key in sorted(value, key=_place):
            inline.add(_key(key), _item(value[key]))
        return inline
    if isinstance(value, list):
        array = tomlkit.array()
        for inner in value:
            array.append(_item(inner))
        return array.multiline(name == "rules" and bool(value))
    return tomlkit.item(value)
