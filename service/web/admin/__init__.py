"""What moderators and their tools call. One file for each subject; all hang on the same door."""

from service.web.admin import bulks, decisions, queue
from service.web.admin.door import door

__all__ = ["bulks", "decisions", "door", "queue"]
