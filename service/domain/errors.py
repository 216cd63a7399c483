"""Everything that can go wrong in the domain's own words.

One root, children named for what happened. ``service/web/problems.py`` holds the one table that turns each
of them into an HTTP problem, and a test walks every subclass to find its row there. No message carries an
e-mail address or any other text that a reader typed.
"""

from dataclasses import dataclass
from typing import Any


class GreenroomError(Exception):
    """Root of the errors that a use case raises on purpose."""

    detail = "Something went wrong."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        if detail:
            self.detail = detail


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of an untrusted submission: ``pointer`` is a JSON pointer, ``detail`` a sentence to act on."""

    pointer: str
    detail: str


class InvalidSubmission(GreenroomError):
    """The content of a request breaks rules; ``errors`` lists all of them, never the input itself."""

    detail = "Some fields need your attention."

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__()
        self.errors = errors


class Malformed(GreenroomError):
    """The bytes of a request could not be read at all."""

    detail = "The request could not be read."


class SiteUnknown(GreenroomError):
    detail = "No such site is registered here."


class AddressNotAllowed(GreenroomError):
    """A story URL, or a page that asks, is not on one of the site's registered origins."""

    detail = "This page does not belong to one of the site's registered origins."


class ThreadClosed(GreenroomError):
    detail = "Comments on this story are closed."


class CommentNotFound(GreenroomError):
    """Also raised for comments that exist and are not for the asker's eyes: the two must look alike."""

    detail = "There is no such comment."


class EditWindowClosed(GreenroomError):
    detail = "The time in which this comment could be changed is over."


class RevisionConflict(GreenroomError):
    """What the caller looked at has changed. ``happened`` says by whom and how; ``revision`` is the present one."""

    detail = "This comment has changed since you looked at it."

    def __init__(self, happened: str, revision: int, status: str) -> None:
        super().__init__(happened)
        self.revision = revision
        self.status = status


class IllegalMove(GreenroomError):
    """A status cannot be reached from the present one (see ``domain.comment.MOVES``)."""

    detail = "This decision is not possible in the comment's present status."


class NothingToAppeal(GreenroomError):
    """No decision keeps the comment off the page, or its author took it away."""

    detail = "Nothing was decided about this comment that a person could look at again."


class AlreadyAppealed(GreenroomError):
    """Its author asked about this decision before, or it is the answer to that."""

    detail = "You have asked a person to look at this again already."


class NotOnStage(GreenroomError):
    """Readers do not see a comment, and what was asked is about one that they see."""

    detail = "Readers do not see this comment, so that this is not possible."


class StandingNotFound(GreenroomError):
    detail = "There is no such ban or trust."


class StandingImpossible(GreenroomError):
    """A comment no longer has, or never had, what the author would be known again by."""

    detail = "This comment has nothing left by which its author could be known again in that way."


class AlreadyStanding(GreenroomError):
    detail = "Such a ban or trust of this author runs already. To change it, lift it and make another."


class StandingOver(GreenroomError):
    """It was lifted, or has ended by itself, for good."""

    detail = "This ban or trust is over. Nothing brings it back; a new one can be made."


class CannedReasonNotFound(GreenroomError):
    detail = "There is no such canned reason."


class TitleTaken(GreenroomError):
    detail = "This site has a canned reason with that title already."


class CannotBeUndone(GreenroomError):
    """A decision, or a bulk, that is not the last word any more, or was none of a person's."""

    detail = "This cannot be taken back any more."


class BulkNotFound(GreenroomError):
    """Also raised for bulks of a site that is not the asker's."""

    detail = "There is no such bulk."


class IdempotencyMismatch(GreenroomError):
    detail = "This Idempotency-Key was used before with a different body."


class RateLimited(GreenroomError):
    """Too many requests of one origin, author or site. ``retry_after_seconds`` is a whole number."""

    detail = "Too many comments in a short time. Your text is not lost: please try again later."

    def __init__(self, retry_after_seconds: int, limit: str, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
        self.limit = limit


class ProofNeeded(GreenroomError):
    """So many comments come that this one needs a proof of work. ``challenge`` is what has to be met, as JSON."""

    detail = "Many comments come in just now. Your text is not lost: please try again in a few minutes."

    def __init__(self, challenge: dict[str, Any]) -> None:
        super().__init__()
        self.challenge = challenge


class Unavailable(GreenroomError):
    """Nothing was stored. The caller may repeat the request after ``retry_after_seconds``."""

    detail = "The comment could not be stored just now. Nothing was lost on your side: please try again."

    def __init__(self, retry_after_seconds: int = 5) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class TokenInvalid(GreenroomError):
    detail = "A valid bearer token is needed."


class Forbidden(GreenroomError):
    detail = "This token may not do that."


class CsrfRefused(GreenroomError):
    """A browser's request to change something does not show that a page of ours sent it."""

    detail = (
        "This did not come from a page of the desk that was just loaded. Nothing was changed: load the page again"
        " and repeat it."
    )


class PersonNotFound(GreenroomError):
    """Also raised for people of a site that is not the asker's."""

    detail = "There is nobody of this name here."


class LastAdministrator(GreenroomError):
    detail = "This is the last administrator of all sites. Make somebody else one first: nobody could govern otherwise."


class InvalidPolicy(GreenroomError):
    """A policy document breaks rules; ``errors`` lists all of them, each with a JSON pointer into the document."""

    detail = "The policy document is not valid."

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__()
        self.errors = errors

    def __str__(self) -> str:
        lines = (f"{error.pointer or 'the document'}: {error.detail}" for error in self.errors)
        return "\n  ".join((self.detail, *lines))


class PolicyConflict(GreenroomError):
    """Another policy came into force since the caller looked; ``version`` is the present one."""

    detail = "Another policy came into force since you looked at this one."

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version


class ThreadNotFound(GreenroomError):
    """Also raised for threads of a site that is not the asker's."""

    detail = "There is no such thread."


class SealBroken(GreenroomError):
    """A sealed address does not open: wrong key, or the row was tampered with."""

    detail = "A sealed address could not be opened."
