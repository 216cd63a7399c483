"""What readers may be told by the service itself, as catalogues have it, and all that the embed says by key.

The embed's own English stands in its scripts alone and is read from there.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from service import submission
from service.adapters import addresses, limiter
from service.domain import appeal, errors, stories, text
from service.store import stage
from service.web.languages import Plural, Voice
from service.web.patience import Busy
from service.web.problems import HTTP_DETAILS, INTERNAL, KINDS, TooLarge

SCRIPTS = Path(__file__).parent / "static" / "embed"
_BLOCK = re.compile(r"^const (?:english|words) = \{\n(.*?)^\};$", re.DOTALL | re.MULTILINE)
_TEXT = r'"((?:[^"\\])*)"'
_LINE = re.compile(rf"  (\w+): (?:{_TEXT}|\{{ one: {_TEXT}, other: {_TEXT} \}}),")

# Problems that readers meet. Each of them is said by its own sentence, or by its kind where that is not known.
PROBLEMS: tuple[type[errors.GreenroomError], ...] = (
    errors.InvalidSubmission,
    errors.Malformed,
    errors.SiteUnknown,
    errors.AddressNotAllowed,
    errors.ThreadClosed,
    errors.CommentNotFound,
    errors.EditWindowClosed,
    errors.RevisionConflict,
    errors.NothingToAppeal,
    errors.AlreadyAppealed,
    errors.RateLimited,
    errors.ProofNeeded,
    errors.Unavailable,
    TooLarge,
)
FIELDS: tuple[str | Plural, ...] = (
    text.EMPTY,
    text.BROKEN,
    text.STACKED,
    (
        "This is too long: at most {n} character, please.",
        "This is too long: at most {n} characters, please.",
    ),
    addresses.NOT_AN_ADDRESS,
    addresses.TOO_LONG,
    stories.WRONG,
    stories.IN_ASCII,
    stories.TOO_LONG,
    submission.OWN_ADDRESS,
    submission.NAME_IS_ADDRESS,
    stage.TOO_DEEP,
    "Please give your e-mail address. It will not be published.",
    "The comment you answer is not there any more.",
    "This field is needed.",
    "This is too long.",
    "This is not valid.",
)
OTHERS = (
    Busy.detail,
    limiter.DETAILS["guess"],
    limiter.DETAILS["reader"],
    appeal.FINAL,
    HTTP_DETAILS[404],
    f"{INTERNAL.title}.",
)


@cache
def of_the_service() -> tuple[str | Plural, ...]:
    """Every sentence of the service that readers meet, each once."""
    return tuple(dict.fromkeys([*(problem.detail for problem in PROBLEMS), *FIELDS, *OTHERS]))


@cache
def of_the_embed() -> dict[str, str | Plural]:
    """The embed's English by key, in all its parts. Raises ``ValueError`` for a line that is not understood."""
    found: dict[str, str | Plural] = {}
    for path in sorted(SCRIPTS.glob("*.js")):
        for block in _BLOCK.findall(path.read_text("utf-8")):
            for line in block.splitlines():
                match = _LINE.fullmatch(line)
                if match is None or match[1] in found:
                    raise ValueError(f"{path.name}: {line}")
                found[match[1]] = match[2] if match[2] is not None else (match[3], match[4])
    return found


def for_the_embed(voice: Voice) -> dict[str, str | dict[str, str]]:
    """All that the embed may have to say in this language, flat: by its keys, by English sentences, by problems' kinds.

    A sentence with a number is an object by the categories of ``Intl.PluralRules``; ``dir`` is the way of writing.
    """
    said: dict[str, str | dict[str, str]] = {"dir": voice.dir}
    for problem in PROBLEMS:
        said[KINDS[problem].slug] = voice.t(problem.detail)
    said[INTERNAL.slug] = voice.t(f"{INTERNAL.title}.")
    by_itself = {one if isinstance(one, str) else one[1]: one for one in of_the_service()}
    for key, sentence in {**of_the_embed(), **by_itself}.items():
        said[key] = _in(voice, sentence)
    return said


def _in(voice: Voice, sentence: str | Plural) -> str | dict[str, str]:
    if isinstance(sentence, str):
        return voice.sentences.get(sentence, sentence)
    return by_category(voice, voice.plurals.get(sentence, sentence))


def by_category(voice: Voice, forms: tuple[str, ...]) -> dict[str, str]:
    """Forms as gettext counts them, by the names that browsers have for them. Fractions take the last one."""
    found = {"other": forms[-1]}
    # Each category of our languages has one of these numbers; the last is what French and Spanish call "many".
    for n in (*range(200), 1_000_000):
        found.setdefault(voice.locale.plural_form(n), forms[voice.form(n)])
    return found
