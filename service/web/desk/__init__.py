"""The pages of moderators: HTML that works without scripts, behind a session. All hang on the same door."""

from service.web.desk import sign_in
from service.web.desk.door import door

__all__ = ["door", "sign_in"]
