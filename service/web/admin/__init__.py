"""What moderators and their tools call. One file for each subject; all hang on the same door."""

from service.web.admin import decisions, journal, people, queue
from service.web.admin.door import door

__all__ = ["decisions", "door", "journal", "people", "queue"]
