"""For machines that look after the service: alive, ready, figures, and the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import now
from service.domain.roles import Power
from service.store import leases
from service.store.database import present_schema
from service.store.tables import SCHEMA_REVISION
from service.web import metrics, schemas
from service.web.answers import answer
from service.web.identity import moderator, rooms
from service.web.openapi import build, operation

door = Blueprint("health", __name__)

WORKER_SILENCE = timedelta(seconds=20)


@door.get("/healthz")
@operation("Is the process alive", gives={200: schemas.Health})
def healthz() -> Response:
    """Says only that this process answers."""
    return answer({"status": "alive"})


@door.get("/readyz")
@operation("Can comments be taken and decided", gives={200: schemas.Readiness, 503: schemas.Readiness})
def readyz() -> Response:
    """200 once database, schema and at least one worker are there. Redis may be away: that is named, not fatal."""
    found = readiness()
    return answer(found, 200 if found["ready"] else 503)


def readiness() -> dict[str, Any]:
    """What is missing (not ready) and what is merely degraded."""
    missing: list[str] = []
    degraded: list[str] = []
    workers = 0
    try:
        with rooms().database.read() as connection:
            if present_schema(connection) != SCHEMA_REVISION:
                missing.append("schema")
            else:
                workers, with_redis = leases.alive(connection, since=now() - WORKER_SILENCE)
                if workers == 0:
                    missing.append("worker")
                elif with_redis == 0:
                    degraded.append("redis")
    except SQLAlchemyError:
        missing.append("database")
    return {"ready": not missing, "degraded": degraded, "missing": missing, "workers": workers}


@door.get("/metrics")
@operation(
    "Figures for Prometheus",
    gives={200: "text/plain"},
    problems=("token-invalid", "forbidden", "rate-limited", "unavailable"),
    security="admin",
    power=Power.METRICS,
    everywhere=True,
)
def figures() -> Response:
    """Needs a token of a scraper or an administrator that is not narrowed to a site: these are figures of all."""
    moderator().must(Power.METRICS, everywhere=True)
    at = now()
    text = metrics.exposition(rooms(), now=at, alive_since=at - WORKER_SILENCE)
    response = Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


@door.get("/openapi.json")
@operation("This document", gives={200: schemas.Contract})
def contract() -> Response:
    """The OpenAPI document."""
    response = answer(document())
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def document() -> dict[str, Any]:
    """The OpenAPI document, built once for each process."""
    kept = current_app.extensions.get("greenroom.openapi")
    if kept is None:
        kept = build(current_app, rooms().settings.public_url)
        current_app.extensions["greenroom.openapi"] = kept
    assert isinstance(kept, dict)
    return kept
