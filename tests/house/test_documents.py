"""What is written down holds: settings, checks, problems, commands and files that the documents name."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from service import __version__
from service.checks.catalogue import CATALOGUE
from service.cli.commands import greenroom
from service.domain.errors import GreenroomError
from service.settings import SETTINGS, read_settings
from service.web import problem_texts
from service.web.problems import KINDS, kind_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("benchmarks/*.md")])


def rows(document: str) -> dict[str, list[str]]:
    """The cells of every table row of a document, by the code in its first cell."""
    found = {}
    for line in (ROOT / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


# --- settings ------------------------------------------------------------------------------------------------------


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = {name for name in rows("docs/settings.md") if name.startswith("GREENROOM_")}
    assert documented == {setting.variable for setting in SETTINGS}


def test_every_documented_default_is_the_default() -> None:
    documented = rows("docs/settings.md")
    wrong = [
        setting.variable
        for setting in SETTINGS
        if setting.default and documented[setting.variable][0] != f"`{setting.default}`"
    ]
    assert wrong == []


def test_secrets_are_documented_as_secrets() -> None:
    documented = rows("docs/settings.md")
    marked = {name for name, cells in documented.items() if cells[1].endswith("*Secret.*")}
    assert marked == {setting.variable for setting in SETTINGS if setting.secret}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_setting_that_is_not_there(document: Path) -> None:
    known = {s.variable for s in SETTINGS} | {s.variable + "_FILE" for s in SETTINGS if s.secret}
    # Not of the product: where the tests find a database, and where Compose publishes its port.
    known |= {"GREENROOM_TEST_POSTGRES", "GREENROOM_PUBLISH"}
    named = set(re.findall(r"\bGREENROOM_[A-Z_]+[A-Z]\b", document.read_text()))
    assert named <= known


def test_the_settings_of_the_dockerfile_are_valid_together(tmp_path: Path) -> None:
    pairs = dict(re.findall(r"(GREENROOM_\w+)=(\S+)", (ROOT / "Dockerfile").read_text()))
    given = {
        "GREENROOM_VAULT_KEYS": "k1:" + "QUFB" * 10 + "QUE=",
        "GREENROOM_INDEX_KEY": "QkJC" * 10 + "QkI=",
        "GREENROOM_PUBLIC_URL": "https://talk.example.org",
        "GREENROOM_DATABASE_URL": "postgresql://greenroom@postgres/greenroom",
    }
    settings = read_settings({**pairs, **given})
    assert settings.mode == "production"
    assert not settings.pins_web


# --- checks --------------------------------------------------------------------------------------------------------


def test_every_check_has_a_row_and_a_section() -> None:
    documented = rows("docs/checks.md")
    assert set(documented) == set(CATALOGUE)
    for name, (_, sentence) in CATALOGUE.items():
        assert documented[name][0] == sentence
    sections = re.findall(r"^## (\w+)$", (ROOT / "docs/checks.md").read_text(), re.MULTILINE)
    assert [section for section in sections if section in CATALOGUE] == list(CATALOGUE)


# --- problems ------------------------------------------------------------------------------------------------------


def everyone(error: type[GreenroomError]) -> list[type[GreenroomError]]:
    return [error, *(below for child in error.__subclasses__() for below in everyone(child))]


def test_every_error_has_a_row_of_its_own_in_the_one_table() -> None:
    without = [
        error for error in everyone(GreenroomError) if error not in KINDS and error is not GreenroomError
    ]
    assert without == []
    assert kind_of(GreenroomError()).status == 500


def test_every_kind_of_problem_is_explained_as_it_is_sent() -> None:
    explained = {text.slug: (text.status, text.title) for text in problem_texts.PROBLEMS}
    sent = {kind.slug: (kind.status, kind.title) for kind in KINDS.values()}
    assert sent.items() <= explained.items()


def test_the_page_of_problems_is_what_the_service_says() -> None:
    page = (ROOT / "docs/problems.md").read_text()
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.partition("\n")[0] for section in sections] == [p.slug for p in problem_texts.PROBLEMS]
    for section, text in zip(sections, problem_texts.PROBLEMS, strict=True):
        assert f"**{text.status}** {text.title}. {text.meaning}" in section
        assert text.remedy in section


# --- links, files and commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_to_is_there(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_command_of_the_documents_is_one() -> None:
    context = click.Context(greenroom)
    for document in DOCUMENTS:
        for words in re.findall(
            r"(?:\./greenroom|`greenroom|service\.cli) ([a-z][a-z ]*)", document.read_text()
        ):
            command: click.Command | None = greenroom
            for word in words.split():
                if word == "test" and command is greenroom:
                    break
                if not isinstance(command, click.Group):
                    break
                command = command.get_command(context, word)
                assert command is not None, f"{document.name}: {words}"


def test_the_changelog_has_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()
