"""The policy as a page: one document, tried on what was found lately before it is switched on, and the storm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, request

from service.adapters import toml
from service.bootstrap import now
from service.domain.errors import FieldError, InvalidPolicy, Malformed, PolicyConflict
from service.domain.ids import parse_id
from service.domain.policy import GroundedReason
from service.domain.roles import Power
from service.people import Moderator
from service.reading import moment
from service.ruling import PolicyShown, Replayed
from service.web.desk import words
from service.web.desk.door import door
from service.web.desk.forms import form_sent, number_or_none
from service.web.desk.frame import Told, and_back, desk_page, glimpsed, here, needs, sites_of
from service.web.identity import rooms

AT = "policy"
DAYS = 7
LISTED = 100


@door.get("/policy")
@needs(Power.READ)
def policy() -> Response:
    """The policy in force, or an earlier version of it."""
    who = here()
    site = request.args.get("site") or _first_site(who)
    raw = request.args.get("version", "")
    version = number_or_none(raw)
    shown = rooms().ruling.show(who, site, version) or rooms().ruling.show(who, site)
    assert shown is not None
    return _page(who, shown, text=shown.toml)


def _first_site(who: Moderator) -> str:
    sites = sites_of(who)
    return sites[0].key if sites else ""


def _page(
    who: Moderator,
    shown: PolicyShown,
    *,
    text: str,
    days: int = DAYS,
    faults: list[FieldError] | None = None,
    tried: dict[str, Any] | None = None,
    diff: list[str] | None = None,
    told: Told | None = None,
    status: int = 200,
) -> Response:
    site = shown.site
    present = rooms().ruling.show(who, site)
    assert present is not None
    storm = rooms().threads.site_storm(who, site)
    set_by = f"Set by {shown.set_by}, {words.day_and_hour(moment(shown.set_at))}." if shown.set_at else ""
    return desk_page(
        "desk/policy.html",
        AT,
        status=status,
        told=told,
        policy={
            "site": site,
            "version": shown.version,
            "base_version": present.version,
            "told": set_by if shown.in_force else f"{set_by} Not in force: version {present.version} is.",
            "toml": text,
            "faults": [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults or []],
            "days": days,
            "tried": tried,
            "diff": diff,
            "storm": storm.on,
            "storm_told": f"Since {words.day_and_hour(moment(storm.at))}, by {storm.by}."
            if storm.on and storm.at
            else "",
            "history": [
                {"version": one.version, "created_by": one.set_by, "created_at": moment(one.set_at)}
                for one in rooms().ruling.history(who, site)
            ],
        },
    )


@door.post("/policy")
@needs(Power.READ)
def change_policy() -> Response:
    """Try a document out, or switch it on."""
    who, form = here(), form_sent()
    site, text = form.one("site"), form.one("toml")
    shown = rooms().ruling.show(who, site)
    assert shown is not None
    days = min(90, max(1, form.number("days"))) if form.one("days") else DAYS
    try:
        document = toml.read(text)
        if form.one("step") == "set":
            rooms().ruling.set(who, site, document, form.number("base_version"))
            return and_back(f"/moderation/policy?site={site}", said="set")
        replayed = rooms().ruling.try_out(
            who, site, document, since=now() - timedelta(days=days), limit=LISTED
        )
        diff = [f"{line.sign} {line.text}" for line in rooms().ruling.difference(who, site, document)]
    except InvalidPolicy as error:
        return _page(who, shown, text=text, days=days, faults=error.errors, status=422)
    except PolicyConflict as error:
        return _page(who, shown, text=text, days=days, told=Told(error.detail, bad=True), status=409)
    changed = [line for line in diff if not line.startswith(" ")]
    return _page(
        who,
        shown,
        text=text,
        days=days,
        tried=_tried(who, replayed),
        diff=_near_changes(diff) if changed else [],
    )


def _near_changes(diff: list[str], beside: int = 2) -> list[str]:
    """The lines that change, each with two beside it."""
    near = {
        place + step
        for place, line in enumerate(diff)
        if not line.startswith(" ")
        for step in range(-beside, beside + 1)
    }
    kept: list[str] = []
    for place, line in enumerate(diff):
        if place in near:
            kept.append(line)
        elif kept and kept[-1] != "  …":
            kept.append("  …")
    return kept


def _tried(who: Moderator, replayed: Replayed) -> dict[str, Any]:
    seen = {one["id"]: one for one in glimpsed(who, [one.comment_id for one in replayed.differences])}
    return {
        "looked_at": replayed.looked,
        "more": replayed.more,
        "differ": replayed.differ,
        "cannot": [
            f"What the check {name} would find is not known: its options are others, or it was off. It takes new"
            " comments to see."
            for name in replayed.unseen
        ],
        "counts": [
            (was.value, would_be.value, f"{count:,}")
            for was, would_be, count in replayed.counts
            if was is not would_be
        ],
        "differences": [
            {
                **seen[str(one.comment_id)],
                "was": one.was.value,
                "would_be": one.would_be.value,
                "reasons": _because(one.reasons),
            }
            for one in replayed.differences
            if str(one.comment_id) in seen
        ],
    }


def _because(reasons: tuple[GroundedReason, ...]) -> str:
    return ", ".join(
        words.in_words(reason.code) + (f" {words.percent(reason.score)}" if reason.score is not None else "")
        for reason in reasons
    )


@door.post("/storm")
@needs(Power.RULE)
def storm() -> Response:
    """Hold everything that comes to a site, or no longer."""
    who, form = here(), form_sent()
    on = form.one("on") == "yes"
    rooms().threads.set_site_storm(who, form.one("site"), on=on)
    return and_back(f"/moderation/policy?site={form.one('site')}", said="storm" if on else "calm")


@door.post("/threads/<thread_id>")
@needs(Power.RULE)
def change_thread(thread_id: str) -> Response:
    """Close a conversation, open it again, or hold all that comes in it."""
    who, form = here(), form_sent()
    identity = parse_id(thread_id)
    if identity is None:
        raise Malformed
    wanted = {name: form.one(name) == "yes" for name in ("closed", "storm") if form.one(name)}
    rooms().threads.change(who, identity, **wanted)
    said = (
        ("closed" if wanted["closed"] else "opened")
        if "closed" in wanted
        else ("storm" if wanted.get("storm") else "calm")
    )
    comment = parse_id(form.one("comment"))
    return and_back(f"/moderation/comments/{comment}" if comment else "/moderation", said=said)
