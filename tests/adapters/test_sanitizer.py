"""What readers typed becomes HTML that harms nobody, and stays the same under a second look."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.adapters.sanitizer import REL, TAGS, clean, render, render_fully, text_of
from service.domain.text import TextFault, normalise_text

# Attack strings of the usual kinds: tags, attributes, schemes, mutation, foreign content, markdown tricks.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href=javascript:123>x</a>",
    "<a href=vbscript:1>x</a>",
    "<a href=data:1>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='https://ok.example' onclick=alert(1)>x</a>",
    "<a href='https://ok.example' style='position:fixed'>x</a>",
    "<a href='https://ok.example' target=_blank>x</a>",
    "<a rel=opener href='https://ok.example'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:1)",
    '[x](https://ok.example/"onmouseover="alert(1))',
    "[x](<https://ok.example/' onclick='alert(1)>)",
    "[x](https://ok.example 'title\" onclick=\"alert(1)')",
    "![x](https://ok.example/pixel.png)",
    "<https://ok.example/?<script>>",
    'https://ok.example/"><script>alert(1)</script>',
    "https://ok.example/?a=<b>&c='d'",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "> <script>alert(1)</script>",
    "**<img src=x onerror=alert(1)>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;",
    "<!--<script>alert(1)</script>-->",
    "<!--><img src=x onerror=alert(1)>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<style>@import 'https://evil.example';</style>",
    "<form action=https://evil.example><input name=x></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<p id=x class=y style=color:red>hello</p>",
    "<p/onmouseover=alert(1)>x",
    "<p\nonclick=alert(1)>x",
    "<b><i><u>nested</b></i></u>",
    "</p></div></body></html><script>alert(1)</script>",
    "<plaintext><script>alert(1)",
    "<xmp><script>alert(1)</script></xmp>",
    "<textarea><script>alert(1)</script></textarea>",
    "<title><script>alert(1)</script></title>",
    "<select><style></select><script>alert(1)</script></style>",
    "1 < 2 && a<b>c \"quoted\" 'single'",
    "{{7*7}} ${7*7} <%= 7*7 %>",
]


def sanitized_by_another(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={"a": {"href", "rel"}},
        link_rel=None,
        url_schemes={"http", "https"},
    )


class Seen(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_in(html: str) -> list[tuple[str, dict[str, str | None]]]:
    seen = Seen()
    seen.feed(html)
    seen.close()
    return seen.tags


def assert_harmless(html: str) -> None:
    for tag, attributes in tags_in(html):
        assert tag in TAGS
        if tag == "a":
            assert attributes["rel"] == REL
            assert (attributes["href"] or "").startswith(("http://", "https://"))
            assert set(attributes) == {"href", "rel"}
        else:
            assert attributes == {}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_string_becomes_harmless_text(payload: str) -> None:
    for html in (render(payload), render_fully(payload), clean(payload)):
        for tag, attributes in tags_in(html):
            assert tag in TAGS
            assert set(attributes) <= {"href", "rel"}
    assert_harmless(render(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_string_is_a_fixed_point_of_both_sanitizers(payload: str) -> None:
    html = render(payload)
    assert clean(html) == html
    assert sanitized_by_another(html) == html


PIECES = list("ab *_`[]()<>!#\\&;:/\"'~\n-+=1.|\u00a0\t")
PIECES += [
    "https://a.b/",
    "&amp;",
    "&#x3c;",
    "&nbsp;",
    "\n\n",
    "**",
    "```\n",
    "> ",
    "<a href=",
    "](http://a.b)",
]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=("Cs",)), max_size=80).map(
    "".join
)


def normalised(raw: str) -> str:
    try:
        return normalise_text(raw, maximum=2_000)
    except TextFault:
        return "x"


@settings(max_examples=400)
@given(MARKDOWN)
def test_rendering_is_a_fixed_point_of_both_sanitizers(raw: str) -> None:
    html = render(normalised(raw))
    assert clean(html) == html
    assert sanitized_by_another(html) == html
    assert_harmless(html)


@settings(max_examples=400)
@given(MARKDOWN)
@example("a\n\n\u00a0a")
@example("a\n\u3000a\n\n\u3000b")
def test_escaping_alone_gives_the_same_where_there_is_no_markup(raw: str) -> None:
    source = normalised(raw)
    assert render(source) == render_fully(source)


@settings(max_examples=200)
@given(st.text(alphabet="abc .,;!?'\"&()-+=#%$1\n", max_size=200))
def test_everyday_writing_takes_the_short_way_and_both_ways_agree(raw: str) -> None:
    source = normalised(raw)
    assert render(source) == render_fully(source)


def test_the_small_markdown_does_what_writers_expect() -> None:
    assert render("One\ntwo\n\nthree") == "<p>One<br>\ntwo</p>\n<p>three</p>"
    assert render("*so* and **so**") == "<p><em>so</em> and <strong>so</strong></p>"
    assert render("> quoted") == "<blockquote>\n<p>quoted</p>\n</blockquote>"
    assert render("`a<b`") == "<p><code>a&lt;b</code></p>"
    assert render("see https://example.org/x?a=1&b=2.") == (
        f'<p>see <a href="https://example.org/x?a=1&amp;b=2" rel="{REL}">https://example.org/x?a=1&amp;b=2</a>.</p>'
    )
    assert render('Mr. & Mrs. "Quote" <3') == '<p>Mr. &amp; Mrs. "Quote" &lt;3</p>'


def test_plain_text_has_no_markup_left() -> None:
    assert text_of(render("**Hi** <b> & [you](https://example.org)")) == "Hi <b> & you (https://example.org)"


@pytest.mark.parametrize(
    "hostile",
    [
        "> " * 2_500,
        ">" * 5_000,
        "*" * 5_000,
        "**a " * 2_500,
        "[" * 10_000,
        "[a](" * 2_500,
        "`" * 5_000 + "a",
        "<" * 10_000,
        "<a><b>" * 1_600,
        "&amp;" * 2_000,
        "https://a.b/" * 800,
        "_a_ " * 2_500,
    ],
)
def test_absurd_markup_costs_little_time(hostile: str) -> None:
    import time

    started = time.process_time()
    html = render(hostile)
    # A bound for a broken algorithm (seconds), far above what it takes.
    assert time.process_time() - started < 1.0
    assert clean(html) == html


def test_the_text_of_what_is_served_keeps_lines_and_blocks_apart() -> None:
    assert text_of(render("One\ntwo\n\n*three*")) == "One\ntwo\n\nthree"
    assert text_of(render("> quoted\n> more\n\nend")) == "quoted\nmore\n\nend"
    assert text_of(render("```\na\n  b\n```")) == "a\n  b"
    assert text_of(render("see https://a.example/?b=1&c=2.")) == "see https://a.example/?b=1&c=2."
    assert text_of("<p>a<br>b</p><p>&amp;lt;</p>") == "a\nb\n\n&lt;"


@settings(max_examples=200)
@given(st.text(alphabet="abc .,;!?'\"&()-+=#%$1\n\u00a0", max_size=200))
def test_the_text_of_everyday_writing_is_what_was_written(raw: str) -> None:
    source = normalised(raw)
    assert text_of(render(source)).split() == source.split()
