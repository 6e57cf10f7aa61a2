from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.files import listing
from engine.connectors.files.entries import FileEntry
from engine.errors import ConnectorError
from engine.probes.files.http_session import DriverSession
from tests.servers.azurite import ACCOUNT, CONTAINER, KEY
from tests.servers.azurite import azurite as serving_azurite
from tests.servers.gcs import BUCKET as GCS_BUCKET
from tests.servers.gcs import gcs as serving_gcs
from tests.servers.moto import BUCKET
from tests.servers.moto import moto as serving_moto
from tests.servers.sshd import sshd as serving_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.fixture(scope="session")
def gcs_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    pytest.importorskip("gcsfs")
    with serving_gcs(tmp_path_factory.mktemp("gcs")) as port:
        yield {"technology": "gcs", "url": f"http://127.0.0.1:{port}", "database": GCS_BUCKET}


@pytest.fixture(scope="session")
def azure_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    pytest.importorskip("adlfs")
    with serving_azurite(tmp_path_factory.mktemp("azurite")) as port:
        yield {
            "technology": "azure_blob",
            "url": f"http://127.0.0.1:{port}/{ACCOUNT}",
            "username": ACCOUNT,
            "password": KEY,
            "database": CONTAINER,
        }


@pytest.fixture(params=["s3", "gcs", "azure", "sftp"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "sftp":
        return {**request.getfixturevalue("sftp_server"), "database": str(tmp_path)}
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_place")
    return found


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


# Ways out of a folder, of a bucket, of a container; and two spellings of one name.
ESCAPES = [
    "../x",
    "/etc/passwd",
    "a/../../x",
    "..",
    "s3://other/x",
    "gs://other/x",
    "abfs://other@account.example/x",
    "~/x",
    "a/./x",
    "..\\x",
    "a\x00b",
]


@pytest.mark.parametrize("path", ESCAPES)
async def test_the_root_is_never_left(make: Make, place: dict[str, Any], path: str) -> None:
    files = make("file", **place)
    deeds = (files.read(path), files.write(path, b"x"), files.delete(path), files.list(path))
    for deed in deeds:
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code in {"not_allowed", "invalid_path"}


async def test_a_base_path_narrows_the_root(make: Make, place: dict[str, Any]) -> None:
    whole, part = make("file", **place), make("file", **place, config={"base_path": "inner"})
    if place["technology"] == "sftp":
        (Path(place["database"]) / "inner").mkdir()
    await part.write("a.txt", b"inside")
    await whole.write("inner2.txt", b"begins alike")
    assert await whole.read("inner/a.txt") == b"inside"
    assert [entry.path for entry in (await part.list()).entries] == ["a.txt"]
    for deed in (part.read("../inner2.txt"), part.delete("../inner2.txt")):
        with pytest.raises(ConnectorError):
            await deed
    listed = {entry.path: entry.folder for entry in (await whole.list()).entries}
    assert (listed["inner"], listed["inner2.txt"]) == (True, False)
    await whole.delete("inner2.txt")
    await whole.delete("inner/a.txt")


async def test_a_huge_folder_is_listed_no_further_than_is_wanted(
    make: Make, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if place["technology"] == "sftp":
        (Path(place["database"]) / "many").mkdir()
    whole = make("file", **place)
    for number in range(25):
        await whole.write(f"many/{number:02}", b"1")
    monkeypatch.setattr(listing, "_PAGE", 5)
    pages = _counting_pages(monkeypatch)
    found = await make("file", **place, config={"max_rows": 8}).list("many")
    assert (len(found.entries), found.truncated) == (8, True)
    assert pages[0] <= 2  # of five
    found = await make("file", **place, config={"max_rows": 25}).list("many")
    assert (len(found.entries), found.truncated) == (25, False)
    assert found.entries[-1] == FileEntry(path="many/24", folder=False, size=1)
    for number in range(25):
        await whole.delete(f"many/{number:02}")


def _counting_pages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the requests that drivers send over HTTP."""
    count, plain = [0], DriverSession.request

    def request(self: DriverSession, *args: Any, **options: Any) -> Any:
        count[0] += 1
        return plain(self, *args, **options)

    monkeypatch.setattr(DriverSession, "request", request)
    return count


async def test_a_folder_that_is_not_there_is_told(make: Make, place: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError) as told:
        await make("file", **place).list("never-there")
    assert told.value.code == "not_found"


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
