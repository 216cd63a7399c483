"""The commands as an operator types them: they teach, they say what is wrong, and none ends in a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from service import __version__
from service.bootstrap import now
from service.cli.commands import greenroom
from service.domain.site import Site
from service.people import Tokens
from service.store import threads
from service.store.database import Database
from tests.people import NOW, STORY, add_site, arrival, store

ROOT = Path(__file__).resolve().parents[2]
Typed = Callable[..., Result]


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "GREENROOM_DATABASE_URL": sqlite_url,
        "GREENROOM_DATA_DIR": str(tmp_path),
        "GREENROOM_VAULT_KEYS": "k1:" + "QUFB" * 10 + "QUE=",
        "GREENROOM_INDEX_KEY": "QkJC" * 10 + "QkI=",
    }


@pytest.fixture
def typed(environment: dict[str, str]) -> Typed:
    """A command line on a migrated, empty database."""

    def run(*words: str, stdin: str = "") -> Result:
        return CliRunner(env=environment).invoke(greenroom, words, input=stdin)

    return run


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def refused(result: Result) -> str:
    """What a command complained of: it ends with a status and a sentence, and with nothing else."""
    assert result.exit_code in (1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.output.strip()
    return result.output


# --- help ----------------------------------------------------------------------------------------------------------


def everything() -> list[tuple[str, ...]]:
    context = click.Context(greenroom)
    found: list[tuple[str, ...]] = []
    for name in greenroom.list_commands(context):
        if name == "up":
            continue
        command = greenroom.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.list_commands(context)]
    return found


@pytest.mark.parametrize("words", [(), *everything()], ids=" ".join)
def test_every_command_teaches(typed: Typed, words: tuple[str, ...]) -> None:
    result = typed(*words, "--help")
    assert result.exit_code == 0
    sentences = result.output.partition("\n\n")[2].partition("Options:")[0]
    assert len(sentences.split()) >= 4


def test_up_teaches_with_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "up", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Example:" in done.stdout
    assert "--port" in done.stdout


def test_the_version_is_told(typed: Typed) -> None:
    assert __version__ in typed("--version").output


def test_an_unknown_command_is_named(typed: Typed) -> None:
    assert "'moderate'" in refused(typed("moderate"))


# --- what every command refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("status",), ("site", "list"), ("token", "list"), ("keys", "list"), ("export", "--site", "x")]
)
def test_wrong_settings_are_told_in_sentences(environment: dict[str, str], words: tuple[str, ...]) -> None:
    wrong = {**environment, "GREENROOM_PORT": "many", "GREENROOM_SWEEP_SECONDS": "0"}
    complaint = refused(CliRunner(env=wrong).invoke(greenroom, words))
    assert "GREENROOM_PORT" in complaint
    assert "GREENROOM_SWEEP_SECONDS" in complaint


@pytest.mark.parametrize("command", ["serve", "work", "migrate"])
def test_a_process_with_wrong_settings_ends_with_status_2(environment: dict[str, str], command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", command],
        cwd=ROOT,
        env={**environment, "PATH": "/usr/bin:/bin", "GREENROOM_WEB_WORKERS": "3", "GREENROOM_PRT": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "GREENROOM_PRT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_another_release_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    empty = {**environment, "GREENROOM_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
    assert "greenroom migrate" in refused(CliRunner(env=empty).invoke(greenroom, ["status"]))


# --- migrate ---------------------------------------------------------------------------------------------------------


def test_migrating_twice_and_by_two_at_once_makes_one_schema_and_one_token(
    environment: dict[str, str], tmp_path: Path
) -> None:
    own = {**environment, "GREENROOM_DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "service.cli", "migrate", "--first-run"]
    both = [subprocess.Popen(command, cwd=ROOT, env=own, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    token = (tmp_path / "admin-token").read_text()
    assert subprocess.run(command, cwd=ROOT, env=own, check=False).returncode == 0
    assert (tmp_path / "admin-token").read_text() == token
    assert (tmp_path / "admin-token").stat().st_mode & 0o777 == 0o600
    listed = CliRunner(env=own).invoke(greenroom, ["token", "list"]).output
    assert len(listed.splitlines()) == 1


# --- sites -----------------------------------------------------------------------------------------------------------


def test_a_site_is_added_changed_and_listed(typed: Typed, database: Database) -> None:
    assert (
        typed("site", "set", "daily", "--name", "The Daily", "--origin", "https://Daily.example/").exit_code
        == 0
    )
    assert (
        typed(
            "site", "set", "daily", "--setting", "text_max=500", "--setting", "email_required=false"
        ).exit_code
        == 0
    )
    with database.read() as connection:
        site = threads.load_sites(connection)["daily"]
    assert site == Site("daily", "The Daily", ("https://daily.example",), text_max=500, email_required=False)
    assert "daily\tThe Daily\tpolicy 0\thttps://daily.example" in typed("site", "list").output
    settings = typed("site", "settings").output
    assert "text_max\t100 to 20000" in settings


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("site", "set", "Daily", "--origin", "https://daily.example"), "small letters"),
        (("site", "set", "daily"), "--origin"),
        (("site", "set", "daily", "--origin", "daily.example"), "web page"),
        (("site", "set", "daily", "--origin", "https://daily.example/news"), "An origin is"),
        (("site", "set", "daily", "--origin", "https://a.example", "--setting", "text_max=1"), "from 100 to"),
        (("site", "set", "daily", "--origin", "https://a.example", "--setting", "colour=red"), "colour"),
        (
            ("site", "set", "daily", "--origin", "https://a.example", "--setting", "email_required=2"),
            "true or false",
        ),
        (("site", "close", "daily", "nonsense"), "web page"),
        (("site", "open", "nobody", "https://daily.example/budget"), "No such site"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_what_a_site_cannot_be_is_told(typed: Typed, words: tuple[str, ...], named: str) -> None:
    assert named in refused(typed(*words))


def test_a_thread_is_closed_and_opened(typed: Typed, database: Database) -> None:
    add_site(database)
    store(database, arrival())

    def closed() -> bool:
        with database.read() as connection:
            found = threads.find(connection, "daily", url=STORY.url)
        assert found is not None
        return found.closed_at is not None

    assert "no thread" in refused(typed("site", "close", "daily", STORY.url + "/unheard-of"))
    assert typed("site", "close", "daily", STORY.url + "?from=feed").output == "closed\n"
    assert closed()
    assert typed("site", "open", "daily", STORY.url).output == "open\n"
    assert not closed()
    acts = [json.loads(line) for line in typed("journal", "export").output.splitlines()]
    told = [(act["actor"], act["act"]) for act in acts if act["subject"].startswith("thread ")]
    assert told == [("the operator", "thread.close"), ("the operator", "thread.reopen")], "in the journal"


# --- tokens and status -----------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_revoked_for_good(typed: Typed, database: Database) -> None:
    token = typed("token", "create", "ada", "--role", "viewer").output.strip()
    assert token.startswith("grt_")
    listed = typed("token", "list").output
    assert listed == "ada\tviewer\tall sites\tnever used\n"
    assert token not in listed
    assert typed("token", "revoke", "ada").output == "revoked ada\n"
    assert "revoked" in typed("token", "list").output
    assert "ada" in refused(typed("token", "revoke", "ada"))
    assert "exists already" in refused(typed("token", "create", "ada"))


def test_the_role_of_a_token_is_changed_and_the_last_administrator_stays(typed: Typed) -> None:
    typed("token", "create", "ann", "--role", "administrator")
    typed("token", "create", "ada", "--role", "viewer")
    assert typed("token", "role", "ada", "editor").output == "ada is editor now\n"
    assert "ada\teditor" in typed("token", "list").output
    assert "last administrator" in refused(typed("token", "role", "ann", "viewer"))
    assert "last administrator" in refused(typed("token", "revoke", "ann"))
    assert "nobody of this name" in refused(typed("token", "role", "eve", "viewer"))
    assert "'eve'" in refused(typed("token", "revoke", "eve"))
    assert "no slash" in refused(typed("token", "create", "a/b"))


def test_the_journal_is_exported_and_verified(typed: Typed, database: Database) -> None:
    beginning = typed("journal", "verify")
    assert (beginning.exit_code, beginning.output) == (0, f"0 entries hold; last hash {'0' * 64}\n")
    typed("token", "create", "ada")
    typed("token", "revoke", "ada")
    lines = [json.loads(line) for line in typed("journal", "export").output.splitlines()]
    assert [(one["number"], one["actor"], one["act"]) for one in lines] == [
        (1, "the operator", "token.create"),
        (2, "the operator", "token.revoke"),
    ]
    verified = typed("journal", "verify")
    assert (verified.exit_code, verified.output) == (0, f"2 entries hold; last hash {lines[-1]['hash']}\n")
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET actor = 'eve' WHERE number = 2")
    broken = typed("journal", "verify")
    assert broken.exit_code == 1
    assert broken.stdout == f"1 entries hold; last hash {lines[0]['hash']}\n"
    assert "entry 2 does not hold" in broken.stderr


def test_a_key_of_a_door_is_shown_once_and_opens_nothing_else(typed: Typed, database: Database) -> None:
    add_site(database)
    key = typed("token", "create", "wordpress", "--door", "akismet", "--site", "daily").output.strip()
    assert len(key) == 12
    listed = typed("token", "list").output
    assert "wordpress\takismet\tdaily" in listed
    assert key not in listed
    row = Tokens(database, now).find(key)
    assert (row.role, row.site) == ("akismet", "daily")


@pytest.mark.parametrize("words", [(), ("--site", "daily", "--role", "viewer")])
def test_a_key_of_a_door_needs_a_site_and_has_no_role(typed: Typed, words: tuple[str, ...]) -> None:
    assert "speaks for one site" in refused(typed("token", "create", "coral", "--door", "coral", *words))


def test_a_token_for_a_site_that_is_not_there_is_refused(typed: Typed) -> None:
    assert "No such site" in refused(typed("token", "create", "ada", "--site", "nowhere"))


def test_status_counts_the_queues_and_misses_a_worker(typed: Typed, database: Database) -> None:
    add_site(database)
    store(database, arrival(), arrival(), arrival(status="held", awaiting="held", created_at=NOW))
    result = typed("status")
    assert result.exit_code == 1
    assert "pending\t2" in result.output
    assert "held\t1\toldest waits" in result.output
    assert "workers\t0" in result.output


@pytest.mark.parametrize("words", [("export",), ("export", "--site", "x", "--person")])
def test_export_wants_to_know_of_what(typed: Typed, words: tuple[str, ...]) -> None:
    assert "--person" in refused(typed(*words))
