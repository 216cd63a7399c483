"""What every reader may see: a thread as one prepared answer, a site's latest comments, and counts for front pages.

An answer is built once for each revision of its thread and kept, compressed, in this process. Readers who come
within a twentieth of a second share one look at the thread's revision; what this process writes itself shows at once,
and what another one writes after that time at the latest, which is a hundredth of what shared caches are allowed.
Nothing that waits or was rejected can change a byte of an answer. In which form it is written is the caller's choice.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from service.closing import Closing
from service.domain.errors import AddressNotAllowed, FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.site import Site
from service.domain.stories import UrlFault, canonical_url, is_allowed
from service.domain.thread import Cursor, Sort, build_tree
from service.store import stage, threads
from service.store.database import Database
from service.store.sites import SiteBook

KEPT_ANSWERS = 512
KEPT_BYTES = 32 * 1024 * 1024
REPLIES_PER_PAGE = 2_000
URLS_PER_COUNT = 100
# Entries of a feed. Whoever looks once an hour misses none where fewer are approved in an hour.
LATEST = 50
LOOK_SECONDS = 0.05
# Changes whenever the same rows would be written differently, so that no cache keeps an old form.
FORM = "2"

# "feed" is no reader's choice: what came on stage last.
View = Literal["tree", "flat", "feed"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader's question. Either ``url`` or ``external_id`` names the story."""

    site: str
    url: str | None
    external_id: str | None
    view: View = "tree"
    sort: Sort = "oldest"
    limit: int = 100
    cursor: Cursor | None = None


# Writes the answer to a question; a function of a module, because answers are kept by it.
Write = Callable[[Asked, dict[str, Any]], bytes]


def as_json(_asked: Asked, document: dict[str, Any]) -> bytes:
    """The document as it is."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of an answer, plain and gzipped, and the strong ETag of the plain form (without quotes)."""

    body: bytes
    compressed: bytes
    etag: str

    @property
    def size(self) -> int:
        return len(self.body) + len(self.compressed)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, the revision of the thread that it shows, and the last look that found this revision in force.

    ``until`` is the moment at which the thread closes by its age, ``None`` where that is past or never comes.
    """

    answer: Answer
    thread_id: UUID | None
    revision: int
    site: Site
    looked_at: float
    writes: int
    until: datetime | None

    def is_fresh(self, now: float, writes: int, site: Site, clock: Callable[[], datetime]) -> bool:
        """Whether nothing can have changed but by another process within the last moment."""
        return (
            now - self.looked_at < LOOK_SECONDS
            and self.writes == writes
            and self.site is site
            and self.holds(clock)
        )

    def holds(self, clock: Callable[[], datetime]) -> bool:
        """Whether the thread is still as open as the answer says."""
        return self.until is None or clock() < self.until


def moment(value: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class ReadThread:
    """Answers to ``GET /v1/threads``. ``page_url`` makes the address of our own page of a thread."""

    def __init__(
        self,
        database: Database,
        sites: SiteBook,
        page_url: Callable[[str, str, str | None], str],
        closing: Closing,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._sites = sites
        self._closing = closing
        self._page_url = page_url
        self._kept: OrderedDict[tuple[Asked, Write], _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._lock = Lock()
        self._monotonic = monotonic

    def __call__(self, asked: Asked, write: Write = as_json) -> Answer:
        """The answer in the form that ``write`` gives it. Raises ``SiteUnknown``, ``AddressNotAllowed``,
        ``InvalidSubmission``."""
        site = self._sites.get(asked.site)
        # Taken before the look: whatever is committed after this moment calls for another one.
        now, writes = self._monotonic(), self._database.writes
        kept = self._kept.get((asked, write))
        if kept is not None and kept.is_fresh(now, writes, site, self._closing.now):
            return kept.answer
        url = self._story_url(asked, site)
        with self._database.read() as connection:
            thread = threads.conversation(connection, site.key, url=url, external_id=asked.external_id)
        thread_id = thread.id if thread else None
        revision = thread.revision if thread else 0
        same = kept is not None and (kept.thread_id, kept.revision, kept.site) == (thread_id, revision, site)
        if kept is not None and same and kept.holds(self._closing.now):
            answer, until = kept.answer, kept.until
        else:
            # Asked before the answer is made: at the very moment it may say closed, and never say open for long.
            until = self._closes_later(site, thread)
            document, revision = self.document(asked, site, url, thread)
            answer = _answer(write(asked, document))
        self._keep((asked, write), _Kept(answer, thread_id, revision, site, now, writes, until))
        return answer

    def _closes_later(self, site: Site, thread: threads.ThreadRow | None) -> datetime | None:
        at = self._closing.closes_at(site, thread) if thread is not None else None
        return at if at is not None and at > self._closing.now() else None

    def _keep(self, key: tuple[Asked, Write], fresh: _Kept) -> None:
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._kept_bytes -= old.answer.size
            self._kept[key] = fresh
            self._kept_bytes += fresh.answer.size
            # Long threads asked for in many ways must not fill the memory.
            while len(self._kept) > KEPT_ANSWERS or self._kept_bytes > KEPT_BYTES:
                self._kept_bytes -= self._kept.popitem(last=False)[1].answer.size

    def page(
        self, asked: Asked, answering: str | None = None
    ) -> tuple[dict[str, Any], stage.ParentRow | None]:
        """The same answer as a document, for our own page of the thread, and the comment with the id ``answering``,
        which may stand on another page of it. Raises as calling does."""
        site = self._sites.get(asked.site)
        url = self._story_url(asked, site)
        answered = None
        answering_id = parse_id(answering) if answering is not None else None
        with self._database.read() as connection:
            thread = threads.conversation(connection, site.key, url=url, external_id=asked.external_id)
            if thread is not None and answering_id is not None:
                answered = stage.parent(connection, answering_id)
                if answered is not None and answered.thread_id != thread.id:
                    answered = None
        return self.document(asked, site, url, thread)[0], answered

    def document(
        self, asked: Asked, site: Site, url: str | None, thread: threads.ThreadRow | None
    ) -> tuple[dict[str, Any], int]:
        """The answer as a document, and the revision of the thread that it shows."""
        roots: list[stage.StageRow] = []
        below: list[stage.StageRow] = []
        more = False
        if thread is not None:
            with self._database.snapshot() as connection:
                thread = threads.get(connection, thread.id) or thread
                roots = _read(connection, thread.id, asked)
                more, roots = len(roots) > asked.limit, roots[: asked.limit]
                if asked.view == "tree":
                    below = stage.replies(
                        connection,
                        [row.id for row in roots],
                        sort=asked.sort,
                        limit=REPLIES_PER_PAGE + 1,
                    )
        if len(below) > REPLIES_PER_PAGE:
            more, roots = _whole_conversations(roots, below, more)
            below = below[:REPLIES_PER_PAGE]
        nodes = [(_latest_node if asked.view == "feed" else _node)(row) for row in roots]
        if asked.view == "tree":
            nodes = build_tree(nodes, [_node(row) for row in below])
        # A thread is made by whoever sends its first comment. What they said of the story shows when something of
        # the conversation does, and not before a moderator has seen it.
        shown = thread if thread is not None and thread.approved_count else None
        story_url = shown.url if shown else url
        by_id = shown is not None and asked.external_id is not None and shown.external_id == asked.external_id
        document = {
            "site": site.key,
            "url": story_url,
            "title": shown.title if shown else None,
            "closed": thread is not None and self._closing.is_closed(site, thread),
            "count": thread.approved_count if thread else 0,
            "email_required": site.email_required,
            "text_max": site.text_max,
            "name_max": site.name_max,
            "comments": nodes,
            "next_cursor": _cursor(asked, roots[-1]) if more else None,
            "links": {"page": self._page_url(site.key, "" if by_id else story_url or "", asked.external_id)},
        }
        return document, thread.revision if thread else 0

    def _story_url(self, asked: Asked, site: Site) -> str | None:
        if asked.url is None:
            return None
        try:
            url = canonical_url(asked.url)
        except UrlFault as fault:
            raise InvalidSubmission([FieldError("/url", str(fault))]) from None
        if not is_allowed(url, site.origins):
            raise AddressNotAllowed
        return url


def _read(connection: sa.Connection, thread_id: UUID, asked: Asked) -> list[stage.StageRow]:
    """A page of the thread, and one comment more where there are more."""
    limit = asked.limit + 1
    if asked.view == "feed":
        return stage.latest_here(connection, thread_id, limit=limit)
    read = stage.roots if asked.view == "tree" else stage.all_in_order
    return read(connection, thread_id, sort=asked.sort, after=asked.cursor, limit=limit)


def _whole_conversations(
    roots: list[stage.StageRow], below: list[stage.StageRow], more: bool
) -> tuple[bool, list[stage.StageRow]]:
    """(whether more follows, top-level comments) of a page that would hold too many answers.

    The page ends before the conversation that does not fit any more. One that does not even fit alone is shown
    without its latest answers; flat, all of it can be read.
    """
    broken = next(n for n, root in enumerate(roots) if root.id == below[-1].root_id)
    kept = max(broken, 1)
    return more or kept < len(roots), roots[:kept]


def _cursor(asked: Asked, last: stage.StageRow) -> str:
    return str(Cursor(last.id, last.likes if asked.sort == "most_liked" else None))


def _node(row: stage.StageRow) -> dict[str, Any]:
    """A public comment: exactly these keys."""
    return {
        "id": str(row.id),
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "depth": row.depth,
        "status": "approved" if row.shown else "removed",
        "author": {"name": row.author_name} if row.shown else None,
        "html": row.html if row.shown else None,
        "created_at": moment(row.created_at),
        "edited_at": moment(row.edited_at) if row.edited_at else None,
        "likes": row.likes if row.shown else None,
        "picked": row.picked,
        "staff": row.staff,
    }


def _latest_node(row: stage.StageRow) -> dict[str, Any]:
    """A public comment as feeds have it: they also tell since when it is shown."""
    return {**_node(row), "shown_at": moment(row.shown_at or row.created_at)}


def _answer(body: bytes) -> Answer:
    # The tag is of the bytes themselves: it holds across processes and restarts, and tells nothing else.
    return Answer(body, gzip.compress(body, 9, mtime=0), sha256(FORM.encode() + body).hexdigest()[:32])


# --- a whole site ----------------------------------------------------------------------------------------------------

# Writes the latest comments of a site: nodes with the ``url`` and ``title`` of their stories, newest first.
WriteLatest = Callable[[Site, list[dict[str, Any]]], bytes]


@dataclass(frozen=True, slots=True)
class _Latest:
    """An answer about a site, the rows that it was made of, and the last look that found them so."""

    answer: Answer
    rows: list[stage.LatestRow]
    site: Site
    looked_at: float
    writes: int


class ReadLatest:
    """Answers about the latest comments of a whole site. One is kept for each site, and sites are few.

    A site has no revision: each look reads the rows, and the answer is written anew where they are not the same.
    """

    def __init__(
        self,
        database: Database,
        sites: SiteBook,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._sites = sites
        self._kept: dict[str, _Latest] = {}
        self._monotonic = monotonic

    def __call__(self, site_key: str, write: WriteLatest) -> Answer:
        """The answer as ``write`` writes it, which is always the same. Raises ``SiteUnknown``."""
        site = self._sites.get(site_key)
        now, writes = self._monotonic(), self._database.writes
        kept = self._kept.get(site.key)
        same_site = kept is not None and kept.site == site
        if kept is not None and same_site and kept.writes == writes and now - kept.looked_at < LOOK_SECONDS:
            return kept.answer
        with self._database.snapshot() as connection:
            rows = stage.latest(connection, site.key, limit=LATEST)
        if kept is not None and same_site and kept.rows == rows:
            answer = kept.answer
        else:
            nodes = [{**_latest_node(row.comment), "url": row.url, "title": row.title} for row in rows]
            answer = _answer(write(site, nodes))
        self._kept[site.key] = _Latest(answer, rows, site, now, writes)
        return answer


# --- counts ----------------------------------------------------------------------------------------------------------


def count_comments(
    database: Database, sites: SiteBook, site_key: str, raw_urls: list[str]
) -> list[dict[str, Any]]:
    """One row for each URL, in the order asked: the story's canonical URL and the number of approved comments there.

    What was asked itself is not repeated, and is ``None`` where it is no address on the site's origins. Raises
    ``SiteUnknown``, and ``InvalidSubmission`` when more than a hundred are asked for.
    """
    site = sites.get(site_key)
    if len(raw_urls) > URLS_PER_COUNT:
        raise InvalidSubmission(
            [FieldError("/url", f"At most {URLS_PER_COUNT} URLs can be asked for at once.")]
        )
    urls = [_on_origins(raw, site) for raw in raw_urls]
    with database.read() as connection:
        counted = threads.counts(connection, site.key, sorted({url for url in urls if url is not None}))
    return [{"url": url, "count": counted.get(url, 0) if url else 0} for url in urls]


def _on_origins(raw: str, site: Site) -> str | None:
    try:
        url = canonical_url(raw)
    except UrlFault:
        return None
    return url if is_allowed(url, site.origins) else None
