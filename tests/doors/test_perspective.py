"""Callers of Perspective find here what they know: scores, spans, errors, and a moderator's word that teaches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import service.doors as doors
from service.scoring.scorer import WeightsDamaged
from service.scoring.turns import Turns
from service.store import reports
from service.web.doors.perspective import ATTRIBUTES
from tests.doors.conftest import Building

INSULT = "You are a complete idiot and everybody knows it."


def error_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.get_json()["error"]
    assert found["code"] == answer.status_code
    return found


def kind_of(answer: Any) -> str:
    found: str = error_of(answer)["details"][0]["errorType"]
    return found


# --- Google's own client ---------------------------------------------------------------------------------------


def client_of(building: Building, port: int) -> Any:
    """Google's client for Python, built from our discovery document."""
    from googleapiclient.discovery import build

    building.rooms = replace(
        building.rooms, settings=replace(building.settings, doors_url=f"http://127.0.0.1:{port}")
    )
    building.app.extensions["greenroom.doors"] = building.rooms
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=building.perspective,
        discoveryServiceUrl=f"http://127.0.0.1:{port}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
        cache_discovery=False,
    )


def test_googles_client_scores_a_comment_and_reads_an_error(
    building: Building, serve: Callable[[Building], int]
) -> None:
    from googleapiclient.errors import HttpError

    client = client_of(building, serve(building))
    try:
        asked = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}, "INSULT": {}}}
        found = client.comments().analyze(body=asked).execute()
        assert found["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8
        assert found["attributeScores"]["INSULT"]["summaryScore"]["type"] == "PROBABILITY"
        taught = {
            "comment": {"text": INSULT},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
            "clientToken": "comment:1",
        }
        assert client.comments().suggestscore(body=taught).execute()["clientToken"] == "comment:1"
        with pytest.raises(HttpError) as refused:
            client.comments().analyze(body=asked | {"comment": {"text": " "}}).execute()
        assert refused.value.status_code == 400
        assert refused.value.error_details[0]["errorType"] == "COMMENT_EMPTY"
    finally:
        client.close()


# --- scores ----------------------------------------------------------------------------------------------------


def test_what_coral_asks_is_answered_where_coral_looks(building: Building) -> None:
    answer = building.analyze(INSULT, doNotStore=True)
    assert answer.status_code == 200
    assert answer.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8
    assert (
        building.analyze("Thank you for a fair article about the ferry.").get_json()["attributeScores"][
            "TOXICITY"
        ]["summaryScore"]["value"]
        < 0.2
    )


@pytest.mark.usefixtures("quick")
def test_every_attribute_that_we_have_a_model_for_can_be_asked_for(building: Building) -> None:
    found = building.analyze(INSULT, requestedAttributes={name: {} for name in ATTRIBUTES}).get_json()
    values = {name: score["summaryScore"]["value"] for name, score in found["attributeScores"].items()}
    assert set(values) == set(ATTRIBUTES)
    assert all(0 <= value <= 1 for value in values.values())
    assert values["TOXICITY"] == values["TOXICITY_EXPERIMENTAL"]


@pytest.mark.usefixtures("quick")
def test_an_escaped_colon_and_parameters_of_googles_clients_change_nothing(building: Building) -> None:
    asked = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}
    plain = building.analyze(INSULT)
    escaped = building.client.post(
        f"/v1alpha1/comments%3Aanalyze?alt=json&prettyPrint=false&$.xgafv=2&key={building.perspective}",
        json=asked,
    )
    assert escaped.get_json() == plain.get_json()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("header", ["X-Goog-Api-Key", "Authorization"])
def test_the_key_may_come_as_a_header(building: Building, header: str) -> None:
    value = building.perspective if header != "Authorization" else f"Bearer {building.perspective}"
    asked = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}
    answer = building.client.post("/v1alpha1/comments:analyze", json=asked, headers={header: value})
    assert answer.status_code == 200


@pytest.mark.usefixtures("quick")
def test_below_its_threshold_an_attribute_is_left_out(building: Building) -> None:
    both = {"TOXICITY": {"scoreThreshold": 0.5}, "SPAM": {"scoreThreshold": 0.999}}
    assert set(building.analyze(INSULT, requestedAttributes=both).get_json()["attributeScores"]) == {
        "TOXICITY"
    }
    nothing = building.analyze("What a lovely bridge.", requestedAttributes=both).get_json()
    assert "attributeScores" not in nothing


@pytest.mark.usefixtures("quick")
def test_spans_are_sentences_counted_in_utf16_units(building: Building) -> None:
    text = "\U0001f600 Nice bridge. You are an idiot!"
    found = building.analyze(text, spanAnnotations=True).get_json()["attributeScores"]["TOXICITY"]
    whole = text.encode("utf-16-le")
    pieces = [
        whole[2 * one["begin"] : 2 * one["end"]].decode("utf-16-le").strip() for one in found["spanScores"]
    ]
    assert pieces == ["\U0001f600 Nice bridge.", "You are an idiot!"]
    calm, rude = (one["score"]["value"] for one in found["spanScores"])
    assert calm < 0.3 < rude
    [span] = building.analyze(text).get_json()["attributeScores"]["TOXICITY"]["spanScores"]
    assert (span["begin"], span["end"]) == (0, len(whole) // 2)


@pytest.mark.usefixtures("quick")
def test_a_thousand_sentences_are_scored_as_forty_spans(building: Building) -> None:
    text = "Nice. " * 1000
    found = building.analyze(text, spanAnnotations=True).get_json()["attributeScores"]["TOXICITY"]
    assert len(found["spanScores"]) == 40
    assert found["spanScores"][-1]["end"] == len(text) - 1


def test_who_waits_too_long_for_the_larger_model_is_answered_by_the_smaller(building: Building) -> None:
    turns = building.rooms.doors.turns = Turns(places=1, patience_seconds=0.05)
    busy, done = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.tier() as tier:
            assert tier == "both"
            busy.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    busy.wait(30)
    try:
        late = building.analyze(INSULT).get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    finally:
        done.set()
        holder.join()
    assert turns.missed == 1
    (small,) = doors.scorer("linear").score([INSULT])
    assert late == small.scores["toxicity"]
    (large,) = doors.scorer("both").score([INSULT])
    assert (
        building.analyze(INSULT).get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
        == (large.scores["toxicity"])
    )


# --- errors ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"comment": {"text": ""}}, "COMMENT_EMPTY"),
        ({"comment": {"text": " \n "}}, "COMMENT_EMPTY"),
        ({"comment": None}, "COMMENT_EMPTY"),
        ({"comment": {"text": "é" * 10_241}}, "COMMENT_TOO_LONG"),
        ({"languages": ["it"]}, "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"),
        ({"languages": None, "comment": {"text": "Добрый день всем"}}, "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"),
    ],
)
def test_what_perspective_refuses_is_refused_in_its_words(
    building: Building, changes: dict[str, Any], kind: str
) -> None:
    answer = building.analyze(**changes)
    assert answer.status_code == 400
    assert error_of(answer)["status"] == "INVALID_ARGUMENT"
    assert kind_of(answer) == kind


@pytest.mark.usefixtures("quick")
def test_an_attribute_and_the_languages_it_lacks_are_named(building: Building) -> None:
    (detail,) = error_of(building.analyze(languages=["it"]))["details"]
    wanted = {"detectedLanguages": ["it"], "attribute": "TOXICITY"}
    assert detail["languageNotSupportedByAttributeError"] == wanted


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requestedAttributes": {}}, "Missing requested_attributes"),
        ({"requestedAttributes": {"FLIRTATION": {}}}, "Unknown requested attribute: FLIRTATION"),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}},
            "Requested score type is not supported by attribute TOXICITY",
        ),
        (
            {"comment": {"text": "x", "type": "HTML"}},
            "Only PLAIN_TEXT is supported as a text's type.",
        ),
        ({"languages": 7}, "Invalid value at 'languages'"),
        ({"requestedAttributes": {"TOXICITY": 3}}, "Invalid value at 'requestedAttributes.TOXICITY'"),
    ],
)
def test_what_else_is_wrong_is_said_in_a_sentence(
    building: Building, changes: dict[str, Any], message: str
) -> None:
    answer = building.analyze(**changes)
    assert answer.status_code == 400
    assert error_of(answer)["message"] == message


@pytest.mark.usefixtures("quick")
def test_unknown_attributes_can_be_dropped(building: Building) -> None:
    asked = {"FLIRTATION": {}, "TOXICITY": {}}
    answer = building.analyze(requestedAttributes=asked, dropUnsupportedAttributes=True)
    assert set(answer.get_json()["attributeScores"]) == {"TOXICITY"}


@pytest.mark.parametrize(
    ("key", "status", "named"),
    [
        ("", 403, "PERMISSION_DENIED"),
        ("grk_of-somebody-else", 400, "INVALID_ARGUMENT"),
        ("akismet", 400, "INVALID_ARGUMENT"),
        ("revoked", 400, "INVALID_ARGUMENT"),
    ],
)
def test_a_key_that_does_not_open_this_door_scores_nothing(
    building: Building, key: str, status: int, named: str
) -> None:
    if key == "akismet":
        key = building.akismet
    if key == "revoked":
        key = building.perspective
        building.tokens.revoke("a key of perspective")
    answer = building.client.post(
        f"/v1alpha1/comments:analyze?key={key}",
        json={"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}},
    )
    assert answer.status_code == status
    assert error_of(answer)["status"] == named


@pytest.mark.usefixtures("quick")
def test_a_key_that_asks_too_much_is_told_when_to_come_again(sqlite_url: str, tmp_path: Any) -> None:
    building = Building(sqlite_url, tmp_path, rate_door="2 per minute")
    assert [building.analyze().status_code for _ in range(3)] == [200, 200, 429]
    last = building.analyze()
    assert error_of(last)["status"] == "RESOURCE_EXHAUSTED"
    assert 0 < int(last.headers["Retry-After"]) <= 60
    building.rooms.close()


def test_a_model_that_cannot_answer_gives_no_score(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(tier: str) -> Any:
        raise WeightsDamaged("gone")

    monkeypatch.setattr(doors, "scorer", damaged)
    answer = building.analyze(INSULT)
    assert answer.status_code == 503
    assert error_of(answer)["status"] == "UNAVAILABLE"
    assert "attributeScores" not in answer.get_json()


# Halves of characters, too, which JSON can carry.
_text = st.text(st.characters(), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)
_fields = [
    "comment",
    "requestedAttributes",
    "languages",
    "spanAnnotations",
    "dropUnsupportedAttributes",
    "clientToken",
    "attributeScores",
]


@pytest.mark.usefixtures("quick")
@given(
    verb=st.sampled_from(["analyze", "suggestscore"]),
    document=st.dictionaries(st.sampled_from(_fields), _json) | _json,
)
def test_no_json_whatever_is_answered_with_a_fault_of_ours(
    building: Building, verb: str, document: Any
) -> None:
    answer = building.client.post(f"/v1alpha1/comments:{verb}?key={building.perspective}", json=document)
    assert answer.status_code in (200, 400)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000, b'{"comment": {"text": "\xff"}}', b"null"])
def test_a_body_that_is_no_json_object_is_refused(building: Building, body: bytes) -> None:
    url = f"/v1alpha1/comments:analyze?key={building.perspective}"
    answer = building.client.post(url, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert error_of(answer)["status"] == "INVALID_ARGUMENT"


@pytest.mark.usefixtures("quick")
def test_lone_surrogates_in_a_text_are_scored_like_any_text(building: Building) -> None:
    body = (
        b'{"comment":{"text":"You idiot \\ud800"},"requestedAttributes":{"TOXICITY":{}},"languages":["en"]}'
    )
    url = f"/v1alpha1/comments:analyze?key={building.perspective}"
    answer = building.client.post(url, data=body, content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.usefixtures("quick")
def test_half_a_character_harms_no_part_of_a_request(building: Building) -> None:
    half = "You idiot \ud83d"
    answer = suggested(building, half, half, SPAM=1)
    assert answer.get_json()["clientToken"] == "You idiot ?"
    assert building.analyze(half, clientToken=half).status_code == 200
    unknown = building.analyze(requestedAttributes={half: {}})
    assert error_of(unknown)["message"] == "Unknown requested attribute: You idiot ?"


# --- a moderator's word ----------------------------------------------------------------------------------------


def suggested(building: Building, text: str, token: str | None = None, **values: float) -> Any:
    scores = {name: {"summaryScore": {"value": value}} for name, value in values.items()}
    sent: dict[str, Any] = {"comment": {"text": text}, "attributeScores": scores}
    if token:
        sent["clientToken"] = token
    return building.client.post(f"/v1alpha1/comments:suggestscore?key={building.perspective}", json=sent)


def kept(building: Building) -> list[reports.Report]:
    with building.rooms.database.read() as connection:
        return reports.newest(connection, "daily")


@pytest.mark.usefixtures("quick")
def test_a_suggested_score_is_kept_without_its_text(building: Building) -> None:
    text = "Zyxwunderbar words that stand nowhere else"
    answer = suggested(building, text, "comment:1", TOXICITY=1)
    assert answer.get_json() == {"clientToken": "comment:1", "detectedLanguages": ["en"]}
    (report,) = kept(building)
    assert (report.toxic, report.spam, report.actor) == (True, None, "a key of perspective")
    building.rooms.close()
    stored = b"".join(path.read_bytes() for path in building.folder.glob("greenroom.db*"))
    assert b"yxwunderbar" not in stored
    assert b"comment:1" not in stored


@pytest.mark.usefixtures("quick")
def test_a_second_word_on_the_same_comment_takes_the_first_ones_place(building: Building) -> None:
    suggested(building, "One text", "comment:1", SPAM=1)
    suggested(building, "One text", "comment:1", SPAM=0)
    suggested(building, "One text", "comment:2", SPAM=1)
    assert sorted((report.spam for report in kept(building)), key=bool) == [False, True]


@pytest.mark.usefixtures("quick")
def test_a_suggestion_without_scores_is_refused_and_one_on_foreign_attributes_teaches_nothing(
    building: Building,
) -> None:
    assert error_of(suggested(building, "One text"))["message"] == "Missing attribute_scores"
    assert suggested(building, "One text", AFFINITY_EXPERIMENTAL=1).status_code == 200
    assert kept(building) == []
