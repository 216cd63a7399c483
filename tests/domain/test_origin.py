"""Where a request came from, as the unit that limits count."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.origin import UNKNOWN, prefix_of, wide_prefix_of

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@pytest.mark.parametrize(
    ("remote", "prefix", "wide"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:443", "203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8::1", "2001:db8::/64", "2001:db8::/48"),
        ("[2001:db8::1]:443", "2001:db8::/64", "2001:db8::/48"),
        ("[2001:db8::1]", "2001:db8::/64", "2001:db8::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        # IPv4 in the clothes of IPv6 is IPv4: else everyone behind one translator would be one.
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("64:ff9b::cb00:7107", "203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7", "203.0.113.7"),
    ],
)
def test_every_form_of_an_address_counts_as_what_it_is(remote: str, prefix: str, wide: str) -> None:
    assert prefix_of(remote) == prefix
    assert wide_prefix_of(remote) == wide


@pytest.mark.parametrize(
    "remote", [None, "", "unknown", "_hidden", "203.0.113", "203.0.113.7, 10.0.0.1", "::1::", "x" * 200]
)
def test_what_is_no_address_is_one_and_the_same_unknown(remote: str | None) -> None:
    assert prefix_of(remote) == UNKNOWN
    assert wide_prefix_of(remote) == UNKNOWN


@given(st.ip_addresses(v=6), st.integers(min_value=0, max_value=2**64 - 1))
def test_whoever_has_a_64_is_one_origin(address: ipaddress.IPv6Address, last: int) -> None:
    other = ipaddress.IPv6Address(int(address) >> 64 << 64 | last)
    # Addresses that stand for one of IPv4 count as that.
    clothed = [one for one in (address, other) if one.ipv4_mapped or one in NAT64]
    if not clothed:
        assert prefix_of(str(address)) == prefix_of(str(other))


@given(st.text(max_size=60))
def test_no_text_is_too_odd(remote: str) -> None:
    assert prefix_of(remote)
