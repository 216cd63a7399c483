"""What people decided is found without a look at what machines did."""

from __future__ import annotations

import sqlalchemy as sa

from service.store import lessons
from service.store.database import Database
from tests.people import add_site


def test_the_newest_decision_of_a_person_is_found_by_its_own_index(database: Database) -> None:
    add_site(database)
    asked: list[tuple[str, object]] = []

    def note(
        connection: sa.Connection, cursor: object, statement: str, parameters: object, *rest: object
    ) -> None:
        asked.append((statement, parameters))

    with database.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        assert lessons.newest_by_people(connection, "daily") is None
        sa.event.remove(connection, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
        else:
            # In an empty table any way is as short: this one must be possible.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()  # type: ignore[arg-type]
    assert "decisions_people" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
