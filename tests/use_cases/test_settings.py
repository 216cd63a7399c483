"""Settings are read once, all faults are told at once, and a secret is never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from service.settings import SETTINGS, Settings, SettingsError, read_or_make_keys, read_settings

KEY = "QUFB" * 10 + "QUE="
OTHER = "QkJC" * 10 + "QkI="
KEYS = {"GREENROOM_VAULT_KEYS": f"k1:{KEY}", "GREENROOM_INDEX_KEY": OTHER}
POSTGRES = "postgresql://greenroom:kestrel@db/greenroom"


def faults(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    return str(caught.value)


def test_nothing_has_to_be_set_for_one_machine(tmp_path: Path) -> None:
    settings = read_settings({"GREENROOM_DATA_DIR": str(tmp_path)})
    assert settings.is_sqlite
    assert settings.embedded_redis
    assert settings.host == "127.0.0.1"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url == f"sqlite:///{tmp_path}/greenroom.db"


def test_every_fault_is_told_at_once() -> None:
    told = faults(
        GREENROOM_PORT="eighty",
        GREENROOM_MODE="prod",
        GREENROOM_RATE_ORIGIN="often",
        GREENROOM_DEMO="perhaps",
        GREENROOM_DATABASE_URL="mysql://x",
        GREENROOM_REDIS_URL="http://x",
        GREENROOM_PUBLIC_URL="talk.example",
        GREENROOM_INDEX_KEY="short",
        GREENROOM_WEB_THRAEDS="3",
    )
    named = {line.split()[0] for line in told.splitlines()[1:]}
    assert named == {
        *(
            "GREENROOM_PORT",
            "GREENROOM_MODE",
            "GREENROOM_RATE_ORIGIN",
            "GREENROOM_DEMO",
            "GREENROOM_DATABASE_URL",
        ),
        *("GREENROOM_REDIS_URL", "GREENROOM_PUBLIC_URL", "GREENROOM_INDEX_KEY", "GREENROOM_WEB_THRAEDS"),
    }


@pytest.mark.parametrize(
    ("setting", "least", "most"), [("SESSION_IDLE_MINUTES", 5, 1440), ("SESSION_HOURS", 1, 168)]
)
def test_a_session_lasts_within_bounds(setting: str, least: int, most: int) -> None:
    name = f"GREENROOM_{setting}"
    for value in (least, most):
        assert getattr(read_settings({name: str(value)}), setting.lower()) == value
    for wrong in (least - 1, most + 1, "long"):
        assert name in faults(**{name: str(wrong)})


@pytest.mark.parametrize("secret", [s.variable for s in SETTINGS if s.secret])
def test_a_fault_never_shows_what_a_secret_is(secret: str, tmp_path: Path) -> None:
    assert "kestrel" not in faults(**{secret: "kestrel-7413:kestrel"})
    file = tmp_path / "secret"
    file.write_text("kestrel-7413:kestrel")
    assert "kestrel" not in faults(**{f"{secret}_FILE": str(file)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vault_keys", f"k2:{OTHER},k1:{KEY}"),
        ("index_key", OTHER),
        ("database_url", POSTGRES),
        ("redis_url", "redis://:kestrel@valkey/0"),
    ],
)
def test_a_secret_in_a_file_goes_before_the_environment(name: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(value + "\n")
    variable = f"GREENROOM_{name.upper()}"
    by_file = read_settings({**KEYS, variable: "unix:///nowhere", f"{variable}_FILE": str(file)})
    by_value = read_settings({**KEYS, variable: value})
    assert getattr(by_file, name) == getattr(by_value, name)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    assert "GREENROOM_INDEX_KEY cannot be read" in faults(GREENROOM_INDEX_KEY_FILE=str(tmp_path / "nowhere"))
    assert "GREENROOM_PORT_FILE" in faults(GREENROOM_PORT_FILE=str(tmp_path))


def test_settings_print_no_secret() -> None:
    settings = read_settings(
        {**KEYS, "GREENROOM_DATABASE_URL": POSTGRES, "GREENROOM_REDIS_URL": "redis://:kestrel@x"}
    )
    for text in (repr(settings), str(settings), f"{settings}"):
        assert "kestrel" not in text
        assert KEY not in text
        assert repr(settings.index_key) not in text
        assert "port=8080" in text
    assert KEY not in repr(read_or_make_keys(settings))


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"GREENROOM_WEB_WORKERS": "2"}, "GREENROOM_WEB_WORKERS above 1 needs PostgreSQL"),
        ({"GREENROOM_VAULT_KEYS": KEYS["GREENROOM_VAULT_KEYS"]}, "together or not at all"),
        ({"GREENROOM_INDEX_KEY": OTHER}, "together or not at all"),
        ({"GREENROOM_VAULT_KEYS": f"k1:{KEY},k1:{OTHER}", "GREENROOM_INDEX_KEY": OTHER}, "twice"),
        ({"GREENROOM_VAULT_KEYS": f"index:{KEY}", "GREENROOM_INDEX_KEY": OTHER}, "id:base64"),
        ({"GREENROOM_RATE_SITE": "5 per fortnight"}, "GREENROOM_RATE_SITE"),
        ({"GREENROOM_TRUSTED_PROXIES": "-1"}, "0 to 10"),
        ({"GREENROOM_PORT": "٣"}, "GREENROOM_PORT"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(environ: dict[str, str], named: str) -> None:
    assert named in faults(**environ)


def test_production_starts_with_nothing_that_was_not_given() -> None:
    told = faults(GREENROOM_MODE="production")
    for needed in ("GREENROOM_VAULT_KEYS", "GREENROOM_INDEX_KEY", "GREENROOM_PUBLIC_URL"):
        assert f"{needed} is needed in production" in told
    given = {**KEYS, "GREENROOM_MODE": "production", "GREENROOM_PUBLIC_URL": "https://talk.example/"}
    assert read_settings(given).public_url == "https://talk.example"


@pytest.mark.parametrize(
    ("environ", "pins"),
    [
        ({}, True),
        ({"GREENROOM_DATABASE_URL": POSTGRES}, False),
        ({"GREENROOM_DATABASE_URL": POSTGRES, "GREENROOM_WEB_PINNED": "on"}, True),
        ({"GREENROOM_WEB_PINNED": "off"}, False),
    ],
)
def test_a_web_process_is_pinned_where_the_machine_is_its_own(environ: dict[str, str], pins: bool) -> None:
    assert read_settings(environ).pins_web is pins


# --- keys ----------------------------------------------------------------------------------------------------------


def at(folder: Path) -> Settings:
    return read_settings({"GREENROOM_DATA_DIR": str(folder)})


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    made = read_or_make_keys(at(tmp_path / "data"))
    assert made.made
    file = tmp_path / "data" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = read_or_make_keys(at(tmp_path / "data"))
    assert not again.made
    assert (again.vault, again.index) == (made.vault, made.index)
    assert len(made.index) == len(made.vault[0][1]) == 32
    other = read_or_make_keys(at(tmp_path / "other"))
    assert other.index != made.index


def test_no_keys_are_made_for_a_database_that_was_written_with_others(tmp_path: Path) -> None:
    (tmp_path / "greenroom.db").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"keys\.json is missing"):
        read_or_make_keys(at(tmp_path))
    assert not (tmp_path / "keys.json").exists()


def test_a_broken_key_file_is_said_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_or_make_keys(at(tmp_path))
    assert (tmp_path / "keys.json").read_text() == "{"


def test_a_socket_whose_path_would_be_too_long_moves(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(bytes(at(deep).socket_path)) < 100
    assert at(tmp_path).redis_url_or_socket == f"unix://{at(tmp_path).socket_path}?db=0"
    assert at(deep).socket_path != at(tmp_path / ("c" * 120)).socket_path
