"""Calling a moderator by a plain form: what the API's readers can, readers without scripts can too."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.flagging import FlagReason
from service.web.embed import SOURCES
from service.web.report import WHY
from tests.adapters.test_sanitizer import PAYLOADS
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.sending import PAGE, PUBLIC, YEAR, Page


def report(
    house: House, comment_id: object, reason: str = "hate", *, lang: str = "", **more: Any
) -> TestResponse:
    return house.client.post(f"/daily/report/{comment_id}", data={"reason": reason, "lang": lang}, **more)


def called(house: House, comment_id: object) -> dict[str, Any]:
    case = house.client.get(f"/v1/admin/comments/{comment_id}", headers=house.admin).get_json()
    found: dict[str, Any] = case["flags"]
    return found


def test_each_comment_of_our_page_leads_to_a_form_with_the_reasons(house: House) -> None:
    made = house.approved("A bridge.", author={"name": "Grace", "email": ADDRESS})
    thread = Page(house.client.get("/daily/t", query_string={"url": STORY}))
    [link] = [
        one for tag, one in thread.elements if tag == "a" and one.get("href", "").startswith("/daily/rep")
    ]
    assert link["aria-label"] == "Report the comment by Grace"
    answer = house.client.get(link["href"] or "")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    page = Page(answer)
    assert "A bridge." in page.text
    offered = [attributes["value"] for tag, attributes in page.elements if tag == "option"]
    assert offered == ["", *(reason.value for reason in FlagReason)]
    assert f"{PAGE}#greenroom-{made}" in {one.get("href") for tag, one in page.elements if tag == "a"}


def test_a_report_reaches_moderators_and_leads_back_with_a_sentence(either_house: House) -> None:
    made = either_house.approved()
    for _ in range(2):
        answer = report(either_house, made)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{PAGE}&result=reported#result"
    page = either_house.client.get(answer.headers["Location"].removeprefix(PUBLIC))
    assert "Thank you. A moderator will look at it." in Page(page).text
    assert called(either_house, made) == {"count": 1, "reasons": {"hate": 1}}


@pytest.mark.parametrize("reason", ["", "kestrel", "HATE"])
def test_a_report_without_a_reason_comes_back_with_the_form(house: House, reason: str) -> None:
    made = house.approved()
    answer = report(house, made, reason)
    assert answer.status_code == 422
    assert "Please choose" in Page(answer).text
    assert called(house, made)["count"] == 0


def test_what_is_not_on_stage_cannot_be_reported_and_is_not_told_of(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    hidden, shown = house.post()["id"], house.approved("Another.")
    for path in (
        f"daily/report/{hidden}",
        f"daily/report/{uuid4()}",
        "daily/report/x",
        f"other/report/{shown}",
    ):
        heard = [house.client.get(f"/{path}"), house.client.post(f"/{path}", data={"reason": "spam"})]
        for answer in heard:
            assert answer.status_code == 404, path
            assert "not there any more" in Page(answer).text
    assert called(house, hidden)["count"] == called(house, shown)["count"] == 0


def test_the_limits_are_the_apis_and_the_reason_is_kept(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    first, second = house.approved(), house.approved("Another.")
    # Two comments came from there, which count apart.
    assert report(house, first).status_code == 303
    assert house.client.post(f"/v1/comments/{second}/like").status_code == 200
    answer = report(house, first)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "It works again in" in Page(answer).text
    assert re.search(r'value="hate" selected', answer.text)
    assert report(house, second, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}], ids=str
)
def test_a_foreign_page_calls_nobody(house: House, headers: dict[str, str]) -> None:
    made = house.approved()
    answer = report(house, made, headers=headers)
    assert answer.status_code == 403
    assert Page(answer).text
    assert called(house, made)["count"] == 0


def test_while_the_database_is_away_a_page_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = house.approved()

    def away(*_: object, **__: object) -> None:
        raise OperationalError("x", {}, Exception("away"))

    for name in ("flagging.Flagging.flag", "on_stage.OnStage.shown"):
        monkeypatch.setattr(f"service.{name}", away)
        for answer in (report(house, made), house.client.get(f"/daily/report/{made}")):
            if answer.status_code == 200:
                continue
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "try again in a moment" in Page(answer).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_was_written_to_harm_is_words_in_the_form(house: House, payload: str) -> None:
    made = house.approved(
        f"x {payload}", author={"name": f"<script>{payload}"[:60].replace("@", ""), "email": ADDRESS}
    )
    page = Page(house.client.get(f"/daily/report/{made}"))
    assert not any(tag == "script" for tag, _ in page.elements)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_every_reason_has_the_words_that_the_embed_has_for_it() -> None:
    assert set(WHY) == set(FlagReason)
    deeds = (SOURCES / "deeds.js").read_text()
    for reason, said in WHY.items():
        assert f'  {reason.value}: "{said}",\n' in deeds


def test_a_reporter_is_spoken_to_in_the_language_of_the_thread(house: House) -> None:
    made = house.approved()
    thread = house.client.get(f"/daily/t?url={STORY}&lang=de").text
    assert f"/daily/report/{made}?lang=de" in thread
    form = house.client.get(f"/daily/report/{made}?lang=de")
    assert "Hass gegen eine Gruppe" in form.text
    assert "Bitte wählen Sie, was daran nicht in Ordnung ist." in report(house, made, "", lang="de").text
    assert "lang=de" in report(house, made, lang="de").headers["Location"]
    assert "Diesen Kommentar gibt es nicht mehr." in house.client.get("/daily/report/x?lang=de").text
