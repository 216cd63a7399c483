"""What every page of the desk is made with: who is signed in, where they can go, and what was just done."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from flask import Response, redirect, request
from markupsafe import Markup

from service.bootstrap import now
from service.domain.errors import TokenInvalid
from service.domain.ids import parse_id
from service.domain.roles import Power
from service.domain.site import Site
from service.people import Moderator
from service.web.answers import html_page
from service.web.desk import words
from service.web.desk.forms import number_or_none
from service.web.identity import csrf_token, rooms, signed_in

WAYS: tuple[tuple[str, str, str, Power], ...] = (
    ("queue", "/moderation", "Queue", Power.READ),
    ("bulks", "/moderation/bulks", "Many at once", Power.READ),
    ("standings", "/moderation/standings", "Bans", Power.STAND),
    ("policy", "/moderation/policy", "Policy", Power.READ),
    ("reasons", "/moderation/reasons", "Sentences", Power.READ),
    ("figures", "/moderation/figures", "Figures", Power.READ),
    ("people", "/moderation/people", "People", Power.GOVERN),
    ("journal", "/moderation/journal", "Journal", Power.GOVERN),
)
WORTH_COMPRESSING = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence about what was just done; ``undo`` is where and with what it is taken back."""

    sentence: str
    bad: bool = False
    undo: dict[str, Any] | None = field(default=None)


def here() -> Moderator:
    """Whoever is signed in. Raises ``TokenInvalid``, which is answered with the form to sign in."""
    found = signed_in()
    if found is None:
        raise TokenInvalid
    return found


View = TypeVar("View", bound=Callable[..., Response])
# The power that each view of the desk takes, by its name.
NEEDS: dict[str, Power] = {}


def needs(power: Power) -> Callable[[View], View]:
    """Let those in who are signed in and have this power, before anything of a request is looked at."""

    def guard(view: View) -> View:
        NEEDS[view.__name__] = power

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Response:
            here().must(power)
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return guard


def sites_of(who: Moderator) -> list[Site]:
    return [site for site in rooms().sites.everyone() if who.may_see(site.key)]


def glimpsed(who: Moderator, ids: Sequence[UUID]) -> list[dict[str, str]]:
    """{id, name, text} of these comments, in this order, without those that ``who`` may not see. The text is the one
    that a decision is about: the new one, where an edit waits."""
    rows = rooms().cases.glimpse(who, list(ids))
    return [
        {"id": str(row.id), "name": row.author_name, "text": row.edit_source or row.source}
        for row in (rows[one] for one in ids if one in rows)
    ]


def desk_page(
    template: str, at: str, *, status: int = 200, told: Told | None = None, **context: Any
) -> Response:
    """A page of the desk. ``at`` is the way of ``WAYS`` that it belongs to."""
    who = here()
    desk = {
        "who": who.name,
        "role": who.role.value,
        "powers": {power.value for power in Power if who.may(power)},
        "csrf": csrf_token() or "",
        "here": at,
        "ways": [(name, path, title) for name, path, title, power in WAYS if who.may(power)],
        "sites": sites_of(who),
    }
    told = told or _told_before()
    # ``served``: for the HTML of a comment as it is served, which has been through the sanitizer; for nothing else.
    response = html_page(
        template, status, desk=desk, words=words, now=now(), told=told, served=Markup, **context
    )
    return compressed(response)


def compressed(response: Response) -> Response:
    """The answer as gzip, for a browser that takes it: thirty comments are mostly the same markup.

    Secrets beside foreign text in one compressed body could be guessed by whoever makes a browser ask again and again
    (BREACH); our cookie is not sent with what another site asks for.
    """
    body = response.get_data()
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    if len(body) >= WORTH_COMPRESSING and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


# --- after a form -----------------------------------------------------------------------------------------------


def and_back(path: str, **said: str) -> Response:
    """Back to a page of ours, where a sentence of ``SAID`` is told by its name."""
    query = urlencode({name: value for name, value in said.items() if value})
    joined = path + ("&" if "?" in path else "?") + query if query else path
    return redirect(f"{rooms().settings.public_url}{joined}", 303)  # type: ignore[return-value]


def queue_path(back: str) -> str:
    """The queue that a form came from; ``back`` is a query string, and can lead nowhere else."""
    return f"/moderation?{quote(back, safe='=&%+')}" if back else "/moderation"


SAID = {
    "kept": "Kept.",
    "gone": "Deleted.",
    "noted": "The note is kept.",
    "lifted": "Lifted, for good.",
    "banned": "The ban runs.",
    "trusted": "The author is trusted.",
    "set": "The new policy is in force.",
    "storm": "From now on everything is held for a person.",
    "calm": "The storm is over: the policy decides again.",
    "closed": "The conversation is closed.",
    "opened": "The conversation is open.",
    "picked": "Readers see that it is an editor’s pick.",
    "unpicked": "It is no longer a pick.",
    "replied": "Readers see your reply.",
    "undone": "Taken back: it stands as before.",
    "revoked": "The token is revoked.",
    "role": "The role is changed.",
}


def _told_before() -> Told | None:
    """What the form before this page did, as its address says: names of sentences and ids, never a sentence."""
    said = request.args.get("said", "")
    if said in SAID:
        return Told(SAID[said])
    done, comment, decision = (request.args.get(name, "") for name in ("done", "of", "decision"))
    if done in words.DONE and parse_id(comment) and parse_id(decision):
        revision = request.args.get("revision", "")
        back = {name: values for name, values in request.args.lists() if name not in _OF_A_DEED}
        undo = {
            "action": f"/moderation/comments/{parse_id(comment)}/undo",
            "fields": {
                "decision": str(parse_id(decision)),
                "revision": str(number_or_none(revision) or ""),
                "back": urlencode(back, doseq=True),
            },
        }
        return Told(f"{words.DONE[done]}.", undo=undo)
    return None


_OF_A_DEED = frozenset({"done", "of", "decision", "revision", "said", "cursor"})
