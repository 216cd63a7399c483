"""What other systems ask through the doors: to judge a text, and to hear what their moderators decided.

A text that is only judged is never stored. Of what was reported the learner's view is kept, hashed words and signs,
so that the site's models learn from moderators who work elsewhere; the text itself is not. Addresses and network
origins of readers that callers send along end at the door.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from service.adapters.addresses import AddressFault, is_disposable, read_address
from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.checks.catalogue import run_checks
from service.checks.links import hosts_of
from service.domain.comment import Case, Signals
from service.domain.door import Key
from service.domain.errors import TokenInvalid
from service.domain.origin import prefix_of
from service.domain.policy import Action, Policy, Reason, decide
from service.domain.stories import UrlFault, canonical_url
from service.policies import PolicyBook
from service.scoring.learner import see
from service.scoring.scorer import Tier, scorer
from service.scoring.spam_signs import Around
from service.scoring.turns import Turns
from service.store import context, reports
from service.store.database import Database
from service.store.ids import new_id
from service.store.tokens import TokenRow

# What is judged of a longer text.
TEXT_MAX = 20_000
NAME_MAX = 200
SPAM_REASONS = {Reason.SPAM, Reason.ADVERTISEMENT, Reason.DUPLICATE, Reason.FLOOD}
_NOWHERE = UUID(int=0)
NO_STORY = "https://story.invalid/"
POLICIES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A comment of another system. ``trap_filled``: its form's hidden field was filled in.

    ``address_disposable``: the author's e-mail is of a throw-away service; the address itself does not get here.
    """

    text: str
    author_name: str = ""
    url: str = ""
    reply: bool = False
    trap_filled: bool = False
    address_disposable: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """``action`` is what the site's policy does about what was found; APPROVE where nothing was.

    ``spam``: whether spam is among the reasons; ``failed``: whether a check could not run.
    """

    action: Action
    reasons: tuple[str, ...]
    spam: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """For each text its probabilities by label, and the version of the models that gave them."""

    texts: list[dict[str, float]]
    model: str


@dataclass
class Doors:
    """The use case of the doors. ``recognise`` finds the row of a token or raises ``TokenInvalid``."""

    database: Database
    policies: PolicyBook
    cipher: Cipher
    limiter: Limiter
    recognise: Callable[[str], TokenRow]
    now: Callable[[], datetime]
    turns: Turns = field(default_factory=Turns)

    def __post_init__(self) -> None:
        self._bare: dict[tuple[int, Tier], tuple[Policy, Policy]] = {}
        self._counted: dict[tuple[str, str], reports.Usage] = {}
        self._counting = threading.Lock()

    # --- who asks ------------------------------------------------------------------------------------------

    def enter(self, door: str, token: str, remote_address: str | None) -> Key:
        """The key that ``token`` is, if it opens this door. Counts the request.

        Raises ``TokenInvalid``, and ``RateLimited`` after too many requests of a key or wrong ones of an origin.
        """
        try:
            row = self.recognise(token)
            if door != row.role or row.site is None:
                raise TokenInvalid
        except TokenInvalid:
            self.limiter.check_guess(self.cipher.origin_index("", prefix_of(remote_address)))
            raise
        self.limiter.check_door(row.name)
        self._count(row.name, calls=1)
        return Key(row.name, row.site, door)

    # --- judging -------------------------------------------------------------------------------------------

    def score(self, key: Key, texts: Sequence[str]) -> Scores:
        """What the models make of texts, with what the site taught them. Raises what a scorer that cannot answer
        raises."""
        self.policies.get(key.site)
        taught = self.policies.taught(key.site)
        texts = [_whole(text) for text in texts]
        with self.turns.tier() as tier:
            found = scorer(tier).score(texts)
        scores = []
        for text, one in zip(texts, found, strict=True):
            mine = dict(one.scores)
            if taught is not None:
                mine |= taught.scores(mine, text, "")
            scores.append(mine)
        model = found[0].model if found else ""
        return Scores(scores, f"{model}+site-{taught.version}" if taught else model)

    def judge(self, key: Key, asked: Asked) -> Answer:
        """What the site's policy makes of a comment that is published elsewhere, should nothing speak against it."""
        site, policy = self.policies.get(key.site)
        text, name = _whole(asked.text), _whole(asked.author_name)[:NAME_MAX]
        hosts = hosts_of(text, site.hosts)
        case = Case(
            comment_id=new_id(),
            site=key.site,
            thread_id=_NOWHERE,
            url=asked.url[:2_000],
            author_name=name,
            text=text,
            created_at=self.now(),
            reply=asked.reply,
            signals=Signals(trap_filled=asked.trap_filled, address_disposable=asked.address_disposable),
            site_hosts=site.hosts,
            taught=self.policies.taught(key.site),
            storm=site.storm,
        )
        if hosts:
            linking = context.Linking(case.comment_id, name, case.created_at, hosts)
            with self.database.read() as connection:
                known = context.host_records(connection, [linking])
            case = replace(case, hosts=known.get(case.comment_id, ()))
        policy = policy.for_story(_story(asked.url))
        with self.turns.tier() as tier:
            bare = self._policy(policy, tier)
            findings = run_checks(case, bare)
        decision = decide(bare, findings)
        codes = tuple(dict.fromkeys(reason.code for reason in decision.reasons))
        spam = any(code in SPAM_REASONS for code in codes)
        self._count(key.name, spam=int(spam), ham=int(not spam))
        return Answer(decision.action, codes, spam, Reason.CHECK_FAILED in codes)

    def _policy(self, policy: Policy, tier: Tier) -> Policy:
        """The story's policy for a comment that nobody here will look at: what nothing speaks against is let through,
        and no evidence is looked for."""
        kept = self._bare.get((id(policy), tier))
        if kept is None or kept[0] is not policy:
            options = policy.options.get("model", {})
            asked = options if tier == "both" else {**options, "tier": tier}
            bare = replace(
                policy,
                otherwise=Action.APPROVE,
                options={**policy.options, "model": {**asked, "evidence": False}},
            )
            if len(self._bare) >= POLICIES_KEPT:
                self._bare.clear()
            kept = self._bare[id(policy), tier] = (policy, bare)
        return kept[1]

    # --- hearing what was decided --------------------------------------------------------------------------

    def hear(
        self,
        key: Key,
        about: str,
        text: str,
        *,
        author_name: str = "",
        spam: bool | None = None,
        toxic: bool | None = None,
    ) -> None:
        """Keep what a moderator elsewhere decided about a text, in the place of what was said before ``about`` it."""
        text, name = _whole(text), _whole(author_name)[:NAME_MAX]
        with self.turns.tier() as tier:
            (scored,) = scorer(tier).score([text], [Around(author_name=name)])
        report = reports.Report(
            site=key.site,
            about=self.cipher.mac("report", f"{key.door}\0{about}".encode()),
            spam=spam,
            toxic=toxic,
            seen=see(text, name).to_bytes(),
            scores={label: round(score, 5) for label, score in scored.scores.items()},
            actor=key.name,
            reported_at=self.now(),
        )
        with self.database.write() as connection:
            reports.keep(connection, report)
        self._count(key.name, missed_spam=int(spam is True), false_positives=int(spam is False))

    # --- how much was asked --------------------------------------------------------------------------------

    def _count(self, token: str, **more: int) -> None:
        self._add((token, f"{self.now():%Y-%m}"), reports.Usage(**more))

    def _add(self, where: tuple[str, str], more: reports.Usage) -> None:
        with self._counting:
            self._counted[where] = self._counted.get(where, reports.Usage()) + more

    def flush(self) -> None:
        """Write what was counted; called every few seconds, because a write for each question would cost too much."""
        with self._counting:
            counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            with self.database.write() as connection:
                reports.add_usage(connection, [(*key, usage) for key, usage in sorted(counted.items())])
        except Exception:
            for where, usage in counted.items():
                self._add(where, usage)
            raise

    def usage(self, key: Key, month: str) -> reports.Usage:
        """What this key asked in a month ("2026-11"), the last seconds included."""
        with self.database.read() as connection:
            found = reports.usage(connection, key.name, month)
        with self._counting:
            return found + self._counted.get((key.name, month), reports.Usage())


def _story(raw: str) -> str:
    """The canonical URL of a story elsewhere; what is none lies in no section."""
    try:
        return canonical_url(raw)
    except UrlFault:
        return NO_STORY


def _whole(text: str) -> str:
    """What can be stored and hashed: no lone surrogates, which JSON can carry, and no more than ``TEXT_MAX``."""
    return text[:TEXT_MAX].encode("utf-8", "replace").decode()


def is_throw_away(raw_address: str) -> bool:
    """Whether an e-mail address is of a throw-away service: all that is ever asked of one that came through a door."""
    if not raw_address:
        return False
    try:
        return is_disposable(read_address(raw_address))
    except AddressFault:
        return False
