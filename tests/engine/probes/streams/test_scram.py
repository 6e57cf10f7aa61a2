"""SCRAM against the example of RFC 7677, and against servers that cheat."""

from __future__ import annotations

import pytest

from engine.probes.streams.scram import Scram, ScramError

# RFC 7677, section 3.
NONCE = "rOprNGfwEbeRWgbNEkqO"
CHALLENGE = (
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
)
PROOF = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
ANSWER = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.fixture
def login() -> Scram:
    return Scram(mechanism="SCRAM-SHA-256", user="user", password="pencil", nonce=NONCE)


def test_the_standard_s_example(login: Scram) -> None:
    assert login.first() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert login.proof(CHALLENGE) == PROOF
    login.verify(ANSWER)


@pytest.mark.parametrize("answer", [b"", b"v=", b"v=AAAA", b"e=other-error", b"\xff"])
def test_server_that_does_not_know_the_password_is_not_believed(
    login: Scram, answer: bytes
) -> None:
    login.proof(CHALLENGE)
    with pytest.raises(ScramError):
        login.verify(answer)


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=foreign,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        CHALLENGE.replace(b"i=4096", b"i=999999999"),
        CHALLENGE.replace(b"i=4096", b"i=-1"),
        CHALLENGE.replace(b"s=W22ZaJ0SNY7soEsUEjb6gQ==", b"s=***"),
    ],
)
def test_challenge_that_is_none_is_refused(login: Scram, challenge: bytes) -> None:
    with pytest.raises(ScramError):
        login.proof(challenge)


def test_signs_of_the_protocol_in_a_name_are_encoded() -> None:
    login = Scram(mechanism="SCRAM-SHA-512", user="a=b,c", password="pencil", nonce="n")
    assert login.first() == b"n,,n=a=3Db=2Cc,r=n"
    assert "pencil" not in repr(login)
