"""What moderators do all day, through the API and the desk's pages, with each answer heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from service.domain.queue import QueueName
from tests.web.desk_asks import ASKED

if TYPE_CHECKING:
    from tests.product.test_never_exposed import House


def decide(house: House) -> None:
    """Decisions on what addresses were sent with, right ones and wrong ones."""
    some = list(house.strangers.taken.values())[:4]
    for made, action in zip(some, ("approve", "reject", "hold", "approve"), strict=True):
        case = house.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()
        decision = {"action": action, "revision": case["revision"], "reasons": ["other"], "note": "As agreed"}
        assert house.as_admin("POST", f"/v1/admin/comments/{made['id']}/decision", decision).status == 200
    canary = house.canaries.make
    for wrong in (
        {"action": canary("as an action"), "revision": 1},
        {"action": "hold", "revision": canary("as a revision")},
        {"action": "hold", "revision": 1, "reasons": [canary("as a reason")]},
        {"action": "hold", "revision": 1, "note": canary("in a note that is too long") * 80},
        {"action": "hold", "revision": 1, canary("as a field of a decision"): 1},
    ):
        assert house.as_admin("POST", f"/v1/admin/comments/{some[0]['id']}/decision", wrong).status == 422


def live_at_the_desk(house: House) -> None:
    """Everything else that the API can be asked, about a comment that was sent with an address."""
    made = list(house.strangers.taken.values())[3]["id"]
    at = f"/v1/admin/comments/{made}"

    def done(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = house.as_admin(method, f"/v1/admin{path}", body)
        assert answer.status in (200, 201, 202, 204), (method, path, answer.status, answer.body)
        return answer.json() if answer.body else None

    flag, shown = house.ears.ask, f"/v1/comments/{made}/flag"
    assert flag("POST", shown, {"reason": "other"}).status == 202
    assert flag("POST", shown, {"reason": house.canaries.make("as a reason of a flag")}).status == 422
    for method in ("POST", "DELETE", "POST"):
        assert house.ears.ask(method, f"/v1/comments/{made}/like").status == 200
    done("POST", f"/comments/{made}/pick", {"on": True})
    done("POST", f"/comments/{made}/reply", {"text": "Thank you for this."})
    case = house.as_admin("GET", at).json()
    done("POST", f"/comments/{made}/claim")
    done("DELETE", f"/comments/{made}/claim")
    done("POST", f"/comments/{made}/notes", {"text": "Somebody should ring the council."})
    decision = {"action": "hold", "revision": case["revision"]}
    held = done("POST", f"/comments/{made}/decision", decision)
    undone = {"decision": held["decision"]["id"], "revision": held["revision"]}
    done("POST", f"/comments/{made}/undo", undone)
    done("POST", "/views", {"name": "Mine", "query": "queue=spam"})
    done("GET", "/views")
    done("DELETE", "/views/Mine")
    for of in ("name", "address", "origin"):
        standing = {"comment": made, "kind": "ban", "of": of, "cause": "other"}
        done("POST", "/standings/preview", standing)
        done("POST", f"/standings/{done('POST', '/standings', standing)['id']}/lift")
    done("GET", "/standings?site=demo")
    canned = {"reason": "spam", "title": "Advertising", "message": "No adverts, please."}
    kept = done("POST", "/canned-reasons", {"site": "demo", **canned})["id"]
    done("PUT", f"/canned-reasons/{kept}", {**canned, "title": "Adverts"})
    done("GET", "/canned-reasons?site=demo")
    done("DELETE", f"/canned-reasons/{kept}")
    meant = {"site": "demo", "query": "queue=rejected", "action": "spam", "start": False}
    bulk = done("POST", "/bulks", meant)["id"]
    done("POST", f"/bulks/{bulk}/start")
    house.until(lambda: done("GET", f"/bulks/{bulk}")["finished_at"], "a bulk carried out")
    back = done("POST", f"/bulks/{bulk}/undo")["id"]
    house.until(lambda: done("GET", f"/bulks/{back}")["finished_at"], "a bulk taken back")
    done("GET", "/bulks?site=demo")
    version = done("GET", "/policy?site=demo")["version"]
    done("POST", "/policy/check?site=demo", {"document": {}})
    done("POST", "/policy/try?site=demo", {"document": {}})
    done("PUT", "/policy?site=demo", {"document": {}, "base_version": version})
    done("GET", "/policy/history?site=demo")
    for on in (True, False):
        done("POST", "/storm", {"site": "demo", "on": on})
    thread = case["thread"]["id"]
    done("GET", f"/threads/{thread}")
    done("POST", f"/threads/{thread}", {"storm": False})
    done("GET", "/figures?site=demo")
    house.as_admin("GET", "/v1/admin/figures/drawing?of=waits&site=demo")
    done("POST", "/people", {"name": "Bea", "role": "viewer", "site": "demo"})
    done("POST", "/people/Bea/role", {"role": "moderator"})
    done("POST", "/people/Bea/revoke")
    house.as_admin("GET", f"/v1/admin/comments?{urlencode({'q': house.canaries.make('searched for')})}")


def open_the_pages(house: House) -> None:
    """Sign in and open every page of the desk, and the page of every comment that was sent with an address."""
    ask = house.ears.ask
    form = "application/x-www-form-urlencoded"
    ours = {"Origin": house.running.url, "Content_Type": form}
    wrong = urlencode({"token": house.canaries.make("as a moderator's token")}).encode()
    assert ask("POST", "/moderation/sign-in", wrong, **ours).status == 401
    right = urlencode({"token": house.running.admin_token}).encode()
    signed = ask("POST", "/moderation/sign-in", right, **ours)
    assert signed.status == 303, signed.body
    cookie = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    made = next(iter(house.strangers.taken.values()))["id"]
    for (method, _), page in ASKED.items():
        if method == "GET" and "BULK" not in page.path:
            path = page.path.replace("ID", made).replace("daily", "demo")
            assert ask("GET", f"/moderation{path}", **cookie).status == 200, path
    for one in house.strangers.taken.values():
        assert ask("GET", f"/moderation/comments/{one['id']}", **cookie).status == 200
    for queue in QueueName:
        assert ask("GET", f"/moderation?queue={queue.value}", **cookie).status == 200, queue
