"""The door for Coral's external moderation phases: a signed question before a comment is published.

Whatever goes wrong behind the signature, the answer holds the comment: a phase that fails is skipped by Coral, and
the comment published unread.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from html.parser import HTMLParser
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.domain.door import CORAL, Key
from service.domain.errors import Forbidden, Malformed, RateLimited, TokenInvalid
from service.domain.policy import Action
from service.doors import Answer, Asked
from service.web.answers import answer
from service.web.bodies import parse_json, read_bytes
from service.web.doors.asking import rooms

door = Blueprint("coral", __name__)
log = logging.getLogger("greenroom.doors")

SIGNATURE = "X-Coral-Signature"
_PRIVILEGED = ("STAFF", "MODERATOR", "ADMIN")
_MARKUP = re.compile(r"</?(?:div|p|br|b|i|a|em|strong|blockquote|span|ul|ol|li)\b", re.IGNORECASE)


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Comment(_Loose):
    body: str = ""
    parent_id: str | None = Field(None, alias="parentID")


class Author(_Loose):
    role: str = "COMMENTER"


class Story(_Loose):
    url: str = ""


class Moderation(_Loose):
    """What is read of Coral's question."""

    comment: Comment
    author: Author = Author()
    story: Story = Story()


@door.post("/coral/v1/moderation")
def moderate() -> Response:
    """204 where nothing speaks against a comment, so that Coral's own rules go on; else a status and flags."""
    body = read_bytes()
    try:
        key = rooms().doors.enter(CORAL, request.args.get("key", "")[:200], request.remote_addr)
    except RateLimited:
        return _held()
    _check_signature(key, body)
    try:
        asked = Moderation.model_validate(parse_json(body))
    except (ValidationError, Malformed):
        log.warning("a question of Coral could not be read")
        return _held()
    if asked.author.role in _PRIVILEGED:
        return Response(status=204)
    try:
        found = rooms().doors.judge(
            key,
            Asked(_plain(asked.comment.body), url=asked.story.url, reply=asked.comment.parent_id is not None),
        )
    except Exception as error:
        log.error("could not judge for Coral, which holds the comment", exc_info=error)
        return _held()
    return _decided(found)


def _check_signature(key: Key, body: bytes) -> None:
    """Raises ``TokenInvalid`` for a wrong signature, ``Forbidden`` where the secret is not known here."""
    secrets = [secret for site, secret in rooms().settings.coral_secrets if site == key.site]
    if not secrets:
        log.error("set GREENROOM_CORAL_SECRETS to the signing secret of the phase for site %s", key.site)
        raise Forbidden("The signing secret of this phase is not known here: set GREENROOM_CORAL_SECRETS.")
    wanted = {hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets}
    # While Coral's secret is being changed there are two, parted by a comma.
    given = [
        part.strip().removeprefix("sha256=") for part in request.headers.get(SIGNATURE, "").split(",")[:4]
    ]
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in wanted if one]
    if not any(matches):
        log.warning("a question came with a wrong signature for site %s", key.site)
        raise TokenInvalid


def _held() -> Response:
    return answer({"status": "PREMOD"})


def _decided(found: Answer) -> Response:
    flags: list[dict[str, str]] = []
    toxic = {"offensive", "insult", "threat", "hate", "sexual"}
    if found.spam:
        flags.append({"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"})
    if toxic & set(found.reasons):
        flags.append({"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"})
    said: dict[str, Any] = {"actions": flags} if flags else {}
    if found.action is Action.APPROVE:
        return Response(status=204)
    if found.action is Action.HOLD:
        said["status"] = "SYSTEM_WITHHELD" if flags else "PREMOD"
    else:
        said["status"] = "REJECTED"
    return answer(said)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("div", "p", "br", "li", "blockquote"):
            self.parts.append("\n")
        # Where a link leads says more than what it is called.
        self.parts += [f" {value} " for name, value in attrs if name == "href" and value]


def _plain(body: str) -> str:
    """Coral sends HTML unless the phase asks for plain text."""
    if not _MARKUP.search(body):
        return body
    parser = _Text()
    parser.feed(body)
    parser.close()
    return "".join(parser.parts).strip()
