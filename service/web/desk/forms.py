"""What a form of the desk sent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from service.domain.errors import FieldError, InvalidSubmission, Malformed
from service.domain.policy import Reason
from service.web.bodies import FORM_TYPE, media_type, read_bytes
from service.web.problems import FormatUnknown

# A page of comments selected, with all that stands beside them.
FIELDS_MAX = 5_200


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name; some come more than once."""

    fields: dict[str, list[str]]

    def one(self, name: str) -> str:
        """The first value; empty where there is none."""
        return (self.fields.get(name) or [""])[0]

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def number(self, name: str) -> int:
        """A whole number. Raises ``Malformed``: a page of ours sends nothing else there."""
        return whole_number(self.one(name))

    def reasons(self) -> tuple[Reason, ...]:
        """Raises ``InvalidSubmission`` for what is no reason."""
        try:
            return tuple(dict.fromkeys(map(Reason, self.all("reasons"))))
        except ValueError:
            raise InvalidSubmission(
                [FieldError("/reasons", "This is none of the possible values.")]
            ) from None


def whole_number(raw: str) -> int:
    """Raises ``Malformed``, also for digits of other scripts and for more than any database counts to."""
    found = number_or_none(raw)
    if found is None:
        raise Malformed
    return found


def number_or_none(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def form_sent() -> Form:
    """Raises ``FormatUnknown`` and ``Malformed``."""
    if media_type() != FORM_TYPE:
        raise FormatUnknown
    try:
        fields = parse_qs(
            read_bytes().decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise Malformed from None
    return Form(fields)
