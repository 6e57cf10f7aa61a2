from __future__ import annotations

from dataclasses import replace

import pytest

from engine.credentials import Cipher, MasterKey, Sealed
from engine.errors import CredentialUnreadable, MasterKeyRefused

KEY = bytes(range(32))
SECRET = "sk-planted-0123456789-abcdef"


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(MasterKey(secret=KEY, origin="the test"))


def test_what_was_sealed_opens(cipher: Cipher) -> None:
    for secret in (SECRET, "", "é\U0001f600" * 100, "x" * 65_536):
        assert cipher.open("acme", "c1", cipher.seal("acme", "c1", secret)) == secret


def test_nothing_shows_key_or_secret(cipher: Cipher) -> None:
    sealed = cipher.seal("acme", "c1", SECRET)
    assert SECRET.encode() not in sealed.ciphertext
    for text in (repr(cipher), repr(cipher.master), repr(sealed)):
        assert SECRET not in text
        assert KEY.hex() not in text
        assert repr(KEY) not in text


def test_every_flipped_bit_is_refused(cipher: Cipher) -> None:
    sealed = cipher.seal("acme", "c1", SECRET)
    for bit in range(len(sealed.ciphertext) * 8):
        with pytest.raises(CredentialUnreadable):
            cipher.open("acme", "c1", replace(sealed, ciphertext=_flip(sealed.ciphertext, bit)))
    for bit in range(len(sealed.nonce) * 8):
        with pytest.raises(CredentialUnreadable):
            cipher.open("acme", "c1", replace(sealed, nonce=_flip(sealed.nonce, bit)))


def test_every_cut_is_refused(cipher: Cipher) -> None:
    sealed = cipher.seal("acme", "c1", SECRET)
    for length in range(len(sealed.ciphertext)):
        with pytest.raises(CredentialUnreadable):
            cipher.open("acme", "c1", replace(sealed, ciphertext=sealed.ciphertext[:length]))
    for nonce in (b"", sealed.nonce[:11], sealed.nonce + b"\0"):
        with pytest.raises(CredentialUnreadable):
            cipher.open("acme", "c1", replace(sealed, nonce=nonce))


def test_rows_and_tenants_cannot_be_swapped(cipher: Cipher) -> None:
    one = cipher.seal("acme", "c1", "one")
    two = cipher.seal("acme", "c2", "two")
    other = cipher.seal("globex", "c1", "three")
    for tenant, credential, sealed in (
        ("acme", "c1", two),
        ("acme", "c2", one),
        ("acme", "c1", other),
        ("globex", "c1", one),
        ("acmec", "1", one),
        ("acm", "ec1", one),
    ):
        with pytest.raises(CredentialUnreadable):
            cipher.open(tenant, credential, sealed)
    mixed = Sealed(nonce=one.nonce, ciphertext=two.ciphertext, key_id=one.key_id)
    with pytest.raises(CredentialUnreadable):
        cipher.open("acme", "c1", mixed)


def test_another_master_key_is_named_as_the_reason(cipher: Cipher) -> None:
    sealed = cipher.seal("acme", "c1", SECRET)
    other = Cipher(MasterKey(secret=KEY[::-1], origin="LAMPBOARD_MASTER_KEY"))
    with pytest.raises(MasterKeyRefused, match="LAMPBOARD_MASTER_KEY is not the one"):
        other.open("acme", "c1", sealed)
    with pytest.raises(CredentialUnreadable):
        other.open("acme", "c1", replace(sealed, key_id=other.key_id))


def test_nonces_do_not_repeat_and_equal_secrets_look_different(cipher: Cipher) -> None:
    sealed = [cipher.seal("acme", "c1", SECRET) for _ in range(20_000)]
    assert len({one.nonce for one in sealed}) == len(sealed)
    assert len({one.ciphertext for one in sealed}) == len(sealed)


def test_a_key_has_the_same_name_in_every_run() -> None:
    assert MasterKey(secret=KEY, origin="a").id == MasterKey(secret=KEY, origin="b").id
    assert MasterKey(secret=KEY, origin="a").id != MasterKey(secret=KEY[::-1], origin="a").id


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
