"""A look past the product at what was screened, to hold a replay against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.bootstrap import now
from service.domain.policy import Action, Decision, GroundedReason, replay
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.domain.roles import Role
from service.people import Moderator
from service.ruling import Ruling
from service.store import policies
from service.store.database import Database
from service.store.tables import comments, decisions, screenings
from service.store.tables import threads as thread_table

EDITOR = Moderator("Eve", Role.EDITOR, None)
URLS = [f"https://daily.example/{path}" for path in ("politics/budget", "sport/rowing", "sport/final")]


@dataclass(frozen=True)
class Screened:
    """A look past the product at one screening: what was found, and what a machine decided on it."""

    comment_id: UUID
    url: str
    policy_version: int
    learned_version: int | None
    findings: list[dict[str, Any]]
    decided: Decision


def everything_screened(database: Database) -> list[Screened]:
    query = (
        sa.select(
            screenings.c.comment_id,
            thread_table.c.url,
            screenings.c.policy_version,
            screenings.c.learned_version,
            screenings.c.findings,
            decisions.c.action,
            decisions.c.reasons,
            decisions.c.policy_version,
        )
        .join(decisions, decisions.c.screening_id == screenings.c.id)
        .join(comments, comments.c.id == screenings.c.comment_id)
        .join(thread_table, thread_table.c.id == comments.c.thread_id)
        .order_by(screenings.c.id)
    )
    with database.read() as connection:
        return [
            Screened(
                *row[:5], Decision(Action(row[5]), tuple(GroundedReason(**one) for one in row[6]), row[7])
            )
            for row in connection.execute(query)
        ]


def replayed(database: Database, one: Screened, document: dict[str, Any] | None = None) -> Decision:
    """The decision by the policy in force then (or ``document``), with the thresholds of then, worked out by hand."""
    with database.read() as connection:
        then = policies.get(connection, "daily", one.policy_version)
        thresholds = policies.thresholds_of(connection, "daily", one.learned_version)
    used, version = (then.document if then else DEFAULT_DOCUMENT), one.policy_version
    if document is not None:
        used, version = document, 0
    return replay(read_policy(used, version, thresholds).for_story(one.url), one.findings)


def rule(database: Database, document: dict[str, Any]) -> None:
    ruling = Ruling(database, now)
    shown = ruling.show(EDITOR, "daily")
    assert shown is not None
    ruling.set(EDITOR, "daily", document, shown.version)
