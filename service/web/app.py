"""The app factory: doors, errors and identity, wired to the use cases of one process."""

from __future__ import annotations

import gc
import logging
import os

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import WebRooms, build_web, check_start
from service.domain.errors import GreenroomError
from service.logs import set_up_logging
from service.settings import SettingsError, read_settings
from service.web import (
    admin,
    authors,
    desk,
    embed,
    frame,
    gallery,
    health,
    likes,
    metrics,
    own,
    pages,
    preview,
    public,
    report,
    serving,
    syndication,
)
from service.web.identity import csrf_token
from service.web.shell import new_app

log = logging.getLogger("greenroom.web")

# Their routes hang on the public door: importing them is what hangs them there.
ON_THE_PUBLIC_DOOR = (authors, likes, preview, syndication)


def create_app(rooms: WebRooms) -> Flask:
    """An app around ``rooms``; nothing is opened and no thread is started before the first request."""
    app = new_app(rooms.settings, rooms.settings.web_threads)
    app.extensions["greenroom"] = rooms
    app.jinja_env.globals |= {"asset": pages.asset, "csrf_token": csrf_token}
    metrics.count(rooms)
    for door in (
        public.door,
        admin.door,
        desk.door,
        health.door,
        embed.door,
        frame.door,
        gallery.door,
        pages.door,
        own.door,
        report.door,
    ):
        app.register_blueprint(door)
    return app


def from_environment() -> Flask:
    """What granian loads in each of its serving processes. Refuses to serve without the keys of the database."""
    serving.begin()
    settings = read_settings(os.environ)
    set_up_logging(settings.log, "web")
    if settings.pins_web:
        serving.stay_on_one_processor()
    try:
        rooms = build_web(settings)
    except SettingsError as error:
        serving.refuse(str(error))
    app = create_app(rooms)
    try:
        check_start(settings, rooms.database, rooms.cipher)
    except GreenroomError as error:
        serving.refuse(str(error))
    except SQLAlchemyError as error:
        # Waited for, not refused: /readyz can only say what is missing while there is a process to ask.
        log.warning(
            "the database does not answer, or `greenroom migrate` was not run (%s); waiting for it",
            type(error).__name__,
        )
        _check_when_it_answers(app, rooms)
    # What is there now stays for good. Python would look through all of it for garbage in the middle of an answer that
    # makes many objects, which took 70 ms.
    gc.freeze()
    return app


def _check_when_it_answers(app: Flask, rooms: WebRooms) -> None:
    """Let no request at the database before the keys were held against it."""
    checked = False

    @app.before_request
    def check() -> None:
        nonlocal checked
        if checked or request.endpoint == "health.healthz":
            return
        try:
            check_start(rooms.settings, rooms.database, rooms.cipher)
            checked = True
        except GreenroomError as error:
            serving.stop_all(str(error))
            raise
        except SQLAlchemyError:
            # What is missing is the answer of that one, and the error of all others.
            if request.endpoint != "health.readyz":
                raise
