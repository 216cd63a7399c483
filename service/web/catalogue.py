"""The catalogues as files: gathers every sentence that readers meet, for translators.

``python -m service.web.catalogue`` writes ``words/messages.pot`` and brings every language up to it: what is new comes
without a translation, what is gone goes. ``python -m service.web.catalogue nl`` begins another language.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from service.web import own, own_words, report
from service.web.languages import DOMAIN, WORDS, Plural, languages
from service.web.sentences import of_the_embed, of_the_service

ROOM = Path(__file__).parent
TEMPLATES = (
    "base.html",
    "message.html",
    "thread.html",
    "frame.html",
    "own.html",
    "thanks.html",
    "report.html",
)
PAGES = ("pages.py", "telling.py")
LEFT_OUT = ('"Project-Id', '"Report-Msgid', '"POT-C', '"PO-Rev', '"Last-Tr', '"Language-Team', '"Generated')
HEADER = "# Greenroom's words for readers.\n#"


def sentences() -> dict[str | Plural, list[str]]:
    """Every sentence that readers meet, with where it is said: files, and keys of the embed."""
    found: dict[str | Plural, list[str]] = {}
    for sentence, where in (
        *_of_the_embed(),
        *_of_the_templates(),
        *_of_the_pages(),
        *_of_the_own_pages(),
        *_of_the_service(),
    ):
        places = found.setdefault(sentence, [])
        if where not in places:
            places.append(where)
    return found


def _of_the_embed() -> Iterator[tuple[str | Plural, str]]:
    for key, sentence in of_the_embed().items():
        yield sentence, f"embed:{key}"


def _of_the_templates() -> Iterator[tuple[str | Plural, str]]:
    for name in TEMPLATES:
        with (ROOM / "templates" / name).open("rb") as file:
            for _, keyword, said, _ in babel_extract(file, ("t", "nt"), [], {"silent": "false"}):
                # What is no text in itself, such as a number, comes as None.
                texts = [
                    text for text in ([said] if isinstance(said, str) else said or ()) if text is not None
                ]
                yield (texts[0] if keyword == "t" else (texts[0], texts[1])), name


def _of_the_pages() -> Iterator[tuple[str | Plural, str]]:
    """What these files say by ``message(…, "title", "sentence", …)`` and ``nt("one", "many", …)``."""
    for page in PAGES:
        for node in ast.walk(ast.parse((ROOM / page).read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [
                each.value
                for each in node.args
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
            if name == "message":
                yield from ((text, page) for text in texts)
            elif name == "nt":
                yield (texts[0], texts[1]), page


def _of_the_own_pages() -> Iterator[tuple[str | Plural, str]]:
    for page in (own, own_words, report):
        yield from ((sentence, f"{page.__name__.rpartition('.')[2]}.py") for sentence in page.SENTENCES)


def _of_the_service() -> Iterator[tuple[str | Plural, str]]:
    for sentence in of_the_service():
        yield sentence, "service"


def template() -> Catalog:
    """The catalogue that all others follow."""
    made = Catalog(domain=DOMAIN, project="Greenroom", header_comment=HEADER, charset="utf-8")
    made.fuzzy = False
    for sentence, places in sentences().items():
        made.add(sentence, auto_comments=[", ".join(places)])
    return made


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a file, without dates and names, which would change with every run."""
    file = BytesIO()
    write_po(file, catalogue, width=110, no_location=True, ignore_obsolete=True)
    lines = [line for line in file.getvalue().decode().splitlines() if not line.startswith(LEFT_OUT)]
    return ("\n".join(lines) + "\n").encode()


def path_of(lang: str) -> Path:
    return WORDS / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def brought_up(lang: str) -> Catalog:
    """A language's catalogue with the sentences of now."""
    if path_of(lang).exists():
        with path_of(lang).open("rb") as file:
            catalogue = read_po(file, locale=lang)
    else:
        catalogue = Catalog(locale=lang, domain=DOMAIN)
    catalogue.header_comment = HEADER
    catalogue.fuzzy = False
    # A translation of what was said before must be looked at, and is not guessed.
    catalogue.update(template(), no_fuzzy_matching=True, update_header_comment=False)
    return catalogue


def main(begun: list[str]) -> None:
    WORDS.mkdir(exist_ok=True)
    (WORDS / "messages.pot").write_bytes(written(template()))
    for lang in {*languages(), *begun} - {"en"}:
        path_of(lang).parent.mkdir(parents=True, exist_ok=True)
        path_of(lang).write_bytes(written(brought_up(lang)))


if __name__ == "__main__":
    main(sys.argv[1:])
