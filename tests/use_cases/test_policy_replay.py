"""A policy is tried on what was found before it is switched on."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from service.bootstrap import now
from service.cli.commands import greenroom
from service.domain.errors import InvalidPolicy
from service.domain.policy import Action
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.domain.roles import Role
from service.people import Moderator
from service.policies import PolicyBook
from service.ruling import Ruling, faults_of
from service.screening import Screening
from service.store import desk
from service.store.database import Database
from tests.people import add_site, arrival, store

WELL, LINK, WORD = (
    "A harmless text about the boat.",
    "The engineers have put the whole of it here: bit.ly/x",
    "So weirbridge",
)
EDITOR = Moderator("Eve", Role.EDITOR, None)
APPROVES = {**DEFAULT_DOCUMENT, "otherwise": "approve"}


@pytest.fixture
def screened(database: Database) -> list[UUID]:
    """Three comments that were held by the built-in policy: nothing found, links, and nothing on its list."""
    add_site(database)
    ids = store(database, arrival(WELL), arrival(LINK), arrival(WORD))
    Screening(database=database, policies=PolicyBook(database), now=now).drain()
    return ids


def tried(database: Database, document: dict[str, Any], **since: float) -> dict[UUID, tuple[Action, Action]]:
    replayed = Ruling(database, now).try_out(
        EDITOR, "daily", document, since=now() - timedelta(**since or {"days": 1})
    )
    assert replayed.looked == (3 if not since else replayed.looked)
    return {each.comment_id: (each.was, each.would_be) for each in replayed.differences}


def test_a_policy_that_lets_the_harmless_through_says_which(database: Database, screened: list[UUID]) -> None:
    well, _, word = screened
    assert tried(database, APPROVES) == {
        well: (Action.HOLD, Action.APPROVE),
        word: (Action.HOLD, Action.APPROVE),
    }


def test_the_same_policy_changes_nothing(database: Database, screened: list[UUID]) -> None:
    assert tried(database, DEFAULT_DOCUMENT) == {}


def test_stricter_rules_and_silent_checks_are_tried_as_they_would_be(
    database: Database, screened: list[UUID]
) -> None:
    _, link, _ = screened
    strict = {**DEFAULT_DOCUMENT, "rules": [{"label": "spam", "at": 0.4, "action": "reject"}]}
    assert tried(database, strict) == {link: (Action.HOLD, Action.REJECT)}
    for mode in ("observe", "off"):
        silent = {**APPROVES, "checks": {"links": mode}}
        assert set(tried(database, silent)) == set(screened)


def test_trying_changes_nothing(database: Database, screened: list[UUID]) -> None:
    with database.read() as connection:
        before = desk.decisions_of(connection, screened), desk.summary(connection, "daily")
    tried(database, APPROVES)
    with database.read() as connection:
        assert (desk.decisions_of(connection, screened), desk.summary(connection, "daily")) == before


def test_only_what_was_screened_since_is_looked_at(database: Database, screened: list[UUID]) -> None:
    replayed = Ruling(database, now).try_out(EDITOR, "daily", APPROVES, since=now() + timedelta(hours=1))
    assert (replayed.looked, replayed.more) == (0, False)


def test_a_policy_that_makes_no_sense_is_not_tried(database: Database, screened: list[UUID]) -> None:
    with pytest.raises(InvalidPolicy):
        Ruling(database, now).try_out(EDITOR, "daily", {"otherwise": "publish"}, since=now())


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def typed(database: Database, database_url: str, tmp_path: Path) -> Callable[..., Result]:
    environment = {"GREENROOM_DATABASE_URL": database_url, "GREENROOM_DATA_DIR": str(tmp_path)}
    return lambda *words: CliRunner(env=environment).invoke(greenroom, ["policy", *words])


def file_with(folder: Path, document: Any, name: str = "policy.json") -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_a_policy_is_shown_changed_tried_and_set(
    database: Database, screened: list[UUID], typed: Callable[..., Result], tmp_path: Path
) -> None:
    shown = json.loads(typed("show", "daily").output)
    assert shown == DEFAULT_DOCUMENT
    path = file_with(tmp_path, {**shown, "otherwise": "approve"})
    outcome = typed("try", "daily", path, "--since", "2h")
    assert f"{screened[0]}\thold -> approve\t-" in outcome.output
    assert "2 of 3 would have been treated differently" in outcome.output
    assert typed("set", "daily", path).output == "site daily is at policy 1\n"
    assert json.loads(typed("show", "daily").output)["otherwise"] == "approve"
    [next_comment] = store(database, arrival(WELL + " And more of it."))
    Screening(database=database, policies=PolicyBook(database), now=now).drain()
    with database.read() as connection:
        [decision] = desk.decisions_of(connection, [next_comment])[next_comment]
    assert (decision.status, decision.policy_version) == ("approved", 1)


def test_a_policy_may_be_written_in_toml(
    screened: list[UUID], typed: Callable[..., Result], tmp_path: Path
) -> None:
    toml = 'otherwise = "hold"\n[[rules]]\nlabel = "spam"\nat = 0.9\naction = "reject"\n'
    assert typed("set", "daily", file_with(tmp_path, toml, "policy.toml")).exit_code == 0
    assert json.loads(typed("show", "daily").output)["rules"][0]["action"] == "reject"


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("{", "neither valid TOML nor JSON"),
        ("[]", "a table"),
        ({"otherwise": "publish"}, "otherwise"),
        ({"checks": {"likns": "off"}}, "likns"),
        ({"options": {"wrodlist": {}}}, "wrodlist"),
        ({"rules": [{"label": "spam", "check": "likns", "at": 0.5, "action": "hold"}]}, "/rules/0/check"),
        # An option that a check cannot be made with would fail every screening from then on.
        ({"options": {"trap": {"seconds": "soon"}}}, "trap"),
        ({"options": {"wordlist": {"hold": 7}}}, "wordlist"),
    ],
    ids=str,
)
def test_a_policy_that_could_not_be_run_is_not_set(
    screened: list[UUID], typed: Callable[..., Result], tmp_path: Path, document: Any, named: str
) -> None:
    for words in (("set", "daily"), ("try", "daily")):
        result = typed(*words, file_with(tmp_path, document))
        assert result.exit_code in (1, 2)
        assert named in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
    assert json.loads(typed("show", "daily").output) == DEFAULT_DOCUMENT


@pytest.mark.parametrize("words", [("show", "nowhere"), ("try", "daily", "FILE", "--since", "ages")])
def test_what_cannot_be_asked_is_said(
    screened: list[UUID], typed: Callable[..., Result], tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = file_with(tmp_path, DEFAULT_DOCUMENT)
    result = typed(*(path if word == "FILE" else word for word in words))
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output


def test_versions_are_listed_and_an_earlier_one_is_shown_as_toml(
    screened: list[UUID], typed: Callable[..., Result], tmp_path: Path
) -> None:
    assert typed("history", "daily").output == ""
    for otherwise in ("approve", "trust"):
        typed("set", "daily", file_with(tmp_path, {"otherwise": otherwise}))
    lines = [line.split("\t") for line in typed("history", "daily").output.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [("2", "the operator"), ("1", "the operator")]
    assert 'otherwise = "approve"' in typed("show", "daily", "--toml", "--version", "1").output
    assert tomllib.loads(typed("show", "daily", "--toml").output) == {"otherwise": "trust"}
    assert "no policy 7" in typed("show", "daily", "--version", "7").output


def test_the_command_says_what_a_replay_cannot_show(
    screened: list[UUID], typed: Callable[..., Result], tmp_path: Path
) -> None:
    path = file_with(tmp_path, {**DEFAULT_DOCUMENT, "options": {"wordlist": {"hold": ["boat"]}}})
    outcome = typed("try", "daily", path)
    assert "0 of 3 would have been treated differently" in outcome.output
    assert "set otherwise then: wordlist" in outcome.output


def test_the_policies_of_the_documents_are_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert [tomllib.loads(example)["otherwise"] for example in examples] == ["hold", "approve", "trust"]
    assert [faults_of(tomllib.loads(example)) for example in examples] == [[], [], []]
