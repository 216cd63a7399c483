"""The contract: a valid document that covers every route, and a service that keeps to it whatever is sent."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth

from service.bootstrap import build_web
from service.domain.site import Site
from service.settings import read_settings
from service.store import leases
from service.web.app import create_app
from service.web.problem_texts import PROBLEMS
from tests.web.conftest import ADDRESS, STORY, House, open_house
from tests.web.contract import Contract

KEYS = {"GREENROOM_VAULT_KEYS": "k1:" + "QUFB" * 10 + "QUE=", "GREENROOM_INDEX_KEY": "QkJC" * 10 + "QkI="}


# --- the document ----------------------------------------------------------------------------------------------------


def document_of(house: House) -> dict[str, Any]:
    found: dict[str, Any] = house.client.get("/openapi.json").get_json()
    return found


def test_the_document_is_valid_openapi_3_1(house: House) -> None:
    document = document_of(house)
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_that_is_no_page_is_in_the_document(house: House) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in house.app.url_map.iter_rules()
        # Pages are for people, and a preflight is the browser's own business.
        if not rule.endpoint.startswith(
            ("pages.", "own.", "report.", "frame.", "gallery.", "desk.", "embed.")
        )
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(Contract(document_of(house)).operations) == routes


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(house: House) -> None:
    operations = Contract(document_of(house)).operations
    for described in operations.values():
        assert described["summary"]
        assert described["description"].endswith(".")
        for parameter in described.get("parameters", []):
            assert parameter["description"].endswith(".")
    names = [described["operationId"] for described in operations.values()]
    assert len(names) == len(set(names))


def test_every_shape_in_the_document_is_used(house: House) -> None:
    document = document_of(house)
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert set(document["components"]["schemas"]) == used


def test_the_documents_links_are_of_the_public_address(sqlite_url: str, tmp_path: Path) -> None:
    house = open_house(sqlite_url, tmp_path, public_url="https://talk.example.org")
    answer = house.client.get("/openapi.json", headers={"Host": "evil.example"})
    assert answer.get_json()["servers"] == [{"url": "https://talk.example.org"}]
    house.close()


# --- problems --------------------------------------------------------------------------------------------------------


def test_every_problem_of_the_document_is_explained_where_its_type_leads(house: House) -> None:
    page = house.client.get("/docs/problems").text
    explained = {problem.slug: problem.status for problem in PROBLEMS}
    for slug in explained:
        assert page.count(f'<section id="{slug}">') == 1
    contract = Contract(document_of(house))
    for (_, _), described in contract.operations.items():
        for status, answer in described["responses"].items():
            if answer["description"].startswith("Problem: "):
                for slug in answer["description"].removeprefix("Problem: ").split(", "):
                    assert explained[slug] == int(status), slug


# --- the page of the document ----------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """What a page loads and leads to, and the text of its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self.headings: list[str] = []
        self._in_heading = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [found[name] or "" for name in ("src", "href", "action", "srcset") if name in found]
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)
        if found.get("id"):
            self.ids.add(found["id"] or "")
        self._in_heading = self._in_heading or tag in ("h2", "h3")
        if tag in ("h2", "h3"):
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = self._in_heading and tag not in ("h2", "h3")

    def handle_data(self, text: str) -> None:
        if self._in_heading:
            self.headings[-1] += text


def test_the_page_of_the_document_shows_every_operation_and_shape(house: House) -> None:
    document = document_of(house)
    answer = house.client.get("/docs")
    outline = Outline(answer.text)
    for method, path in Contract(document).operations:
        assert f"{method} {path}" in outline.headings
    for name in document["components"]["schemas"]:
        assert f"schema-{name}" in outline.ids


def test_the_pages_of_the_document_are_ours_alone(house: House) -> None:
    for path in ("/docs", "/docs/problems"):
        answer = house.client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "http" not in policy
        outline = Outline(answer.text)
        assert outline.inline == []
        assert len(outline.addresses) >= 3
        for address in outline.addresses:
            assert address.startswith(("/", "#")), address
            assert not address.startswith("//")
            if address.startswith("#"):
                assert address[1:] in outline.ids, f"{address} leads nowhere"
            else:
                where, _, fragment = address.partition("#")
                target = house.client.get(where)
                assert target.status_code == 200, address
                assert not fragment or fragment in Outline(target.text).ids, address
                target.close()


# --- whatever is sent ------------------------------------------------------------------------------------------------


class Doorway:
    """Where the house of the tests stands: the document is wanted when tests are collected, a database only later."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


DOORWAY = Doorway(create_app(build_web(read_settings(KEYS))))
CONFIG = SchemathesisConfig.from_dict(
    {
        # Tokens are ours to give: what nobody was given is tried by test_authorisation.
        "generation": {"with-security-parameters": False},
        "checks": {
            # A comment without its token is as unknown as one that never was.
            "missing_required_header": {"expected-statuses": ["401", "404"]},
            # Rules that no schema can say, such as a text that has to hold something visible, are a 422; what the
            # schema allows may meet nothing else that calls it unreadable, too large or of a wrong type.
            "negative_data_rejection": {
                "expected-statuses": ["400", "401", "403", "404", "409", "413", "415", "422"]
            },
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "303", "304", "401", "403", "404", "409", "422"]
            },
        },
    }
)
API = schemathesis.openapi.from_wsgi("/openapi.json", DOORWAY, config=CONFIG)
EXAMPLES = 30


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that is ready, with a conversation under its story."""
    folder = tmp_path_factory.mktemp("contract")
    path = folder / "greenroom.db"
    path.write_bytes(sqlite_template.read_bytes())
    house = open_house(f"sqlite:///{path}", folder)
    house.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    with house.database.write() as connection:
        leases.beat(connection, "a worker", now=datetime.now(UTC), redis_reachable=True)
    root = house.approved()
    house.approved("I think so, too.", parent_id=str(root))
    DOORWAY.app = house.app
    yield house
    house.close()


def lead_in(case: Case[Any], comment_id: str) -> None:
    """Turn most of what the document allows to what is really there; the rest goes on asking for what is not."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if "comment_id" in (case.path_parameters or {}):
        case.path_parameters["comment_id"] = comment_id
    if zlib.crc32(repr((case.query, case.body)).encode()) % 4 == 0:
        return
    if "site" in (case.query or {}):
        case.query["site"] = "daily"
    if "url" in (case.query or {}):
        case.query["url"] = STORY if isinstance(case.query["url"], str) else [STORY, "x"]
    body: Any = case.body
    if isinstance(body, dict) and {"site", "url"} <= set(body):
        body.update(site="daily", url=STORY)
        body.pop("parent_id", None)
        if "author" in body:
            body["author"]["email"] = ADDRESS
        else:
            body["email"] = ADDRESS


@API.parametrize()
@settings(max_examples=EXAMPLES, derandomize=True, database=None)
def test_whatever_is_sent_the_answer_is_in_the_document(case: Case[Any], opened: House) -> None:
    security = [name for one in case.operation.definition.raw.get("security", []) for name in one]
    made = opened.post()
    tokens: dict[str, str | None] = {"nobody": None}
    if security:
        tokens |= {"author": made["edit_token"], "admin": opened.token}
    lead_in(case, made["id"])
    # That a missing token is told as 404 where an author's own is needed is held by test_invisibility.
    excluded: list[CheckFunction] = [ignored_auth] if "author" in security else []
    for token in tokens.values():
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = case.call(headers=headers)
        case.validate_response(answer, headers=headers, excluded_checks=excluded)
        assert answer.headers["x-content-type-options"] == ["nosniff"]
        assert "set-cookie" not in answer.headers
