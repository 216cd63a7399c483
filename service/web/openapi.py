"""The contract, from the code: operations declare themselves, and the document is built from them.

``operation`` is put on a view and stores what it does; ``build`` turns all of them and the pydantic models
into an OpenAPI 3.1 document. Nothing is described that is not there, and a test holds every route to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask
from pydantic import BaseModel

from service import __version__
from service.domain.roles import Power
from service.web import schemas
from service.web.bodies import FORM_FIELDS_MAX
from service.web.identity import COOKIE
from service.web.problems import HTTP_KINDS, KINDS

View = TypeVar("View", bound=Callable[..., Any])
# What an answer holds: a document, text of a media type, or nothing.
Gift = type[BaseModel] | str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or header of an operation."""

    name: str
    description: str
    schema: dict[str, Any]
    required: bool = False
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    summary: str
    description: str
    takes: type[BaseModel] | None
    gives: dict[int, Gift]
    parameters: tuple[Parameter, ...]
    problems: tuple[str, ...]
    security: str | None
    also_form: bool
    # By status, what each header says.
    headers: dict[int, dict[str, str]]
    power: Power | None
    everywhere: bool


@dataclass(slots=True)
class Register:
    """Operations by the name of their view function."""

    by_view: dict[str, Operation] = field(default_factory=dict)


OPERATIONS = Register()


def operation(
    summary: str,
    *,
    gives: dict[int, Gift],
    takes: type[BaseModel] | None = None,
    parameters: tuple[Parameter, ...] = (),
    problems: tuple[str, ...] = (),
    security: str | None = None,
    also_form: bool = False,
    headers: dict[int, dict[str, str]] | None = None,
    power: Power | None = None,
    everywhere: bool = False,
) -> Callable[[View], View]:
    """Describe a view. ``problems`` are slugs of web/problems.py; ``security`` is "admin" or "author"; ``power`` is
    what a role needs for it, ``None`` where every role may; ``everywhere``: not for a token of one site."""

    def describe(view: View) -> View:
        OPERATIONS.by_view[view.__name__] = Operation(
            summary,
            " ".join((view.__doc__ or "").split()),
            takes,
            gives,
            parameters,
            problems,
            security,
            also_form,
            headers or {},
            power,
            everywhere,
        )
        return view

    return describe


def _statuses() -> dict[str, int]:
    kinds = (*KINDS.values(), *HTTP_KINDS.values())
    return {kind.slug: kind.status for kind in kinds}


def build(app: Flask, public_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the app's described routes."""
    models: set[type[BaseModel]] = {schemas.Problem}
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        described = OPERATIONS.by_view.get(rule.endpoint.rsplit(".", 1)[-1])
        # Pages of the desk may be named like operations; they are for people.
        if described is None or rule.endpoint.startswith("desk."):
            continue
        models.update(m for m in (described.takes, *described.gives.values()) if isinstance(m, type))
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _describe(described, rule.endpoint, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Greenroom",
            "version": __version__,
            "summary": "Comments for news sites: taken, screened, moderated and served.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": schemas.schema_of(*sorted(models, key=lambda m: m.__name__)),
            "securitySchemes": {
                "admin": {"type": "http", "scheme": "bearer", "description": "A token of a moderator."},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": "A browser that signed in at /moderation. What changes something also needs the"
                    " header X-CSRF-Token (`csrf` of /v1/admin/me) and has to come from a page of ours.",
                },
                "author": {"type": "http", "scheme": "bearer", "description": "A comment's edit token."},
            },
        },
    }


_ID = {"type": "string", "format": "uuid"}
# What stands in paths, with what it is. What is deleted may be named in any way: what is not there is gone already.
_IN_PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "comment_id": ("Id of the comment.", _ID),
    "standing_id": ("Id of the ban or trust.", _ID),
    "canned_id": ("Id of the canned reason.", _ID),
    "bulk_id": ("Id of the bulk.", _ID),
    "thread_id": ("Id of the thread.", _ID),
    "name": ("Name of the token.", {"type": "string", "minLength": 1}),
    "view_id": ("Id of the view.", {"type": "string"}),
}


def _describe(described: Operation, endpoint: str, path: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "operationId": endpoint.rsplit(".", 1)[-1],
        "summary": described.summary,
        "description": described.description,
        "responses": {},
    }
    parameters = [
        {
            "name": p.name,
            "in": p.place,
            "description": p.description,
            "required": p.required,
            "schema": p.schema,
        }
        for p in described.parameters
    ]
    named = [name for name in _IN_PATHS if f"{{{name}}}" in path]
    parameters[:0] = [
        {
            "name": name,
            "in": "path",
            "description": _IN_PATHS[name][0],
            "required": True,
            "schema": _IN_PATHS[name][1],
        }
        for name in named
    ]
    if parameters:
        document["parameters"] = parameters
    if described.takes is not None:
        content: dict[str, Any] = {"application/json": {"schema": _reference(described.takes)}}
        if described.also_form:
            content["application/x-www-form-urlencoded"] = {"schema": _form_schema()}
        document["requestBody"] = {"required": True, "content": content}
    for code, gift in described.gives.items():
        document["responses"][str(code)] = _answer(code, gift, described.headers.get(code, {}))
    by_status: dict[int, list[str]] = {}
    for slug in described.problems:
        by_status.setdefault(_statuses()[slug], []).append(slug)
    for code, slugs in sorted(by_status.items()):
        document["responses"].setdefault(
            str(code),
            {
                "description": "Problem: " + ", ".join(slugs),
                "content": {"application/problem+json": {"schema": _reference(schemas.Problem)}},
                **_headers(_PROBLEM_HEADERS.get(code, {})),
            },
        )
    if described.also_form:
        for status in ("202", "403", "404", "409", "422", "429", "503"):
            if status in document["responses"]:
                document["responses"][status]["content"]["text/html"] = {"schema": {"type": "string"}}
    if described.security is not None:
        document["security"] = [{described.security: []}]
        if endpoint.startswith("admin."):
            document["security"].append({"session": []})
    return document


def _answer(code: int, gift: Gift, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _PHRASES[code], **_headers(headers)}
    if isinstance(gift, str):
        answer["content"] = {gift: {"schema": {"type": "string"}}}
    elif gift is not None:
        kind = gift.media_type if issubclass(gift, schemas.Given) else "application/json"
        answer["content"] = {kind: {"schema": _reference(gift)}}
    return answer


def _headers(sentences: dict[str, str]) -> dict[str, Any]:
    """The headers that an answer always has, by their names."""
    headers = {
        name: {"description": sentence, "required": True, "schema": {"type": "string"}}
        for name, sentence in sentences.items()
    }
    return {"headers": headers} if headers else {}


_PROBLEM_HEADERS = {
    401: {"WWW-Authenticate": "How to present a token."},
    429: {"Retry-After": "Seconds after which it works again."},
    503: {"Retry-After": "Seconds after which to try again."},
}
_PHRASES = {
    200: "Done.",
    201: "Made.",
    204: "Done, and there is nothing to say.",
    202: "Taken, and stored; a worker does what follows.",
    303: "Taken from a form; see the page that the answer leads to.",
    304: "Unchanged since the ETag that was sent.",
    503: "Not ready.",
}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _form_schema() -> dict[str, Any]:
    names = (
        "site",
        "url",
        "thread",
        "title",
        "parent_id",
        "name",
        "email",
        "text",
        "website",
        "opened",
        "key",
        "return_to",
        "lang",
    )
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": ["site", "url", "name", "text"],
        # Others are passed over, because browsers' extensions add fields; but not any number of them.
        "additionalProperties": {"type": "string"},
        "maxProperties": FORM_FIELDS_MAX,
    }
