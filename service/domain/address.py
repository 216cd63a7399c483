"""An e-mail address in the hands of the code: it prints as withheld, whatever tries to print it.

The type exists so that a slip (a log line, an f-string, a traceback with locals, a JSON encoder, a pickle in a
queue) shows nothing. The address leaves it through ``reveal`` alone, and every caller of that is easy to find.
"""

from typing import Never

WITHHELD = "<address withheld>"
# As keyboards for Chinese and Japanese write it, too.
AT_SIGNS = "@＠﹫"

# Providers that ignore dots in the local part, so that one person cannot look like many.
DOTLESS_DOMAINS = frozenset({"gmail.com", "googlemail.com"})


class Address:
    """A validated address. Equality is identity, so that comparing cannot leak and sets cannot join."""

    __slots__ = ("__value",)

    def __init__(self, normalised: str) -> None:
        self.__value = normalised

    def reveal(self) -> str:
        """The address itself. For sealing, indexing, and addressing a mail that its owner asked for; nothing else."""
        return self.__value

    @property
    def domain(self) -> str:
        """The domain, lower-cased."""
        return self.__value.rpartition("@")[2].lower()

    def __repr__(self) -> str:
        return WITHHELD

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return WITHHELD

    def __reduce__(self) -> Never:
        raise TypeError("an address does not leave the process")

    def __getstate__(self) -> Never:
        raise TypeError("an address does not leave the process")


def lookup_form(normalised: str) -> str:
    """The form in which addresses of the same mailbox agree: case folded, ``+tag`` dropped, and without dots
    at the one provider that ignores them. For keyed indexes only; mail goes to the address as typed."""
    local, _, domain = normalised.rpartition("@")
    # A domain is in small letters already; folding further would make one of "straße" and "strasse".
    local, domain = local.casefold(), domain.lower()
    local = local.partition("+")[0] or local
    if domain in DOTLESS_DOMAINS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
