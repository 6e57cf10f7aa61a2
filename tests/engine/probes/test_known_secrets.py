"""What is masked of a place: each secret in it, and no ordinary word beside it."""

from __future__ import annotations

import json

import pytest

from engine.probes.place import Place

PEM = (
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n"
    "-----END OPENSSH PRIVATE KEY-----\n"
)
LINE = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"


@pytest.mark.parametrize(
    ("told", "secrets"),
    [
        ({"password": "pw-1"}, {"pw-1"}),
        ({"oauth": {"client_secret": "s-1", "token_url": "https://h/t"}}, {"s-1"}),
        ({"options": {"token": "t-1", "region": "eu-west-1", "count": 3}}, {"t-1"}),
        ({"options": {"sentinel": "redis://:pw-2@h:6379"}}, {"pw-2"}),
        ({"url": "postgresql://app:p%40w@h/db"}, {"p%40w", "p@w"}),
        ({"url": "https://token-1@h/"}, {"token-1"}),
        ({"url": "https://h/?api_key=abcdef&page=2"}, {"abcdef"}),
        ({"url": "AccountName=me;AccountKey=a2V5==;BlobEndpoint=http://h"}, {"a2V5=="}),
        ({"url": "host=h user=me password='p w'"}, {"p w"}),
        ({"url": "https://h/a@b"}, set()),
        ({"api_key": PEM}, {LINE}),
        ({"api_key": json.dumps({"client_email": "me@h", "private_key": PEM})}, {LINE}),
        ({"api_key": '{"not": "a key'}, {'{"not": "a key'}),
    ],
)
def test_every_secret_is_known(told: dict[str, object], secrets: set[str]) -> None:
    place = Place(technology="any", **told)  # type: ignore[arg-type]
    assert set(place.secrets) == secrets
