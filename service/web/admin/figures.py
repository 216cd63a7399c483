"""Figures of moderation, as numbers and as drawings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.figures import Load, Share
from service.domain.roles import Power
from service.figures import DAYS_MAX, HouseFigures, Period, Waits
from service.people import Moderator
from service.reading import moment
from service.web import schemas
from service.web.admin.door import SITE, TOKEN, door, site_asked
from service.web.answers import answer
from service.web.drawings import DRAWINGS
from service.web.identity import moderator, rooms
from service.web.openapi import Parameter, operation

DAYS = Parameter(
    "days",
    "How many days (UTC), today among them; 30 when not given.",
    {"type": "integer", "minimum": 1, "maximum": DAYS_MAX},
)
PROBLEMS = (*TOKEN, "invalid-submission", "site-unknown")


@door.get("/figures")
@operation(
    "Read the figures",
    gives={200: schemas.FiguresShown},
    parameters=(SITE, DAYS),
    problems=PROBLEMS,
    security="admin",
    power=Power.READ,
)
def read_figures() -> Response:
    """How much comes and is decided, how fast, by whom, and how well machines and people agree. Kept for a minute."""
    return answer(figures_shown(_asked(_reader())))


@door.get("/figures/drawing")
@operation(
    "Draw the figures",
    gives={200: "image/svg+xml"},
    parameters=(
        Parameter("of", "What is drawn.", {"type": "string", "enum": list(DRAWINGS)}, required=True),
        SITE,
        DAYS,
    ),
    problems=PROBLEMS,
    security="admin",
    power=Power.READ,
)
def draw_figures() -> Response:
    """One plot as SVG, in the colour of the text around it."""
    who = _reader()
    draw = DRAWINGS.get(request.args.get("of", ""))
    if draw is None:
        raise InvalidSubmission([FieldError("/of", f"This is one of: {', '.join(DRAWINGS)}.")])
    return Response(draw(_asked(who)).svg, content_type="image/svg+xml")


def _reader() -> Moderator:
    who = moderator()
    # What a token may not do at all it is told first, whatever else it asked.
    who.must(Power.READ)
    return who


def _asked(who: Moderator) -> HouseFigures:
    return rooms().figures.of(who, site=site_asked(), days=days_asked())


def days_asked() -> int:
    """The days of the query. Raises ``InvalidSubmission``."""
    raw = request.args.get("days", "30")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 4 and 1 <= int(raw) <= DAYS_MAX):
        raise InvalidSubmission([FieldError("/days", f"This is a number from 1 to {DAYS_MAX}.")])
    return int(raw)


def figures_shown(told: HouseFigures) -> dict[str, Any]:
    oldest, machine = told.oldest, told.machine
    return {
        "site": told.site,
        "days": told.days,
        "at": moment(told.at),
        "since": moment(told.since),
        "looked_at": told.looked_at,
        "hours": [_period(hour) for hour in told.hours],
        "daily": [{**_period(day), "waits": _waits(day.waits)} for day in told.daily if day.waits],
        "waits": _waits(told.waits),
        "waits_by_people": _waits(told.waits_by_people),
        "oldest_waiting": {"id": str(oldest.comment_id), "since": moment(oldest.since)} if oldest else None,
        "machine": {
            "alone": _share(machine.alone),
            "approvals_reversed": _share(machine.approvals_reversed),
            "rejections_reversed": _share(machine.rejections_reversed),
        },
        "checks": [
            {"check": one.check, "code": one.code, "rejected": _share(one.rejected)} for one in told.precision
        ],
        "agreement": {
            "agreed": _share(told.agreed),
            "pairs": [
                {
                    "moderators": list(pair.moderators),
                    "agreed": _share(pair.agreed),
                    "overturned": pair.overturned,
                    "kappa": pair.kappa,
                }
                for pair in told.pairs
            ],
        },
        "own_load": _load(told.own),
        "team_load": None if told.team is None else [_load(one) for one in told.team],
    }


def _period(period: Period) -> dict[str, Any]:
    return {
        "start": moment(period.start),
        "comments": period.comments,
        "by_machine": asdict(period.by_machine),
        "by_people": asdict(period.by_people),
    }


def _waits(waits: Waits) -> dict[str, Any]:
    return {
        "count": waits.count,
        "looked_at": waits.looked_at,
        "p50_seconds": waits.p50.total_seconds() if waits.p50 is not None else None,
        "p90_seconds": waits.p90.total_seconds() if waits.p90 is not None else None,
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "part": share.part,
        "whole": share.whole,
        "share": share.share,
        "lowest": share.lowest,
        "highest": share.highest,
        "enough": share.enough,
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "moderator": load.moderator,
        "today": load.today,
        "last_hour": load.last_hour,
        "in_bulk": load.in_bulk,
        "longest_seconds": load.longest.total_seconds(),
        "grim": _share(load.grim),
        "should_rest": load.should_rest,
        "rest": load.rest,
    }
