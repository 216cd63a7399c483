"""A site's policy: shown, checked, tried and set."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response, request

from service.adapters import toml
from service.domain.errors import FieldError, InvalidPolicy, InvalidSubmission, SiteUnknown
from service.domain.roles import Power
from service.ruling import Line, PolicyShown
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, door, site_asked, site_needed, time_or_none
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import Parameter, operation

SITE_NEEDED = Parameter("site", "Whose policy; a token of one site may leave it out.", {"type": "string"})
VERSION = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
EITHER = "Send the policy either as document or as toml."


def _sent(sent: schemas.PolicySent) -> Any:
    """The document that was sent in one of its forms. Raises ``InvalidSubmission``, ``InvalidPolicy``."""
    if (sent.document is None) is (sent.toml is None):
        raise InvalidSubmission([FieldError("", EITHER)])
    return sent.document if sent.toml is None else toml.read(sent.toml)


def _number(name: str) -> int | None:
    raw = request.args.get(name)
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10 and int(raw) < 2**31):
        raise InvalidSubmission([FieldError(f"/{name}", "This is the number of a version.")])
    return int(raw)


def _shown(shown: PolicyShown) -> Response:
    return answer({**asdict(shown), "set_at": time_or_none(shown.set_at)})


def _lines(lines: list[Line]) -> list[dict[str, str]]:
    return [{"sign": line.sign, "text": line.text} for line in lines]


@door.get("/policy")
@operation(
    "Show a site's policy",
    gives={200: schemas.PolicyShown},
    parameters=(SITE_NEEDED, Parameter("version", "An earlier version.", VERSION)),
    problems=(*TOKEN, "site-unknown", "invalid-submission"),
    security="admin",
    power=Power.READ,
)
def show_policy() -> Response:
    """The policy in force, as a document and as TOML with comments that explain it."""
    who = moderator()
    shown = rooms().ruling.show(who, site_needed(who, Power.READ), _number("version"))
    if shown is None:
        raise InvalidSubmission([FieldError("/version", "There is no such version.")])
    return _shown(shown)


@door.put("/policy")
@operation(
    "Set a site's policy",
    takes=schemas.PolicyTaken,
    gives={200: schemas.PolicyShown},
    parameters=(SITE_NEEDED,),
    problems=(*TOKEN, *BODY, "site-unknown", "invalid-policy", "policy-conflict"),
    security="admin",
    power=Power.RULE,
)
def set_policy() -> Response:
    """In force within seconds; earlier versions are kept. Refused when another version came in between."""
    who = moderator()
    who.must(Power.RULE)
    check_page(())
    sent = read_json(schemas.PolicyTaken, read_bytes())
    site = site_needed(who, Power.RULE)
    version = rooms().ruling.set(who, site, _sent(sent), sent.base_version)
    shown = rooms().ruling.show(who, site, version)
    if shown is None:
        raise SiteUnknown
    return _shown(shown)


@door.post("/policy/check")
@operation(
    "Check a policy",
    takes=schemas.PolicySent,
    gives={200: schemas.PolicyChecked},
    parameters=(Parameter("site", "Show what would change of this site's policy.", {"type": "string"}),),
    problems=(*TOKEN, *BODY, "site-unknown"),
    security="admin",
    power=Power.READ,
)
def check_policy() -> Response:
    """Every fault with its place, both forms, and the difference to the policy in force. Nothing is set."""
    who = moderator()
    who.must(Power.READ)
    check_page(())
    sent = read_json(schemas.PolicySent, read_bytes())
    site = who.narrowed(site_asked())
    document: Any = None
    try:
        document = _sent(sent)
        faults = rooms().ruling.check(who, document)
    except InvalidPolicy as error:
        faults = error.errors
    changes = rooms().ruling.difference(who, site, document) if site and not faults else None
    return answer(
        {
            "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
            "document": None if faults else document,
            "toml": None if faults else toml.write(document),
            "changes": None if changes is None else _lines(changes),
        }
    )


@door.post("/policy/try")
@operation(
    "Try a policy out",
    takes=schemas.PolicyTried,
    gives={200: schemas.PolicyReplayed},
    parameters=(SITE_NEEDED,),
    problems=(*TOKEN, *BODY, "site-unknown", "invalid-policy"),
    security="admin",
    power=Power.READ,
)
def try_policy() -> Response:
    """What it would have done with the comments of the last days, from the findings that are kept. Nothing is set."""
    who = moderator()
    who.must(Power.READ)
    check_page(())
    sent = read_json(schemas.PolicyTried, read_bytes())
    ruling = rooms().ruling
    since = ruling.now() - timedelta(days=sent.days)
    replayed = ruling.try_out(who, site_needed(who, Power.READ), _sent(sent), since=since, limit=sent.limit)
    return answer(
        {
            "looked": replayed.looked,
            "more": replayed.more,
            "counts": [
                {"was": was.value, "would_be": would_be.value, "count": count}
                for was, would_be, count in replayed.counts
            ],
            "differ": replayed.differ,
            "differences": [
                {
                    "comment_id": str(one.comment_id),
                    "was": one.was.value,
                    "would_be": one.would_be.value,
                    "reasons": [asdict(reason) for reason in one.reasons],
                }
                for one in replayed.differences
            ],
            "unseen": list(replayed.unseen),
        }
    )


@door.get("/policy/history")
@operation(
    "List the versions of a site's policy",
    gives={200: schemas.PolicyHistory},
    parameters=(SITE_NEEDED, Parameter("before", "next_cursor of the page before.", VERSION)),
    problems=(*TOKEN, "site-unknown", "invalid-submission"),
    security="admin",
    power=Power.READ,
)
def policy_history() -> Response:
    """Newest first, with who set each and when."""
    who = moderator()
    versions = rooms().ruling.history(who, site_needed(who, Power.READ), before=_number("before"))
    shown = [{**asdict(one), "set_at": time_or_none(one.set_at)} for one in versions]
    more = versions and versions[-1].version > 1
    return answer({"versions": shown, "next_cursor": versions[-1].version if more else None})
