"""What the forms of requests and answers are made of, and their JSON Schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

# Far above what a site allows: the exact limits are the site's, and their errors are sentences for readers.
Text = Annotated[str, Field(max_length=40_000)]
Short = Annotated[str, Field(max_length=2_500)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Identity = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
# The reasons that a person can give.
ReasonCode = Literal[
    "spam",
    "advertisement",
    "offensive",
    "insult",
    "threat",
    "hate",
    "sexual",
    "personal_data",
    "off_topic",
    "illegal",
    "duplicate",
    "flood",
    "banned_author",
    "other",
]


class Taken(BaseModel):
    """A body that somebody sends: unknown fields are refused, so that nothing can be smuggled in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Nothing: wherever a body is printed, what somebody typed must not be."""
        return iter(())


class Given(BaseModel):
    """A body that we send: exactly these fields, and of this type."""

    media_type: ClassVar[str] = "application/json"
    # Made when the document is asked for: these are for describing, and making them all delays every start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class FaultOfField(Given):
    pointer: str = Field(description="JSON pointer to the field.")
    detail: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FaultOfField] | None = None
    revision: int | None = None
    comment_status: str | None = None
    policy_version: int | None = None


class OwnLinks(Given):
    self: str


class AuthorName(Given):
    name: str


def schema_of(*models: type[BaseModel]) -> dict[str, Any]:
    """JSON Schemas of these models and all they refer to, as OpenAPI components by name."""
    from pydantic.json_schema import models_json_schema

    _, document = models_json_schema(
        [(model, "validation" if issubclass(model, Taken) else "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    found: dict[str, Any] = document.get("$defs", {})
    return found
