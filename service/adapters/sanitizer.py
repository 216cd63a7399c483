"""The only place that knows bleach and markdown-it: from what a reader typed to the HTML that is served.

Two lines stand one behind the other. markdown-it knows paragraphs, emphasis, quotes, code and links, and takes
HTML for text. bleach then lets nothing through but eight tags, with an attribute rule of our own, because its
protocol list alone lets ``javascript:123`` pass. bleach is at its end of life and a shared ``Cleaner`` is not
safe between threads: whoever uses one has it alone, and the tests hold its output against another sanitizer's.

Text without any markup character needs neither: escaping gives the same, which a property test shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
_LINE_FEEDS = re.compile(r"\n{3,}")


def _escape(text: str) -> str:
    # Four searches for one character each take a tenth of the time that a table of four takes.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")


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
    with _tools() as tools:
        # Looking for addresses costs as much as all the rest, and each holds these three characters.
        markdown = tools.linking if "://" in source else tools.markdown
        return _clean(tools, markdown.render(source).rstrip("\n"))


def clean(html: str) -> str:
    """Only what may be served, of any HTML."""
    with _tools() as tools:
        return _clean(tools, html)


def _clean(tools: _Tools, html: str) -> str:
    cleaned: str = tools.cleaner.clean(html)
    # bleach leaves a no-break space bare, or as the reference that it found: always write the reference.
    return cleaned.replace("\u00a0", "&nbsp;")


def text_of(html: str) -> str:
    """The text of what is served: a blank line between blocks, and links with their address where it is not their
    text."""
    text = re.sub(r"<br>\n?", "\n", html)
    text = re.sub(r"\n?</(?:p|blockquote|pre)>\n?|<blockquote>\n?", "\n\n", text)
    text = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', _named_link, text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "", text)
    for reference, character in (
        ("&nbsp;", "\u00a0"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&amp;", "&"),
    ):
        text = text.replace(reference, character)
    return _LINE_FEEDS.sub("\n\n", text).strip()


def _named_link(found: re.Match[str]) -> str:
    address, text = found.groups()
    return text if text == address else f"{text} ({address})"


def _paragraphs(source: str) -> str:
    # Of every kind of space, as markdown-it does, and before no-break spaces become references.
    blocks = (block.strip() for block in _BLANK_LINES.split(source))
    return "\n".join("<p>" + _lines(_escape(block)) + "</p>" for block in blocks if block)


def _lines(block: str) -> str:
    return "<br>\n".join(line.strip(" ") for line in block.split("\n"))


# --- the two parsers -------------------------------------------------------------------------------------------


class _Renderer(RendererHTML):
    """Writes references only where HTML needs them: quotes in text stay quotes, as other sanitizers write them."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _escape(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<code>" + _escape(tokens[idx].content) + "</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # A leading line feed would be dropped by every HTML parser, so the second pass would differ.
        content = _escape(tokens[idx].content).strip("\n")
        return f"<pre><code>{content}</code></pre>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href = _escape(str(tokens[idx].attrs.get("href", ""))).replace('"', "&quot;")
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


class _Tools:
    """Both parsers. They keep what they are at in themselves, so nobody else may use them meanwhile."""

    def __init__(self) -> None:
        attributes: dict[str, Any] = {"a": _may_stay}
        self.markdown = _make_markdown(linking=False)
        self.linking = _make_markdown(linking=True)
        self.cleaner = bleach.Cleaner(
            tags=TAGS, attributes=attributes, protocols={"http", "https"}, strip=True, strip_comments=True
        )


# The last one used is taken first: with a pair for each of 64 threads, every comment met parsers that had long
# left the processor's cache. Taking from and adding to a list are atomic.
_idle: list[_Tools] = []


@contextmanager
def _tools() -> Iterator[_Tools]:
    """Parsers for the caller alone. Those that failed in the middle of a text are thrown away."""
    try:
        tools = _idle.pop()
    except IndexError:
        tools = _Tools()
    yield tools
    _idle.append(tools)
