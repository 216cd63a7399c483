"""The only place that knows bleach and markdown-it: from what a reader typed to the HTML that is served.

Two lines stand one behind the other. markdown-it knows paragraphs, emphasis, quotes, code and links, and takes
HTML for text. bleach then lets nothing through but eight tags, with an attribute rule of our own, because its
protocol list alone lets ``javascript:123`` pass. bleach is at its end of life and a shared ``Cleaner`` is not
safe between threads: each thread has its own, and the tests hold its output against another sanitizer's.

Text without any markup character needs neither: escaping gives the same, which a property test shows.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import bleach
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS = frozenset({"p", "br", "em", "strong", "blockquote", "code", "pre", "a"})
REL = "nofollow ugc noopener"
NESTING_MAX = 12
# More markup than this is not writing; it is shown as typed, because parsing it would cost too long.
MARKUP_MAX = 400

# Nothing here can start markup anywhere in a text, nor a reference such as "&amp;".
_MARKUP = re.compile(r"[*_`\[\]<>\\~]|&[#A-Za-z]|://")
# What can start a block at the beginning of a line (">" and "`" are in _MARKUP already).
_INDENTED = re.compile(r"(?m)^ ")
_FENCE = re.compile(r"```|~~~")
_BLANK_LINES = re.compile(r"\n{2,}")
_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;"})


def render(source: str) -> str:
    """The served HTML of a normalised source. Its output is a fixed point of cleaning it again."""
    if not _has_markup(source):
        return _paragraphs(source)
    if _FENCE.search(source) or len(_MARKUP.findall(source)) > MARKUP_MAX:
        return render_fully(source)
    # Between blank lines nothing but a fence reaches across, so a block without markup stays with the quick way.
    blocks = (
        _parsed(block) if _has_markup(block) else _paragraphs(block) for block in _BLANK_LINES.split(source)
    )
    return "\n".join(block for block in blocks if block)


def render_fully(source: str) -> str:
    """As ``render``, always by way of both parsers."""
    if len(_MARKUP.findall(source)) > MARKUP_MAX:
        return _paragraphs(source)
    return _parsed(source)


def _has_markup(source: str) -> bool:
    return _MARKUP.search(source) is not None or _INDENTED.search(source) is not None


def _parsed(source: str) -> str:
    tools = _tools()
    # Looking for addresses costs as much as all the rest, and each holds these three characters.
    markdown = tools.linking if "://" in source else tools.markdown
    return clean(markdown.render(source).rstrip("\n"))


def clean(html: str) -> str:
    """Only what may be served, of any HTML."""
    cleaned: str = _tools().cleaner.clean(html)
    # bleach leaves a no-break space bare, or as the reference that it found: always write the reference.
    return cleaned.replace("\u00a0", "&nbsp;")


def plain(source: str) -> str:
    """The text of a source for places without markup: mails and feeds. Links keep their address."""
    html = render_fully(source)
    text = re.sub(r"<br>|</p>|</blockquote>|</pre>", "\n", html)
    text = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r"\2 (\1)", text)
    text = re.sub(r"<[^>]*>", "", text)
    for reference, character in (
        ("&nbsp;", "\u00a0"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&amp;", "&"),
    ):
        text = text.replace(reference, character)
    return text.strip()


def _paragraphs(source: str) -> str:
    blocks = (block.strip(" \n") for block in _BLANK_LINES.split(source.translate(_SPECIAL)))
    return "\n".join("<p>" + _lines(block) + "</p>" for block in blocks if block)


def _lines(block: str) -> str:
    return "<br>\n".join(line.strip(" ") for line in block.split("\n"))


# --- the two parsers, one pair for each thread -----------------------------------------------------------------


class _Renderer(RendererHTML):
    """Writes references only where HTML needs them: quotes in text stay quotes, as other sanitizers write them."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return tokens[idx].content.translate(_SPECIAL)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<code>" + tokens[idx].content.translate(_SPECIAL) + "</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # A leading line feed would be dropped by every HTML parser, so the second pass would differ.
        content = tokens[idx].content.translate(_SPECIAL).strip("\n")
        return f"<pre><code>{content}</code></pre>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href = str(tokens[idx].attrs.get("href", "")).translate(_SPECIAL).replace('"', "&quot;")
        return f'<a href="{href}" rel="{REL}">'

    def hardbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<br>\n"

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<br>\n"


def _make_markdown(*, linking: bool) -> MarkdownIt:
    markdown = MarkdownIt(
        "zero",
        {"html": False, "linkify": linking, "breaks": True, "maxNesting": NESTING_MAX},
        renderer_cls=_Renderer,
    )
    markdown.enable(
        [
            "blockquote",
            "fence",
            "backticks",
            "emphasis",
            "balance_pairs",
            "link",
            "linkify",
            "escape",
            "entity",
            "newline",
            "fragments_join",
        ]
    )
    assert markdown.linkify is not None
    # Only addresses with their scheme become links; "example.org" in a sentence stays a word.
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//", "mailto:"):
        markdown.linkify.add(scheme, None)
    markdown.validateLink = _is_web_address  # type: ignore[method-assign]
    return markdown


def _is_web_address(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _may_stay(_tag: str, name: str, value: str) -> bool:
    if name == "href":
        return _is_web_address(value)
    return name == "rel" and value == REL


class _Tools(threading.local):
    """A thread's own parsers, made on its first comment."""

    def __init__(self) -> None:
        attributes: dict[str, Any] = {"a": _may_stay}
        self.markdown = _make_markdown(linking=False)
        self.linking = _make_markdown(linking=True)
        self.cleaner = bleach.Cleaner(
            tags=TAGS, attributes=attributes, protocols={"http", "https"}, strip=True, strip_comments=True
        )


_kept: _Tools | None = None
_making = threading.Lock()


def _tools() -> _Tools:
    global _kept
    if _kept is None:
        with _making:
            _kept = _kept or _Tools()
    return _kept
