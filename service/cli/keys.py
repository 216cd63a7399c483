"""``greenroom keys``: make keys, and change the key that seals addresses."""

from __future__ import annotations

import base64
import secrets

import click

from service.bootstrap import build_cipher, check_start
from service.cli.rooms import opened
from service.privacy import rotate
from service.store import vault


@click.group()
def command() -> None:
    """Make keys, see which are in use, and seal everything with a new one."""


@command.command()
def generate() -> None:
    """Print fresh values for GREENROOM_VAULT_KEYS and GREENROOM_INDEX_KEY. Nothing is stored."""
    name = f"k{secrets.token_hex(3)}"
    click.echo(f"GREENROOM_VAULT_KEYS={name}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
    click.echo(f"GREENROOM_INDEX_KEY={base64.b64encode(secrets.token_bytes(32)).decode()}")


@command.command("list")
def list_keys() -> None:
    """Print how many addresses each key seals."""
    with opened() as (_, database), database.read() as connection:
        for key_id, count in vault.count_by_key(connection).items():
            click.echo(f"{key_id}\t{count}")


@command.command("rotate")
def rotate_keys() -> None:
    """Seal all addresses with the first key of GREENROOM_VAULT_KEYS; older keys may then be taken out."""
    with opened() as (settings, database):
        cipher = build_cipher(settings)
        check_start(settings, database, cipher)
        done = 0
        for done in rotate(database, cipher):
            click.echo(f"{done} sealed anew", err=True)
        click.echo(f"done: {done} addresses were sealed anew with {cipher.writing_key_id}")
