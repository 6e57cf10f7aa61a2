"""The ring of master keys as text: every cut and every nonsense is told, and nothing repeated."""

from __future__ import annotations

import pytest

from engine.credentials.masterkey import KeyRing, MasterKey, parse_key, parse_ring
from engine.errors import MasterKeyRefused

KEYS = [bytes([n]) * 32 for n in range(0xA0, 0xA3)]
RING = "".join(f"{key.hex()}\n" for key in KEYS)


def test_a_ring_reads_as_it_was_spelled() -> None:
    ring = parse_ring(RING, "here")
    assert [key.secret for key in ring.keys] == KEYS
    assert ring.spell() == RING
    assert parse_ring(RING.replace("\n", "\r\n"), "here") == ring


def test_one_key_is_the_text_that_it_always_was() -> None:
    assert KeyRing(keys=(MasterKey(secret=KEYS[0], origin=""),)).spell() == f"{KEYS[0].hex()}\n"


@pytest.mark.parametrize("length", range(len(RING)))
def test_a_ring_cut_anywhere_is_refused_or_has_whole_keys(length: int) -> None:
    cut = RING[:length]
    whole, rest = divmod(length, 65)
    if rest in {0, 64} and length:
        found = [key.secret for key in parse_ring(cut, "here").keys]
        assert found == KEYS[: whole + (rest == 64)]
        return
    with pytest.raises(MasterKeyRefused) as refused:
        parse_ring(cut, "here")
    told = refused.value.message + refused.value.hint
    assert all(key.hex()[:8] not in told for key in KEYS)
    if whole:
        assert f"line {whole + 1} of here" in told


@pytest.mark.parametrize(
    "text", [f"{KEYS[0].hex()}\n" * 2, f"{KEYS[0].hex()}\n# former\n", f"\0{RING}", RING * 40]
)
def test_what_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(MasterKeyRefused):
        parse_ring(text, "here")


def test_no_length_of_a_cut_key_is_another_key() -> None:
    """43 of its 64 hex digits would read as base64 of 32 other bytes."""
    text = bytes(range(100, 132)).hex()
    for length in range(64):
        with pytest.raises(MasterKeyRefused):
            parse_key(text[:length], "here")
    for length in range(44):
        if length < 43:
            with pytest.raises(MasterKeyRefused):
                parse_key("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="[:length], "here")


def test_the_leader_is_first_and_there_once() -> None:
    ring = parse_ring(RING, "here")
    led = ring.led_by(ring.keys[2])
    assert led.keys == (ring.keys[2], *ring.keys[:2])
    assert led.only({ring.keys[0].id}).keys == (ring.keys[0],)
    assert led.get("0" * 16) is None
    assert len(set(led.ids)) == 3
