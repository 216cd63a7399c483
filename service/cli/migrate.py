"""``greenroom migrate``: bring the database to this release's schema, and set up a first run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import build_cipher, check_start, now
from service.domain.errors import GreenroomError
from service.domain.roles import Role
from service.domain.site import Site
from service.domain.stories import origin_of
from service.people import NameTaken, Tokens
from service.settings import Settings, SettingsError, read_settings
from service.store import migrate, threads
from service.store.database import Database

# Reserved for examples (RFC 2606), so that the README's commands work against the demo site.
EXAMPLE_ORIGINS = ("https://example.com", "https://example.org", "https://www.example.org")
ADMIN = "first-admin"


@click.command()
@click.option("--first-run", is_flag=True, help="Also make the demo site and a first admin token, once.")
def command(first_run: bool) -> None:
    """Set up the database, or bring it to this release's schema. Safe to run again, and by several at once."""
    try:
        settings = read_settings(os.environ)
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Keys first: a database without its keys is refused, so none may come to be before them.
        cipher = build_cipher(settings)
        database = Database(settings.database_url)
        migrate.upgrade(database)
        check_start(settings, database, cipher)
        if first_run:
            if settings.demo:
                _demo_site(settings, database)
            _first_token(settings, database)
    except (SettingsError, GreenroomError) as error:
        click.echo(f"greenroom: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"greenroom: {error}", err=True)
        sys.exit(1)
    except SQLAlchemyError as error:
        click.echo(f"greenroom: the database could not be set up: {_plainly(error)}", err=True)
        sys.exit(1)


def _plainly(error: SQLAlchemyError) -> str:
    # The driver's own sentence, without SQLAlchemy's statement and links; it may name host and user, not data.
    return str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]


def demo_origins(public_url: str) -> tuple[str, ...]:
    """Where demo comments may come from: this service by its usual names, and domains reserved for examples."""
    own = origin_of(public_url)
    port = urlsplit(public_url).port
    near = [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")] if port else []
    return tuple(dict.fromkeys((own, *near, *EXAMPLE_ORIGINS)))


def _demo_site(settings: Settings, database: Database) -> None:
    origins = demo_origins(settings.public_url)
    with database.write() as connection:
        present = threads.load_sites(connection).get("demo")
        if present is None:
            threads.save_site(connection, Site("demo", "The Weir Valley Courier", origins), now=now())
        elif set(origins) - set(present.origins):
            merged = tuple(dict.fromkeys((*present.origins, *origins)))
            threads.save_origins(connection, "demo", merged)


def _first_token(settings: Settings, database: Database) -> None:
    path = Path(settings.data_dir) / "admin-token"
    tokens = Tokens(database, now)
    if path.exists() or any(row.revoked_at is None for row in tokens.everyone()):
        return
    try:
        token = tokens.create(ADMIN, Role.ADMINISTRATOR)
    except NameTaken:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token + "\n")
