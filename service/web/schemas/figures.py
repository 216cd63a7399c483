"""The forms of figures. Shares are 0–1, durations are seconds, and ``null`` is what cannot be told."""

from __future__ import annotations

from pydantic import Field

from service.web.schemas.base import Given, Identity, Time


class CountsShown(Given):
    """Decisions by what they said of the comment."""

    approved: int
    rejected: int
    held: int
    taken_back: int = Field(description="Decisions that took another one back.")


class WaitsShown(Given):
    """From arrival to the first approval or rejection."""

    count: int
    looked_at: int = Field(description="How many of them the two durations were found from, drawn fairly.")
    p50_seconds: float | None
    p90_seconds: float | None


class HourShown(Given):
    start: Time
    comments: int = Field(description="Comments that came.")
    by_machine: CountsShown
    by_people: CountsShown


class DayShown(HourShown):
    waits: WaitsShown


class WaitingShown(Given):
    id: Identity
    since: Time


class ShareShown(Given):
    """``part`` of ``whole``, with Wilson's interval at 95 %."""

    part: int
    whole: int
    share: float | None
    lowest: float | None
    highest: float | None
    enough: bool = Field(description="Whether there are 20, so that the share says something.")


class MachineShown(Given):
    alone: ShareShown = Field(description="Of the comments decided, those that no person ever touched.")
    approvals_reversed: ShareShown
    rejections_reversed: ShareShown


class PrecisionShown(Given):
    check: str
    code: str | None = Field(description="The reason that it gave; null for all of the check's.")
    rejected: ShareShown


class PairShown(Given):
    moderators: list[str]
    agreed: ShareShown
    overturned: int
    kappa: float | None = Field(
        description="Cohen's kappa; null below 20, and where both said only one thing."
    )


class AgreementShown(Given):
    agreed: ShareShown
    pairs: list[PairShown]


class LoadShown(Given):
    """What a moderator did today (UTC), comment by comment."""

    moderator: str
    today: int
    last_hour: int
    in_bulk: int
    longest_seconds: float = Field(description="The longest stretch without ten minutes of pause.")
    grim: ShareShown = Field(description="Comments whose risk was 0.5 or more.")
    should_rest: bool
    rest: str


class FiguresShown(Given):
    site: str | None
    days: int
    at: Time
    since: Time
    looked_at: float = Field(
        description="The share of the comments decided by people that was looked at one by one; 1 unless many."
    )
    hours: list[HourShown]
    daily: list[DayShown]
    waits: WaitsShown
    waits_by_people: WaitsShown
    oldest_waiting: WaitingShown | None
    machine: MachineShown
    checks: list[PrecisionShown]
    agreement: AgreementShown
    own_load: LoadShown
    team_load: list[LoadShown] | None = Field(description="Everybody's; null without the power to govern.")
