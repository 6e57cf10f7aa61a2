"""What the facade of credentials does: list, store, date, test, delete; and what it tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.errors import (
    CredentialInUse,
    CredentialReferenceInvalid,
    InvalidInput,
    MasterKeyRefused,
    NotFound,
    ReadOnlyRefused,
)
from engine.paging import after, start
from engine.settings import Settings
from engine.workspace import Workspace

from .elsewhere import SECRET, Elsewhere, keep_elsewhere
from .test_tokens import token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.credentials.results import CredentialSummary

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REF = "vault://secret/app#key"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'board.db'}", operator="dana")


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
async def workspace(
    settings: Settings, clock: FixedClock, elsewhere: Elsewhere
) -> AsyncIterator[Workspace]:
    opened = Workspace.open(settings, clock=clock, origin="cli")
    keep_elsewhere(opened, elsewhere)
    for tenant in ("acme", "globex"):
        await opened.tenants.ensure(tenant)
    yield opened
    await opened.aclose()


async def told(workspace: Workspace, reference: str, tenant: str = "acme") -> CredentialSummary:
    return (await workspace.credentials.get(tenant, reference)).credential


async def states(workspace: Workspace, **wanted: object) -> list[tuple[str, str]]:
    page, _ = await workspace.credentials.page_references("acme", **wanted)  # type: ignore[arg-type]
    return [(one.label or one.reference, one.state) for one in page]


async def actions(workspace: Workspace) -> list[str]:
    found = await workspace.activity.page("acme", concept="credentials")
    return [one.action for one in found.items]


async def test_a_secret_is_stored_listed_replaced_and_told_of_without_itself(
    workspace: Workspace, clock: FixedClock
) -> None:
    facade = workspace.credentials
    reference = await facade.store("acme", SECRET, " OpenAI, prod ", NOW + timedelta(days=10))
    found = await told(workspace, reference)
    assert (found.label, found.kind, found.state) == ("OpenAI, prod", "encrypted", "expiring")
    assert (found.created_at, found.updated_at, found.used) == (NOW, None, 0)
    assert found.key_id
    later = clock.advance(60)
    await facade.replace("acme", reference, SECRET + "2")
    found = await told(workspace, reference)
    assert (found.updated_at, found.expires_at, found.state) == (later, None, "untested")
    assert await actions(workspace) == ["credential.replaced", "credential.stored"]
    activity = await workspace.activity.page("acme")
    assert SECRET not in repr(activity) + repr(await facade.get("acme", reference))


async def test_a_token_says_itself_when_it_expires_and_a_person_goes_before_it(
    workspace: Workspace,
) -> None:
    facade = workspace.credentials
    says = NOW + timedelta(days=3)
    reference = await facade.store("acme", token({"exp": says.timestamp()}))
    assert (await told(workspace, reference)).expires_at == says
    await facade.set_expiry("acme", reference, NOW + timedelta(days=300), "token")
    found = await told(workspace, reference)
    assert (found.expires_at, found.label) == (NOW + timedelta(days=300), "token")
    await facade.set_expiry("acme", reference, None)
    assert (await told(workspace, reference)).expires_at == says


async def test_expiry_is_warned_of_before_it_comes(workspace: Workspace, clock: FixedClock) -> None:
    facade = workspace.credentials
    for days in (1, 14, 15):
        await facade.register("acme", f"env://K{days}", f"k{days}", NOW + timedelta(days=days))
    await facade.register("acme", "env://NEVER", "never")
    assert await states(workspace) == [
        ("k1", "expiring"),
        ("k14", "expiring"),
        ("k15", "untested"),
        ("never", "untested"),
    ]
    headline = await facade.headline("acme")
    assert headline.counts == {
        "expired": 0,
        "unreadable": 0,
        "expiring": 2,
        "ok": 0,
        "untested": 2,
    }
    assert headline.next_expiry == NOW + timedelta(days=1)
    clock.advance(86_400)
    assert (await states(workspace))[:3] == [
        ("k1", "expired"),
        ("k14", "expiring"),
        ("k15", "expiring"),
    ]
    assert (await facade.headline("acme")).next_expiry == NOW + timedelta(days=14)
    assert (await facade.headline(None)).counts["expired"] == 1
    assert (await facade.headline("globex")).next_expiry is None
    assert await states(workspace, query="state:expir", sort="name") == [
        ("k1", "expired"),
        ("k14", "expiring"),
        ("k15", "expiring"),
    ]


async def test_how_long_before_is_the_operators_word(settings: Settings, clock: FixedClock) -> None:
    opened = Workspace.open(replace(settings, credential_warning_days=30), clock=clock)
    try:
        await opened.tenants.ensure("acme")
        await opened.credentials.register("acme", "env://K", "k", NOW + timedelta(days=29))
        assert await states(opened) == [("k", "expiring")]
    finally:
        await opened.aclose()


async def test_it_is_not_deleted_while_anything_uses_it_and_the_refusal_says_what(
    workspace: Workspace,
) -> None:
    facade = workspace.credentials
    reference = await facade.store("acme", SECRET, "shared")
    made = [
        await workspace.integrations.create_integration("acme", f"gpt-{n}", "openai", reference)
        for n in range(5)
    ]
    place = {"host": "db", "database": "x", "username": "u", "password": reference}
    await workspace.connectors.register_connector(
        "acme", "reports", "sql", config=place, technology="postgresql"
    )
    with pytest.raises(CredentialInUse) as refused:
        await facade.delete("acme", reference)
    assert refused.value.message == (
        "The credential is still used by integration gpt-0, integration gpt-1, integration gpt-2 "
        "and 3 more."
    )
    detail = await facade.get("acme", reference)
    assert detail.credential.used == 6
    assert [(user.kind, user.name) for user in detail.users][-1] == ("connector", "reports")
    for one in made:
        await workspace.integrations.delete_integration("acme", one.id)
    assert (await told(workspace, reference)).used == 1
    (connector,) = (await workspace.connectors.list_connectors("acme")).items
    await workspace.connectors.delete_connector("acme", connector.id)
    # A person stored it: it stays when the last thing that used it goes.
    assert (await told(workspace, reference)).used == 0
    await facade.delete("acme", reference)
    with pytest.raises(NotFound):
        await facade.get("acme", reference)
    assert (await actions(workspace))[0] == "credential.deleted"


async def test_a_feed_uses_its_admin_key_as_its_integration(workspace: Workspace) -> None:
    from engine.usage.sync.settings import FeedSettings

    await workspace.integrations.create_integration("acme", "gpt", "openai", "env://A_KEY")
    await workspace.feeds.set_up("acme", "gpt", FeedSettings(), credential_ref=REF)
    (user,) = (await workspace.credentials.get("acme", REF)).users
    assert (user.kind, user.name) == ("integration", "gpt")
    with pytest.raises(CredentialInUse):
        await workspace.credentials.delete("acme", REF)
    await workspace.feeds.remove("acme", "gpt")
    with pytest.raises(NotFound):
        await workspace.credentials.get("acme", REF)


async def test_what_things_point_to_is_listed_as_long_as_they_do(workspace: Workspace) -> None:
    made = await workspace.integrations.create_integration("acme", "gpt", "openai", REF)
    twin = await workspace.integrations.create_integration("acme", "twin", "openai", REF)
    assert await states(workspace) == [(REF, "untested")]
    assert (await told(workspace, REF)).used == 2
    await workspace.integrations.update_integration("acme", made.id, credential_ref="env://A_KEY")
    assert {one for one, _ in await states(workspace)} == {REF, "env://A_KEY"}
    await workspace.integrations.delete_integration("acme", twin.id)
    assert await states(workspace) == [("env://A_KEY", "untested")]
    await workspace.credentials.register("acme", "env://A_KEY", "ours")
    await workspace.integrations.delete_integration("acme", made.id)
    assert await states(workspace) == [("ours", "untested")]


async def test_a_thing_that_is_edited_keeps_what_is_known_of_its_reference(
    workspace: Workspace,
) -> None:
    made = await workspace.integrations.create_integration("acme", "gpt", "openai", REF)
    await workspace.credentials.test("acme", REF)
    before = await told(workspace, REF)
    await workspace.integrations.update_integration(
        "acme", made.id, name="gpt-2", credential_ref=REF
    )
    assert await told(workspace, REF) == before


async def test_a_test_says_whether_it_is_there_and_nothing_else(
    workspace: Workspace, elsewhere: Elsewhere
) -> None:
    facade = workspace.credentials
    gone = "vault://secret/gone#key"
    for reference in (REF, gone, "env://NOT_SET"):
        await facade.register("acme", reference)
    elsewhere.expires_at = NOW + timedelta(days=5)
    done = await facade.test("acme", REF)
    assert (done.ok, done.message) == (True, "The secret is there.")
    assert done.expires_at == NOW + timedelta(days=5)
    failed = await facade.test("acme", gone)
    assert (failed.ok, failed.message) == (False, "It is gone. Put it back.")
    assert "NOT_SET is not set" in (await facade.test("acme", "env://NOT_SET")).message
    assert SECRET not in repr((done, failed))
    assert await states(workspace) == [
        ("env://NOT_SET", "unreadable"),
        (gone, "unreadable"),
        (REF, "expiring"),
    ]
    assert (await told(workspace, gone)).problem == "It is gone."
    with pytest.raises(NotFound):
        await facade.test("acme", "env://NOBODYS")


async def test_accesses_are_counted_by_day_and_by_who_asked(
    workspace: Workspace, clock: FixedClock
) -> None:
    await workspace.credentials.register("acme", REF)
    service = workspace.credentials.of_tenant("acme")
    for days in (0, 0, 1, 40):
        clock.advance(days * 86_400)
        await service.get(REF)
    await workspace.credentials.end()
    detail = await workspace.credentials.get("acme", REF)
    assert detail.credential.accesses == 4
    assert detail.credential.accessed_at == clock.now()
    assert [(one.day, one.origin, one.count) for one in detail.accesses] == [
        ("2027-01-01", "cli", 1)
    ], "a detail tells of the last 30 days"
    with pytest.raises(NotFound):
        await workspace.credentials.get("globex", REF)


async def test_a_use_is_not_kept_from_its_secret_by_a_database_that_cannot_be_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import WorkspaceError

    async def away(*_: object, **__: object) -> None:
        raise WorkspaceError("Away.", temporary=True)

    await workspace.credentials.register("acme", REF)
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "write", away)
        assert (await workspace.credentials.of_tenant("acme").get(REF)).value == SECRET
        await workspace.credentials.end()
    await workspace.credentials.end()
    assert (await told(workspace, REF)).accesses == 1


async def test_a_read_only_run_asks_and_writes_nothing(
    workspace: Workspace, settings: Settings, clock: FixedClock
) -> None:
    await workspace.credentials.register("acme", REF)
    reading = Workspace.open(replace(settings, read_only=True), clock=clock)
    keep_elsewhere(reading, Elsewhere())
    try:
        assert (await reading.credentials.of_tenant("acme").get(REF)).value == SECRET
        assert (await reading.credentials.test("acme", REF)).ok
        with pytest.raises(ReadOnlyRefused):
            await reading.credentials.delete("acme", REF)
    finally:
        await reading.aclose()
    assert (await told(workspace, REF)).accesses == 0


async def test_under_a_missing_key_nothing_is_said_of_the_secret(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    reference = await workspace.credentials.store("acme", SECRET)
    (tmp_path / "board.db.key").rename(tmp_path / "away")
    other = Workspace.open(settings)
    try:
        done = await other.credentials.test("acme", reference)
        assert not done.ok
        assert "master key" in done.message
        with pytest.raises(MasterKeyRefused):
            await other.credentials.of_tenant("acme").get(reference)
    finally:
        await other.aclose()
    assert (await told(workspace, reference)).state == "untested"


async def test_a_replaced_secret_is_tried_at_once(workspace: Workspace, clock: FixedClock) -> None:
    reference = await workspace.credentials.store("acme", SECRET)
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "custom", reference, base_url="http://127.0.0.1:9"
    )
    await workspace.integrations.enable_integration("acme", made.id)
    await workspace.checks.check_all_integrations("acme")
    (before,) = await workspace.health.lamps("acme")
    assert before.due_at is not None
    assert before.due_at > clock.now()
    await workspace.credentials.replace("acme", reference, SECRET + "2")
    (after_,) = await workspace.health.lamps("acme")
    assert after_.due_at == clock.now()


@pytest.mark.parametrize("label", ["two\nlines", "x" * 201, "sk-proj-Zm9vYmFyYmF6cXV4MTIz", "\x00"])
async def test_a_label_is_one_line_and_not_the_key(workspace: Workspace, label: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await workspace.credentials.store("acme", SECRET, label)
    assert refused.value.field == "label"
    assert label not in refused.value.message
    assert await states(workspace) == []


async def test_what_cannot_be_done_to_a_reference_is_refused(workspace: Workspace) -> None:
    facade = workspace.credentials
    stored = await facade.store("acme", SECRET)
    with pytest.raises(InvalidInput, match="kept elsewhere is registered"):
        await facade.register("acme", stored)
    await facade.register("acme", REF, "first")
    with pytest.raises(InvalidInput, match="changed where it is kept"):
        await facade.replace("acme", REF, SECRET)
    with pytest.raises(InvalidInput, match="needs its zone"):
        await facade.set_expiry("acme", REF, datetime(2027, 1, 1))  # noqa: DTZ001 - that is it
    for change in (facade.delete, facade.get, facade.test):
        with pytest.raises(CredentialReferenceInvalid):
            await change("acme", SECRET)
        for tenant, reference in (("globex", stored), ("acme", "env://NOBODYS")):
            with pytest.raises(NotFound) as refused:
                await change(tenant, reference)
            assert reference not in refused.value.message
    assert await facade.register("acme", f" {REF} ") == REF
    assert (await told(workspace, REF)).label == "first"


async def test_pages_go_on_after_a_key_in_every_order(workspace: Workspace) -> None:
    from engine.credentials.listing import SORTS

    for number in range(7):
        await workspace.credentials.register(
            "acme", f"env://K{number}", f"k{number % 3}", NOW + timedelta(days=number * 5)
        )
    for sort in SORTS:
        for descending in (False, True):
            whole, _ = await workspace.credentials.page_references(
                "acme", sort=sort, descending=descending
            )
            parts, anchor = [], start()
            while True:
                page, keys = await workspace.credentials.page_references(
                    "acme", sort=sort, descending=descending, anchor=anchor, limit=2
                )
                parts += page
                if len(page) < 2:
                    break
                anchor = after(keys[-1])
            assert parts == list(whole), (sort, descending)
            assert len(whole) == await workspace.credentials.count_references("acme")
    with pytest.raises(InvalidInput):
        await workspace.credentials.page_references("acme", sort="secret")
    assert await workspace.credentials.count_references("acme", query="kind:env k1") == 2
    assert await workspace.credentials.count_references("acme", query="used:yes") == 0
    assert await workspace.credentials.count_references("acme", query="label:k2 !used:yes") == 2
