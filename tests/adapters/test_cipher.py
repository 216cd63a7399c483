"""The vault's cryptography: a sealed address opens in its own row with its own key, and an index tells nothing."""

from __future__ import annotations

import hashlib
import os
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cipher import NONCES_DRAWN, Cipher
from service.domain.address import Address, lookup_form
from service.domain.errors import SealBroken

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32
ROW, OTHER_ROW = UUID(int=1), UUID(int=2)
SECRET = "zqlovelace@zqanalytical.example.org"

ADDRESSES = st.emails() | st.sampled_from(
    [SECRET, "ada@bücher.example", "a" * 64 + "@" + "d" * 60 + ".example"]
)
KEYS = st.binary(min_size=32, max_size=32)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-ü", min_size=1, max_size=20)


def cipher(*ring: tuple[str, bytes], index: bytes = INDEX) -> Cipher:
    return Cipher(ring or (("k1", OLD),), index)


# --- sealing -------------------------------------------------------------------------------------------------------


@given(ADDRESSES, KEYS, IDS, st.uuids())
def test_what_was_sealed_opens_again(address: str, key: bytes, key_id: str, row: UUID) -> None:
    one = cipher((key_id, key))
    sealed = one.seal(Address(address), row)
    assert one.open(sealed, row).reveal() == address
    assert one.key_id_of(sealed) == key_id
    # Another process with the same keys opens it as well.
    assert cipher((key_id, key)).open(sealed, row).reveal() == address


def test_a_seal_shows_nothing_but_the_keys_id_and_the_length() -> None:
    one = cipher()
    sealed = one.seal(Address(SECRET), ROW)
    assert len(sealed) == 2 + len("k1") + 12 + len(SECRET) + 16
    for part in (b"zqlovelace", b"zqanalytical", b"example", OLD, INDEX):
        assert part not in sealed
    # Sealed twice, it is not known again.
    again = one.seal(Address(SECRET), ROW)
    assert len(set(pieces(sealed)) & set(pieces(again))) == 0


def pieces(sealed: bytes) -> list[bytes]:
    """Every four bytes after the key's id."""
    body = sealed[4:]
    return [body[start : start + 4] for start in range(len(body) - 3)]


def test_a_seal_that_was_moved_to_another_row_does_not_open() -> None:
    one = cipher()
    with pytest.raises(SealBroken):
        one.open(one.seal(Address(SECRET), ROW), OTHER_ROW)


def test_a_seal_does_not_open_with_another_key_of_the_same_id() -> None:
    sealed = cipher(("k1", OLD)).seal(Address(SECRET), ROW)
    with pytest.raises(SealBroken):
        cipher(("k1", NEW)).open(sealed, ROW)


def test_a_seal_does_not_open_with_the_same_key_under_another_id() -> None:
    sealed = cipher(("k1", OLD)).seal(Address(SECRET), ROW)
    with pytest.raises(SealBroken):
        cipher(("k2", OLD)).open(sealed, ROW)
    # Not even where its id is written over with the other.
    with pytest.raises(SealBroken):
        cipher(("k2", OLD)).open(sealed.replace(b"k1", b"k2", 1), ROW)


def test_a_seal_opens_without_the_index_key_and_not_by_it() -> None:
    sealed = cipher(("k1", OLD)).seal(Address(SECRET), ROW)
    assert cipher(("k1", OLD), index=b"x" * 32).open(sealed, ROW).reveal() == SECRET
    with pytest.raises(SealBroken):
        cipher(("k1", INDEX)).open(sealed, ROW)


def test_no_changed_bit_goes_unnoticed() -> None:
    one = cipher(("k1", OLD), ("k2", NEW))
    sealed = one.seal(Address(SECRET), ROW)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            one.open(bytes(changed), ROW)


def test_no_cut_or_lengthened_seal_opens() -> None:
    one = cipher()
    sealed = one.seal(Address(SECRET), ROW)
    for wrong in (*(sealed[:end] for end in range(len(sealed))), sealed + b"\0", sealed[1:], sealed * 2):
        with pytest.raises(SealBroken):
            one.open(wrong, ROW)


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda rest: b"\1\2k1" + rest))
def test_nothing_else_opens(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        cipher().open(sealed, ROW)


def test_a_broken_seal_says_nothing_of_what_it_held_or_of_a_key() -> None:
    one = cipher()
    sealed = one.seal(Address(SECRET), ROW)
    with pytest.raises(SealBroken) as broken:
        one.open(sealed, OTHER_ROW)
    told = "".join(traceback.TracebackException.from_exception(broken.value, capture_locals=True).format())
    for secret in ("zqlovelace", "zqanalytical", OLD.hex(), repr(OLD), INDEX.hex(), repr(INDEX)):
        assert secret not in told.replace(f"SECRET = '{SECRET}'", "")


def test_no_number_is_used_twice_by_any_thread_or_process() -> None:
    one = cipher()
    start, length = 4, 12

    def nonces(count: int) -> list[bytes]:
        return [one.seal(Address(SECRET), ROW)[start : start + length] for _ in range(count)]

    with ThreadPoolExecutor(8) as pool:
        drawn = [nonce for found in pool.map(nonces, [NONCES_DRAWN] * 8) for nonce in found]
    # What was drawn before a fork must not be used on both sides of it.
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, b"".join(nonces(NONCES_DRAWN)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        inherited = pipe.read()
    os.waitpid(child, 0)
    drawn += [inherited[at : at + length] for at in range(0, len(inherited), length)] + nonces(NONCES_DRAWN)
    assert len(drawn) == 10 * NONCES_DRAWN
    assert Counter(drawn).most_common(1)[0][1] == 1


# --- the ring ------------------------------------------------------------------------------------------------------


def test_the_first_key_writes_and_all_read() -> None:
    before, during, after = cipher(("k1", OLD)), cipher(("k2", NEW), ("k1", OLD)), cipher(("k2", NEW))
    old = before.seal(Address(SECRET), ROW)
    assert during.open(old, ROW).reveal() == SECRET
    new = during.seal(during.open(old, ROW), ROW)
    assert (during.key_id_of(old), during.key_id_of(new), during.writing_key_id) == ("k1", "k2", "k2")
    assert after.open(new, ROW).reveal() == SECRET
    with pytest.raises(SealBroken):
        after.open(old, ROW)
    with pytest.raises(SealBroken):
        before.open(new, ROW)


def test_a_change_of_the_sealing_key_changes_no_index() -> None:
    one, other = cipher(("k1", OLD)), cipher(("k2", NEW), ("k1", OLD))
    assert one.address_index("daily", Address(SECRET)) == other.address_index("daily", Address(SECRET))
    assert one.origin_index("daily", "192.0.2.1") == other.origin_index("daily", "192.0.2.1")
    assert one.mac("edit-token", b"x") == other.mac("edit-token", b"x")


@pytest.mark.parametrize(
    ("ring", "index"),
    [
        ([], INDEX),
        ([("k1", OLD[:31])], INDEX),
        ([("k1", OLD + b"x")], INDEX),
        ([("k1", OLD), ("k2", b"")], INDEX),
        ([("k1", OLD)], INDEX[:16]),
        ([("k1", OLD)], b""),
        ([("", OLD)], INDEX),
        ([("k" * 41, OLD)], INDEX),
        ([("ü" * 21, OLD)], INDEX),
    ],
)
def test_keys_of_another_length_are_refused(ring: list[tuple[str, bytes]], index: bytes) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        Cipher(ring, index)
    assert "oooo" not in str(refused.value)


def test_a_cipher_prints_no_key() -> None:
    one = cipher(("k1", OLD), ("k2", NEW))
    for said in (str(one), repr(one), f"{one}", str([one])):
        assert said.strip("[]") == "<Cipher with 2 keys>"


# --- indexes -------------------------------------------------------------------------------------------------------


@given(ADDRESSES, st.text(max_size=20))
def test_an_index_is_no_hash_that_can_be_made_without_the_key(address: str, site: str) -> None:
    index = cipher().address_index(site, Address(address))
    assert len(index) == 32
    texts = {
        f"{prefix}{it}"
        for prefix in ("", f"{site}\0", f"{site}:", site)
        for it in (address, lookup_form(address))
    }
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        assert index not in (
            hashlib.sha256(raw).digest(),
            hashlib.blake2b(raw, digest_size=32).digest(),
            hashlib.blake2s(raw).digest(),
            hashlib.sha3_256(raw).digest(),
        )
    assert index != cipher(index=b"j" * 32).address_index(site, Address(address))


@given(ADDRESSES, st.text("abc-", min_size=1, max_size=5), st.text("abc-", min_size=1, max_size=5))
def test_one_mailbox_has_one_index_within_a_site_and_another_in_each(
    address: str, one: str, other: str
) -> None:
    here, index = Address(address), cipher().address_index
    assert index(one, here) == index(one, Address(lookup_form(address)))
    assert index(one, here) == index(one, Address(address.upper()))
    assert (index(one, here) == index(other, here)) == (one == other)


@given(st.lists(ADDRESSES, min_size=2, max_size=6))
def test_two_mailboxes_have_two_indexes(addresses: list[str]) -> None:
    index = {address: cipher().address_index("daily", Address(address)) for address in addresses}
    for one, other in combinations(addresses, 2):
        assert (index[one] == index[other]) == (lookup_form(one) == lookup_form(other))


def test_a_sites_name_and_an_address_cannot_be_cut_elsewhere() -> None:
    index = cipher().address_index
    assert index("daily", Address("ada@example.org")) != index("dailya", Address("da@example.org"))


def test_what_is_made_for_one_purpose_is_of_no_use_for_another() -> None:
    one, message = cipher(), "daily\0ada@example.org"
    made = [
        one.address_index("daily", Address("ada@example.org")),
        one.origin_index("daily", "ada@example.org"),
        one.mac("daily", b"ada@example.org"),
        one.mac("", message.encode()),
        one.mac("edit-token", message.encode()),
        one.mac("idempotency-key", message.encode()),
    ]
    assert len(set(made)) == len(made)


def test_equal_compares_whole_secrets() -> None:
    made = cipher().mac("edit-token", b"x")
    assert Cipher.equal(made, bytes(made))
    for wrong in (made[:-1], made + b"\0", b"", bytes([made[0] ^ 1]) + made[1:]):
        assert not Cipher.equal(made, wrong)


def test_a_keys_fingerprint_tells_keys_apart_and_nothing_of_them() -> None:
    one = cipher(("k1", OLD), ("k2", NEW)).fingerprints()
    assert set(one) == {"k1", "k2", "index"}
    assert len(set(one.values())) == 3
    assert one == cipher(("k1", OLD), ("k2", NEW)).fingerprints()
    assert one["k1"] != cipher(("k1", NEW)).fingerprints()["k1"]
    for key_id, key in (("k1", OLD), ("k2", NEW), ("index", INDEX)):
        for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.blake2b):
            assert not digest(key).hexdigest().startswith(one[key_id])
        assert one[key_id] not in key.hex()


def test_rows_of_one_mailbox_cannot_be_told_by_their_seals() -> None:
    one = cipher()
    seals = [one.seal(Address(SECRET), uuid4()) for _ in range(50)]
    assert len({seal[4:] for seal in seals}) == 50
    assert not set.intersection(*(set(pieces(seal)) for seal in seals))
