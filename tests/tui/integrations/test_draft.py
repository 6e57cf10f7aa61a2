from __future__ import annotations

from tui.integrations import draft

BASE = {"name": "a", "provider_type": "bedrock", "region": "eu-west-1"}


def test_only_what_differs_is_changed() -> None:
    values = BASE | {"budget_limit_cents": "500", "interval_s": ""}
    assert draft.changes(values, {"budget_limit_cents": "500", "interval_s": ""}) == {
        "budget_limit_cents": 500,
        "interval_s": None,
    }


def test_a_providers_own_fields_travel_together() -> None:
    assert draft.changes(BASE, {"region": "eu-west-1"}) == {"config": {"region": "eu-west-1"}}


def test_another_provider_takes_its_fields_and_address_along() -> None:
    made = draft.changes(BASE | {"base_url": ""}, {"provider_type": "bedrock"})
    assert made == {
        "provider_type": "bedrock",
        "config": {"region": "eu-west-1"},
        "base_url": None,
    }


def test_a_reference_is_told_from_a_secret() -> None:
    assert draft.credential("env://KEY") == draft.Credential(reference="env://KEY")
    assert draft.credential("sk-1") == draft.Credential(secret="sk-1")
    assert draft.credential("") == draft.Credential()


def test_an_emptied_secret_is_kept() -> None:
    assert draft.changes(BASE, {"secret": ""}) == {}


def test_a_clone_takes_the_reference_unless_a_secret_was_typed() -> None:
    assert draft.creation(BASE, "env://KEY")["credential_ref"] == "env://KEY"
    typed = draft.creation(BASE | {"secret": "sk-1"}, "env://KEY")
    assert (typed["credential_ref"], typed["secret"]) == (None, "sk-1")


def test_every_provider_has_a_form() -> None:
    for name in draft.titles():
        assert [section.fields for section in draft.sections(name)]


def test_differences_hide_the_secret_and_tell_what_was_not_touched() -> None:
    began = BASE | {"default_model": "old"}
    found = draft.differences(
        began | {"name": "b", "secret": "sk-1"}, began, began | {"default_model": "new"}
    )
    said = {one.label: (one.mine, one.theirs) for one in found}
    assert said["Name"] == ("b", "a")
    assert said["Default model"] == (None, "new")
    assert "sk-1" not in repr(found)
