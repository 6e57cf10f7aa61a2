from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from tests.servers.moto import BUCKET
from tests.servers.moto import moto as serving_moto
from tests.servers.sshd import sshd as serving_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.connectors.conftest import Make

LARGE = 2_500_000


@pytest.fixture(scope="session")
def s3_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    pytest.importorskip("s3fs")
    with serving_moto(tmp_path_factory.mktemp("moto")) as server:
        key, secret = server.reader
        yield {
            "technology": "s3",
            "url": server.url,
            "database": BUCKET,
            "username": key,
            "password": secret,
        }


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    pytest.importorskip("paramiko")
    with serving_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield {
            "technology": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "username": server.user,
            "api_key": server.key,
        }


@pytest.fixture(params=["s3", "sftp"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "s3":
        found: dict[str, Any] = request.getfixturevalue("s3_place")
        return found
    return {**request.getfixturevalue("sftp_server"), "database": str(tmp_path)}


async def test_what_is_written_is_listed_read_and_deleted(
    make: Make, place: dict[str, Any]
) -> None:
    files = make("file", **place)
    content = bytes(range(256)) * (LARGE // 256)
    await files.write("large.bin", content)
    entries = {entry.path: entry.size for entry in (await files.list()).entries}
    assert entries["large.bin"] == len(content)
    assert await files.read("large.bin") == content
    await files.delete("large.bin")
    with pytest.raises(ConnectorError) as told:
        await files.read("large.bin")
    assert told.value.code == "not_found"


async def test_a_file_larger_than_allowed_is_not_fetched(make: Make, place: dict[str, Any]) -> None:
    await make("file", **place).write("large.bin", b"x" * 5000)
    with pytest.raises(ConnectorError) as told:
        await make("file", **place, config={"max_bytes": 1000}).read("large.bin")
    assert told.value.code == "too_large"
    await make("file", **place).delete("large.bin")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "s3://other/x", "~/x"])
async def test_the_root_is_never_left(make: Make, place: dict[str, Any], path: str) -> None:
    files = make("file", **place)
    for deed in (files.read(path), files.write(path, b"x"), files.delete(path)):
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code == "not_allowed"


async def test_a_base_path_narrows_the_root(make: Make, place: dict[str, Any]) -> None:
    whole, part = make("file", **place), make("file", **place, config={"base_path": "inner"})
    if place["technology"] == "sftp":
        import pathlib

        (pathlib.Path(place["database"]) / "inner").mkdir()
    await part.write("a.txt", b"inside")
    assert await whole.read("inner/a.txt") == b"inside"
    assert [entry.path for entry in (await part.list()).entries] == ["a.txt"]


async def test_links_that_lead_out_of_the_root_are_not_followed(
    make: Make, sftp_server: dict[str, Any], tmp_path: Path
) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("never to be seen")
    (inside / "link").symlink_to(outside)
    (inside / "file").symlink_to(outside / "secret.txt")
    files = make("file", **sftp_server, database=str(inside))
    deeds = (
        files.list("link"),
        files.read("link/secret.txt"),
        files.read("file"),
        files.write("link/new", b"x"),
        files.write("file", b"x"),
        files.delete("link/secret.txt"),
    )
    for deed in deeds:
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code == "not_allowed"
    assert [one.name for one in outside.iterdir()] == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == "never to be seen"
