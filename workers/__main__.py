"""``python -m workers``: one worker process, with its sweeper thread. Start as many as wanted, anywhere."""

from __future__ import annotations

import gc
import os
import secrets
import sys
import threading

from service.bootstrap import build_worker, now
from service.logs import set_up_logging
from service.settings import SettingsError, read_settings
from service.supervisor import die_with_parent
from workers import jobs
from workers.sweeper import Sweeper
from workers.worker import INTERRUPTS, STOPPING, leave_in_time, work

NICENESS = 10
# A batch makes many objects that die with it and no circles. Looking for circles each 700 objects, as Python does by
# itself, takes a fourteenth of the time of screening.
OBJECTS_BETWEEN_COLLECTIONS = 10_000


def main() -> int:
    """Run one worker until SIGTERM or SIGINT; the exit status is 0 after an orderly stop, 2 for bad settings."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    if supervisor := os.environ.get("GREENROOM_SUPERVISED"):
        die_with_parent(int(supervisor))
    if settings.is_sqlite:
        # On one machine with the web, screening waits for readers rather than the other way round.
        os.nice(NICENESS)
    name = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(2)}"
    set_up_logging(settings.log, "worker")
    rooms = build_worker(settings)
    carrying_out = rooms.carrying_out(STOPPING.is_set)
    jobs.install(rooms.screening(INTERRUPTS, STOPPING.is_set), rooms.learning, carrying_out)
    sweeper = Sweeper(
        database=rooms.database,
        screening=rooms.screening((), STOPPING.is_set),
        learning=rooms.learning,
        carrying_out=carrying_out,
        redis_url=settings.redis_url_or_socket,
        name=name,
        now=now,
        stopping=STOPPING,
        origin_days=settings.origin_days,
        every=rooms.sweep_every,
    )
    thread = threading.Thread(target=sweeper.run, name="sweeper", daemon=True)
    thread.start()
    leave_in_time()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 10, 10)
    work(settings.redis_url_or_socket, name)
    STOPPING.set()
    thread.join(timeout=5)
    rooms.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
