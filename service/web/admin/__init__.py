"""What moderators and their tools call. One file for each subject; all hang on the same door."""

from service.web.admin import claims, decisions, queue, views
from service.web.admin.door import door

__all__ = ["claims", "decisions", "door", "queue", "views"]
