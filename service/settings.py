"""Settings: read from the environment once, validated all at once, kept in one frozen object.

Each setting is one row of ``SETTINGS``; docs/settings.md is held against it. A secret may also come from a file
named by NAME_FILE, which goes before the environment. Errors name the setting and never show a secret's value.
Standard library only: the supervisor imports this, and its memory counts.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from service import setting_forms as forms

SOCKET_PATH_MAX = 100


class SettingsError(ValueError):
    """Every fault of the settings, a line each."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the environment's name is GREENROOM_ and ``name`` in capitals."""

    name: str
    default: str
    read: Callable[[str], Any]
    sentence: str
    secret: bool = False

    @property
    def variable(self) -> str:
        return "GREENROOM_" + self.name.upper()


SETTINGS = (
    Setting(
        "mode",
        "development",
        forms.choice("development", "production"),
        "production insists on explicit keys and URL",
    ),
    Setting("host", "127.0.0.1", forms.text, "address to listen on"),
    Setting("port", "8080", forms.whole(0, 65535), "port to listen on; with `up`, 0 takes a free one"),
    Setting(
        "public_url",
        "",
        forms.public_url,
        "where browsers reach this service; made of host and port when empty",
    ),
    Setting("data_dir", "./data", forms.text, "folder of everything that `up` keeps"),
    Setting(
        "database_url",
        "",
        forms.database_url,
        "sqlite:/// or postgresql://; a file in the data folder when empty",
        True,
    ),
    Setting(
        "redis_url",
        "",
        forms.redis_url,
        "redis://, rediss:// or unix://; an embedded Valkey when empty",
        True,
    ),
    Setting("web_workers", "1", forms.whole(1, 64), "web processes; more than one needs PostgreSQL"),
    Setting("web_threads", "64", forms.whole(1, 256), "threads of each web process"),
    Setting(
        "web_pinned",
        "auto",
        forms.choice("auto", "on", "off"),
        "whether each web process stays on one processor; auto: with SQLite",
    ),
    Setting("workers", "1", forms.whole(0, 64), "worker processes that `up` starts"),
    Setting(
        "vault_keys",
        "",
        forms.vault_keys,
        "ring of keys that seal addresses, id:base64,…; the first one writes",
        True,
    ),
    Setting("index_key", "", forms.index_key, "base64 key of the indexes of addresses and origins", True),
    Setting("trusted_proxies", "0", forms.whole(0, 10), "proxies in front whose X-Forwarded-For is believed"),
    Setting(
        "log",
        "auto",
        forms.choice("auto", "text", "json"),
        "form of the log; auto: text on a terminal, else json",
    ),
    Setting(
        "limits",
        "auto",
        forms.choice("auto", "memory", "redis"),
        "where rate limits count; auto: redis with PostgreSQL",
    ),
    Setting(
        "rate_origin",
        "20 per minute; 200 per hour",
        forms.rate,
        "comments, and apart from them likes and reports, from one IPv4 address or IPv6 /64; ten times that from a /48",
    ),
    Setting("rate_author", "10 per minute; 100 per hour", forms.rate, "comments of one e-mail address"),
    Setting("rate_site", "3000 per minute", forms.rate, "comments of one site from everywhere"),
    Setting(
        "proof_origin",
        "6 per 10 minutes",
        forms.rate,
        "comments from one origin beyond which each needs a proof of work, which browsers do by themselves",
    ),
    Setting("proof_site", "120 per minute", forms.rate, "the same for all comments of a site"),
    Setting(
        "proof_work",
        "50000",
        forms.whole(1_000, 10_000_000),
        "sums that a proof of work takes at most; a browser does some 100,000 in a second",
    ),
    Setting("rate_guess", "30 per minute", forms.rate, "wrong admin tokens from one network origin"),
    Setting(
        "session_idle_minutes",
        "120",
        forms.whole(5, 1440),
        "minutes without a request after which a moderator's browser is signed out",
    ),
    Setting(
        "session_hours",
        "12",
        forms.whole(1, 168),
        "hours after which a moderator's browser is signed out in any case",
    ),
    Setting(
        "doors_port", "0", forms.whole(0, 65535), "port of the doors for other systems; 0 keeps them shut"
    ),
    Setting(
        "doors_url",
        "",
        forms.public_url,
        "where other systems reach the doors; made of host and port when empty",
    ),
    Setting("doors_threads", "64", forms.whole(1, 256), "threads of the doors' process"),
    Setting("rate_door", "6000 per minute", forms.rate, "questions of one key of a door"),
    Setting(
        "coral_secrets",
        "",
        forms.named_secrets,
        "signing secrets of Coral's external moderation phases, site:secret,…",
        True,
    ),
    Setting(
        "queue_bound", "1000", forms.whole(1, 1_000_000), "jobs waiting in Redis beyond which none is added"
    ),
    Setting("sweep_seconds", "15", forms.whole(1, 3600), "time between looks for overdue comments"),
    Setting(
        "lease_seconds",
        "60",
        forms.whole(2, 3600),
        "time after which a dead worker's comments are free again",
    ),
    Setting(
        "max_attempts", "3", forms.whole(1, 20), "screenings begun before a comment is held for a person"
    ),
    # The longest text that a site may allow (20,000 characters) fits, also as a form of emoji: twelve bytes for each.
    Setting("body_bytes", "262144", forms.whole(4096, 1_048_576), "largest request body"),
    Setting("origin_days", "30", forms.whole(1, 365), "days for which keyed network origins are kept"),
    Setting("demo", "on", forms.switch, "whether there is a demo site and story"),
)


@dataclass(frozen=True)
class Settings:
    """All settings, validated. Its text hides secrets."""

    mode: str
    host: str
    port: int
    public_url: str
    data_dir: Path
    database_url: str
    redis_url: str
    web_workers: int
    web_threads: int
    web_pinned: str
    workers: int
    vault_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    index_key: bytes | None = field(repr=False)
    trusted_proxies: int
    log: str
    limits: str
    rate_origin: str
    proof_origin: str
    proof_site: str
    proof_work: int
    rate_author: str
    rate_site: str
    rate_guess: str
    session_idle_minutes: int
    session_hours: int
    doors_port: int
    doors_url: str
    doors_threads: int
    rate_door: str
    coral_secrets: tuple[tuple[str, str], ...] = field(repr=False)
    queue_bound: int
    sweep_seconds: int
    lease_seconds: int
    max_attempts: int
    body_bytes: int
    origin_days: int
    demo: bool

    def __repr__(self) -> str:
        secret = {setting.name for setting in SETTINGS if setting.secret}
        shown = (
            f"{f.name}={'<secret>' if f.name in secret else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"Settings({', '.join(shown)})"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def pins_web(self) -> bool:
        return self.web_pinned == "on" or (self.web_pinned == "auto" and self.is_sqlite)

    @property
    def embedded_redis(self) -> bool:
        return not self.redis_url

    @property
    def socket_path(self) -> Path:
        """The embedded Valkey's socket; elsewhere than the data folder where that path is too long for one."""
        path = self.data_dir / "run" / "valkey.sock"
        if len(os.fsencode(path)) < SOCKET_PATH_MAX:
            return path
        mark = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"greenroom-{os.getuid()}-{mark}" / "valkey.sock"

    @property
    def redis_url_or_socket(self) -> str:
        return self.redis_url or f"unix://{self.socket_path}?db=0"

    @property
    def limits_url(self) -> str | None:
        """Where limits are counted for all processes, or None where each counts by itself: one alone counts exactly."""
        shared = self.limits == "redis" or (self.limits == "auto" and not self.is_sqlite)
        return self.redis_url_or_socket if shared else None

    @property
    def keys_file(self) -> Path:
        return self.data_dir / "keys.json"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of this environment. Raises ``SettingsError`` with every fault at once."""
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            values[setting.name] = setting.read(_raw(setting, environ))
        except forms.Wrong as wrong:
            faults.append(f"{setting.variable} {wrong}")
            values[setting.name] = None
    known = {s.variable for s in SETTINGS} | {s.variable + "_FILE" for s in SETTINGS if s.secret}
    known |= {"GREENROOM_SUPERVISED", "GREENROOM_TEST_POSTGRES"}
    for name in sorted(environ):
        if name.startswith("GREENROOM_") and name not in known:
            faults.append(f"{name} is no setting of this version; see docs/settings.md")
    if not faults:
        faults += _together(values)
    if faults:
        raise SettingsError("The settings need attention:\n" + "\n".join(f"  {fault}" for fault in faults))
    values["data_dir"] = Path(values["data_dir"]).absolute()
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['data_dir']}/greenroom.db"
    host = "127.0.0.1" if values["host"] in ("0.0.0.0", "::", "") else values["host"]
    shown = f"[{host}]" if ":" in host else host
    for name, port in (("public_url", "port"), ("doors_url", "doors_port")):
        values[name] = values[name] or f"http://{shown}:{values[port]}"
    return Settings(**values)


def _raw(setting: Setting, environ: Mapping[str, str]) -> str:
    path = environ.get(setting.variable + "_FILE") if setting.secret else None
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise forms.Wrong(f"cannot be read from the file that {setting.variable}_FILE names") from None
    return environ.get(setting.variable) or setting.default


def _together(values: dict[str, Any]) -> list[str]:
    """Faults of settings that are each fine alone."""
    faults = []
    postgres = values["database_url"].startswith("postgresql")
    if values["web_workers"] > 1 and not postgres:
        faults.append(
            "GREENROOM_WEB_WORKERS above 1 needs PostgreSQL (GREENROOM_DATABASE_URL):"
            " several processes that write one SQLite file keep each other waiting"
        )
    if values["doors_port"] and values["doors_port"] == values["port"]:
        faults.append("GREENROOM_DOORS_PORT has to be another than GREENROOM_PORT")
    if bool(values["vault_keys"]) != (values["index_key"] is not None):
        faults.append("GREENROOM_VAULT_KEYS and GREENROOM_INDEX_KEY are given together or not at all")
    if values["mode"] == "production":
        needed = {
            "GREENROOM_VAULT_KEYS": values["vault_keys"],
            "GREENROOM_INDEX_KEY": values["index_key"],
            "GREENROOM_PUBLIC_URL": values["public_url"],
        }
        faults += [f"{name} is needed in production" for name, value in needed.items() if not value]
    return faults


@dataclass(frozen=True)
class Keys:
    """The ring that seals addresses, and the key of the indexes. ``made`` tells that they were made just now."""

    vault: tuple[tuple[str, bytes], ...] = field(repr=False)
    index: bytes = field(repr=False)
    made: bool = False


def read_or_make_keys(settings: Settings) -> Keys:
    """Explicit keys, or those of the data folder's key file, which is made once with mode 0600.

    Raises ``SettingsError`` when the file cannot be read, or when it is missing beside an existing database:
    new keys would make every sealed address unreadable.
    """
    if settings.vault_keys and settings.index_key is not None:
        return Keys(settings.vault_keys, settings.index_key)
    path = settings.keys_file
    if not path.exists():
        if settings.is_sqlite and Path(settings.database_url.removeprefix("sqlite:///")).exists():
            raise SettingsError(
                f"The key file {path} is missing, but there is a database that was written with it."
                " Restore it from your backup, or set GREENROOM_VAULT_KEYS and GREENROOM_INDEX_KEY."
            )
        made = _make_keys(path)
        return Keys(*_read_keys(path), made=made)
    return Keys(*_read_keys(path))


def _make_keys(path: Path) -> bool:
    document = {
        "vault": [["k1", base64.b64encode(secrets.token_bytes(forms.KEY_BYTES)).decode()]],
        "index": base64.b64encode(secrets.token_bytes(forms.KEY_BYTES)).decode(),
    }
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked into place: whoever else starts now sees the whole file or none.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True


def _read_keys(path: Path) -> tuple[tuple[tuple[str, bytes], ...], bytes]:
    try:
        document = json.loads(path.read_text())
        ring = tuple((str(key_id), forms.key(raw)) for key_id, raw in document["vault"])
        return ring, forms.key(document["index"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(f"The key file {path} cannot be read.") from None
