"""The app of the doors' process: three protocols around one use case."""

from __future__ import annotations

import logging
import os
import threading
import time

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import DoorRooms, build_doors, check_start
from service.domain.errors import GreenroomError
from service.logs import set_up_logging
from service.scoring.scorer import WeightsDamaged, scorer
from service.settings import SettingsError, read_settings
from service.web import serving
from service.web.answers import answer
from service.web.doors import akismet, coral, perspective
from service.web.shell import new_app

log = logging.getLogger("greenroom.doors")

FLUSH_SECONDS = 5.0


def create_doors(rooms: DoorRooms) -> Flask:
    """An app around ``rooms``; nothing is opened and no thread is started before the first request."""
    app = new_app(rooms.settings, rooms.settings.doors_threads)
    app.extensions["greenroom.doors"] = rooms
    for door in (perspective.door, akismet.door, coral.door):
        app.register_blueprint(door)

    @app.get("/healthz")
    def healthz() -> Response:
        return answer({"status": "alive"})

    return app


def from_environment() -> Flask:
    """What granian loads in the doors' process. Refuses to serve without the database's keys, or without weights."""
    serving.begin()
    settings = read_settings(os.environ)
    set_up_logging(settings.log, "doors")
    try:
        rooms = build_doors(settings)
        check_start(settings, rooms.database, rooms.cipher)
        # Loaded now: the first caller would give up before they are.
        for tier in ("both", "linear"):
            scorer(tier).score(["warm"])
    except (SettingsError, GreenroomError, WeightsDamaged) as error:
        serving.refuse(str(error))
    except SQLAlchemyError as error:
        serving.refuse(
            f"the database does not answer, or `greenroom migrate` was not run ({type(error).__name__})"
        )
    threading.Thread(target=_flush, args=(rooms,), name="usage", daemon=True).start()
    return create_doors(rooms)


def _flush(rooms: DoorRooms) -> None:
    while True:
        time.sleep(FLUSH_SECONDS)
        try:
            rooms.doors.flush()
        except Exception as error:
            log.warning("what was asked could not be counted yet: %s", type(error).__name__)
