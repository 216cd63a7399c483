"""The door for callers of Perspective (``commentanalyzer`` v1alpha1): analyze, suggestscore, discovery.

Errors have the shape that Google's clients read, not ours.
"""

from __future__ import annotations

import logging
import re
from itertools import islice
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.domain.door import PERSPECTIVE, Key
from service.domain.errors import GreenroomError, TokenInvalid
from service.web.answers import answer
from service.web.doors.asking import rooms, sent_document
from service.web.doors.discovery import discovery_document
from service.web.problems import headers_of, kind_of

door = Blueprint("perspective", __name__)
log = logging.getLogger("greenroom.doors")

BYTES_MAX = 20_480
SENTENCES_MAX = 40
LANGUAGE = "en"
# What each attribute is here. Those that only Perspective has (the bridging and the newspaper's own ones) are none of
# ours; they are told as unknown rather than made up.
_TWINNED = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "obscene",
    "THREAT": "threat",
}
ATTRIBUTES = {
    **_TWINNED,
    **{f"{name}_EXPERIMENTAL": label for name, label in _TWINNED.items()},
    "SEXUALLY_EXPLICIT": "sexual",
    "OBSCENE": "obscene",
    "SPAM": "spam",
}
_SENTENCE = re.compile(r"[^.!?\n]{1,2000}[.!?\n]{0,20}")
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    411: "INVALID_ARGUMENT",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
_OWN_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=False)


class TextEntry(_Loose):
    text: str = ""
    type: str | None = None


class Parameters(_Loose):
    score_type: str = Field("PROBABILITY", alias="scoreType")
    score_threshold: float | None = Field(None, alias="scoreThreshold")


class Analyze(_Loose):
    comment: TextEntry = TextEntry()
    requested: dict[str, Parameters | None] = Field({}, alias="requestedAttributes")
    languages: list[str] = []
    span_annotations: bool = Field(False, alias="spanAnnotations")
    drop_unsupported: bool = Field(False, alias="dropUnsupportedAttributes")
    client_token: str | None = Field(None, alias="clientToken")


class Score(_Loose):
    value: float


class Suggested(_Loose):
    summary: Score | None = Field(None, alias="summaryScore")


class Suggest(_Loose):
    comment: TextEntry = TextEntry()
    scores: dict[str, Suggested] = Field({}, alias="attributeScores")
    languages: list[str] = []
    client_token: str | None = Field(None, alias="clientToken")


Sent = TypeVar("Sent", bound=BaseModel)


class Fault(Exception):
    """A request that this protocol refuses; ``more`` goes into the error's details."""

    def __init__(self, message: str, kind: str = "", status: int = 400, **more: Any) -> None:
        super().__init__(message)
        self.message, self.kind, self.status, self.more = message, kind, status, more


@door.post("/v1alpha1/comments:analyze")
def analyze() -> Response:
    """Scores of a text, by attribute."""
    key = _key()
    asked = _read(Analyze)
    text = _text(asked.comment)
    languages = _languages(asked.languages, text, next(iter(asked.requested), "TOXICITY"))
    wanted = _wanted(asked)
    spans = _sentences(text) if asked.span_annotations else [(0, len(text))]
    texts = [text] if len(spans) == 1 else [text, *(text[start:end] for start, end in spans)]
    found = rooms().doors.score(key, texts).texts
    whole, parts = found[0], found[1:] or found
    scores: dict[str, Any] = {}
    for name, threshold in wanted.items():
        label = ATTRIBUTES[_bare(name)]
        if whole[label] >= threshold:
            told = [_span(text, *span, part[label]) for span, part in zip(spans, parts, strict=True)]
            scores[name] = {"summaryScore": _score(whole[label]), "spanScores": told}
    said: dict[str, Any] = {"attributeScores": scores} if scores else {}
    said |= {"languages": asked.languages or languages, "detectedLanguages": languages}
    if asked.client_token is not None:
        said["clientToken"] = asked.client_token
    return answer(said)


@door.post("/v1alpha1/comments:suggestscore")
def suggest_score() -> Response:
    """What a moderator decided about a text: from a half on, that it is what the attribute says."""
    key = _key()
    sent = _read(Suggest)
    text = _text(sent.comment)
    if not sent.scores:
        raise Fault("Missing attribute_scores")
    spam: bool | None = None
    toxic: bool | None = None
    for name, suggested in sent.scores.items():
        if suggested.summary is None:
            continue
        positive = suggested.summary.value >= 0.5
        if _bare(name) == "SPAM":
            spam = positive
        elif _bare(name) in ATTRIBUTES:
            toxic = bool(toxic) or positive
    if spam is not None or toxic is not None:
        about = f"token\0{sent.client_token}" if sent.client_token else f"text\0{text}"
        rooms().doors.hear(key, about, text, spam=spam, toxic=toxic)
    said: dict[str, Any] = {"detectedLanguages": [LANGUAGE]}
    if sent.languages:
        said["requestedLanguages"] = sent.languages
    if sent.client_token is not None:
        said["clientToken"] = sent.client_token
    return answer(said)


@door.get("/$discovery/rest")
@door.get("/discovery/v1/apis/commentanalyzer/v1alpha1/rest")
def discovery() -> Response:
    """What Google's clients build themselves from."""
    if request.args.get("version", "v1alpha1") != "v1alpha1":
        raise Fault("There is v1alpha1 alone.", status=404)
    return answer(discovery_document(rooms().settings.doors_url))


# --- reading ---------------------------------------------------------------------------------------------------


def _key() -> Key:
    given = request.args.get("key") or request.headers.get("X-Goog-Api-Key")
    if not given:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip() if kind.lower() == "bearer" else request.args.get("access_token")
    if not given:
        raise Fault(
            "Requests need a key of this door: make one with `greenroom token create`, and send it as ?key=.",
            status=403,
        )
    return rooms().doors.enter(PERSPECTIVE, given[:200], request.remote_addr)


def _read(model: type[Sent]) -> Sent:
    try:
        return model.model_validate(sent_document())
    except ValidationError as error:
        # The field is named, and its value never repeated.
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"][:2])
        raise Fault(f"Invalid value at '{where}'") from None


def _text(entry: TextEntry) -> str:
    if entry.type not in (None, "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"):
        raise Fault("Only PLAIN_TEXT is supported as a text's type.")
    if not entry.text.strip():
        raise Fault("Comment must be non-empty.", "COMMENT_EMPTY")
    size = len(entry.text.encode("utf-8", "replace"))
    if size > BYTES_MAX:
        raise Fault(
            f"Comment text was too many bytes. Value ({size}) exceeded limit ({BYTES_MAX}).",
            "COMMENT_TOO_LONG",
        )
    return entry.text


def _languages(asked: list[str], text: str, attribute: str) -> list[str]:
    """What the text is taken to be in. Raises ``Fault`` where that is no English: scores of it would be noise."""
    if asked:
        if any(re.split(r"[-_]", language)[0].lower() == LANGUAGE for language in asked):
            return [LANGUAGE]
        _refuse_language(attribute, asked)
    letters = [character for character in text[:2_000] if character.isalpha()]
    if letters and sum(character < "\u0250" for character in letters) * 2 < len(letters):
        _refuse_language(attribute, ["und"])
    return [LANGUAGE]


def _refuse_language(attribute: str, languages: list[str]) -> None:
    shown = [language[:20] for language in languages[:5]]
    raise Fault(
        f"Attribute {_bare(attribute)[:60]} does not support request languages: {', '.join(shown)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={"detectedLanguages": shown, "attribute": _bare(attribute)[:60]},
    )


def _bare(name: str) -> str:
    return name.partition("@")[0].upper()


def _wanted(asked: Analyze) -> dict[str, float]:
    """The attributes asked for with the score from which each is told."""
    if not asked.requested:
        raise Fault("Missing requested_attributes")
    wanted: dict[str, float] = {}
    for name, parameters in islice(asked.requested.items(), 50):
        if _bare(name) not in ATTRIBUTES:
            if asked.drop_unsupported:
                continue
            raise Fault(f"Unknown requested attribute: {name[:60]}")
        if parameters and parameters.score_type not in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
            raise Fault(f"Requested score type is not supported by attribute {_bare(name)}")
        wanted[name] = (parameters.score_threshold if parameters else None) or 0.0
    return wanted


# --- answering -------------------------------------------------------------------------------------------------


def _score(value: float) -> dict[str, float | str]:
    return {"value": value, "type": "PROBABILITY"}


def _span(text: str, start: int, end: int, value: float) -> dict[str, Any]:
    return {"begin": _utf16(text[:start]), "end": _utf16(text[:end]), "score": _score(value)}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends; of very many, the last takes all that is left."""
    spans = [found.span() for found in _SENTENCE.finditer(text) if found[0].strip()]
    if not spans:
        return [(0, len(text))]
    if len(spans) > SENTENCES_MAX:
        spans[SENTENCES_MAX - 1 :] = [(spans[SENTENCES_MAX - 1][0], spans[-1][1])]
    return spans


def _send(status: int, message: str, details: list[dict[str, Any]] | None = None) -> Response:
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS.get(status, "INTERNAL")}
    if details:
        error["details"] = details
    return answer({"error": error}, status)


@door.errorhandler(Fault)
def refused(fault: Fault) -> Response:
    details = [{"@type": _OWN_ERROR, "errorType": fault.kind, **fault.more}] if fault.kind else None
    return _send(fault.status, fault.message, details)


@door.errorhandler(GreenroomError)
def known(error: GreenroomError) -> Response:
    if isinstance(error, TokenInvalid):
        return _send(400, "API key not valid. Please pass a valid API key.")
    response = _send(kind_of(error).status, error.detail)
    response.headers.extend(headers_of(error))
    return response


@door.errorhandler(Exception)
def unable(error: Exception) -> Response:
    """A model or a database that cannot answer: never a score."""
    log.error("could not answer %s", request.endpoint, exc_info=error)
    return _send(503, "The service cannot score just now.")
