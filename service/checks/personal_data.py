"""Personal data typed into a comment: held, with the spot marked, so that nobody is exposed by a reader.

Notes say what kind of thing it is and never repeat it.
"""

from __future__ import annotations

import re
from typing import Any

from service.domain.comment import Case
from service.domain.policy import Evidence, Finding

# Bounded repetitions throughout, so that the time stays linear in the text.
_EMAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w/.,:#-])(?:\+|00|\(|0)?\d[\d ()/.\-]{6,24}\d(?![\w/]|[.,]\d|-\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?:[ ,-]+\d{1,2}[.:]\d{2})?")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .]\d{3})+")
_ISBN = re.compile(r"97[89][- ]?\d")
_YEARS = re.compile(r"(?:1[5-9]|20)\d{2}\s?[-/]\s?(?:1[5-9]|20)?\d{2}")


class PersonalData:
    name, version, label = "personal_data", "1", "personal_data"

    def __init__(self, options: dict[str, Any]) -> None:
        self._phones = bool(options.get("phone_numbers", True))

    def run(self, case: Case) -> Finding:
        text = case.text
        found: list[Evidence] = []
        # Looking for an address begins anew at each letter; most texts have no sign of one.
        lowered = text.lower()
        if "@" in text or "(at)" in lowered or "[at]" in lowered:
            found += [Evidence("an e-mail address", *match.span()) for match in _EMAIL.finditer(text)]
        # A year or a price is too short for any of these.
        digits = len(_DIGIT.findall(text))
        if digits >= 2:
            found += [
                Evidence("an account number (IBAN)", *m.span())
                for m in _IBAN.finditer(text)
                if _is_iban(m[0])
            ]
        if digits >= 13:
            found += [Evidence("a card number", *m.span()) for m in _CARD.finditer(text) if _is_card(m[0])]
        if self._phones and digits >= 8:
            taken = [(e.start or 0, e.end or 0) for e in found]
            found += [
                Evidence("a phone number", *m.span())
                for m in _NUMBER.finditer(text)
                if _is_phone(m[0]) and not any(start <= m.start() < end for start, end in taken)
            ]
        found.sort(key=lambda one: one.start or 0)
        score = 0.9 if found else 0.0
        return Finding(self.name, self.version, self.label, score, evidence=tuple(found[:20]))


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four characters moved to the end, letters as numbers, remainder 1 by 97."""
    compact = text.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits of a known first digit whose Luhn sum ends in 0."""
    digits = [int(character) for character in text if character.isdigit()]
    if digits[0] not in (3, 4, 5, 6) or len(set(digits)) < 3:
        return False
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    if not 8 <= digits <= 15:
        return False
    trimmed = text.strip()
    if any(pattern.fullmatch(trimmed) for pattern in (_DATE, _THOUSANDS, _YEARS)) or _ISBN.match(trimmed):
        return False
    # Without a sign of being dialled (a trunk or country prefix, or groups), it is any long number.
    return trimmed.startswith(("+", "0", "(")) or (
        10 <= digits <= 11 and bool(re.search(r"[ ().-]", trimmed))
    )
