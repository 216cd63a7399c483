"""The published contract as a judge: whether an answer is one that the document names, in the form that it says."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

# Needed by nobody else in the tests, and by no one in the product: RFC 3339 and RFC 9562 as we write them.
FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(
    lambda value: not isinstance(value, str) or (len(value) == 20 and value[10] + value[19] == "TZ")
)
FORMATS.checks("uuid", raises=ValueError)(
    lambda value: not isinstance(value, str) or (len(value) == 36 and value == value.lower())
)


class Contract:
    """An OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """By method and path, as the document writes them."""
        return {
            (method.upper(), path): described
            for path, methods in self.document["paths"].items()
            for method, described in methods.items()
        }

    def promised(self) -> set[tuple[str, str, str]]:
        """(method, path, what) of every answer: what is the status of a good one, or the name of a problem."""
        return {
            (*operation, what)
            for operation, described in self.operations.items()
            for status, answer in described["responses"].items()
            for what in outcomes(status, answer)
        }

    def hold(self, answer: TestResponse, method: str, path: str) -> str:
        """Hold an answer of this operation against the document; what it was, in the words of ``promised``."""
        shown = f"{method} {path}: {answer.status} {answer.text[:400] if answer.mimetype != 'image' else ''}"
        responses = self.operations[method, path]["responses"]
        status = str(answer.status_code)
        assert status in responses, f"a status that is not in the document: {shown}"
        described = responses[status]
        for name, header in described.get("headers", {}).items():
            assert not header["required"] or answer.headers.get(name), f"no {name}: {shown}"
        content = described.get("content")
        if content is None:
            assert not answer.data or status == "303", shown
            return status
        assert answer.mimetype in content, f"a type that is not in the document: {shown}"
        if answer.mimetype == "application/json" or answer.mimetype.endswith("+json"):
            body = json.loads(answer.data)
            self._fit(body, content[answer.mimetype]["schema"], shown)
            if answer.mimetype == "application/problem+json":
                slug: str = body["type"].partition("#")[2]
                assert slug in outcomes(status, described), f"a problem that is not in the document: {shown}"
                return slug
        return status

    def _fit(self, body: Any, schema: dict[str, Any], shown: str) -> None:
        # With the components at hand, so that the references in them lead somewhere.
        whole = {**schema, "components": self.document["components"]}
        faults = list(Draft202012Validator(whole, format_checker=FORMATS).iter_errors(body))
        assert not faults, f"{faults[0].json_path}: {faults[0].message} in {shown}"


def outcomes(status: str, answer: dict[str, Any]) -> list[str]:
    """What the document says can be the matter with this status."""
    description: str = answer["description"]
    if description.startswith("Problem: "):
        return description.removeprefix("Problem: ").split(", ")
    return [status]
