"""The only place that knows email-validator: is this the address of a mailbox, and is it a throw-away one.

No name is looked up here: DNS in a request would make readers wait, and tell their mail provider.
"""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, EmailSyntaxError, ValidatedEmail, validate_email

from service.domain.address import Address

LONGEST = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

NOT_AN_ADDRESS = "This does not look like an e-mail address. Please check it for a typing error."
TOO_LONG = "This e-mail address is too long."


# Dot-atoms of RFC 5322, section 3.2.3, at most 64 long: nothing about them is left to a validator's judgement.
_EVERYDAY = re.compile(
    r"(?=[^@]{1,64}@)([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@([A-Za-z0-9.-]{1,253})"
)


class AddressFault(ValueError):
    """An address that is refused. The message is ours: the validator's own would repeat what was typed."""


def read_address(raw: str) -> Address:
    """The address in ``raw``, its domain normalised. Raises ``AddressFault``."""
    text = raw.strip()
    if len(text) > LONGEST:
        raise AddressFault(TOO_LONG)
    everyday = _EVERYDAY.fullmatch(text)
    if everyday is None:
        return Address(_validated(text).normalized)
    # Most readers share a few domains: what the validator said of a domain is kept.
    return Address(f"{everyday[1]}@{_domain(everyday[2])}")


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    return _validated(f"a@{domain}").normalized.partition("@")[2]


def _validated(text: str) -> ValidatedEmail:
    """What the validator makes of ``text``. Raises ``AddressFault``."""
    try:
        return validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
        )
    except (EmailNotValidError, EmailSyntaxError):
        raise AddressFault(NOT_AN_ADDRESS) from None


def spellings(address: Address) -> tuple[str, ...]:
    """The address as it may stand in a text: with its domain in letters, and in punycode where that differs."""
    text = address.reveal()
    return (text,) if text.isascii() else (text, _validated(text).ascii_email or text)


def is_disposable(address: Address) -> bool:
    """Whether the domain, or one above it, is a known throw-away mail service."""
    from disposable_email_domains import blocklist

    labels = address.domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
