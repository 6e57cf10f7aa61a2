from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.connectors.conftest import Make


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("never to be seen")
    inside = tmp_path / "inside"
    (inside / "docs").mkdir(parents=True)
    (inside / "docs" / "a.txt").write_text("hello")
    return inside


@pytest.fixture
def files(make: Make, root: Path) -> Any:
    return make("file", "local", database=str(root), options={"access": "write"})


async def test_what_is_written_is_listed_read_and_deleted(files: Any) -> None:
    await files.write("docs/new/b.bin", b"\x00\x01")
    assert await files.read("docs/new/b.bin") == b"\x00\x01"
    assert [(e.path, e.folder, e.size) for e in (await files.list("docs/new")).entries] == [
        ("docs/new/b.bin", False, 2)
    ]
    await files.delete("docs/new/b.bin")
    assert (await files.list("docs/new")).entries == ()


async def test_writing_replaces_what_was_there(files: Any, root: Path) -> None:
    await files.write("docs/a.txt", b"again")
    assert (root / "docs" / "a.txt").read_bytes() == b"again"
    assert [one.name for one in (root / "docs").iterdir()] == ["a.txt"]


ESCAPES = [
    "../outside/secret.txt",
    "docs/../../outside/secret.txt",
    "/etc/passwd",
    "~/secret.txt",
    "file:///etc/passwd",
    "docs\\..\\..\\outside\\secret.txt",
    "./docs/a.txt",
    "docs/\x00a.txt",
    "docs/a.txt\n",
    "..",
    "link/secret.txt",
    "link.txt",
    "docs/loop",
]


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("deed", ["read", "write", "list"])
async def test_the_root_is_never_left(files: Any, root: Path, path: str, deed: str) -> None:
    (root / "link").symlink_to(root.parent / "outside")
    (root / "link.txt").symlink_to(root.parent / "outside" / "secret.txt")
    (root / "docs" / "loop").symlink_to(root / "docs" / "loop")
    given = (path, b"x") if deed == "write" else (path,)
    if deed == "write" and path in {"link.txt", "docs/loop"}:
        await files.write(*given)  # the link itself is replaced, not what it leads to
        assert not (root / path).is_symlink()
    else:
        with pytest.raises(ConnectorError):
            await getattr(files, deed)(*given)
    assert (root.parent / "outside" / "secret.txt").read_text() == "never to be seen"
    assert [one.name for one in (root.parent / "outside").iterdir()] == ["secret.txt"]


async def test_deleting_a_link_leaves_what_it_leads_to(files: Any, root: Path) -> None:
    (root / "link.txt").symlink_to(root.parent / "outside" / "secret.txt")
    await files.delete("link.txt")
    assert (root.parent / "outside" / "secret.txt").exists()


async def test_links_are_not_listed(files: Any, root: Path) -> None:
    (root / "link").symlink_to(root.parent / "outside")
    assert [entry.path for entry in (await files.list()).entries] == ["docs"]


async def test_a_file_larger_than_allowed_is_not_read(make: Make, root: Path) -> None:
    connector = make("file", "local", database=str(root), config={"max_bytes": 1000})
    (root / "fits").write_bytes(b"x" * 1000)
    (root / "large").write_bytes(b"x" * 1001)
    assert len(await connector.read("fits")) == 1000
    with pytest.raises(ConnectorError) as told:
        await connector.read("large")
    assert told.value.code == "too_large"


async def test_more_than_allowed_is_not_written(make: Make, root: Path) -> None:
    connector = make("file", "local", database=str(root), config={"max_bytes": 10})
    with pytest.raises(ConnectorError) as told:
        await connector.write("large", b"x" * 11)
    assert told.value.code == "too_large"
    assert not (root / "large").exists()


async def test_a_long_folder_is_cut_and_said_to_be(make: Make, root: Path) -> None:
    for number in range(30):
        (root / "docs" / f"{number:02}").touch()
    connector = make("file", "local", database=str(root), config={"max_rows": 10})
    found = await connector.list("docs")
    assert (len(found.entries), found.truncated) == (10, True)


async def test_a_pipe_is_not_waited_for(files: Any, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(ConnectorError) as told:
        await files.read("pipe")
    assert told.value.code == "not_allowed"


async def test_what_is_not_there_is_told_without_the_machines_path(files: Any, root: Path) -> None:
    with pytest.raises(ConnectorError) as told:
        await files.read("docs/nope")
    assert told.value.code == "not_found"
    assert str(root) not in f"{told.value!r} {told.value.hint}"


async def test_a_base_path_narrows_the_root(make: Make, root: Path) -> None:
    connector = make("file", "local", database=str(root), config={"base_path": "docs"})
    assert await connector.read("a.txt") == b"hello"


async def test_what_may_only_be_read_offers_no_writing(make: Make, root: Path) -> None:
    found = await make("file", "local", database=str(root)).discover()
    assert found.capabilities == frozenset({"read"})
