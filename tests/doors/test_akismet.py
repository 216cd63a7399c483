"""Callers of Akismet find here what they know, to the letter; and of the address they send along nothing is kept."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import service.checks.model as check
from service.scoring.scorer import WeightsDamaged
from service.store import reports
from service.web.doors.akismet import THANKS
from tests.doors.conftest import Building
from tests.product.canaries import Canaries, Search, in_folder

CASH = "I get paid over $185 per hour working from home, just try it http://best-cash-now.example/join"
NODE_CLIENTS = {"akismet-api": "6.0.0", "@cedx/akismet": "16.2.1"}


# --- other people's clients ------------------------------------------------------------------------------------


def test_the_client_for_python_verifies_checks_and_submits(
    building: Building, serve: Callable[[Building], int]
) -> None:
    import akismet
    import httpx

    port = serve(building)

    class Here(httpx.BaseTransport):
        """Its host is fixed: sent here instead."""

        def __init__(self) -> None:
            self.inner = httpx.HTTPTransport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            return self.inner.handle_request(request)

    config = akismet.Config(key=building.akismet, url="https://daily.example")
    with httpx.Client(transport=Here()) as http:
        client = akismet.SyncClient.validated_client(config=config, http_client=http)
        calm = {"comment_content": "What a lovely bridge.", "comment_author": "Ada"}
        assert client.comment_check("192.0.2.7", **calm) is akismet.CheckResponse.HAM
        spam = {"comment_content": CASH, "comment_author": "viagra-test-123"}
        assert client.comment_check("192.0.2.7", **spam) is akismet.CheckResponse.SPAM
        assert client.submit_ham("192.0.2.7", **calm)
        assert client.submit_spam("192.0.2.7", **spam)
        assert client.usage_limit()["usage"] >= 5
        wrong = akismet.Config(key="000000000000", url="https://daily.example")
        with pytest.raises(akismet.APIKeyError):
            akismet.SyncClient.validated_client(config=wrong, http_client=http)


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the clients for Node are installed; skips where that cannot be."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here")
    folder = tmp_path_factory.mktemp("node")
    wanted = [f"{name}@{version}" for name, version in NODE_CLIENTS.items()]
    options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        ["npm", "install", *options, *wanted], cwd=folder, capture_output=True, timeout=100, check=False
    )
    if done.returncode != 0:
        pytest.skip("the clients for Node cannot be installed here")
    return folder


def run_script(folder: Path, name: str, source: str, key: str, port: int) -> list[str]:
    (folder / name).write_text(source)
    done = subprocess.run(
        ["node", name, key, str(port)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


OLD_CLIENT = """
// It makes the key a part of the host's name, which here is a name of this machine.
const dns = require("dns");
dns.lookup = (name, options, back) => {
  const done = back ?? options;
  return options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
};
const { AkismetClient } = require("akismet-api");
const [, , key, port] = process.argv;
const host = `here.example:${port}`;
const client = new AkismetClient({ key, blog: "https://daily.example", host, protocol: "http" });
const sent = { ip: "192.0.2.7", useragent: "Node", referrer: "https://daily.example", name: "Ada" };
(async () => {
  console.log(await client.verifyKey());
  console.log(await client.checkSpam({ ...sent, content: "What a lovely bridge." }));
  console.log(await client.checkSpam({ ...sent, content: "x", name: "viagra-test-123" }));
  await client.submitSpam({ ...sent, content: "Cheap pills" });
  await client.submitHam({ ...sent, content: "What a lovely bridge." });
  console.log("submitted");
})().catch((error) => { console.error(error.message); process.exit(1); });
"""
NEW_CLIENT = """
import { Author, Blog, CheckResult, Client, Comment } from "@cedx/akismet";
const [, , key, port] = process.argv;
const client = new Client(key, new Blog({ url: "https://daily.example" }), { baseUrl: `http://127.0.0.1:${port}/` });
const by = (name) => new Author({ ipAddress: "192.0.2.7", name, userAgent: "Node" });
const calm = new Comment({ author: by("Ada"), content: "What a lovely bridge." });
const spam = new Comment({ author: by("akismet-guaranteed-spam"), content: "x" });
console.log(await client.verifyKey());
console.log((await client.checkComment(calm)) === CheckResult.ham);
console.log((await client.checkComment(spam)) === CheckResult.spam);
await client.submitSpam(spam);
await client.submitHam(calm);
console.log("submitted");
"""


def test_the_older_client_for_node_that_coral_uses_works(
    building: Building, serve: Callable[[Building], int], node_folder: Path
) -> None:
    said = run_script(node_folder, "older.cjs", OLD_CLIENT, building.akismet, serve(building))
    assert said == ["true", "false", "true", "submitted"]
    assert [report.spam for report in kept(building)] == [False, True]


def test_the_newer_client_for_node_works(
    building: Building, serve: Callable[[Building], int], node_folder: Path
) -> None:
    said = run_script(node_folder, "newer.mjs", NEW_CLIENT, building.akismet, serve(building))
    assert said == ["true", "true", "true", "submitted"]


# --- answers to the letter -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("field", ["key", "api_key"])
def test_a_key_is_verified_to_the_letter(building: Building, field: str) -> None:
    ask = building.client.post
    good = ask("/1.1/verify-key", data={field: building.akismet, "blog": "https://daily.example"})
    assert (good.data, good.mimetype) == (b"valid", "text/plain")
    assert ask("/1.1/verify-key", data={field: "0" * 12}).data == b"invalid"
    assert ask("/1.1/verify-key", data={}).data == b"invalid"


def test_a_key_has_the_twelve_characters_that_wordpress_takes(building: Building) -> None:
    assert len(building.akismet) == 12
    assert building.akismet.isalnum()
    assert building.akismet == building.akismet.lower()


def test_an_ordinary_comment_is_no_spam_and_a_machines_offer_is(building: Building) -> None:
    calm = building.check("I agree with the council on the bus lanes, though parking should stay.")
    assert (calm.data, calm.mimetype) == (b"false", "text/plain")
    assert building.check(CASH).data == b"true"
    # Rude is not spam.
    assert building.check("You are a complete idiot.").data == b"false"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "fields",
    [
        {"comment_author": "akismet-guaranteed-spam"},
        {"comment_author": "viagra-test-123"},
        {"comment_author_email": "akismet-guaranteed-spam@example.com"},
    ],
)
def test_the_protocols_own_test_values_are_spam(building: Building, fields: dict[str, str]) -> None:
    assert building.check("Nice bridge.", **fields).data == b"true"
    assert building.check("Nice bridge.", user_role="administrator", **fields).data == b"false"


@pytest.mark.usefixtures("quick")
def test_a_filled_in_honeypot_is_spam_that_need_not_be_kept(building: Building) -> None:
    filled = building.check("Nice bridge.", honeypot_field_name="website2", website2="http://x.example")
    assert filled.data == b"true"
    assert filled.headers["X-akismet-pro-tip"] == "discard"
    left = building.check("Nice bridge.", honeypot_field_name="website2", website2="")
    assert left.data == b"false"
    assert "X-akismet-pro-tip" not in left.headers


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("fields", "named"),
    [({"blog": ""}, "blog"), ({"user_ip": ""}, "user_ip"), ({"api_key": "1" * 12}, "key")],
)
def test_what_is_missing_is_named_in_the_header_for_it(
    building: Building, fields: dict[str, str], named: str
) -> None:
    answer = building.check(**fields)
    assert answer.data == b"invalid"
    assert named in answer.headers["X-akismet-debug-help"]


@pytest.mark.usefixtures("quick")
def test_an_answer_without_fault_has_no_header_of_one(building: Building) -> None:
    assert "X-akismet-debug-help" not in building.check().headers
    assert "X-akismet-alert-code" not in building.check().headers
    assert building.check().headers["X-akismet-guid"]


@pytest.mark.usefixtures("quick")
def test_everything_that_wordpress_sends_along_is_taken(building: Building) -> None:
    headers = {f"HTTP_X_{number}": "v" * 50 for number in range(300)}
    assert building.check("Nice bridge.", HTTP_COOKIE="wordpress_logged_in=1", **headers).data == b"false"


@pytest.mark.usefixtures("quick")
def test_corals_reports_come_as_json_without_a_blog(building: Building) -> None:
    answer = building.client.post(
        "/1.1/submit-spam",
        json={"user_ip": "192.0.2.7", "comment_content": CASH, "comment_author": "Eve", "is_test": False},
        headers={"Host": f"{building.akismet}.rest.akismet.com"},
    )
    assert answer.data == THANKS.encode()
    (report,) = kept(building)
    assert (report.spam, report.toxic, report.actor) == (True, None, "a key of akismet")


def kept(building: Building) -> list[reports.Report]:
    with building.rooms.database.read() as connection:
        return sorted(reports.newest(connection, "daily"), key=lambda report: bool(report.spam))


@pytest.mark.usefixtures("quick")
def test_a_report_that_was_cut_in_an_emoji_is_taken(building: Building) -> None:
    answer = building.client.post(
        "/1.1/submit-spam", json={"api_key": building.akismet, "comment_content": "Cheap pills \ud83d"}
    )
    assert answer.data == THANKS.encode()
    assert [report.spam for report in kept(building)] == [True]


@pytest.mark.usefixtures("quick")
def test_what_was_reported_as_spam_and_then_as_ham_is_ham(building: Building) -> None:
    for verb in ("submit-spam", "submit-ham"):
        sent = {"api_key": building.akismet, "comment_content": "One text", "comment_author": "Ada"}
        assert building.client.post(f"/1.1/{verb}", data=sent).data == THANKS.encode()
    assert [report.spam for report in kept(building)] == [False]


@pytest.mark.usefixtures("quick")
def test_a_report_for_trying_out_teaches_nothing(building: Building) -> None:
    sent = {"api_key": building.akismet, "comment_content": "One text", "is_test": "1"}
    assert building.client.post("/1.1/submit-spam", data=sent).data == THANKS.encode()
    assert kept(building) == []


@pytest.mark.usefixtures("quick")
def test_usage_is_counted_for_each_month_and_survives_a_restart(building: Building, sqlite_url: str) -> None:
    building.check()
    building.check(comment_author="viagra-test-123", honeypot_field_name="trap", trap="x")
    sent = {"api_key": building.akismet, "comment_content": "One text"}
    building.client.post("/1.1/submit-spam", data=sent)
    building.rooms.doors.flush()
    asked = {"api_key": building.akismet}
    usage = building.client.post("/1.2/usage-limit", data=asked).get_json()
    assert usage == {"limit": "none", "usage": 4, "percentage": 0, "throttled": False}
    found = building.client.get("/1.2/key-sites", query_string=asked).get_json()
    month = f"{building.rooms.doors.now():%Y-%m}"
    assert found["total"] == 1
    assert found[month] == [
        {
            "site": "https://daily.example",
            "api_calls": "5",
            "spam": "1",
            "ham": "1",
            "missed_spam": "1",
            "false_positives": "0",
            "is_revoked": False,
        }
    ]
    earlier = building.client.get("/1.2/key-sites", query_string=asked | {"month": "2020-01"}).get_json()
    assert earlier["2020-01"][0]["api_calls"] == "0"
    table = building.client.get("/1.2/key-sites", query_string=asked | {"format": "csv"})
    assert b"https://daily.example," in table.data


# --- what must not happen --------------------------------------------------------------------------------------


def test_a_check_that_cannot_run_is_neither_spam_nor_ham(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(tier: str) -> Any:
        raise WeightsDamaged("gone")

    monkeypatch.setattr(check, "scorer", damaged)
    answer = building.check()
    assert answer.status_code == 503
    assert answer.data not in (b"true", b"false")


@pytest.mark.usefixtures("quick")
def test_an_address_and_an_origin_that_came_along_are_nowhere_afterwards(
    building: Building, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = Canaries()
    address = canaries.make("an author's address")
    origin = canaries.exactly("an author's origin", "203.0.113.77")
    answers = [
        building.check(comment_author_email=address, user_ip=origin),
        building.check(comment_author_email=address, user_ip=""),
        building.check(comment_author_email=address, user_ip=origin, api_key="0" * 12),
    ]
    for verb in ("submit-spam", "submit-ham"):
        sent = {
            "api_key": building.akismet,
            "comment_content": "One text",
            "comment_author_email": address,
            "user_ip": origin,
        }
        answers.append(building.client.post(f"/1.1/{verb}", data=sent))
    building.rooms.close()
    search = Search(canaries.all)
    search.look_at(in_folder(building.folder))
    told = "".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    search.look("the log", told.encode())
    for answer in answers:
        search.look("an answer", answer.data + str(answer.headers).encode())
    assert any("greenroom.db" in place for place in search.places)
    assert search.found == set()


@pytest.mark.usefixtures("quick")
def test_what_could_not_be_written_is_counted_the_next_time(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.check()

    def away(*_: Any) -> None:
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(reports, "add_usage", away)
        with pytest.raises(OSError, match="away"):
            building.rooms.doors.flush()
    building.check()
    building.rooms.doors.flush()
    usage = building.client.post("/1.2/usage-limit", data={"api_key": building.akismet}).get_json()
    assert usage["usage"] == 3
