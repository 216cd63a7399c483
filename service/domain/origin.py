"""Where a request came from, as the unit that limits and bans count: one IPv4 address, or an IPv6 /64.

One household or phone has a /64 of IPv6 addresses to choose from, so counting single ones counts nothing.
"""

import ipaddress

UNKNOWN = "unknown"


def prefix_of(remote: str | None) -> str:
    """``203.0.113.7`` or ``2001:db8:1:2::/64``; ``"unknown"`` for anything that is no address.

    Takes the forms that proxies write: with a port, in brackets, with a zone. IPv4 in IPv6 clothes
    (``::ffff:203.0.113.7``, and NAT64's well-known prefix ``64:ff9b::/96``, RFC 6052) counts as IPv4.
    """
    address = _read(remote)
    if address is None:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, 64), strict=False))


def wide_prefix_of(remote: str | None) -> str:
    """As ``prefix_of``, but an IPv6 /48: what one customer of a hosting company can hold."""
    address = _read(remote)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 48), strict=False))
    return prefix_of(remote)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _read(remote: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if not remote or len(remote) > 100:
        return None
    text = remote.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    text = text.partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
