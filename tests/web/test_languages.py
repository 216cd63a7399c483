"""Our own pages in the reader's language: what was asked for, else what the browser says, else English."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RateLimited
from service.web.languages import choose, languages, spoken_here, voice
from tests.web.conftest import ADDRESS, STORY, House
from tests.web.sending import send_form
from tests.web.stage import close_story, put_on_stage

PAGE = f"/daily/t?url={STORY}"


def page(house: House, path: str = PAGE, accepted: str | None = None) -> str:
    headers = {"Accept-Language": accepted} if accepted is not None else {}
    answer = house.client.get(path, headers=headers)
    assert answer.headers["Vary"] == "Accept-Language"
    assert f'<html lang="{answer.headers["Content-Language"]}" ' in answer.text
    return answer.text


# --- which language -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "accepted", "spoken"),
    [
        (None, [], "en"),
        ("de", [], "de"),
        ("DE-at", [], "de"),
        ("de_AT", ["fr"], "fr"),  # no tag of a language
        ("ar-EG", ["de"], "ar"),
        ("xx", ["uk", "de"], "uk"),
        ("", ["es-419"], "es"),
        (None, ["zh", "fr-CA", "de"], "fr"),
        (None, ["zh-Hant", "ja"], "en"),
        (None, ["en-US", "de"], "en"),
        (None, ["*"], "en"),
        ("../../de", [], "en"),
        ("de\x00", [], "en"),
    ],
)
def test_the_first_language_that_we_speak_is_spoken(
    asked: str | None, accepted: list[str], spoken: str
) -> None:
    assert choose(asked, accepted) == spoken


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("de", "de"),
        ("de-CH, de;q=0.9, en;q=0.8", "de"),
        ("fr;q=0.3, uk;q=0.7, pl", "uk"),
        ("de;q=0, es;q=0.1", "es"),
        ("de;q=0", "en"),
        ("ar, *;q=0.1", "ar"),
        ("pl, cs;q=0.5", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_order_counts(header: str, spoken: str) -> None:
    with Flask("x").test_request_context(headers={"Accept-Language": header}):
        assert spoken_here(None).lang == spoken


ODD = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00")),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "de",
                    "en",
                    "*",
                    "xx",
                    "uk-UA",
                    "DE",
                    "Ar-EG",
                    "zh-Hant-TW",
                    "",
                    "-",
                    "_",
                    "a" * 500,
                    "d\x7fe",
                    "é",
                ]
            ),
            st.sampled_from(
                ["", ";q=0.5", ";q=nan", ";q=-1", ";q=1e400", ";q=", ";;", ";q=0.0.1", ';a="', "; q = 1"]
            ),
        ).map("".join)
    ).map(",".join),
)


@given(header=ODD, asked=st.none() | ODD)
def test_no_header_however_odd_leads_anywhere_but_to_a_language_of_ours(
    header: str, asked: str | None
) -> None:
    with Flask("x").test_request_context(environ_overrides={"HTTP_ACCEPT_LANGUAGE": header}):
        assert spoken_here(asked).lang in languages()


def test_odd_headers_and_addresses_are_answered_with_a_page(house: House) -> None:
    for odd in ("de;q=nan", ";;;,,,", "x" * 4_000, "*;q=9", "\xe4\xf6"):
        answer = house.client.get(PAGE, headers={"Accept-Language": odd})
        assert answer.status_code == 200, odd
        assert answer.headers["Content-Language"] in languages()
        answer = house.client.get(f"{PAGE}&lang={quote(odd)}", headers={"Accept-Language": "de"})
        assert answer.headers["Content-Language"] == "de"


# --- the page of a thread -----------------------------------------------------------------------------------------


def test_a_german_browser_is_spoken_to_in_german(house: House) -> None:
    put_on_stage(house, [None, 0])
    said = page(house, accepted="de-DE,de;q=0.9,en;q=0.5")
    assert '<html lang="de" dir="ltr">' in said
    for sentence in ("2 Kommentare", "Kommentar senden", "Zum Inhalt springen", "Höchstens 10.000 Zeichen."):
        assert sentence in said
    assert "Comment" not in said.replace("Comment 0", "").replace("Comment 1", "")


def test_without_a_word_about_it_english_is_spoken(house: House) -> None:
    assert "Be the first to comment" in page(house)
    assert "Be the first to comment" in page(house, accepted="pl,cs;q=0.8")
    assert "Be the first to comment" in page(house, f"{PAGE}&lang=en", accepted="de")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("de", {1: "1 Kommentar\n", 2: "2 Kommentare", 5: "5 Kommentare", 21: "21 Kommentare"}),
        ("uk", {1: "1 коментар", 2: "2 коментарі", 5: "5 коментарів", 21: "21 коментар"}),
        ("ar", {1: "تعليق واحد", 2: "تعليقان", 5: "5 تعليقات", 21: "21 تعليقًا"}),
    ],
)
def test_a_number_of_comments_has_its_form(house: House, lang: str, said: dict[int, str]) -> None:
    there = 0
    for n, sentence in said.items():
        put_on_stage(house, [None] * (n - there))
        there = n
        heading = page(house, f"{PAGE}&lang={lang}").partition('<h2 id="comments">')[2].partition("</h2>")[0]
        assert heading == sentence.strip(), n


def test_arabic_is_written_from_right_to_left(house: House) -> None:
    put_on_stage(house, [None])
    said = page(house, f"{PAGE}&lang=ar")
    assert '<html lang="ar" dir="rtl">' in said
    assert 'class="prose" dir="auto"' in said


def test_moments_are_those_of_the_language() -> None:
    moment = "2026-12-24T18:05:00Z"
    assert voice("en").when(moment) == "24 December 2026, 18:05 UTC"
    assert voice("de").when(moment) == "24. Dezember 2026, 18:05 UTC"
    assert voice("fr").when(moment) == "24 décembre 2026, 18:05 UTC"
    assert voice("ar").when(moment) == "24 ديسمبر 2026، 6:05 م UTC"


def test_a_language_that_was_asked_for_stays_in_links_and_form(house: House) -> None:
    ids = put_on_stage(house, [None, None])
    asked = page(house, f"{PAGE}&lang=uk&limit=1", accepted="de")
    assert '<input type="hidden" name="lang" value="uk">' in asked
    links = [line for line in asked.splitlines() if "reply_to=" in line or "cursor=" in line]
    assert len(links) >= 2
    for line in links:
        assert "lang=uk" in line
    answering = page(house, f"{PAGE}&lang=uk&reply_to={ids[0]}")
    assert f"lang=uk#greenroom-{ids[0]}" in answering
    # What the browser says it will say again.
    assert "lang=" not in page(house, f"{PAGE}&limit=1", accepted="de").replace('<html lang="de"', "")
    sent = send_form(house, lang="uk", return_to="")
    assert sent.headers["Location"].endswith("&lang=uk&result=received#result")
    assert "lang=" not in send_form(house, lang="xx", text="Another", return_to="").headers["Location"]


def test_names_and_titles_are_never_taken_for_markup_or_places(house: House) -> None:
    above = house.post(author={"name": "<b>{n}</b> & co", "email": ADDRESS})["id"]
    house.screen()
    house.decide(above)
    said = page(house, f"{PAGE}&lang=de&reply_to={above}")
    assert "Antwort an <bdi>&lt;b&gt;{n}&lt;/b&gt; &amp; co</bdi>" in said
    assert 'aria-label="Antworten auf &lt;b&gt;{n}&lt;/b&gt; &amp; co"' in said


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "german"),
    [
        ({"text": ""}, "Bitte schreiben Sie etwas."),
        ({"text": "x" * 10_001}, "Das ist zu lang: bitte höchstens 10.000 Zeichen."),
        ({"name": "n" * 500}, "Das ist zu lang: bitte höchstens"),
        ({"name": "a@b"}, "Bitte geben Sie hier einen Namen an, keine E-Mail-Adresse"),
        ({"email": "nonsense"}, "Das sieht nicht nach einer E-Mail-Adresse aus."),
        ({"email": f"{'a' * 300}@example.org"}, "Diese E-Mail-Adresse ist zu lang."),
        ({"text": f"Write to {ADDRESS}"}, "Das enthält Ihre E-Mail-Adresse"),
        ({"parent_id": "nobody"}, "Den Kommentar, auf den Sie antworten, gibt es nicht mehr."),
        ({"text": "a" + "\u0301" * 200}, "übereinandergestapelte Zeichen"),
    ],
)
def test_faults_of_a_form_are_told_in_its_language(
    house: House, changes: dict[str, str], german: str
) -> None:
    answer = send_form(house, lang="de", **changes)
    assert answer.status_code == 422
    assert german in answer.text
    assert '<html lang="de"' in answer.text
    assert '<span lang="en"' not in answer.text
    assert '<input type="hidden" name="lang" value="de">' in answer.text


def test_a_closed_story_says_so_in_the_language_of_the_form(house: House) -> None:
    put_on_stage(house, [None])
    close_story(house)
    assert "Коментування цього матеріалу закрито." in send_form(house, lang="uk").text


def test_who_wrote_too_much_is_told_how_long_to_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RateLimited(21 * 60, "author")

    monkeypatch.setattr(type(house.rooms.submit), "__call__", refuse)
    answer = send_form(house, lang="uk")
    assert answer.status_code == 429
    assert "Забагато коментарів за короткий час." in answer.text
    assert "Знову можна буде через 21 хвилину." in answer.text


def test_small_pages_speak_the_language_too(house: House) -> None:
    said = page(house, "/nowhere/t?url=https://daily.example/", accepted="fr")
    assert "Ce site n’existe pas ici." in said
    assert "Introuvable" in said
    assert "No pertenece" not in page(house, "/daily/t?url=https://evil.test/&lang=es")
    assert "Este artículo no pertenece a este sitio." in page(
        house, "/daily/t?url=https://evil.test/&lang=es"
    )


def test_a_sentence_without_a_translation_is_marked_as_english() -> None:
    assert voice("de").told("Odd <b>.") == '<span lang="en" dir="ltr">Odd &lt;b&gt;.</span>'
    assert voice("en").told("Odd <b>.") == "Odd <b>."
