"""The moderators' queues: what can be asked of them, and in which order a person is shown what they hold.

A question comes untrusted, from an address bar or a kept view; ``read_wanted`` makes it a ``Wanted``, and ``as_query``
makes that the one text which means it.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.folding import fold
from service.domain.ids import parse_id
from service.domain.risk import GRIM_IN_A_ROW
from service.domain.search import read_words
from service.domain.stories import UrlFault, canonical_url
from service.domain.text import TextFault, normalise_line

Item = TypeVar("Item")


class QueueName(StrEnum):
    HELD = "held"  # waits for a person
    REPORTED = "reported"  # readers called for a moderator, and no person has answered yet
    APPROVED = "approved"
    SPOT = "spot"  # approved by a machine: for spot checks
    SPAM = "spam"
    REJECTED = "rejected"  # for another reason than spam
    ESCALATED = "escalated"
    APPEALS = "appeals"  # authors ask a person to look again
    PENDING = "pending"  # being screened
    EVERYTHING = "everything"


# What waits for somebody comes oldest first, everything else newest first.
WAITING = frozenset(
    {QueueName.HELD, QueueName.REPORTED, QueueName.ESCALATED, QueueName.APPEALS, QueueName.PENDING}
)


class Sort(StrEnum):
    AGE = "age"
    RISK = "risk"


MACHINE = "machine"
SITES_MAX = 50
QUERY_TEXT_MAX = 4_000
HOURS_MAX = 87_600
# A span before now, or a moment.
Age = timedelta | datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """``story`` is a canonical URL, ``author`` a part of the name, folded; ``author_of`` a comment whose author is
    meant. ``score_from`` and ``score_to`` are of the finding that ``label`` or ``check`` names, else of the risk.
    ``failed``: only what a check failed with. ``decided_by``: a person's name, or "machine"."""

    thread: UUID | None = None
    story: str | None = None
    author: str = ""
    author_of: UUID | None = None
    label: str = ""
    check: str = ""
    score_from: float | None = None
    score_to: float | None = None
    older_than: Age | None = None
    newer_than: Age | None = None
    failed: bool = False
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments: of one queue, at these sites (none: at all that one may see), that hold ``words``."""

    queue: QueueName = QueueName.HELD
    sites: tuple[str, ...] = ()
    filters: Filters = Filters()
    sort: Sort = Sort.AGE
    words: str = ""

    @property
    def oldest_first(self) -> bool:
        return self.queue in WAITING and not self.words


# --- reading a question ------------------------------------------------------------------------------------------

NAMES = (
    *("queue", "site", "thread", "story", "author", "author_of", "label", "check", "score_from", "score_to"),
    *("older_than", "newer_than", "failed", "decided_by", "sort", "q"),
)
_WORD = re.compile("[a-z][a-z0-9_]{0,59}")
_SCORE = re.compile(r"(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)")
_HOURS = re.compile(r"\d{1,5}(?:\.\d{1,6})?")


def read_wanted(values: Mapping[str, Sequence[str]]) -> Wanted:
    """The question in the values of a query string, by name; names that are not in ``NAMES`` are passed over.

    Raises ``InvalidSubmission`` with every fault.
    """
    reader = _Reader(values)
    words = reader.of("q", "", lambda raw: " ".join(raw.split()))
    wanted = Wanted(
        queue=reader.of("queue", QueueName.EVERYTHING if words else QueueName.HELD, _queue),
        sites=reader.sites(),
        filters=Filters(
            thread=reader.of("thread", None, _id),
            story=reader.of("story", None, canonical_url),
            author=reader.of("author", "", _name_part),
            author_of=reader.of("author_of", None, _id),
            label=reader.of("label", "", _word),
            check=reader.of("check", "", _word),
            score_from=reader.of("score_from", None, _score),
            score_to=reader.of("score_to", None, _score),
            older_than=reader.of("older_than", None, _age),
            newer_than=reader.of("newer_than", None, _age),
            failed=reader.of("failed", False, _yes),
            decided_by=reader.of("decided_by", "", _name),
        ),
        sort=reader.of("sort", Sort.AGE, _sort),
        words=words,
    )
    if words:
        try:
            read_words(words)
        except InvalidSubmission as fault:
            reader.faults += fault.errors
    if wanted.sort is Sort.RISK and (wanted.queue is not QueueName.HELD or words):
        reader.faults.append(FieldError("/sort", "Only what is held can be sorted by risk, and no search."))
    if reader.faults:
        raise InvalidSubmission(reader.faults)
    return wanted


def read_query(text: str) -> Wanted:
    """A kept question. Raises ``InvalidSubmission``, also for a name that means nothing here."""
    if len(text) > QUERY_TEXT_MAX:
        raise InvalidSubmission([FieldError("/query", "This is too long.")])
    try:
        values = parse_qs(text, keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise InvalidSubmission([FieldError("/query", "This is no query.")]) from None
    if set(values) - set(NAMES):
        known = ", ".join(NAMES)
        raise InvalidSubmission([FieldError("/query", f"There is something here beside {known}.")])
    return read_wanted(values)


def as_query(wanted: Wanted) -> str:
    """The one query string that means this."""
    filters = wanted.filters
    pairs: list[tuple[str, object]] = [("queue", wanted.queue.value)]
    pairs += [("site", site) for site in wanted.sites]
    pairs += [
        ("thread", filters.thread),
        ("story", filters.story),
        ("author", filters.author),
        ("author_of", filters.author_of),
        ("label", filters.label),
        ("check", filters.check),
        ("score_from", _number(filters.score_from)),
        ("score_to", _number(filters.score_to)),
        ("older_than", _age_text(filters.older_than)),
        ("newer_than", _age_text(filters.newer_than)),
        ("failed", "true" if filters.failed else ""),
        ("decided_by", filters.decided_by),
        ("sort", wanted.sort.value if wanted.sort is not Sort.AGE else ""),
        ("q", wanted.words),
    ]
    return urlencode([(name, str(value)) for name, value in pairs if value not in (None, "")])


def moment_of(age: Age | None, now: datetime) -> datetime | None:
    """The moment that an age means at ``now``."""
    return now - age if isinstance(age, timedelta) else age


Value = TypeVar("Value")


class _Reader:
    """Reads values one by one and keeps what is wrong with them."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values
        self.faults: list[FieldError] = []

    def of(self, name: str, default: Value, read: Callable[[str], Value]) -> Value:
        given = [value for value in self._values.get(name, ()) if value]
        if len(given) > 1:
            self.faults.append(FieldError(f"/{name}", "Give this once."))
        if len(given) != 1:
            return default
        try:
            return read(given[0])
        except (TextFault, UrlFault, _Fault) as fault:
            self.faults.append(FieldError(f"/{name}", str(fault)))
            return default

    def sites(self) -> tuple[str, ...]:
        given = tuple(sorted({value for value in self._values.get("site", ()) if value}))
        if len(given) > SITES_MAX or any(len(site) > 200 for site in given):
            self.faults.append(FieldError("/site", f"At most {SITES_MAX} sites by their keys, please."))
        return given


class _Fault(ValueError):
    """A value that means nothing; the message is a sentence for the person who typed it."""


def _one_of(names: Iterable[str]) -> str:
    return "This is one of: " + ", ".join(names) + "."


def _queue(raw: str) -> QueueName:
    try:
        return QueueName(raw)
    except ValueError:
        raise _Fault(_one_of(QueueName)) from None


def _sort(raw: str) -> Sort:
    try:
        return Sort(raw)
    except ValueError:
        raise _Fault(_one_of(Sort)) from None


def _id(raw: str) -> UUID:
    found = parse_id(raw)
    if found is None:
        raise _Fault("This is not an id.")
    return found


def _name(raw: str) -> str:
    return normalise_line(raw, maximum=200)


def _name_part(raw: str) -> str:
    folded = fold(_name(raw)).text.strip()
    if not folded:
        raise _Fault("This is no part of a name.")
    return folded


def _word(raw: str) -> str:
    if not _WORD.fullmatch(raw):
        raise _Fault("This is the name of a label or a check, such as spam.")
    return raw


def _score(raw: str) -> float:
    if not _SCORE.fullmatch(raw):
        raise _Fault("This is a number from 0 to 1.")
    return float(raw)


def _yes(raw: str) -> bool:
    if raw not in ("true", "false"):
        raise _Fault(_one_of(("true", "false")))
    return raw == "true"


def _age(raw: str) -> Age:
    wrong = "This is a number of hours, or a moment such as 2026-11-24T09:00:00Z."
    if _HOURS.fullmatch(raw) and float(raw) <= HOURS_MAX:
        return timedelta(hours=float(raw))
    try:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            raise _Fault(wrong)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Fault(wrong) from None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.9f}".rstrip("0").rstrip(".")


def _age_text(age: Age | None) -> str:
    if isinstance(age, timedelta):
        return _number(round(age / timedelta(hours=1), 6))
    return age.isoformat().replace("+00:00", "Z") if age is not None else ""


# --- pages of it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: behind the comment ``after``; sorted by risk, also behind ``grim`` (risk and comment); in a
    search, at the row ``number``."""

    after: UUID | None = None
    grim: tuple[float, UUID] | None = None
    number: int | None = None


_CURSOR = re.compile(
    r"(?:a([0-9a-f]{32})|s(\d{1,18})|r(-|0x[01]\.[0-9a-f]{1,13}p(?:-\d{1,4}|\+0):[0-9a-f]{32}):(-|[0-9a-f]{32}))"
)

_CARRIED = re.compile("[A-Za-z0-9_-]{1,200}")


def cursor_text(cursor: Cursor, wanted: Wanted) -> str:
    """A cursor as callers carry it. It holds an id, and the risk that moderators see beside it."""
    after = cursor.after.hex if cursor.after else "-"
    if wanted.words:
        plain = f"s{cursor.number}"
    elif wanted.sort is Sort.RISK:
        grim = f"{cursor.grim[0].hex()}:{cursor.grim[1].hex}" if cursor.grim else "-"
        plain = f"r{grim}:{after}"
    else:
        plain = f"a{after}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(raw: str | None, wanted: Wanted) -> Cursor:
    """Raises ``InvalidSubmission`` for what was not given out with this kind of question."""
    if not raw:
        return Cursor()
    kind = "s" if wanted.words else "r" if wanted.sort is Sort.RISK else "a"
    try:
        if not _CARRIED.fullmatch(raw):
            raise ValueError
        plain = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    found = _CURSOR.fullmatch(plain)
    if found is None or plain[0] != kind:
        raise InvalidSubmission([FieldError("/cursor", "This is not a cursor that was given out here.")])
    after, number, grim, mild = found.groups()
    if number is not None:
        return Cursor(number=int(number))
    if after is not None:
        return Cursor(after=UUID(after))
    place = None
    if grim != "-":
        risk, _, comment = grim.partition(":")
        place = (min(1.0, float.fromhex(risk)), UUID(comment))
    return Cursor(after=UUID(mild) if mild != "-" else None, grim=place)


def paced(items: Sequence[Item], is_grim: Callable[[Item], bool], most: int = GRIM_IN_A_ROW) -> list[Item]:
    """The same items, so that no more than ``most`` grim ones follow each other where a milder one is at hand.

    Grim ones keep their order among themselves, and so do the others.
    """
    placed: list[Item] = []
    left = list(items)
    row = 0
    while left:
        place = 0
        if row >= most and is_grim(left[0]):
            place = next((number for number, item in enumerate(left) if not is_grim(item)), 0)
        item = left.pop(place)
        row = row + 1 if is_grim(item) else 0
        placed.append(item)
    return placed
