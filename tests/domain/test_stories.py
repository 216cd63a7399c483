"""Addresses of stories: one form for each, and none that only looks like the site's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.stories import URL_MAX, UrlFault, canonical_url, is_allowed, normalise_origin, origin_of

ORIGINS = ("https://daily.example", "http://localhost:8080", "https://xn--zitung-cua.example")


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("https://daily.example/budget", "https://daily.example/budget"),
        ("HTTPS://Daily.Example/Budget", "https://daily.example/Budget"),
        ("https://daily.example:443/a", "https://daily.example/a"),
        ("http://daily.example:80/a", "http://daily.example/a"),
        ("https://daily.example:8443/a", "https://daily.example:8443/a"),
        ("https://daily.example", "https://daily.example/"),
        ("https://daily.example./a", "https://daily.example/a"),
        ("https://daily.example/a?utm_source=x&y=1#comments", "https://daily.example/a"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/ä"),
        ("https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
        ("https://daily.example/%7Ejane", "https://daily.example/%7Ejane"),
    ],
)
def test_every_way_to_write_an_address_leads_to_one(raw: str, canonical: str) -> None:
    assert canonical_url(raw) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        *("", "daily.example/a", "//daily.example/a", "/a", "https:///a", "https://", "http:/daily.example"),
        *("javascript:alert(1)", "data:text/html,x", "ftp://daily.example/a", "file:///etc/passwd"),
        *(
            "https://user@daily.example/a",
            "https://user:pass@daily.example/",
            "https://daily.example\\@evil.example",
        ),
        *(
            "https://daily.example/a b",
            "https://daily.example/\n",
            "https://daily.example/\x00",
            "https://a\u202eb.example/",
        ),
        *('https://daily.example/"onload=', "https://daily.example/<script>", "https://daily.example/`"),
        *(
            "https://daily.example:99999/",
            "https://daily.example:x/",
            "https://[::1/",
            "https://-a-/",
            "https://./",
        ),
        "https://daily.example/" + "a" * URL_MAX,
        # A browser and Python do not agree about what these are in ASCII.
        *("https://straße.example/", "https://σίσυφος.example/"),
    ],
    ids=repr,
)
def test_what_is_no_address_of_a_web_page_is_refused(raw: str) -> None:
    with pytest.raises(UrlFault):
        canonical_url(raw)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://daily.example/budget", True),
        ("http://localhost:8080/", True),
        # Another scheme, port, suffix, prefix, or a name below the site's: none of them is the site.
        ("http://daily.example/budget", False),
        ("https://daily.example:8443/budget", False),
        ("http://localhost/", False),
        ("http://localhost:8081/", False),
        ("https://daily.example.evil.test/budget", False),
        ("https://evildaily.example/budget", False),
        ("https://www.daily.example/budget", False),
        ("https://example/daily.example/", False),
    ],
)
def test_an_origin_is_compared_whole(url: str, allowed: bool) -> None:
    assert is_allowed(canonical_url(url), ORIGINS) is allowed


@given(st.text(max_size=30))
def test_no_address_built_on_a_sites_leads_elsewhere(tail: str) -> None:
    try:
        canonical = canonical_url("https://daily.example" + tail)
    except UrlFault:
        return
    if is_allowed(canonical, ORIGINS):
        assert origin_of(canonical) == "https://daily.example"
        assert canonical.startswith("https://daily.example/")


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://WWW.daily.example/", "https://www.daily.example"),
        (" http://localhost:8080 ", "http://localhost:8080"),
        ("https://daily.example:443", "https://daily.example"),
    ],
)
def test_an_origin_is_taken_as_operators_type_it(raw: str, origin: str) -> None:
    assert normalise_origin(raw) == origin


@pytest.mark.parametrize(
    "raw", ["https://daily.example/news", "daily.example", "*", "https://*.daily.example", "null", ""]
)
def test_what_is_more_or_less_than_an_origin_is_refused(raw: str) -> None:
    with pytest.raises(UrlFault):
        normalise_origin(raw)
