"""Screening: claim what waits, let the checks look, decide by the site's policy, record.

No transaction is open while checks run. A claim is a lease with a fence: if this process dies, the lease runs
out and another takes the comment; if it is merely late, its verdict no longer meets the fence and is dropped.
A comment that fails to be screened ``max_attempts`` times is held for a person with that as the reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.checks.catalogue import run_checks
from service.checks.links import hosts_of
from service.domain.comment import Case, Status
from service.domain.fingerprint import fingerprint
from service.domain.folding import fold
from service.domain.policy import (
    DEFAULT_DOCUMENT,
    Action,
    Finding,
    GroundedReason,
    Outcome,
    Policy,
    Reason,
    as_stored,
    decide,
    read_policy,
)
from service.domain.site import Site
from service.scoring.learner import Correction, Taught
from service.store import comments, context, decisions, lessons, threads
from service.store.database import Database

log = logging.getLogger("greenroom.screening")

BATCH = 64
STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
    Action.DISCARD: Status.REJECTED,
}
POLICIES_FRESH_SECONDS = 5.0


class PolicyBook:
    """Sites with the policy in force, re-read when older than five seconds."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._sites: dict[str, Site] = {}
        self._policies: dict[tuple[str, int, int], Policy] = {}
        self._learned: dict[str, lessons.LearnedRow] = {}
        self._taught: dict[str, Taught | None] = {}
        self._read_at = float("-inf")

    def get(self, key: str) -> tuple[Site, Policy]:
        """A site and its policy (the built-in one, version 0, where none was set)."""
        now = self._monotonic()
        if now - self._read_at > POLICIES_FRESH_SECONDS or key not in self._sites:
            with self._database.read() as connection:
                self._sites = threads.load_sites(connection)
                learned = lessons.load(connection)
            for name, row in learned.items():
                if name not in self._learned or self._learned[name].version != row.version:
                    stored = row.correction
                    self._taught[name] = (
                        Taught(row.version, Correction.from_bytes(stored)) if stored else None
                    )
            self._learned = learned
            self._read_at = now
        site = self._sites[key]
        learned_here = self._learned.get(key)
        wanted = (key, site.policy_version, learned_here.version if learned_here else 0)
        if wanted not in self._policies:
            document: dict[str, Any] | None = DEFAULT_DOCUMENT
            if site.policy_version:
                with self._database.read() as connection:
                    document = threads.load_policy_document(connection, key, site.policy_version)
            thresholds = learned_here.thresholds if learned_here else {}
            self._policies[wanted] = read_policy(
                document or DEFAULT_DOCUMENT, site.policy_version, thresholds
            )
        return site, self._policies[wanted]

    def taught(self, key: str) -> Taught | None:
        """What the site's moderators taught, as of the last ``get``."""
        return self._taught.get(key)


@dataclass
class Screening:
    """The use case of the background door. One instance per worker process, used by one thread at a time.

    ``interrupts`` are exception classes that must end a batch rather than become a failed finding (a job's
    time limit). ``max_attempts`` counts claims of one comment.
    """

    database: Database
    policies: PolicyBook
    now: Callable[[], datetime]
    lease: timedelta = timedelta(seconds=60)
    max_attempts: int = 3
    interrupts: tuple[type[BaseException], ...] = ()
    stopping: Callable[[], bool] = field(default=lambda: False)

    def screen(self, ids: list[UUID]) -> int:
        """Screen those of ``ids`` that still wait and are nobody's; the number that got a verdict."""
        done = 0
        while not self.stopping():
            count = self._round(ids)
            done += count
            if not count:
                break
        return done

    def drain(self, *, seconds: float = 20.0) -> int:
        """Screen whatever waits, in batches straight from the database; the number that got a verdict.

        Stops after ``seconds`` (so that a job stays far within its time limit) or when nothing is left.
        """
        done, end = 0, time.monotonic() + seconds
        while time.monotonic() < end and not self.stopping():
            count = self._round(None)
            done += count
            if not count:
                break
        return done

    def _round(self, ids: list[UUID] | None) -> int:
        # The healthy first: one poisonous comment may cost a lease's time, and others should not wait for it.
        return self._one_batch(ids, alone=False) or self._one_batch(ids, alone=True)

    def _one_batch(self, ids: list[UUID] | None, *, alone: bool) -> int:
        with self.database.write() as connection:
            claims = comments.claim(
                connection,
                now=self.now(),
                lease=self.lease,
                limit=BATCH,
                ids=ids,
                alone=alone,
            )
        if not claims:
            return 0
        worn = [claim for claim in claims if claim.attempt > self.max_attempts]
        healthy = [claim for claim in claims if claim.attempt <= self.max_attempts]
        printed = [_printed(claim) for claim in healthy]
        linking = [self._linking(claim) for claim in healthy]
        verdicts = [self._given_up(claim) for claim in worn]
        verdicts += [self._judge(case) for case in self._cases(healthy, printed, linking)] if healthy else []
        with self.database.write() as connection:
            recorded = decisions.record(connection, verdicts)
            # Of what was edited or erased meanwhile, this text must leave nothing.
            current = {one.comment_id for one in recorded}
            context.keep_fingerprints(
                connection,
                {claim.comment_id: claim.site for claim in healthy},
                [one for one in printed if one.comment_id in current],
            )
            context.keep_hosts(connection, [one for one in linking if one.comment_id in current])
        for verdict in verdicts:
            log.info(
                "screened comment=%s status=%s reasons=%s",
                verdict.comment_id,
                verdict.status.value,
                ",".join(reason.code for reason in verdict.reasons) or "-",
            )
        return len(recorded) or len(claims)

    def _cases(
        self,
        claims: list[comments.Claim],
        printed: list[context.Printed],
        linking: list[context.Linking],
    ) -> list[tuple[comments.Claim, Case]]:
        ids = [claim.comment_id for claim in claims]
        with self.database.read() as connection:
            owned = context.owners(connection, ids)
            by_author = context.author_records(connection, ids)
            by_origin = context.origin_records(connection, ids)
            alike = context.lookalikes(connection, printed, owned)
            leading = context.host_records(connection, linking)
        return [
            (
                claim,
                Case(
                    comment_id=claim.comment_id,
                    site=claim.site,
                    thread_id=claim.thread_id,
                    url=claim.url,
                    author_name=claim.author_name,
                    text=claim.text,
                    created_at=claim.created_at,
                    revision=claim.revision,
                    reply=claim.parent_id is not None,
                    signals=claim.signals,
                    author_record=by_author.get(claim.comment_id),
                    origin_record=by_origin.get(claim.comment_id),
                    lookalikes=alike.get(claim.comment_id, ()),
                    hosts=leading.get(claim.comment_id, ()),
                    site_hosts=self.policies.get(claim.site)[0].hosts,
                    taught=self.policies.taught(claim.site),
                ),
            )
            for claim in claims
        ]

    def _linking(self, claim: comments.Claim) -> context.Linking:
        site, _ = self.policies.get(claim.site)
        hosts = hosts_of(claim.text, site.hosts)
        return context.Linking(claim.comment_id, claim.author_name, claim.created_at, hosts)

    def _judge(self, claimed: tuple[comments.Claim, Case]) -> decisions.Verdict:
        claim, case = claimed
        _, policy = self.policies.get(claim.site)
        findings = run_checks(case, policy, interrupts=self.interrupts)
        decision = decide(policy, findings)
        return decisions.Verdict(
            comment_id=claim.comment_id,
            revision=claim.revision,
            attempt=claim.attempt,
            action=decision.action.value,
            status=STATUS_AFTER[decision.action],
            actor=f"policy {policy.version}",
            automated=True,
            decided_at=self.now(),
            reasons=decision.reasons,
            policy_version=policy.version,
            findings=[as_stored(finding) for finding in findings],
        )

    def _given_up(self, claim: comments.Claim) -> decisions.Verdict:
        finding = Finding(
            "screening",
            "1",
            Reason.CHECK_FAILED.value,
            outcome=Outcome.FAILED,
            why=f"screening ended early {self.max_attempts} times",
        )
        return decisions.Verdict(
            comment_id=claim.comment_id,
            revision=claim.revision,
            attempt=claim.attempt,
            action=Action.HOLD.value,
            status=Status.HELD,
            actor="screening",
            automated=True,
            decided_at=self.now(),
            reasons=(GroundedReason(Reason.CHECK_FAILED.value, "screening"),),
            findings=[as_stored(finding)],
        )


def _printed(claim: comments.Claim) -> context.Printed:
    return context.Printed(claim.comment_id, claim.thread_id, fingerprint(fold(claim.text).text))
