"""New identities: time-ordered UUIDs (RFC 9562, version 7), so that order by id is order of arrival, and a window in
time is a range of ids."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The first 48 of the 128 bits are milliseconds since 1970.
_BELOW_TIME = 80


def new_id() -> UUID:
    """A UUIDv7, later ones greater within a process."""
    return uuid_utils.compat.uuid7()


def first_id(at: datetime) -> UUID:
    """The lower bound of all ids made at this moment (to the millisecond) or later; of all ids, before 1970."""
    return UUID(int=max(0, (at - _EPOCH) // timedelta(milliseconds=1)) << _BELOW_TIME)


def moment_of(one: UUID) -> datetime:
    """When this id was made, to the millisecond; UTC-aware."""
    return _EPOCH + timedelta(milliseconds=one.int >> _BELOW_TIME)
