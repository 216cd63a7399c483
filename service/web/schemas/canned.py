"""The forms of canned reasons."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.domain.canned import MESSAGE_MAX, TITLE_MAX
from service.web.schemas.base import Given, Identity, ReasonCode, Taken


class CannedReasonChange(Taken):
    reason: ReasonCode
    title: Annotated[str, Field(min_length=1, max_length=TITLE_MAX)]
    message: Annotated[str, Field(min_length=1, max_length=MESSAGE_MAX)]


class CannedReasonTaken(CannedReasonChange):
    site: str = Field(max_length=200)


class CannedReasonShown(Given):
    id: Identity | None = Field(description="Null for those that a site begins with.")
    site: str
    reason: str
    title: str
    message: str


class CannedReasonsShown(Given):
    canned_reasons: list[CannedReasonShown]
