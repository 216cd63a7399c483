"""Rows of the vault: what has to happen to sealed addresses and to keyed origins as time goes by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import appeals, claims, flags, notes, search_rows, standings
from service.store.tables import (
    comments,
    decisions,
    fingerprints,
    idempotency,
    likes,
    link_hosts,
    screenings,
    vault,
    vault_keys,
)


def key_fingerprints(connection: sa.Connection) -> dict[str, str]:
    """Fingerprints of all keys that ever sealed or indexed something here."""
    return {
        row[0]: row[1] for row in connection.execute(sa.select(vault_keys.c.key_id, vault_keys.c.fingerprint))
    }


def remember_key(connection: sa.Connection, key_id: str, fingerprint: str, *, now: datetime) -> None:
    connection.execute(
        sa.insert(vault_keys).values(key_id=key_id, fingerprint=fingerprint, first_used_at=now)
    )


def sealed_with_other_keys(connection: sa.Connection, key_id: str, limit: int) -> list[tuple[UUID, bytes]]:
    """Up to ``limit`` sealed addresses that another key than ``key_id`` sealed."""
    rows = connection.execute(
        sa.select(vault.c.comment_id, vault.c.sealed)
        .where(vault.c.sealed.is_not(None), vault.c.key_id != key_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def count_by_key(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(
        sa.select(vault.c.key_id, sa.func.count()).where(vault.c.sealed.is_not(None)).group_by(vault.c.key_id)
    )
    return dict(rows.all())


def reseal(connection: sa.Connection, comment_id: UUID, sealed: bytes, key_id: str) -> None:
    connection.execute(
        sa.update(vault).where(vault.c.comment_id == comment_id).values(sealed=sealed, key_id=key_id)
    )


def comments_of(connection: sa.Connection, address_indexes: list[bytes]) -> list[UUID]:
    """Ids of all comments under these address indexes, oldest first."""
    return list(
        connection.scalars(
            sa.select(vault.c.comment_id)
            .where(vault.c.address_index.in_(address_indexes))
            .order_by(vault.c.comment_id)
        )
    )


def forget(connection: sa.Connection, comment_id: UUID) -> None:
    """Drop everything personal of a comment: address, indexes, name, texts, signals, fingerprint, and what the checks
    quoted of it; its likes; appeals; moderators' notes about it, what they told its author, what it was before it was
    edited, and bans by its name, address or origin. What the checks found stays, and every decision
    with its reasons."""
    connection.execute(sa.delete(vault).where(vault.c.comment_id == comment_id))
    connection.execute(sa.delete(fingerprints).where(fingerprints.c.comment_id == comment_id))
    connection.execute(sa.delete(link_hosts).where(link_hosts.c.comment_id == comment_id))
    connection.execute(sa.delete(idempotency).where(idempotency.c.comment_id == comment_id))
    for table in (claims, notes, flags, likes, appeals, search_rows):
        connection.execute(sa.delete(table).where(table.c.comment_id == comment_id))
    connection.execute(
        sa.update(decisions)
        .where(decisions.c.comment_id == comment_id)
        .values(replaced=sa.null(), note="", message="")
    )
    connection.execute(
        sa.update(standings)
        .where(standings.c.comment_id == comment_id)
        .values(author_name="", key=None, note="")
    )
    connection.execute(
        sa.update(comments)
        .where(comments.c.id == comment_id)
        .values(author_name="", source="", html="", edit_source=None, edit_html=None, signals={}, likes=0)
    )
    found = connection.execute(
        sa.select(screenings.c.id, screenings.c.findings).where(screenings.c.comment_id == comment_id)
    ).all()
    for screening_id, findings in found:
        bare = [{**finding, "evidence": []} for finding in findings]
        connection.execute(sa.update(screenings).where(screenings.c.id == screening_id).values(findings=bare))


def forget_origins(connection: sa.Connection, *, before: datetime) -> int:
    """Drop the keyed network origins of comments older than ``before``; the number dropped."""
    old = sa.select(comments.c.id).where(comments.c.created_at < before).scalar_subquery()
    changed = connection.execute(
        sa.update(vault)
        .where(vault.c.origin_index.is_not(None), vault.c.comment_id.in_(old))
        .values(origin_index=None)
    )
    return changed.rowcount


def knows_key(connection: sa.Connection, key_hash: bytes) -> bool:
    """Whether a comment came under this Idempotency-Key."""
    query = sa.select(idempotency.c.comment_id).where(idempotency.c.key_hash == key_hash)
    return connection.scalar(query) is not None


def forget_idempotency(connection: sa.Connection, *, before: datetime) -> int:
    changed = connection.execute(sa.delete(idempotency).where(idempotency.c.created_at < before))
    return changed.rowcount


def sealed_address(connection: sa.Connection, comment_id: UUID) -> bytes | None:
    sealed: bytes | None = connection.scalar(
        sa.select(vault.c.sealed).where(vault.c.comment_id == comment_id)
    )
    return sealed
