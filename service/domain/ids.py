"""Reading identities from outside. New ones are made in ``service/store/ids.py``."""

import uuid


def parse_id(text: str) -> uuid.UUID | None:
    """The UUID in ``text`` in its usual form with hyphens, or ``None``."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
