"""Screening: claim what waits, let the checks look, decide by the site's policy, record.

No transaction is open while checks run. A claim is a lease with a fence: if this process dies, the lease runs
out and another takes the comment; if it is merely late, its verdict no longer meets the fence and is dropped.
A comment that fails to be screened ``max_attempts`` times is held for a person with that as the reason.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from service.checks.catalogue import make_ready, run_checks
from service.checks.links import hosts_of
from service.domain.comment import Case, Status
from service.domain.folding import fold
from service.domain.policy import (
    GIVEN_UP,
    SCREENING,
    Action,
    Finding,
    Outcome,
    Policy,
    Reason,
    as_stored,
    decide,
)
from service.domain.risk import risk_of
from service.domain.search import searchable
from service.domain.site import Site
from service.domain.standing import NEUTRAL
from service.policies import PolicyBook
from service.scoring.fingerprints import fingerprint, near_in
from service.store import comments, context, decisions, search, standings
from service.store.database import Database

log = logging.getLogger("greenroom.screening")

BATCH = 128
# A batch of long abusive texts may take the deep tier longer than a job may last; what it has not come to by then is
# given back.
PATIENCE_SECONDS = 10.0
STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
    Action.DISCARD: Status.REJECTED,
}


@dataclass
class Screening:
    """The use case of the background door. One instance per worker process, used by one thread at a time.

    ``interrupts`` are exception classes that must end a batch rather than become a failed finding (a job's
    time limit). ``max_attempts`` counts claims of one comment; ``patience`` is seconds for the checks of a batch.
    """

    database: Database
    policies: PolicyBook
    now: Callable[[], datetime]
    lease: timedelta = timedelta(seconds=60)
    max_attempts: int = 3
    patience: float = PATIENCE_SECONDS
    interrupts: tuple[type[BaseException], ...] = ()
    stopping: Callable[[], bool] = field(default=lambda: False)

    def __post_init__(self) -> None:
        self._standings = standings.StandingBook()

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
        sites = {site: self.policies.get(site)[0] for site in {claim.site for claim in healthy}}
        linking = [_linking(claim, sites[claim.site].hosts) for claim in healthy]
        verdicts = [self._given_up(claim) for claim in worn]
        end = time.monotonic() + self.patience
        left: list[comments.Claim] = []
        if healthy:
            cases = self._cases(healthy, printed, linking, sites)
            self._make_ready(cases)
            for place, case in enumerate(cases):
                if place and time.monotonic() > end:
                    left = healthy[place:]
                    break
                verdicts.append(self._judge(case))
        texts = {claim.comment_id: claim for claim in claims}
        searched = [_searched(texts[verdict.comment_id], verdict) for verdict in verdicts]
        with self.database.write() as connection:
            recorded = decisions.record(connection, verdicts)
            comments.give_back(connection, left)
            # Of what was edited or erased meanwhile, this text must leave nothing.
            current = {one.comment_id for one in recorded}
            # Every edit and every undo raises the revision: of a first one there is nothing to forget.
            again = [
                claim.comment_id for claim in claims if claim.revision > 1 and claim.comment_id in current
            ]
            context.forget_earlier(connection, again)
            search.forget_earlier(connection, again)
            context.keep_fingerprints(
                connection,
                {claim.comment_id: claim.site for claim in healthy},
                [one for one in printed if one.comment_id in current],
            )
            context.keep_hosts(connection, [one for one in linking if one.comment_id in current])
            search.keep(connection, [one for one in searched if one.comment_id in current])
        _log(verdicts)
        return len(recorded) or len(claims)

    def _cases(
        self,
        claims: list[comments.Claim],
        printed: list[context.Printed],
        linking: list[context.Linking],
        sites: dict[str, Site],
    ) -> list[tuple[comments.Claim, Case]]:
        ids = [claim.comment_id for claim in claims]
        beside = near_in([one.fingerprint for one in printed], context.NEAR)
        with self.database.read() as connection:
            by_author = context.author_records(connection, ids)
            by_origin = context.origin_records(connection, ids)
            alike = context.lookalikes(connection, printed, beside)
            leading = context.host_records(connection, linking)
            authors = {claim.comment_id: (claim.site, claim.author_name) for claim in claims}
            standing = self._standings.of(connection, authors, now=self.now())
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
                    site_hosts=sites[claim.site].hosts,
                    taught=self.policies.taught(claim.site),
                    standing=standing.get(claim.comment_id, NEUTRAL),
                    storm=claim.storm or sites[claim.site].storm,
                ),
            )
            for claim in claims
        ]

    def _make_ready(self, cases: list[tuple[comments.Claim, Case]]) -> None:
        by_policy: dict[int, tuple[Policy, list[Case]]] = {}
        for claim, case in cases:
            policy = self.policies.get(claim.site)[1].for_story(claim.url)
            by_policy.setdefault(id(policy), (policy, []))[1].append(case)
        for policy, alike in by_policy.values():
            make_ready(alike, policy, interrupts=self.interrupts)

    def _judge(self, claimed: tuple[comments.Claim, Case]) -> decisions.Verdict:
        claim, case = claimed
        policy = self.policies.get(claim.site)[1].for_story(claim.url)
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
            learned_version=policy.learned_version,
            findings=[as_stored(finding) for finding in findings],
            risk=risk_of(findings),
        )

    def _given_up(self, claim: comments.Claim) -> decisions.Verdict:
        finding = Finding(
            SCREENING,
            "1",
            Reason.CHECK_FAILED.value,
            outcome=Outcome.FAILED,
            why=f"screening ended early {self.max_attempts} times",
        )
        return decisions.Verdict(
            comment_id=claim.comment_id,
            revision=claim.revision,
            attempt=claim.attempt,
            action=GIVEN_UP.action.value,
            status=Status.HELD,
            actor=SCREENING,
            automated=True,
            decided_at=self.now(),
            reasons=GIVEN_UP.reasons,
            findings=[as_stored(finding)],
        )


def _printed(claim: comments.Claim) -> context.Printed:
    return context.Printed(claim.comment_id, claim.thread_id, fingerprint(fold(claim.text).text))


def _linking(claim: comments.Claim, site_hosts: tuple[str, ...]) -> context.Linking:
    hosts = hosts_of(claim.text, site_hosts)
    return context.Linking(claim.comment_id, claim.author_name, claim.created_at, hosts)


# Of so many at once a log tells no more one by one: what became of each is in the database.
TOLD_ONE_BY_ONE = 16


def _log(verdicts: list[decisions.Verdict]) -> None:
    if len(verdicts) > TOLD_ONE_BY_ONE:
        counts = Counter(verdict.status.value for verdict in verdicts)
        told = " ".join(f"{status}={count}" for status, count in sorted(counts.items()))
        log.info("screened %d comments of a backlog: %s", len(verdicts), told)
        return
    for verdict in verdicts:
        log.info(
            "screened comment=%s status=%s reasons=%s",
            verdict.comment_id,
            verdict.status.value,
            ",".join(reason.code for reason in verdict.reasons) or "-",
        )


# Below this a finding is no reason to look for a comment by its label.
NOTABLE = 0.3


def _searched(claim: comments.Claim, verdict: decisions.Verdict) -> search.Searched:
    """What searches and filters shall find a screened comment by."""
    notable: dict[tuple[str, str], float] = {}
    for finding in verdict.findings or ():
        label, check, score = finding["label"], finding["check"], finding["score"]
        failed = finding["outcome"] == _FAILED
        if failed or (finding["outcome"] == _FOUND and score >= NOTABLE):
            key = (Reason.CHECK_FAILED.value if failed else label, check)
            notable[key] = max(score, notable.get(key, 0.0))
    return search.Searched(claim.comment_id, claim.site, searchable(claim.author_name, claim.text), notable)


_FAILED, _FOUND = Outcome.FAILED.value, Outcome.FOUND.value
