"""Readers who post all the time and remember what they were told, and the reckoning with them at the end."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import sqlalchemy as sa

from service.store.tables import comments, decisions, idempotency, screenings, vault
from tests.product.running import Answer, Running

WORDS = ("bridge", "council", "winter", "school", "river", "market", "tram", "harbour", "budget", "library")


@dataclass
class Sent:
    """One comment that a reader sent, with every answer to it; ``None`` is a connection that broke."""

    text: str
    key: str
    began: float
    answers: list[Answer | None] = field(default_factory=list)

    @property
    def answer(self) -> Answer | None:
        return self.answers[-1]


class Readers:
    """Several readers who post until they are told to stop; use as a context."""

    def __init__(self, running: Running, *, count: int = 4, pause_seconds: float = 0.03) -> None:
        self._running = running
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._post_all_the_time) for _ in range(count)]
        self.sent: list[Sent] = []

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _post_all_the_time(self) -> None:
        words = random.Random()
        while not self._stopping.wait(self._pause_seconds):
            key = uuid4().hex
            text = f"{' '.join(words.choices(WORDS, k=12))} {key}"
            one = Sent(text, key, time.monotonic())
            self._post(one)
            self.sent.append(one)

    def _post(self, one: Sent) -> None:
        while True:
            try:
                one.answers.append(self._running.post(one.text, key=one.key))
            except ConnectionRefusedError:
                # Nobody was there: nothing was sent, and the same reader comes again.
                if not self._stopping.wait(0.05):
                    continue
                one.answers.append(None)
            except OSError:
                one.answers.append(None)
            return

    def accepted(self) -> int:
        return sum(1 for one in list(self.sent) if one.answer is not None and one.answer.status == 202)

    def wait_for_more(self, number: int, *, seconds: float = 30.0) -> None:
        """Until so many more comments were accepted than are now."""
        wanted = self.accepted() + number
        self._running.until(lambda: self.accepted() >= wanted, seconds=seconds, what="comments accepted")

    def since(self, moment: float) -> list[Sent]:
        """What was sent after ``moment`` (of the monotonic clock)."""
        return [one for one in list(self.sent) if one.began > moment]

    def ask_again(self) -> None:
        """Whoever's connection broke sends the same again with the same key, until there is an answer."""

        def asked(one: Sent) -> bool:
            self._post(one)
            return one.answer is not None and one.answer.status == 202

        for one in self.sent:
            if one.answer is None:
                self._running.until(lambda one=one: asked(one), what="a repeat answered")  # type: ignore[misc]


def reckon(running: Running, readers: Readers, *, seconds: float = 60.0) -> None:
    """Nothing lost: what was promised is stored and decided once by the machine; what was refused left nothing."""
    readers.ask_again()
    running.until(lambda: waiting(running) == 0, seconds=seconds, what="all comments decided")
    promised = {one.text: one for one in readers.sent if one.answer is not None and one.answer.status == 202}
    refused = {one.text for one in readers.sent if one.answer is not None and one.answer.status != 202}
    assert promised, "nobody got a comment accepted"
    with running.database() as connection:
        stored = list(connection.execute(sa.select(comments.c.id, comments.c.source)))
        decided = list(
            connection.execute(
                sa.select(decisions.c.comment_id, decisions.c.revision)
                .where(decisions.c.automated)
                .order_by(decisions.c.comment_id)
            )
        )
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (vault, idempotency, screenings)
        ]
    texts = [row.source for row in stored]
    assert not refused & set(texts), "a refused comment was stored"
    assert sorted(texts) == sorted(promised), "promised and stored are not the same"
    for row in stored:
        answer = promised[row.source].answer
        assert answer is not None
        assert answer.json()["id"] == str(row.id)
    assert sorted(decided) == sorted((row.id, 1) for row in stored), "not decided once each"
    assert counts == [len(stored)] * 3, "something partial was left behind"


def waiting(running: Running) -> int:
    """How many comments wait for a machine's decision."""
    with running.database() as connection:
        found = connection.scalar(
            sa.select(sa.func.count()).select_from(comments).where(comments.c.awaiting == "pending")
        )
    return found or 0
