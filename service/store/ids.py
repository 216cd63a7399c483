"""New identities: time-ordered UUIDs (RFC 9562, version 7), so that order by id is order of arrival."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7, later ones greater within a process."""
    return uuid_utils.compat.uuid7()
