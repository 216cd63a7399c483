"""Rate limits on taking comments in (``limits``), counted in this process or in Redis.

One web process counts in itself (``counters``): that is exact, and takes a tenth of the time of asking Redis. More
than one process shares its counts through Redis. When Redis is away every limit *fails to local*: each process goes on
counting by itself, so that a flood stays bounded and readers are not turned away; ``fallbacks`` counts that.

Keys are keyed hashes of an origin or of an address; neither is ever in a key in the clear.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, parse_many
from limits.storage import RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter

from service.adapters.counters import Counters
from service.domain.errors import RateLimited

REDIS_TIMEOUT_SECONDS = 0.2
# After Redis failed, it is left alone for this long, so that not every request waits for its time-out.
REST_SECONDS = 5.0
# One customer of a hosting company can hold an IPv6 /48, which is 65,536 origins: all of them together may do this
# many times as much as one.
NETWORK_SHARE = 10

DETAILS = {
    "reader": "Too many likes and reports came from your network. Please try again later.",
    "reader network": "Too many likes and reports came from your network. Please try again later.",
    "guess": "Too many wrong tokens came from your network. Please try again later.",
    "door": "This key has asked too much in a short time. Please try again later.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in the notation of ``limits`` ("10 per minute; 100 per hour"); "off" switches one off.

    origin: one network origin, its comments and apart from them its likes and reports. author: one e-mail address.
    site: all comments of a site together, which bounds a flood from many origins. guess: wrong tokens from one
    network origin. door: questions of one key. proof_origin, proof_site: what comes beyond needs a proof of work.
    """

    origin: str
    author: str
    site: str
    guess: str = "off"
    door: str = "off"
    proof_origin: str = "off"
    proof_site: str = "off"


class Limiter:
    def __init__(self, limits: Limits, redis_url: str | None) -> None:
        self._items = {
            "origin": _parse(limits.origin),
            "author": _parse(limits.author),
            "site": _parse(limits.site),
            "guess": _parse(limits.guess),
            "door": _parse(limits.door),
            "network": [_times(item, NETWORK_SHARE) for item in _parse(limits.origin)],
            # As many likes and reports beside them: who liked twenty comments may still write one.
            "reader": _parse(limits.origin),
            "reader network": [_times(item, NETWORK_SHARE) for item in _parse(limits.origin)],
            "proof origin": _parse(limits.proof_origin),
            "proof network": [_times(item, NETWORK_SHARE) for item in _parse(limits.proof_origin)],
            "proof site": _parse(limits.proof_site),
        }
        self._local = SlidingWindowCounterRateLimiter(Counters())
        self._redis_url = redis_url
        self._shared: SlidingWindowCounterRateLimiter | None = None
        self._resting_until = 0.0
        self.fallbacks = 0
        # Whoever counts for all processes of this machine sets this.
        self.on_fallback: Callable[[], object] = lambda: None

    def check_origin(self, origin_index: bytes, network_index: bytes | None = None) -> None:
        """Count one request of an origin, and of the network around it where there is one. Raises ``RateLimited``."""
        self._check_both("origin", "network", origin_index, network_index)

    def check_reader(self, origin_index: bytes, network_index: bytes | None) -> None:
        """Count one like or report of an origin, as ``check_origin`` counts comments. Raises ``RateLimited``."""
        self._check_both("reader", "reader network", origin_index, network_index)

    def check_author(self, address_index: bytes) -> None:
        """Count one comment of an author. Raises ``RateLimited``."""
        self._check("author", address_index.hex())

    def check_site(self, site: str) -> None:
        """Count one comment of a site. Raises ``RateLimited``."""
        self._check("site", site)

    def is_calm(self, site: str, origin_index: bytes, network_index: bytes | None) -> bool:
        """Count one comment, and tell whether all is calm at its site, its origin and the network around that."""
        keys = {"proof site": site, "proof origin": origin_index.hex()}
        if network_index is not None:
            keys["proof network"] = network_index.hex()
        # Each is counted, whatever the others say.
        below = [self._hit(item, limit, key) for limit, key in keys.items() for item in self._items[limit]]
        return all(below)

    def alarm(self, origin_index: bytes) -> None:
        """Have an origin for not calm, as if it had sent all that it may."""
        key = origin_index.hex()
        for item in self._items["proof origin"]:
            left = self._left(item, "proof origin", key)
            if left > 0:
                self._hit(item, "proof origin", key, left)

    def check_door(self, token: str) -> None:
        """Count one question of a door's key, by its name. Raises ``RateLimited``."""
        self._check("door", token)

    def check_guess(self, origin_index: bytes) -> None:
        """Count one wrong token of an origin. Raises ``RateLimited``."""
        self._check("guess", origin_index.hex())

    def _check_both(self, limit: str, wide: str, origin_index: bytes, network_index: bytes | None) -> None:
        self._check(limit, origin_index.hex())
        if network_index is not None:
            self._check(wide, network_index.hex())

    def _check(self, limit: str, key: str) -> None:
        for item in self._items[limit]:
            if not self._hit(item, limit, key):
                raise RateLimited(self._retry_after(item, limit, key), limit, DETAILS.get(limit))

    def _hit(self, item: RateLimitItem, limit: str, key: str, cost: int = 1) -> bool:
        return bool(self._counting(lambda counted: counted.hit(item, "sliding", limit, key, cost=cost)))

    def _left(self, item: RateLimitItem, limit: str, key: str) -> int:
        window = self._counting(lambda counted: counted.get_window_stats(item, "sliding", limit, key))
        return int(window.remaining)

    def _counting(self, act: Callable[[SlidingWindowCounterRateLimiter], Any]) -> Any:
        """The answer of whoever counts: Redis, or this process where there is none or it is away."""
        if self._redis_url is not None and time.monotonic() >= self._resting_until:
            try:
                return act(self._remote())
            except Exception:
                # Whatever Redis does, a comment must not be refused for it.
                self._resting_until = time.monotonic() + REST_SECONDS
                self.fallbacks += 1
                self.on_fallback()
        return act(self._local)

    def _retry_after(self, item: RateLimitItem, limit: str, key: str) -> int:
        window = self._local.get_window_stats(item, "sliding", limit, key)
        left = window.reset_time - time.time()
        return max(1, min(math.ceil(left), item.get_expiry())) if left > 0 else item.get_expiry()

    def _remote(self) -> SlidingWindowCounterRateLimiter:
        if self._shared is None:
            self._shared = SlidingWindowCounterRateLimiter(_redis_storage(self._redis_url or ""))
        return self._shared


def _parse(text: str) -> list[RateLimitItem]:
    return [] if text.strip().lower() in ("", "off") else list(parse_many(text))


def _times(item: RateLimitItem, factor: int) -> RateLimitItem:
    return type(item)(item.amount * factor, item.multiples, item.namespace)


def _redis_storage(url: str) -> Storage:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # limits spells sockets its own way.
    address = url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url
    return RedisStorage(
        address,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
    )
