"""The only place that chooses concrete things: settings in, use cases out, for each kind of process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from service.settings import Settings, read_or_make_keys
from service.store.database import Database

if TYPE_CHECKING:
    # A worker opens no vault, checks no limit and renders no text: what only the web needs is imported where it
    # is built, because every process pays for its modules with memory.
    from service.adapters.cipher import Cipher
    from service.adapters.limiter import Limiter
    from service.adapters.queue import Bell
    from service.appealing import Appealing
    from service.bulks import Bulks, CarryOut
    from service.canned import CannedReasons
    from service.case import Cases
    from service.deciding import Deciding
    from service.doors import Doors
    from service.figures import Figures
    from service.flagging import Flagging
    from service.journal import Journal
    from service.learning import Learning
    from service.liking import Liking
    from service.on_stage import OnStage
    from service.people import Tokens
    from service.picking import Picking
    from service.policies import PolicyBook
    from service.privacy import Erasure
    from service.queues import Queues
    from service.reading import ReadLatest, ReadThread
    from service.replying import Replying
    from service.ruling import Ruling
    from service.screening import Screening
    from service.sessions import Sessions
    from service.standings import Standings
    from service.store.sites import SiteBook
    from service.store.writer import Writer
    from service.submission import AuthorsOwn, SubmitComment
    from service.threads import Threads


def now() -> datetime:
    """The present moment, UTC-aware. The one clock of the product; tests pass their own."""
    return datetime.now(UTC)


def build_cipher(settings: Settings) -> Cipher:
    from service.adapters.cipher import Cipher

    keys = read_or_make_keys(settings)
    return Cipher(keys.vault, keys.index)


def page_address(public_url: str) -> Callable[[str, str, str | None], str]:
    """Makes addresses of our own thread pages: ``(site, story url or "", publisher's id) -> url``."""

    @lru_cache(maxsize=512)
    def address(site: str, url: str, external_id: str | None) -> str:
        name = "" if external_id is None else "/" + quote(external_id, safe="")
        # The story's address goes along until its id is known here: the page could not take a comment without.
        where = f"?url={quote(url, safe='')}" if url else ""
        return f"{public_url}/{quote(site)}/t{name}{where}"

    return address


@dataclass(frozen=True)
class WebRooms:
    """What the HTTP door needs."""

    settings: Settings
    database: Database
    cipher: Cipher
    sites: SiteBook
    writer: Writer
    bell: Bell
    limiter: Limiter
    submit: SubmitComment
    authors_own: AuthorsOwn
    appealing: Appealing
    read_thread: ReadThread
    read_latest: ReadLatest
    tokens: Tokens
    figures: Figures
    cases: Cases
    canned: CannedReasons
    standings: Standings
    queues: Queues
    on_stage: OnStage
    flagging: Flagging
    liking: Liking
    picking: Picking
    replying: Replying
    deciding: Deciding
    bulks: Bulks
    ruling: Ruling
    threads: Threads
    sessions: Sessions
    journal: Journal
    page_url: Callable[[str, str, str | None], str]

    def close(self) -> None:
        """Commit what waits and let go of everything."""
        self.sessions.note_refused()
        self.writer.close()
        self.bell.close()
        self.database.close()


def build_web(settings: Settings) -> WebRooms:
    """The rooms of one web process. Opens nothing yet: connections are made on first use."""
    from service.adapters.limiter import Limiter, Limits
    from service.adapters.queue import Bell
    from service.adapters.work import ProofOfWork
    from service.appealing import Appealing
    from service.bulks import Bulks
    from service.canned import CannedReasons
    from service.case import Cases
    from service.closing import Closing
    from service.deciding import Deciding
    from service.figures import Figures
    from service.flagging import Flagging
    from service.journal import Journal
    from service.liking import Liking
    from service.on_stage import OnStage
    from service.people import Tokens
    from service.picking import Picking
    from service.proving import Proving
    from service.queues import Queues
    from service.reading import ReadLatest, ReadThread
    from service.replying import Replying
    from service.ruling import Ruling
    from service.sessions import Sessions
    from service.standings import Standings
    from service.store.sites import SiteBook
    from service.store.writer import Writer
    from service.submission import AuthorsOwn, SubmitComment
    from service.threads import Threads

    database = Database(settings.database_url)
    cipher = build_cipher(settings)
    sites = SiteBook(database)
    bell = Bell(settings.redis_url_or_socket, bound=settings.queue_bound)
    writer = Writer(database, bell.announce)
    limits = Limits(
        settings.rate_origin,
        settings.rate_author,
        settings.rate_site,
        settings.rate_guess,
        proof_origin=settings.proof_origin,
        proof_site=settings.proof_site,
    )
    limiter = Limiter(limits, settings.limits_url)
    on_stage = OnStage(database, sites, cipher, limiter)
    work = ProofOfWork(cipher.mac("proof-of-work", b""), settings.proof_work, now)
    proving = Proving(cipher, limiter, work)
    page_url = page_address(settings.public_url)
    closing = Closing(database, now)
    tokens = Tokens(database, now)
    own = AuthorsOwn(database, sites, cipher, limiter, bell.announce, now, closing)
    idle, span = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    return WebRooms(
        settings=settings,
        database=database,
        cipher=cipher,
        sites=sites,
        writer=writer,
        bell=bell,
        limiter=limiter,
        submit=SubmitComment(database, sites, writer, cipher, limiter, now, closing, proving),
        authors_own=own,
        appealing=Appealing(own),
        read_thread=ReadThread(database, sites, page_url, closing),
        read_latest=ReadLatest(database, sites),
        figures=Figures(database, now),
        cases=Cases(database, now),
        canned=CannedReasons(database, now),
        standings=Standings(database, now, settings.origin_days),
        queues=Queues(database, sites, now),
        on_stage=on_stage,
        flagging=Flagging(on_stage, now),
        liking=Liking(on_stage, now),
        picking=Picking(database, now),
        replying=Replying(database, sites, now),
        deciding=Deciding(database, bell.announce, now),
        bulks=Bulks(database, bell.announce_bulk, now),
        ruling=Ruling(database, now),
        threads=Threads(database, sites, closing, now),
        tokens=tokens,
        sessions=Sessions(database, tokens, now, idle, span),
        journal=Journal(database),
        page_url=page_url,
    )


@dataclass(frozen=True)
class DoorRooms:
    """What the doors for other systems need."""

    settings: Settings
    database: Database
    cipher: Cipher
    sites: SiteBook
    doors: Doors

    def site_address(self, site: str) -> str:
        """Where a site's stories live: its first origin."""
        return self.sites.get(site).origins[0]

    def close(self) -> None:
        """Write what was counted and let go of everything."""
        self.doors.flush()
        self.database.close()


def build_doors(settings: Settings) -> DoorRooms:
    """The rooms of the doors' process. Opens nothing yet, and loads no models."""
    from service.adapters.limiter import Limiter, Limits
    from service.doors import Doors
    from service.people import Tokens
    from service.policies import PolicyBook
    from service.store.sites import SiteBook

    database = Database(settings.database_url)
    cipher = build_cipher(settings)
    limits = Limits("off", "off", "off", settings.rate_guess, settings.rate_door)
    return DoorRooms(
        settings=settings,
        database=database,
        cipher=cipher,
        sites=SiteBook(database),
        doors=Doors(
            database=database,
            policies=PolicyBook(database),
            cipher=cipher,
            limiter=Limiter(limits, settings.limits_url),
            recognise=Tokens(database, now).find,
            now=now,
        ),
    )


@dataclass(frozen=True)
class WorkerRooms:
    """What the background door needs."""

    settings: Settings
    database: Database
    policies: PolicyBook
    learning: Learning
    sweep_every: timedelta

    def screening(
        self, interrupts: tuple[type[BaseException], ...], stopping: Callable[[], bool]
    ) -> Screening:
        """A screening of its own for each thread that screens."""
        from service.screening import Screening

        return Screening(
            database=self.database,
            policies=self.policies,
            now=now,
            lease=timedelta(seconds=self.settings.lease_seconds),
            max_attempts=self.settings.max_attempts,
            interrupts=interrupts,
            stopping=stopping,
        )

    def carrying_out(self, stopping: Callable[[], bool]) -> CarryOut:
        from service.bulks import CarryOut

        return CarryOut(self.database, now, stopping)


def build_worker(settings: Settings) -> WorkerRooms:
    from service.learning import Learning
    from service.policies import PolicyBook

    database = Database(settings.database_url)
    return WorkerRooms(
        settings=settings,
        database=database,
        policies=PolicyBook(database),
        learning=Learning(database, now),
        sweep_every=timedelta(seconds=settings.sweep_seconds),
    )


def build_erasure(settings: Settings, database: Database) -> Erasure:
    from service.privacy import Erasure

    return Erasure(database, build_cipher(settings), now)


def check_start(settings: Settings, database: Database, cipher: Cipher) -> None:
    """What must hold before anything is served. Raises ``KeyMissing``."""
    from service.privacy import check_keys

    check_keys(database, cipher, now=now())
