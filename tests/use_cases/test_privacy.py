"""The promise about addresses over time: keys change, persons are forgotten, and what has expired is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from service.adapters.addresses import AddressFault
from service.adapters.cipher import Cipher
from service.bootstrap import now
from service.cli.commands import greenroom
from service.deciding import Deciding
from service.domain.address import Address
from service.domain.decision import Choice, DeskAction
from service.domain.roles import Role
from service.domain.site import Site
from service.people import Moderator
from service.policies import PolicyBook
from service.privacy import IDEMPOTENCY_DAYS, Erasure, KeyMissing, check_keys, forget_expired, rotate
from service.screening import Screening
from service.store import stage, threads, vault
from service.store.database import Database
from service.store.tables import comments, decisions, fingerprints, idempotency, screenings, vault_keys
from service.store.tables import vault as vault_table
from tests.people import NOW, STORY, add_site, arrival, store

KEY, NEXT, INDEX = b"k" * 32, b"n" * 32, b"i" * 32
OLD = Cipher([("k1", KEY)], INDEX)
RING = Cipher([("k2", NEXT), ("k1", KEY)], INDEX)
ADA = Address("kestrel.7413@canary.example")
TEXT = "Kestrelwords about the boat, see www.kestrel-host.example.com/x"


def sealed_comment(cipher: Cipher, address: Address = ADA, text: str = TEXT, **changes: Any) -> Any:
    """A comment with its address, as it comes in."""
    made = arrival(text, **{"author_name": "Kestrelname", **changes})
    made.vault_row |= {
        "sealed": cipher.seal(address, made.comment_id),
        "key_id": cipher.writing_key_id,
        "address_index": cipher.address_index("daily", address),
        "origin_index": cipher.origin_index("daily", "203.0.113.7"),
    }
    made.idempotency_key, made.body_hash = bytes(made.comment_id.bytes * 2), b"b" * 32
    return made


def addresses(database: Database, cipher: Cipher) -> set[str]:
    """Every address that this cipher can open."""
    with database.read() as connection:
        rows = connection.execute(sa.select(vault_table.c.comment_id, vault_table.c.sealed)).all()
    return {cipher.open(sealed, comment_id).reveal() for comment_id, sealed in rows if sealed is not None}


# --- keys ------------------------------------------------------------------------------------------------------------


def test_every_address_is_sealed_anew_with_the_first_key(database: Database) -> None:
    add_site(database)
    many = [Address(f"reader{number}@canary.example") for number in range(450)]
    store(database, *(sealed_comment(OLD, address, f"Text {n}") for n, address in enumerate(many)))
    assert list(rotate(database, RING)) == [200, 400, 450]
    assert addresses(database, Cipher([("k2", NEXT)], INDEX)) == {address.reveal() for address in many}
    with database.read() as connection:
        assert vault.count_by_key(connection) == {"k2": 450}
    assert list(rotate(database, RING)) == []


def test_a_rotation_that_was_broken_off_goes_on_while_comments_come_in(database: Database) -> None:
    add_site(database)
    store(database, *(sealed_comment(OLD, text=f"Text {n}") for n in range(250)))
    first = next(rotate(database, RING))
    store(database, sealed_comment(RING, text="In between, with the new key"))
    store(database, sealed_comment(OLD, text="In between, by a process that still writes with the old one"))
    assert first == 200
    assert list(rotate(database, RING))[-1] == 51
    assert addresses(database, Cipher([("k2", NEXT)], INDEX)) == {ADA.reveal()}


def test_keys_are_remembered_and_held_against_the_database(database: Database) -> None:
    add_site(database)
    check_keys(database, OLD, now=NOW)
    store(database, sealed_comment(OLD))
    check_keys(database, OLD, now=NOW)
    check_keys(database, RING, now=NOW)
    with database.read() as connection:
        stored = dict(connection.execute(sa.select(vault_keys.c.key_id, vault_keys.c.fingerprint)).all())
    assert set(stored) == {"k1", "k2", "index"}
    for key in (KEY, NEXT, INDEX):
        assert key.hex() not in json.dumps(stored)


@pytest.mark.parametrize(
    ("cipher", "named"),
    [
        (Cipher([("k2", NEXT)], INDEX), "The key 'k1' is missing: 1 addresses"),
        (Cipher([("k1", NEXT)], INDEX), "The key 'k1' is not the one"),
        (Cipher([("k1", KEY)], b"x" * 32), "The key 'index' is not the one"),
    ],
)
def test_a_database_beside_other_keys_is_refused_and_the_key_is_named(
    database: Database, cipher: Cipher, named: str
) -> None:
    add_site(database)
    check_keys(database, OLD, now=NOW)
    store(database, sealed_comment(OLD))
    with pytest.raises(KeyMissing, match=named) as caught:
        check_keys(database, cipher, now=NOW)
    for key in (KEY, NEXT, INDEX):
        assert key.hex() not in str(caught.value)


def test_an_old_key_may_go_when_nothing_is_sealed_with_it(database: Database) -> None:
    add_site(database)
    check_keys(database, OLD, now=NOW)
    store(database, sealed_comment(OLD))
    check_keys(database, RING, now=NOW)
    list(rotate(database, RING))
    check_keys(database, Cipher([("k2", NEXT)], INDEX), now=NOW)


# --- erasure ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def erasure(database: Database) -> Erasure:
    add_site(database)
    return Erasure(database, OLD, now)


def screened_and_approved(database: Database, *arrivals: Any) -> list[UUID]:
    ids = store(database, *arrivals)
    Screening(database=database, policies=PolicyBook(database), now=now).drain()
    for comment_id in ids:
        moderator = Moderator("bob", Role.MODERATOR, None)
        Deciding(database, lambda ids: None, now).decide(
            moderator, comment_id, Choice(DeskAction.APPROVE), revision=1
        )
    return ids


def rows_about(database: Database, comment_id: UUID) -> dict[str, int]:
    with database.read() as connection:
        return {
            table.name: connection.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.comment_id == comment_id)
            )
            or 0
            for table in (vault_table, fingerprints, idempotency, screenings, decisions)
        }


def test_whoever_is_erased_leaves_an_empty_place_and_a_log(database: Database, erasure: Erasure) -> None:
    [gone] = screened_and_approved(database, sealed_comment(OLD))
    reply = sealed_comment(
        OLD, Address("bob@canary.example"), "An answer", parent_id=gone, root_id=gone, depth=1
    )
    [kept] = screened_and_approved(database, reply)
    assert rows_about(database, gone) == {
        **dict.fromkeys(("vault", "fingerprints", "idempotency", "screenings"), 1),
        "decisions": 2,
    }
    assert erasure.erase(" KESTREL.7413+news@Canary.example\n") == 1
    about = rows_about(database, gone)
    assert (about["vault"], about["fingerprints"], about["idempotency"]) == (0, 0, 0)
    assert (about["screenings"], about["decisions"]) == (1, 3)
    with database.read() as connection:
        thread = threads.find(connection, "daily", url=STORY.url)
        assert thread is not None
        [root] = stage.roots(connection, thread.id, sort="oldest", after=None, limit=9)
        [answer] = stage.replies(connection, [root.id], sort="oldest", limit=9)
        row = connection.execute(sa.select(comments).where(comments.c.id == gone)).one()
    assert (root.id, root.shown, answer.id, answer.shown) == (gone, False, kept, True)
    assert (row.status, row.author_name, row.source, row.html, row.signals) == ("erased", "", "", "", {})
    assert erasure.erase(ADA.reveal()) == 0, "erased twice"


def test_nothing_that_was_typed_is_left_in_any_table(database: Database, erasure: Erasure) -> None:
    [gone] = screened_and_approved(database, sealed_comment(OLD))
    with database.read() as connection:
        assert "kestrel" in connection.scalar(sa.select(sa.cast(screenings.c.findings, sa.Text))).lower()
    erasure.erase(ADA.reveal())
    with database.read() as connection:
        names = sa.inspect(connection).get_table_names()
        for name in names:
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                assert "kestrel" not in repr(tuple(row)).lower(), name
        # What was found is still to be explained; where in the text is not.
        [findings] = connection.scalars(
            sa.select(screenings.c.findings).where(screenings.c.comment_id == gone)
        )
    assert {finding["check"] for finding in findings} >= {"links", "duplicates"}
    assert all(finding["evidence"] == [] for finding in findings)


def test_nothing_of_an_erased_person_is_left_in_the_files(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    add_site(database)
    made = sealed_comment(OLD)
    screened_and_approved(database, made)
    # Folded, too: as the text is searched.
    traces = [
        b"estrelwords",
        b"estrelname",
        b"kestrelname kestrelwords",
        made.vault_row["sealed"],
        made.vault_row["address_index"],
    ]

    def found() -> list[bytes]:
        whole = b"".join(path.read_bytes() for path in tmp_path.glob("greenroom.db*"))
        return [trace for trace in traces if trace in whole]

    assert found() == traces
    # Somebody else has the database open, as the web process does.
    other = Database(sqlite_url)
    with other.read() as connection:
        connection.execute(sa.text("SELECT count(*) FROM comments")).all()
    assert Erasure(database, OLD, now).erase(ADA.reveal()) == 1
    assert found() == []
    other.close()
    database.close()


def test_others_and_the_same_person_elsewhere_are_found_by_the_address_alone(
    database: Database, erasure: Erasure
) -> None:
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    there = arrival("At the weekly", story=threads.Story("weekly", "https://weekly.example/a"))
    there.vault_row |= {"address_index": OLD.address_index("weekly", ADA), "origin_index": b"o" * 32}
    store(
        database, sealed_comment(OLD), sealed_comment(OLD, Address("other@canary.example"), "Others"), there
    )
    exported = list(erasure.export(ADA.reveal()))
    assert {each["site"] for each in exported} == {"daily", "weekly"}
    assert "canary.example" not in json.dumps(exported)
    assert erasure.erase(ADA.reveal()) == 2
    assert [each["text"] for each in erasure.export(ADA.reveal())] == []
    assert len(list(erasure.export("other@canary.example"))) == 1


def test_what_is_no_address_erases_nobody(erasure: Erasure) -> None:
    for raw in ("", "%", "@canary.example", "_" * 300):
        with pytest.raises(AddressFault):
            erasure.erase(raw)
    # Nothing in an address stands for anything else.
    for raw in ("%@canary.example", "kestrel%@canary.example", "kestrel_7413@canary.example"):
        assert erasure.erase(raw) == 0


# --- what expires ----------------------------------------------------------------------------------------------------


def test_origins_and_keys_of_repeats_are_kept_for_their_days_and_no_longer(database: Database) -> None:
    add_site(database)
    old = sealed_comment(OLD, text="Old", created_at=NOW - timedelta(days=8))
    old.created_at = NOW - timedelta(days=IDEMPOTENCY_DAYS, minutes=1)
    fresh = sealed_comment(OLD, text="Fresh", created_at=NOW - timedelta(days=6))
    fresh.created_at = NOW - timedelta(days=IDEMPOTENCY_DAYS) + timedelta(minutes=1)
    old_id, fresh_id = store(database, old, fresh)
    forget_expired(database, now=NOW, origin_days=7)
    with database.read() as connection:
        origins = dict(
            connection.execute(sa.select(vault_table.c.comment_id, vault_table.c.origin_index)).all()
        )
        repeats = list(connection.scalars(sa.select(idempotency.c.comment_id)))
    assert origins[old_id] is None
    assert origins[fresh_id] is not None
    assert repeats == [fresh_id]
    # The address stays: it is for its own purpose.
    assert addresses(database, OLD) == {ADA.reveal()}


# --- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def typed(database: Database, database_url: str, tmp_path: Path) -> Callable[..., Result]:
    environment = {
        "GREENROOM_DATABASE_URL": database_url,
        "GREENROOM_DATA_DIR": str(tmp_path),
        "GREENROOM_VAULT_KEYS": "k2:" + "bm5u" * 10 + "bm4=,k1:" + "a2tr" * 10 + "a2s=",
        "GREENROOM_INDEX_KEY": "aWlp" * 10 + "aWk=",
    }
    add_site(database)
    return lambda *words, stdin="": CliRunner(env=environment).invoke(greenroom, words, input=stdin)


def test_keys_are_counted_and_changed_by_command(database: Database, typed: Callable[..., Result]) -> None:
    store(database, sealed_comment(OLD), sealed_comment(OLD, text="Another"))
    assert typed("keys", "list").output == "k1\t2\n"
    assert "done: 2 addresses were sealed anew with k2" in typed("keys", "rotate").output
    assert typed("keys", "list").output == "k2\t2\n"
    made = typed("keys", "generate").output.splitlines()
    assert [line.partition("=")[0] for line in made] == ["GREENROOM_VAULT_KEYS", "GREENROOM_INDEX_KEY"]
    assert typed("keys", "generate").output.splitlines() != made


def test_a_person_is_exported_and_erased_by_what_stands_on_stdin(
    database: Database, typed: Callable[..., Result]
) -> None:
    store(database, sealed_comment(OLD), sealed_comment(OLD, Address("other@canary.example"), "Others"))
    [line] = typed("export", "--person", stdin=ADA.reveal() + "\n").output.splitlines()
    assert json.loads(line)["author"] == {"name": "Kestrelname"}
    assert "canary.example" not in line
    assert len(typed("export", "--site", "daily").output.splitlines()) == 2
    assert typed("erase", stdin=ADA.reveal() + "\n").output == "1 comments were erased\n"
    assert typed("export", "--person", stdin=ADA.reveal()).output == ""
    wrong = typed("erase", stdin="kestrel\n")
    assert wrong.exit_code == 1
    assert "kestrel" not in wrong.output


def test_no_command_takes_an_address_as_an_argument(typed: Callable[..., Result]) -> None:
    for words in (("erase", ADA.reveal()), ("export", "--person", ADA.reveal())):
        assert typed(*words).exit_code == 2
