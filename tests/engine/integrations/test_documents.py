from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import Document, envelope, read_documents
from engine.errors import InvalidInput, ReadOnlyRefused
from engine.integrations.documents import Refused, name_of, read_integration
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.integrations.results import ApplyResult, DocumentProblem
    from engine.settings import Settings

KEY = "sk-planted-Canary-0123456789abcdef"
GPT: dict[str, object] = {"kind": "integration", "name": "gpt", "provider_type": "openai"}


def numbered(values: Sequence[object]) -> list[Document]:
    return [Document(index=index, value=value) for index, value in enumerate(values, start=1)]


async def apply(
    workspace: Workspace, *values: object, tenant: str = "acme", dry_run: bool = False
) -> ApplyResult:
    return await workspace.integrations.apply_integrations(
        tenant, numbered(values), dry_run=dry_run
    )


async def outcomes(workspace: Workspace, *values: object, **more: Any) -> list[str]:
    return [result.outcome for result in (await apply(workspace, *values, **more)).results]


async def actions(workspace: Workspace, tenant: str = "acme") -> list[str]:
    return [entry.action for entry in (await workspace.activity.page(tenant)).items]


def problems(value: object) -> tuple[DocumentProblem, ...]:
    with pytest.raises(Refused) as caught:
        read_integration(value)
    for problem in caught.value.problems:
        assert problem.message.endswith((".", "?"))
        assert problem.message.count(". ") == 0
    return caught.value.problems


@pytest.mark.parametrize(
    ("more", "field", "message"),
    [
        ({"name": True}, "name", "Name must be text."),
        ({"name": ""}, "name", "The name must not be empty."),
        ({"name": "a\x1b[2Jb"}, "name", "The name must not contain control characters."),
        ({"name": "x" * 201}, "name", "The name must have at most 200 characters."),
        ({"rate_limit_rpm": "60"}, "rate_limit_rpm", "must be a whole number."),
        ({"rate_limit_rpm": True}, "rate_limit_rpm", "must be a whole number."),
        ({"rate_limit_rpm": 1.0}, "rate_limit_rpm", "must be a whole number."),
        ({"rate_limit_rpm": float("nan")}, "rate_limit_rpm", "must be a whole number."),
        ({"token_limit_month": -1}, "token_limit_month", "must be at least 0."),
        ({"budget_limit_cents": 10**30}, "budget_limit_cents", "at most 100,000,000,000."),
        ({"interval_s": 1}, "interval_s", "must be at least 5."),
        ({"enabled": "yes"}, "enabled", "must be true or false."),
        ({"enabled": 1}, "enabled", "must be true or false."),
        ({"base_url": 7}, "base_url", "The base URL must be text."),
        ({"config": ["region"]}, "config", "must be names with values."),
        ({"config": {"region": True}}, "config.region", "The field region must be text."),
        ({"config": {"Ä": 1}}, "config.…", "OpenAI has no field of such a name."),
        ({"credential_ref": {KEY: None}}, "credential_ref", "reference must be text."),
        ({"kind": "integrations"}, "kind", "There is no such kind; kinds are: integration."),
        ({"kind": ["integration"]}, "kind", "There is no such kind; kinds are: integration."),
    ],
)
def test_each_mistake_is_one_sentence_beside_its_field(
    more: dict[str, object], field: str, message: str
) -> None:
    [problem] = problems(GPT | more)
    assert problem.field == field
    assert problem.message.endswith(message)
    assert "Canary" not in str(problem.to_dict())


def test_all_mistakes_are_told_at_once() -> None:
    told = problems(GPT | {"name": 7, "interval_s": "x", "defalt_model": "m"})
    assert {problem.field for problem in told} == {"name", "interval_s", "defalt_model"}


@pytest.mark.parametrize("missing", ["kind", "name", "provider_type"])
def test_what_every_integration_needs_is_missed(missing: str) -> None:
    [problem] = problems({key: value for key, value in GPT.items() if key != missing})
    assert problem.field == missing
    assert "is missing" in problem.message


@pytest.mark.parametrize("value", [None, "gpt", 7, [], [GPT], True])
def test_what_is_no_item_is_refused(value: object) -> None:
    [problem] = problems(value)
    assert "not an item" in problem.message


@pytest.mark.parametrize(
    ("more", "field", "meant"),
    [
        ({"provider": "openai"}, "provider", "provider_type"),
        ({"defalt_model": "m"}, "defalt_model", "default_model"),
        ({"provider_type": "azure_openai", "config": {"deploymnt": 1}}, "config.deploymnt", None),
    ],
)
def test_unknown_fields_get_the_nearest_name(
    more: dict[str, object], field: str, meant: str | None
) -> None:
    [problem] = problems(GPT | more)
    assert problem.field == field
    assert f"did you mean {meant or 'deployment'!r}?" in problem.message


@pytest.mark.parametrize("field", ["secret", "api_key", "apikey", "token", "password", "key"])
def test_a_secret_has_no_place_in_a_document(field: str) -> None:
    for more in ({field: KEY}, {"config": {field: KEY}}):
        [problem] = problems(GPT | more)
        assert "never contains secrets" in problem.message
        assert "env://" in str(problem.hint)
        assert "Canary" not in str(problem.to_dict())


@pytest.mark.parametrize(
    "more",
    [
        {"credential_ref": KEY},
        {"credential_ref": f"env://{KEY}"},
        {"credential_ref": f"encrypted://{KEY}"},
        {"provider_type": KEY},
        {KEY: 1},
        {"config": {KEY: 1}},
        {"config": {KEY: [1]}},
        {"kind": KEY},
        {"base_url": [KEY]},
        {"interval_s": KEY},
    ],
)
def test_a_key_in_the_wrong_place_is_refused_and_not_repeated(more: dict[str, object]) -> None:
    told = problems(GPT | more)
    assert told
    assert "Canary" not in str([problem.to_dict() for problem in told])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["name", "provider_type", "config", "interval_s", "base_url", "enabled", "credential_ref"]


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON, max_size=4))
def test_whatever_an_item_says_is_read_or_refused(said: dict[str, object]) -> None:
    with contextlib.suppress(Refused):
        read_integration(GPT | said)
    name_of(GPT | said)


async def test_what_is_missing_is_created_and_what_differs_is_changed(workspace: Workspace) -> None:
    twin = GPT | {"name": "twin", "rate_limit_rpm": 60}
    assert await outcomes(workspace, GPT, twin) == ["created", "created"]
    result = await apply(workspace, GPT | {"default_model": "m-2"}, twin)
    assert [one.outcome for one in result.results] == ["changed", "unchanged"]
    assert result.results[0].changes == {"default_model": [None, "m-2"]}
    assert result.counts == {"created": 0, "changed": 1, "unchanged": 1, "refused": 0}
    listed = await workspace.integrations.list_integrations("acme")
    assert [item.name for item in listed.items] == ["gpt", "twin"]
    told = [action for action in await actions(workspace) if action != "tenant.created"]
    assert told == ["integration.updated", "integration.created", "integration.created"]


async def test_what_is_not_said_stays(workspace: Workspace) -> None:
    await apply(workspace, GPT | {"rate_limit_rpm": 60, "credential_ref": "env://KEY"})
    assert await outcomes(workspace, GPT) == ["unchanged"]
    assert await outcomes(workspace, GPT | {"name": "GPT"}) == ["changed"]
    [item] = (await workspace.integrations.list_integrations("acme")).items
    found = await workspace.integrations.get_integration("acme", item.id)
    assert (found.name, found.rate_limit_rpm, found.credential_ref) == ("GPT", 60, "env://KEY")


async def test_null_takes_away(workspace: Workspace) -> None:
    await apply(
        workspace, GPT | {"default_model": "m", "interval_s": 30, "credential_ref": "env://KEY"}
    )
    nothing = {"default_model": None, "interval_s": None, "credential_ref": None}
    [result] = (await apply(workspace, GPT | nothing)).results
    assert result.changes == {
        "credential": "removed",
        "default_model": ["m", None],
        "interval_s": [30, None],
    }


async def test_a_part_of_a_place_is_judged_with_what_is_stored(workspace: Workspace) -> None:
    own = {"kind": "integration", "name": "own", "provider_type": "custom"}
    [refused] = (await apply(workspace, own)).results
    assert (refused.outcome, refused.problems[0].field) == ("refused", "base_url")
    assert await outcomes(workspace, own | {"base_url": "http://127.0.0.1:9/v1"}) == ["created"]
    assert await outcomes(workspace, own | {"rate_limit_rpm": 5}) == ["changed"]


async def test_one_that_is_refused_does_not_stop_the_others(workspace: Workspace) -> None:
    bad = GPT | {"name": "bad", "base_url": "http://me:Canary@host/v1", "default_model": "m"}
    assert await outcomes(workspace, bad, GPT) == ["refused", "created"]
    assert await outcomes(workspace, GPT | {"provider_type": "google"}) == ["refused"]
    [item] = (await workspace.integrations.list_integrations("acme")).items
    assert (item.name, item.provider_type) == ("gpt", "openai")


async def test_a_document_is_applied_whole_or_not_at_all(workspace: Workspace) -> None:
    await apply(workspace, GPT)
    # It was never enabled, so that it cannot be disabled; then its model must not change either.
    [result] = (await apply(workspace, GPT | {"default_model": "m", "enabled": False})).results
    assert (result.outcome, result.problems[0].field) == ("refused", "enabled")
    [item] = (await workspace.integrations.list_integrations("acme")).items
    assert item.default_model is None


async def test_a_name_given_twice_is_refused_the_second_time(workspace: Workspace) -> None:
    result = await apply(workspace, GPT, GPT | {"name": " GPT "}, GPT | {"name": 7})
    assert [one.outcome for one in result.results] == ["created", "refused", "refused"]
    assert "item 1" in result.results[1].message


async def test_enabled_is_brought_about_and_kept(workspace: Workspace) -> None:
    on, off = GPT | {"enabled": True}, GPT | {"enabled": False}
    assert await outcomes(workspace, on, tenant="one") == ["created"]
    assert await outcomes(workspace, on, tenant="one") == ["unchanged"]
    [result] = (await apply(workspace, off, tenant="one")).results
    assert result.changes == {"status": ["enabled", "disabled"]}
    assert await outcomes(workspace, off, tenant="two") == ["created"]
    [item] = (await workspace.integrations.list_integrations("two")).items
    lamp = (await workspace.health.story("two", "integration", item.id)).lamp
    assert (item.status, lamp.active, lamp.due_at) == ("disabled", False, None)


async def test_a_dry_run_says_the_same_and_stores_nothing(
    workspace: Workspace, settings: Settings
) -> None:
    await apply(workspace, GPT)
    before = await workspace.revisions()
    values = (GPT | {"default_model": "m"}, GPT | {"name": "new"}, {"kind": "source"})
    dry = await apply(workspace, *values, dry_run=True)
    assert dry.dry_run
    assert await workspace.revisions() == before
    watching = Workspace.open(replace(settings, read_only=True), clock=workspace.clock)
    try:
        assert (await apply(watching, *values, dry_run=True)).counts == dry.counts
        with pytest.raises(ReadOnlyRefused):
            await apply(watching, *values)
    finally:
        await watching.aclose()
    assert (await apply(workspace, *values)).counts == dry.counts


async def test_another_tenants_secret_cannot_be_pointed_to(workspace: Workspace) -> None:
    made = await workspace.integrations.create_integration("acme", "gpt", "openai", secret=KEY)
    exported = await workspace.integrations.export_integrations("acme")
    assert KEY not in str(exported)
    assert exported[0]["credential_ref"] == made.credential_ref
    assert await outcomes(workspace, *exported) == ["unchanged"]
    [result] = (await apply(workspace, *exported, tenant="other")).results
    assert result.problems[0].field == "credential_ref"
    assert "--credential-stdin" in str(result.problems[0].hint)


async def test_without_a_reference_a_stored_secret_is_kept(workspace: Workspace) -> None:
    made = await workspace.integrations.create_integration("acme", "gpt", "openai", secret=KEY)
    await apply(workspace, tenant="empty")
    await apply(workspace, GPT, tenant="other")
    exported = await workspace.integrations.export_integrations("other")
    assert await outcomes(workspace, *exported) == ["unchanged"]
    again = await workspace.integrations.get_integration("acme", made.id)
    assert again.credential_ref == made.credential_ref


async def test_the_tenant_must_be_one(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        await apply(workspace, GPT, tenant="no tenant/")


HOSTILE = [
    "=cmd|'/c calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "null",
    "2024-06-01",
    "\u202egnp",
    "{a: b}",
    "&x",
]


async def test_what_is_exported_and_applied_elsewhere_is_exported_alike(
    workspace: Workspace,
) -> None:
    azure = {
        "kind": "integration",
        "name": "azure",
        "provider_type": "azure_openai",
        "base_url": "https://r.openai.azure.com",
        "config": {"api_version": "2024-06-01", "deployment": "d1"},
        "credential_ref": "env://AZURE_KEY",
        "enabled": False,
    }
    full = GPT | {
        "default_model": "m-1: x",
        "budget_limit_cents": 100_000_000_000,
        "token_limit_month": 10**15,
        "rate_limit_rpm": 60,
        "interval_s": 30,
        "enabled": True,
    }
    odd = [GPT | {"name": name} for name in HOSTILE]
    made = await apply(workspace, azure, full, *odd)
    assert made.counts["created"] == 2 + len(HOSTILE)
    exported = await workspace.integrations.export_integrations("acme")
    text = yaml.safe_dump(envelope(exported), sort_keys=False)
    found = read_documents(text.encode())
    assert await outcomes(workspace, *(one.value for one in found)) == ["unchanged"] * len(found)
    result = await workspace.integrations.apply_integrations("elsewhere", found)
    assert result.counts["created"] == len(found)
    assert await workspace.integrations.export_integrations("elsewhere") == exported


async def test_an_export_reads_every_page(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.integrations.intake.PAGE", 2)
    await apply(workspace, *(GPT | {"name": f"n{number}"} for number in range(5)))
    exported = await workspace.integrations.export_integrations("acme")
    assert [item["name"] for item in exported] == [f"n{number}" for number in range(5)]
    assert await workspace.integrations.export_integrations("nobody") == ()
