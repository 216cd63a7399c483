"""Everything that somebody with a token can change, and which entries it leaves in the journal, or why none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from service.domain.roles import PEOPLE, POWERS, Power, Role
from service.web.desk.frame import NEEDS
from service.web.openapi import OPERATIONS
from tests.web.asks import Ask
from tests.web.conftest import House
from tests.web.desk_asks import ASKED, Page
from tests.web.desk_asks import asked_anew as page_anew
from tests.web.rights import DESK
from tests.web.rights import asked_anew as ask_anew

Route = tuple[str, str]
KESTREL = "kestrel@example.org"
# What people type has no place in the journal, whatever it is.
TYPED = f"Write to {KESTREL} with grt_{'K' * 43}"
REJECTS = {"action": "reject", "message": TYPED, "note": TYPED}


@dataclass(frozen=True)
class Act:
    """``entries``: the acts that it leaves in the journal, in order; or, where there are none, ``why`` not."""

    route: Route
    asked: Ask | Page
    entries: tuple[str, ...] = ()
    why: str = ""
    # Where the form takes more than the page itself.
    power: Power | None = None

    def __str__(self) -> str:
        return f"{' '.join(self.route)}: {', '.join(self.entries) or 'nothing'}"

    @property
    def role(self) -> Role:
        """The least that may do it."""
        name = self.route[1].rpartition(".")[2]
        at_the_desk = self.route[1].startswith("desk.")
        power = self.power or (NEEDS.get(name) if at_the_desk else OPERATIONS.by_view[name].power)
        return next(role for role in PEOPLE if power is None or power in POWERS[role])

    def request(self, house: House) -> dict[str, Any]:
        """How it is asked now, with all that has to be there for it."""
        if isinstance(self.asked, Page):
            return page_anew(house, self.route, self.asked)
        return ask_anew(house, self.asked)


def api(method: str, name: str, /, *entries: str, why: str = "", **body: Any) -> Act:
    """An act over the API; ``body`` goes beside or instead of what ``DESK`` sends."""
    route = (method, f"admin.{name}")
    ask = DESK[route]
    return Act(
        route, replace(ask, json={**(ask.json or {}), **body} if ask.json or body else None), entries, why
    )


def page(
    name: str, /, *entries: str, why: str = "", power: Power | None = None, path: str = "", **form: str
) -> Act:
    """An act by a form; ``form`` goes beside or instead of what ``ASKED`` sends."""
    route = ("POST", f"desk.{name}")
    usual = ASKED.get(route, Page(""))
    return Act(
        route, replace(usual, path=path or usual.path, form={**usual.form, **form}), entries, why, power
    )


ACTS = (
    api("POST", "decide", "comment.reject", reasons=["spam"], **REJECTS),
    api("POST", "undo", "comment.undo"),
    api("POST", "add_note", "note.add", text=TYPED),
    api("POST", "pick_comment", "pick.on"),
    api("POST", "reply_to_comment", "comment.reply", text=TYPED),
    api("POST", "make_bulk", "bulk.create", reasons=["spam"], **REJECTS),
    api("POST", "start_bulk", "bulk.create"),
    api("POST", "undo_bulk", "bulk.undo"),
    api("POST", "create_standing", "trust.create", note=TYPED),
    api("POST", "create_standing", "ban.create", kind="ban", of="origin", note=TYPED),
    api("POST", "lift_standing", "ban.lift"),
    api("POST", "add_canned_reason", "canned.add", title=KESTREL, message=TYPED),
    api("PUT", "change_canned_reason", "canned.change", title=KESTREL, message=TYPED),
    api("DELETE", "remove_canned_reason", "canned.remove"),
    api("PUT", "set_policy", "policy.set", document={"options": {"wordlist": {"hold": ["kestrel"]}}}),
    api("POST", "set_storm", "storm.on", on=True),
    api("POST", "change_thread", "thread.close", closed=True),
    api("POST", "change_thread", "thread.close", "storm.on", closed=True, storm=True),
    api("POST", "make_person", "token.create"),
    api("POST", "revoke_person", "token.revoke"),
    api("POST", "change_role", "token.role"),
    api("POST", "save_view", "view.save", name=KESTREL),
    api("DELETE", "delete_view", "view.delete"),
    page("sign_in", "session.begin", "session.end", path="/sign-in", token="TOKEN"),
    page("sign_out", "session.end", path="/sign-out"),
    page("sign_out_everywhere", "session.end_everywhere", path="/sign-out-everywhere"),
    page("decide", "comment.reject", reasons="spam", **REJECTS),
    page("undo", "comment.undo"),
    page("add_note", "note.add", text=TYPED),
    page("pick", "pick.on"),
    page("reply", "comment.reply", text=TYPED),
    page("start_bulk", "bulk.create"),
    page("undo_bulk", "bulk.undo"),
    page("make_standing", "ban.create", sure="yes", note=TYPED),
    page("lift", "ban.lift"),
    page("keep_reason", "canned.add", message=TYPED),
    page("keep_reason", "canned.change", path="/reasons/CANNED", title=KESTREL, message=TYPED),
    page("keep_reason", "canned.remove", path="/reasons/CANNED", step="delete"),
    page(
        "change_policy",
        "policy.set",
        power=Power.RULE,
        step="set",
        base_version="VERSION",
        toml='otherwise = "trust"',
    ),
    page("storm", "storm.on", on="yes"),
    page("change_thread", "storm.on", storm="yes"),
    page("change_thread", "thread.close", "storm.on", closed="yes", storm="yes"),
    page("keep_view", "view.save", name=KESTREL),
    page("delete_view", "view.delete"),
    page("make_person", "token.create"),
    page("change_role", "token.role"),
    page("revoke", "token.revoke"),
)
ADVICE = "A claim is advice for two minutes, and decides nothing."
LOOK = "It is a look beforehand, and changes nothing."
DRAFT = "A draft decides nothing; starting it is what is entered."
SILENT = (
    api("POST", "claim_comment", why=ADVICE),
    api("DELETE", "give_up_claim", why=ADVICE),
    api("POST", "preview_standing", why=LOOK),
    api("POST", "check_policy", why=LOOK),
    api("POST", "try_policy", why=LOOK),
    api("POST", "make_bulk", why=DRAFT, start=False),
    page("make_bulk", why=DRAFT),
    page("make_standing", why=LOOK),
    page("change_policy", why=LOOK),
)
# These have another act beside the silent one; of all others of ``SILENT`` the whole route is excepted.
BOTH = {
    ("POST", "admin.make_bulk"),
    ("POST", "desk.make_standing"),
    ("POST", "desk.change_policy"),
}
