"""Moto's server: S3 and IAM as AWS answers them, refusals of credentials included."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "lake"
_ALLOWED = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moto:
    """A running server with one bucket.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        reader: Access key and secret of a user who may do everything in S3.
        stranger: Those of a user who may do nothing.
    """

    port: int
    reader: tuple[str, str]
    stranger: tuple[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def moto(folder: Path) -> Iterator[Moto]:
    """Run it; credentials are judged from the moment on that everything is set up."""
    program, port = server_program("moto_server"), free_port()
    with running([program, "-H", "127.0.0.1", "-p", str(port)], port, folder):
        url = f"http://127.0.0.1:{port}"
        store = _client("s3", url)
        store.create_bucket(Bucket=BUCKET)
        store.put_object(Bucket=BUCKET, Key="folder/one", Body=b"1")
        people = _client("iam", url)
        reader, stranger = _user(people, "reader"), _user(people, "stranger")
        policy = {"Version": "2012-10-17", "Statement": [_ALLOWED]}
        people.put_user_policy(
            UserName="reader", PolicyName="reading", PolicyDocument=json.dumps(policy)
        )
        _judge_from_now_on(url)
        yield Moto(port=port, reader=reader, stranger=stranger)


def _judge_from_now_on(url: str) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - the same


def _client(service: str, url: str) -> Any:
    import botocore.session

    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )


def _user(people: Any, name: str) -> tuple[str, str]:
    people.create_user(UserName=name)
    key = people.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
