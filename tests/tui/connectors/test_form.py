"""The form: fields by type and technology, test before save, secrets kept, conflicts told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.connectors.conftest import SECRET
from tests.tui.inventory.driver import TENANT
from tui.connectors.form import ConnectorForm
from tui.inventory.conflict import Conflict

if TYPE_CHECKING:
    from pathlib import Path

    from engine.connectors import ConnectorInfo
    from tests.tui.connectors.conftest import Board, Opened


def form_of(board: Board) -> ConnectorForm:
    found = [one for one in board.app.screen_stack if isinstance(one, ConnectorForm)]
    assert found
    return found[0]


async def stored(board: Board, name: str) -> ConnectorInfo:
    items = (await board.workspace.connectors.list_connectors(TENANT, query=name)).items
    return await board.workspace.connectors.get_connector(TENANT, items[0].id)


async def focus(board: Board, name: str) -> None:
    """Goes to a field by its name."""
    form_of(board).query_one(f"#field-{name}").focus()
    await board.settled()


async def test_fields_follow_type_and_technology(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        assert {"connection_string", "auth_type", "allow"} <= form_of(board).form.values().keys()
        await focus(board, "connector_type")
        await board.press("right")
        form = form_of(board).form
        assert form.values()["technology"] == "postgresql"
        assert "allow" not in form.values()
        assert {"host", "port", "database", "max_rows"} <= form.values().keys()
        await focus(board, "technology")
        await board.press("right", "right")
        assert form.values()["technology"] == "sqlite"
        assert "host" not in form.values()


async def test_a_new_one_is_saved_with_its_secret_encrypted(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        for field, words in (
            ("connection_string", "http://127.0.0.1:9/v1"),
            ("api_key", SECRET),
            ("allow", "GET /v1/**"),
            ("timeout_seconds", "12"),
            ("tags", "prod, pii"),
        ):
            await focus(board, field)
            await board.write(words)
        assert SECRET not in board.shown()
        await board.press("ctrl+s")
        await board.until(lambda: "fresh" in board.names())
        made = await stored(board, "fresh")
        assert (made.connector_type, made.technology, made.tags) == (
            "http",
            "rest",
            ("prod", "pii"),
        )
        assert made.config["api_key"] == "***"
        assert made.config["timeout_seconds"] == 12
        assert made.config["options"]["allow"] == "GET /v1/**"
        assert SECRET not in repr(made)


async def test_values_are_really_tested_before_they_are_saved(opened: Opened, shop: Path) -> None:
    async with opened() as board:
        await board.press("e")
        await focus(board, "database")
        await board.write(".gone")
        await board.press("f5")
        await board.until(lambda: "✖ failing" in board.shown())
        assert (await stored(board, "crm-db")).config["database"] == str(shop)
        assert (await stored(board, "crm-db")).checked_at is None


async def test_an_edit_keeps_the_secret_and_what_nobody_asks_for(opened: Opened) -> None:
    async with opened((), api=True) as board:
        await board.press("e")
        assert "stored, leave empty to keep" in board.shown()
        await focus(board, "allow")
        await board.write("/**")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        after = await stored(board, "billing-api")
        assert after.config["api_key"] == "***"
        assert dict(after.config["options"]) == {
            "allow": "GET /v1/items/**",
            "kept": "by hand",
        }


async def test_another_technology_takes_its_fields_and_secrets_away(
    opened: Opened, shop: Path
) -> None:
    async with opened(("docs-db",)) as board:
        await board.workspace.connectors.register_connector(
            TENANT,
            "a-postgres",
            "sql",
            technology="postgresql",
            config={"host": "db.example", "username": "app", "password": SECRET},
        )
        await board.press("R", "g", "e")
        await focus(board, "technology")
        await board.press("right", "right")
        await focus(board, "database")
        await board.write(str(shop))
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        after = await stored(board, "a-postgres")
        assert after.technology == "sqlite"
        assert dict(after.config) == {"database": str(shop)}


async def test_a_stored_connector_keeps_its_type(opened: Opened) -> None:
    async with opened() as board:
        await board.press("e")
        await focus(board, "connector_type")
        await board.press("right")
        assert form_of(board).form.values()["connector_type"] == "sql"


async def test_oauth_values_have_their_own_place(opened: Opened) -> None:
    async with opened((), api=True) as board:
        await board.press("e")
        for field, words in (
            ("oauth_token_url", "https://id.example/token"),
            ("oauth_client_id", "app"),
            ("oauth_client_secret", SECRET),
        ):
            await focus(board, field)
            await board.write(words)
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        after = await stored(board, "billing-api")
        assert set(after.config["oauth_config"]) == {"token_url", "client_id", "client_secret"}
        assert not any(name.startswith("oauth_") for name in after.config["options"])
        await board.press("e")
        await focus(board, "oauth_client_id")
        await board.write("other")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        again = await stored(board, "billing-api")
        assert set(again.config["oauth_config"]) == {"token_url", "client_id", "client_secret"}


async def test_a_clone_begins_like_its_origin_without_its_secret(opened: Opened) -> None:
    async with opened((), api=True) as board:
        await board.press("c", "ctrl+s")
        await board.until(lambda: "billing-api-copy" in board.names())
        assert "api_key" not in (await stored(board, "billing-api-copy")).config


async def test_a_taken_name_is_said_at_the_name(opened: Opened) -> None:
    async with opened() as board:
        await board.press("c", "ctrl+u")
        await board.write("orders-db")
        await board.press("ctrl+s")
        await board.until(lambda: "name" in form_of(board).form.problems)


async def test_a_conflict_shows_both_and_mine_keeps_what_they_changed(opened: Opened) -> None:
    async with opened() as board:
        before = await stored(board, "crm-db")
        await board.press("e")
        await board.workspace.connectors.update_connector(TENANT, before.id, owner_id="bo")
        await board.write("-mine")
        await board.press("ctrl+s")
        await board.until(lambda: isinstance(board.app.screen, Conflict))
        assert "crm-db-mine" in board.shown()
        await board.press("m")
        await board.until(lambda: board.app.screen is board.screen)
        after = await stored(board, "crm-db-mine")
        assert (after.id, after.owner_id) == (before.id, "bo")
