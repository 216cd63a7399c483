"""What readers send, well or badly, to a Greenroom whose every answer is kept: each time with a canary in it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from markupsafe import escape

from tests.product.canaries import Canaries, in_punycode
from tests.product.ears import Ears
from tests.product.running import STORY, Answer, Running

# How addresses are written that are taken: as most are, and oddly.
TAKEN = {
    "plain": "{local}@{domain}.example.org",
    "odd": "Ada.{LOCAL}+{local}@{DOMAIN}.Example.ORG",
    "international": "{local}@bücher-{domain}.example",
    "punycode": "xn:{local}@bücher-{domain}.example",
    "signs": "!#$%&'*+/=?^_`{{|}}~-{local}@{domain}.example.org",
    "spaced": "  {local}@{domain}.example.org ",
    "long": "{local}" + "x" * 50 + "@{domain}.example.org",
}
# What each of a validator's complaints might repeat.
REFUSED = {
    "nothing but a name": "{local}",
    "no domain": "{local}@",
    "no local part": "@{domain}.example.org",
    "two signs": "{local}@@{domain}.example.org",
    "a dot first": ".{local}@{domain}.example.org",
    "two dots": "{local}..x@{domain}.example.org",
    "a space": "{local} x@{domain}.example.org",
    "quoted": '"{local} x"@{domain}.example.org',
    "quoted badly": '"{local}@{domain}.example.org',
    "a name before it": "Ada <{local}@{domain}.example.org>",
    "a comment": "{local}(x)@{domain}.example.org",
    "an address literal": "{local}@[{domain}]",
    "a bare word": "{local}@{domain}",
    "a name for tests": "{local}@{domain}.test",
    "a hyphen first": "{local}@-{domain}.example.org",
    "an underscore": "{local}@_{domain}.example.org",
    "a wrong sign": "{local}@{domain}.exa!mple.org",
    "too long": "{local}" + "x" * 250 + "@{domain}.example.org",
    "a long label": "{local}@{domain}" + "x" * 60 + ".example.org",
    "wide letters": "ｘ{local}@{domain}.example.org",
    "letters from elsewhere": "й{local}@{domain}.example.org",
    "a control character": "{local}\x07@{domain}.example.org",
    "a second line": "{local}@{domain}.example.org\r\nBcc: {local}@{domain}.example.net",
    "a hyphen that is none": "{local}@{domain}\u00ad\u2024.example.org",
    "broken punycode": "{local}@xn--{domain}-99999999999.example.org",
}
HEADERS = [
    *(
        "User-Agent",
        "Referer",
        "From",
        "Cookie",
        "X-Forwarded-For",
        "Forwarded",
        "X-Forwarded-Host",
        "Via",
        "Host",
    ),
    *(
        "X-Request-Id",
        "Traceparent",
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "If-None-Match",
        "Range",
        "TE",
    ),
    *("Origin", "Authorization"),
]
JSON = {"Content_Type": "application/json"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


class Strangers:
    """All who send something. ``ears`` keep the answers; ``taken`` are the comments, by the address behind them."""

    def __init__(self, running: Running, ears: Ears, canaries: Canaries) -> None:
        self.running = running
        self.ears = ears
        self.canary = canaries.make
        self.exactly = canaries.exactly
        self.taken: dict[str, dict[str, Any]] = {}

    def post(
        self, email: object, *, status: int, headers: dict[str, str] | None = None, **changes: Any
    ) -> Answer:
        """One comment as JSON."""
        body = {
            "site": "demo",
            "url": STORY,
            "author": {"name": "Ada", "email": email},
            "text": f"Something worth saying {uuid4()}",
            **changes,
        }
        answer = self.ears.ask("POST", "/v1/comments", body, **(headers or {}))
        assert answer.status == status, (body, answer.body)
        if status == 202:
            self.taken[str(email)] = answer.json()
        return answer

    def post_form(self, email: str, *, status: int, **changes: str) -> Answer:
        """One comment as a form, which comes back with the address in its field where it is refused."""
        plain = {"site": "demo", "url": STORY, "name": "Ada", "email": email, "text": f"As typed {uuid4()}"}
        fields = {**plain, **changes}
        answer = self.ears.ask("POST", "/v1/comments", urlencode(fields).encode(), typed=fields, **FORM)
        assert answer.status == status, (fields, answer.body)
        if status in (422, 503) and "Not possible" not in answer.body.decode():
            assert f'type="email" value="{escape(email)}"' in answer.body.decode()
        return answer

    # --- addresses ---------------------------------------------------------------------------------------------------

    def send_addresses(self) -> None:
        """Of every kind, good and bad."""
        for kind, form in TAKEN.items():
            self.post(self.canary(f"{kind}, taken", form), status=202)
            self.post_form(self.canary(f"{kind}, taken from a form", form), status=303)
        for kind, form in REFUSED.items():
            self.post(self.canary(f"{kind}, refused", form), status=422)
            self.post_form(self.canary(f"{kind}, refused in a form", form), status=422)

    def slip(self) -> None:
        """Their own address in a place from where it would be published, or that somebody would be told of."""
        for kind in ("plain", "odd", "international", "punycode"):
            for place, change in {
                "name": lambda it: {"author": {"name": it, "email": it}},
                "text": lambda it: {"text": f"Write to {it}, please."},
                "title": lambda it: {"title": f"{it} writes"},
                "thread": lambda it: {"thread": f"by {it}"},
                "path": lambda it: {"url": f"https://example.org/{quote(it)}"},
                "parent": lambda it: {"parent_id": it},
            }.items():
                address = self.canary(f"{kind}, in the {place}", TAKEN[kind])
                self.post(address, status=422, **change(address))
        address = self.canary("in the text in punycode", TAKEN["international"])
        self.post(address, status=422, text=f"Write to {in_punycode(address)}, please.")
        for place in ("text", "title", "thread", "name"):
            address = self.canary(f"in the {place} of a form")
            self.post_form(address, status=422, **{place: address})
        address = self.canary("in the path, in a form")
        self.post_form(address, status=422, url=f"https://example.org/{address}")
        host = self.canary("as a host").rpartition("@")[2]
        self.post(self.canary("beside a host"), status=403, url=f"https://{host}/budget")
        self.post(
            self.canary("beside credentials"), status=422, url=f"https://{self.canary('credentials')}/x"
        )
        self.post(self.canary("beside a mailto"), status=422, url=f"mailto:{self.canary('mailto')}")
        # A query or a fragment is no part of a story's address, and is dropped.
        for sign in "?#":
            address = self.canary(f"after {sign} in the story's address")
            self.post(address, status=202, url=f"{STORY}{sign}mail={address}")
            self.post_form(address, status=303, url=f"{STORY}{sign}mail={address}")
        for field in ("site", "parent_id", "website", "opened", "return_to", "key"):
            status = {"site": 404, "parent_id": 422}.get(field, 303)
            typed = {field: self.canary(f"in the form's field {field}")}
            self.post_form(self.canary(f"beside the field {field}"), status=status, **typed)
        self.post(self.canary("beside a site"), status=404, site=self.canary("as a site"))
        preview = {"site": self.canary("as a site of a preview"), "text": self.canary("in a preview")}
        assert self.ears.ask("POST", "/v1/preview", preview).status == 404

    def come_back(self) -> None:
        """To one's own comment, which was rejected, with the own address where others would read it."""
        canary, ask = self.canary, self.ears.ask
        address, made = list(self.taken.items())[1]
        code = f"{made['id']}.{made['edit_token']}"
        appeal = f"/v1/comments/{made['id']}/appeal"
        own = {"Authorization": f"Bearer {made['edit_token']}"}
        assert ask("POST", appeal, {"text": f"Write to {address}."}, **own).status == 422
        assert ask("POST", appeal, {canary("as a field of an appeal"): "x"}, **own).status == 422
        forms: tuple[tuple[dict[str, str], int], ...] = (
            ({"code": canary("as a code")}, 404),
            ({"code": code, "step": canary("as a step")}, 200),
            ({"code": code, "step": "appeal", "words": f"Write to {address}."}, 422),
            (
                {"code": canary("as a wrong code"), "step": "appeal", "words": canary("beside a wrong code")},
                404,
            ),
        )
        for typed, status in forms:
            answer = ask("POST", "/own", urlencode(typed).encode(), typed=typed, **FORM)
            assert answer.status == status, (typed, answer.body)
        assert ask("GET", f"/own?{urlencode({'code': canary('as a code in an address')})}").status == 200
        assert ask("POST", appeal, {"text": "I meant no harm."}, **own).status == 202
        assert ask("POST", appeal, {"text": canary("in a second appeal")}, **own).status == 409
        reported = f"/demo/report/{next(iter(self.taken.values()))['id']}"
        reason = {"reason": canary("as a reason of a report")}
        assert ask("POST", reported, urlencode(reason).encode(), typed=reason, **FORM).status == 422
        assert ask("GET", f"/demo/report/{canary('as what is reported')}").status == 404

    # --- bodies, headers, lines, queries -----------------------------------------------------------------------------

    def break_bodies(self) -> None:
        canary, ask = self.canary, self.ears.ask
        whole = json.dumps(
            {"site": "demo", "url": STORY, "author": {"name": "Ada", "email": "{}"}, "text": "x"}
        )
        for kind, form in {
            "cut off": whole[:-20],
            "a key twice": whole.replace('"text"', '"text": "{}", "text"'),
            "no number": whole.replace('"x"', "NaN"),
            "too deep": "[" * 5000 + whole,
            "more after the end": whole + "{}",
        }.items():
            body = form.replace("{}", canary(f"broken JSON, {kind}")).encode()
            assert ask("POST", "/v1/comments", body, **JSON).status == 400
        filled = whole.replace("{}", canary("in a body that is not read")).encode()
        assert ask("POST", "/v1/comments", filled + b"\xff", **JSON).status == 400
        assert ask("POST", "/v1/comments", filled + b" " * 300_000, **JSON).status == 413
        assert ask("POST", "/v1/comments", filled, Content_Type=canary("as a type")).status == 415
        assert (
            ask("POST", "/v1/comments", filled, **JSON, Content_Encoding=canary("as a coding")).status == 415
        )
        twice = f"site=demo&email={quote(canary('twice in a form'))}"
        assert ask("POST", "/v1/comments", f"{twice}&{twice}".encode(), **FORM).status == 400
        self.post("\ud800" + canary("after half a character"), status=422)
        for wrong in (
            [canary("in a list")],
            {"address": canary("in an object")},
            {canary("as a key"): 1},
            17,
        ):
            self.post(wrong, status=422)
        for field in ("site", "url", "text", "title", "thread", "parent_id", "form"):
            typed = {field: [canary(f"in a wrong {field}")]}
            self.post(canary(f"beside a wrong {field}"), status=422, **typed)
        self.post(canary("beside a wrong author"), status=422, author=canary("as an author"))
        self.post(canary("beside wrong seconds"), status=422, form={"seconds": canary("as seconds")})
        self.post(
            canary("beside an unknown field"), status=422, **{canary("as a field"): canary("in that field")}
        )

    def send_headers(self) -> None:
        canary, ask = self.canary, self.ears.ask
        for name in HEADERS:
            for path in (
                f"/v1/threads?site=demo&url={quote(STORY)}",
                "/demo/",
                "/v1/admin/me",
                "/static/embed/main.js",
            ):
                ask("GET", path, **{name: canary(f"in the header {name}")})
        for name in (*HEADERS, "Idempotency-Key"):
            status = 403 if name == "Origin" else 202
            typed = {name: canary(f"in the header {name} of a comment")}
            self.post(canary(f"beside the header {name}"), status=status, headers=typed)
        for kind in ("Bearer ", "Basic ", "Digest username="):
            ask("GET", "/v1/admin/comments", Authorization=f"{kind}{canary(f'as a token, {kind}')}")
        key = {"Idempotency-Key": canary("as a key that is used twice")}
        self.post(canary("under that key"), status=202, headers=key)
        self.post(canary("again under that key"), status=422, headers=key)
        self.post(
            canary("under a long key"), status=400, headers={"Idempotency-Key": canary("as a long key") * 9}
        )
        # A network address is a person's, too.
        for network in ("203.0.113.201", "2001:db8:5ca1:ab1e::7"):
            self.exactly("a network address", network)
            self.post(canary("from a network"), status=202, headers={"X-Forwarded-For": network})

    def send_lines(self) -> None:
        """Requests that no client sends, and that whoever reads them may complain of."""
        canary = self.canary
        host = "Host: x\r\nConnection: close\r\n"
        for line in (
            f"{canary('as a method').upper().replace('@', '-')} / HTTP/1.1\r\n{host}\r\n",
            f"GET /{canary('before a wrong version')} HTTP/9.9\r\n{host}\r\n",
            f"{canary('as a line')}\r\n\r\n",
            f"GET / HTTP/1.1\r\n{host}{canary('as a header')} y\r\n\r\n",
            f"GET /?{canary('before a null')}\0 HTTP/1.1\r\n{host}\r\n",
            f"POST /v1/comments HTTP/1.1\r\n{host}Content-Length: {canary('as a length')}\r\n\r\n",
            f"POST /v1/comments HTTP/1.1\r\n{host}Transfer-Encoding: {canary('as a coding')}\r\n\r\n0\r\n\r\n",
            f"GET http://{canary('as a whole address')}/ HTTP/1.1\r\n{host}\r\n",
        ):
            self.ears.ask_raw(line.encode())

    def ask_oddly(self, paths: list[str], token: str) -> None:
        """Queries that nobody understands, and names of what is not there."""
        canary, ask = self.canary, self.ears.ask
        story = f"site=demo&url={quote(STORY)}"
        known = {"Authorization": f"Bearer {token}"}
        for path in paths:
            joined = path + ("&" if "?" in path else "?")
            ask("GET", joined + urlencode({"email": canary(f"asked of {path}")}), **known)
            ask("GET", joined + urlencode({canary(f"a name asked of {path}"): "x"}), **known)
        for name in ("site", "view", "sort", "limit", "cursor", "result", "reply_to", "status", "v"):
            for path in (
                f"/v1/threads?{story}",
                f"/v1/threads.html?{story}",
                f"/v1/feeds/thread.atom?{story}",
                f"/demo/t?{story}",
                "/v1/admin/comments?x",
                f"/v1/counts?{story}",
            ):
                asked = path.replace("site=demo&", "") if name == "site" else path
                ask("GET", f"{asked}&{urlencode({name: canary(f'as {name} of {path}')})}", **known)
        forms = ("threads", "threads.html", "threads.jsonld", "feeds/thread.atom", "counts")
        for path in (*(f"/v1/{form}?site=demo&" for form in forms), "/demo/t?"):
            for sign in ("?mail=", "#", "?"):
                url = f"{STORY}{sign}{canary(f'after {sign} of an url')}"
                assert ask("GET", path + urlencode({"url": url})).status == 200
            host = canary("as a host that is asked for").rpartition("@")[2]
            for url in (
                canary("as an url"),
                f"https://{canary('as credentials')}/x",
                f"mailto:{canary('x')}",
            ):
                ask("GET", path + urlencode({"url": url}))
            ask("GET", path + urlencode({"url": f"https://{host}/x"}))
        for path in ("/v1/comments/", "/v1/admin/comments/", "/", "/static/", "/docs/", "/v1/", "//"):
            ask("GET", path + canary(f"in the path {path}"), **known)
        ask("GET", f"/{canary('as a site of a page')}/t?url={quote(STORY)}")
