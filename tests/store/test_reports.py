"""What was reported through the doors: a row for each comment, and no more than are learned from."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from service.store import reports
from service.store.database import Database
from service.store.tables import door_usage
from tests.people import NOW, add_site


def report(
    number: int, spam: bool | None = None, toxic: bool | None = None, minutes: int = 0
) -> reports.Report:
    return reports.Report(
        site="daily",
        about=number.to_bytes(32, "big"),
        spam=spam,
        toxic=toxic,
        seen=b"seen",
        scores={"spam": 0.25},
        actor="coral",
        reported_at=NOW + timedelta(minutes=minutes),
    )


def test_a_later_word_takes_the_place_of_an_earlier_one_and_keeps_what_it_does_not_speak_of(
    database: Database,
) -> None:
    add_site(database)
    with database.write() as connection:
        reports.keep(connection, report(1, spam=True))
        reports.keep(connection, report(1, toxic=False, minutes=1))
        reports.keep(connection, report(2, toxic=True, minutes=2))
    with database.read() as connection:
        found = reports.newest(connection, "daily")
        assert reports.newest_moment(connection, "daily") == NOW + timedelta(minutes=2)
    assert [(one.about[-1], one.spam, one.toxic) for one in found] == [(2, None, True), (1, True, False)]
    assert found[1] == report(1, True, False, minutes=1)


def test_only_the_newest_reports_of_a_site_are_kept(database: Database) -> None:
    add_site(database)
    with database.write() as connection:
        for number in range(10):
            reports.keep(connection, report(number, spam=True, minutes=number))
        assert reports.forget(connection, "daily", beyond=4) == 6
        assert reports.forget(connection, "daily", beyond=4) == 0
        assert [one.about[-1] for one in reports.newest(connection, "daily")] == [9, 8, 7, 6]


def test_old_reports_are_forgotten(database: Database) -> None:
    add_site(database)
    with database.write() as connection:
        reports.keep(connection, report(1, spam=True))
        reports.keep(connection, report(2, spam=True, minutes=5))
        assert reports.forget_before(connection, before=NOW + timedelta(minutes=1)) == 1
        assert [one.about[-1] for one in reports.newest(connection, "daily")] == [2]


def test_what_each_key_asked_is_added_up_for_each_month(database: Database) -> None:
    with database.write() as connection:
        reports.add_usage(
            connection, [("a", "2026-11", reports.Usage(3, 1, 2)), ("b", "2026-11", reports.Usage(1))]
        )
        reports.add_usage(connection, [("a", "2026-11", reports.Usage(2, missed_spam=1, false_positives=4))])
        assert reports.usage(connection, "a", "2026-11") == reports.Usage(5, 1, 2, 1, 4)
        assert reports.usage(connection, "a", "2026-12") == reports.Usage()
        assert connection.scalar(sa.select(sa.func.count()).select_from(door_usage)) == 2
