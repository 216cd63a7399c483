"""Which power each route of the API and each page of the desk takes, and what each role may, written out by hand.

The routes declare their powers themselves, and other tests ask them by what they declare. This is the other half of
the truth table: one word changed in a route or a role is a right given or taken away, and has to be changed here too.
"""

from __future__ import annotations

from service.domain.roles import POWERS, Role
from service.web.desk.frame import NEEDS, WAYS
from service.web.openapi import OPERATIONS
from tests.web.asks import routes
from tests.web.conftest import House
from tests.web.rights import DESK
from tests.web.rights import PAGES as ALL_PAGES

# By method and name of the route; "" is for every role.
API = {
    "GET admin.me": "",
    "GET admin.sites": "read",
    "GET admin.count_queues": "read",
    "GET admin.read_queue": "read",
    "GET admin.open_case": "read",
    "GET admin.list_views": "read",
    "POST admin.save_view": "read",
    "DELETE admin.delete_view": "read",
    "GET admin.read_figures": "read",
    "GET admin.draw_figures": "read",
    "GET admin.list_canned_reasons": "read",
    "GET admin.list_bulks": "read",
    "GET admin.follow_bulk": "read",
    "GET admin.show_policy": "read",
    "POST admin.check_policy": "read",
    "POST admin.try_policy": "read",
    "GET admin.policy_history": "read",
    "GET admin.show_thread": "read",
    "POST admin.claim_comment": "decide",
    "DELETE admin.give_up_claim": "decide",
    "POST admin.decide": "decide",
    "POST admin.undo": "decide",
    "POST admin.add_note": "decide",
    "POST admin.reply_to_comment": "decide",
    "POST admin.make_bulk": "decide",
    "POST admin.start_bulk": "decide",
    "POST admin.undo_bulk": "decide",
    "GET admin.list_standings": "stand",
    "POST admin.preview_standing": "stand",
    "POST admin.create_standing": "stand",
    "POST admin.lift_standing": "stand",
    "POST admin.add_canned_reason": "rule",
    "PUT admin.change_canned_reason": "rule",
    "DELETE admin.remove_canned_reason": "rule",
    "PUT admin.set_policy": "rule",
    "POST admin.set_storm": "rule",
    "POST admin.pick_comment": "rule",
    "POST admin.change_thread": "rule",
    "GET admin.people": "govern",
    "POST admin.make_person": "govern",
    "POST admin.revoke_person": "govern",
    "POST admin.change_role": "govern",
    "GET admin.read_journal": "govern",
    "GET admin.export_journal": "govern",
    "GET health.figures": "metrics, everywhere",
}
# "" is for whoever comes: these begin and end a session.
PAGES = {
    "POST desk.sign_in": "",
    "POST desk.sign_out": "",
    "POST desk.sign_out_everywhere": "",
    "GET desk.front": "read",
    "GET desk.more_of_the_queue": "read",
    "GET desk.card_again": "read",
    "GET desk.case": "read",
    "POST desk.keep_view": "read",
    "POST desk.delete_view": "read",
    "GET desk.bulks": "read",
    "GET desk.bulk": "read",
    "GET desk.figures": "read",
    "GET desk.rest": "read",
    "GET desk.reasons": "read",
    "GET desk.policy": "read",
    # Trying one out is for everybody; setting one is asked for by the use case (see below).
    "POST desk.change_policy": "read",
    "POST desk.add_note": "decide",
    "POST desk.reply": "decide",
    "POST desk.decide": "decide",
    "POST desk.undo": "decide",
    "POST desk.make_bulk": "decide",
    "POST desk.start_bulk": "decide",
    "POST desk.undo_bulk": "decide",
    "GET desk.standings": "stand",
    "POST desk.make_standing": "stand",
    "POST desk.lift": "stand",
    "POST desk.keep_reason": "rule",
    "POST desk.storm": "rule",
    "POST desk.pick": "rule",
    "POST desk.change_thread": "rule",
    "GET desk.people": "govern",
    "POST desk.make_person": "govern",
    "POST desk.change_role": "govern",
    "POST desk.revoke": "govern",
    "GET desk.journal": "govern",
}
# The ways that stand at the top of every page.
SHOWN = {
    "/moderation": "read",
    "/moderation/bulks": "read",
    "/moderation/standings": "stand",
    "/moderation/policy": "read",
    "/moderation/reasons": "read",
    "/moderation/figures": "read",
    "/moderation/people": "govern",
    "/moderation/journal": "govern",
}
ROLES = {
    "viewer": {"read"},
    "moderator": {"read", "decide", "stand"},
    "editor": {"read", "decide", "stand", "rule"},
    "administrator": {"read", "decide", "stand", "rule", "govern", "metrics"},
    "scraper": {"metrics"},
}


def name_of(route: str) -> str:
    return route.rpartition(".")[2]


def declared(route: str) -> str:
    """What a page of the desk asks for."""
    name = name_of(route)
    # Whoever is not signed in gets the form there; whoever is, the queue.
    needed = NEEDS.get("queue" if name == "front" else name)
    return needed.value if needed else ""


def test_every_route_of_the_api_takes_the_power_of_this_table(house: House) -> None:
    found = {}
    for method, endpoint in DESK:
        described = OPERATIONS.by_view[name_of(endpoint)]
        power = described.power.value if described.power else ""
        found[f"{method} {endpoint}"] = power + (", everywhere" if described.everywhere else "")
    assert found == API


def test_no_route_that_takes_a_moderators_token_is_missing_here(house: House) -> None:
    guarded = {name for name, described in OPERATIONS.by_view.items() if described.security == "admin"}
    assert {name_of(route) for route in API} == guarded
    at_the_desk = {(method, name) for method, name in routes(house.app) if name.startswith("admin.")}
    assert {f"{method} {name}" for method, name in at_the_desk} == set(API) - {"GET health.figures"}


def test_every_page_of_the_desk_takes_the_power_of_this_table(house: House) -> None:
    assert {f"{method} {name}": declared(name) for method, name in ALL_PAGES} == PAGES
    there = {f"{method} {name}" for method, name in routes(house.app) if name.startswith("desk.")}
    assert there == set(PAGES)


def test_nothing_names_a_power_that_is_no_page(house: House) -> None:
    assert set(NEEDS) - {"queue"} == {name_of(route) for route, power in PAGES.items() if power} - {"front"}


def test_every_way_is_shown_to_whoever_may_go_there(house: House) -> None:
    assert {path: power.value for _, path, _, power in WAYS} == SHOWN
    for name, _, _, power in WAYS:
        assert NEEDS[name] is power


def test_every_role_has_the_powers_of_this_table() -> None:
    assert {role.value: {power.value for power in powers} for role, powers in POWERS.items()} == ROLES
    assert set(POWERS) == set(Role)


def test_whoever_may_only_try_a_policy_cannot_set_it(house: House) -> None:
    form = {"site": "daily", "toml": 'otherwise = "approve"', "step": "set", "base_version": "0"}
    for role, may in (("viewer", False), ("moderator", False), ("editor", True)):
        headers = house.signed_in(house.token_for(role, Role(role), "daily"))
        answer = house.client.post("/moderation/policy", data=form, headers=headers)
        assert answer.status_code == (303 if may else 403), role
