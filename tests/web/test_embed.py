"""The script for publishers' pages: small, pinned by its hash, and of one version in all its parts."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from hashlib import sha384
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli.embed import command
from service.web import embed as room
from service.web.embed import SOURCES, Embed, embed, slim
from tests.web.conftest import House

# What is seen first comes with one file: script and style together, as browsers get them.
FIRST_VIEW_BYTES = 10_000


def test_the_first_view_needs_ten_kilobytes_at_most(house: House) -> None:
    answer = house.client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) <= FIRST_VIEW_BYTES


def test_the_scripts_address_stays_and_is_kept_for_minutes(house: House) -> None:
    answer = house.client.get("/embed.js")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = house.client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_all_parts_of_a_version_are_kept_for_good_and_those_of_another_are_not_there(house: House) -> None:
    names = {path.name for path in SOURCES.iterdir()}
    assert "main.js" in names
    for name in names:
        answer = house.client.get(f"/embed/{embed().version}/{name}")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert house.client.get(f"/embed/0123456789abcdef/{name}").status_code == 404
    for odd in ("nothing.js", "..%2fdemo.css", "main.js/"):
        assert house.client.get(f"/embed/{embed().version}/{odd}").status_code == 404


def test_the_script_loads_the_parts_of_its_own_version_alone(house: House) -> None:
    text = house.client.get("/embed.js").get_data(as_text=True)
    assert f"/embed/{embed().version}/" in text
    assert "@version@" not in text


def test_a_changed_part_is_another_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in SOURCES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "deeds.js").open("a") as file:
        file.write("\nexport const more = 1;\n")
    monkeypatch.setattr(room, "SOURCES", tmp_path)
    assert embed.__wrapped__().version != embed().version


def test_a_pinned_page_takes_this_script_by_its_hash(house: House) -> None:
    found = CliRunner().invoke(
        command, ["daily", "--pinned"], env={"GREENROOM_PUBLIC_URL": "https://talk.example"}
    )
    assert found.exit_code == 0, found.output
    match = re.search(
        r'src="https://talk\.example(/embed/[^"]+)" integrity="([^"]+)" crossorigin', found.output
    )
    assert match is not None
    digest = sha384(house.client.get(match[1]).data).digest()
    assert match[2] == "sha384-" + b64encode(digest).decode()
    plain = CliRunner().invoke(command, ["daily"], env={"GREENROOM_PUBLIC_URL": "https://talk.example"})
    assert 'src="https://talk.example/embed.js"></script>' in plain.output
    assert 'site="daily"' in plain.output
    assert "integrity" not in plain.output


def test_slimming_takes_comments_and_indentation_and_nothing_else() -> None:
    script = """/* What
 * it is. */
const one = "https://example.org/"; // stays
// goes
  const two = `a
  b`;

const three = 1 /* goes */ + 2;
"""
    assert slim(script) == (
        'const one = "https://example.org/"; // stays\nconst two = `a\nb`;\nconst three = 1  + 2;\n'
    )


def test_integrity_is_of_the_bytes_that_are_served() -> None:
    found = Embed("v", {"main.js": b"x"})
    assert found.integrity() == "sha384-" + b64encode(sha384(b"x").digest()).decode()


def test_the_script_comes_packed_to_whoever_takes_it_so(house: House) -> None:
    for path in ("/embed.js", f"/embed/{embed().version}/form.js", f"/embed/{embed().version}/words/de.json"):
        plain = house.client.get(path)
        packed = house.client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 2
        # Two forms, two tags, and caches are told which they have.
        assert packed.headers["ETag"] != plain.headers["ETag"]
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.headers["Vary"]
        tag = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
        assert house.client.get(path, headers=tag).status_code == 304
