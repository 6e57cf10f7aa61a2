from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput, LampboardError
from engine.integrations.fields import MAX_BUDGET_CENTS
from engine.integrations.inputs import clean_common, clean_place, refuse_unknown
from engine.integrations.providers import get_provider

CUSTOM = get_provider("custom")
BEDROCK = get_provider("bedrock")


def test_what_is_fine_is_ready_to_be_stored() -> None:
    assert clean_common(
        {"name": " gpt ", "default_model": "", "budget_limit_cents": "1200", "interval_s": None}
    ) == {"name": "gpt", "default_model": None, "budget_limit_cents": 1200, "interval_s": None}


@pytest.mark.parametrize("field", ["budget_limit_cents", "token_limit_month", "rate_limit_rpm"])
@pytest.mark.parametrize(
    "value",
    [
        -1,
        "-1",
        10**30,
        pytest.param(10**5000, id="endless"),
        True,
        1.5,
        float("nan"),
        "many",
        "1e9",
        [],
        "٣",
    ],
)
def test_limits_that_cannot_be_are_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_common({field: value})
    assert caught.value.field == field
    assert len(caught.value.message) < 100


def test_limits_may_be_as_large_as_any_budget() -> None:
    told = {"budget_limit_cents": MAX_BUDGET_CENTS}
    assert clean_common(told) == told
    assert clean_common({"rate_limit_rpm": None}) == {"rate_limit_rpm": 0}


@pytest.mark.parametrize("seconds", [0, 4, 86_401, -60])
def test_an_interval_has_its_bounds(seconds: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_common({"interval_s": seconds})
    assert caught.value.field == "interval_s"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@host/v1",
        "https://s3cret@host/v1",
        "ftp://host/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "host/v1",
        "http://",
        "http://host/v1?key=s3cret",
        "http://host/\x00",
        "http://ho st/",
        "http://host:99999/",
        "http://[::1/",
        "http://" + "a" * 3000,
        7,
    ],
)
def test_base_urls_that_cannot_be_are_refused_without_repeating_them(url: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_place(CUSTOM, url, None)
    assert caught.value.field == "base_url"
    assert "s3cret" not in str(caught.value.to_dict())


def test_a_provider_without_a_place_of_its_own_needs_a_base_url() -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_place(CUSTOM, "", {})
    assert caught.value.field == "base_url"


@pytest.mark.parametrize("config", [{"nothing": "x"}, {"region": "a\x1bb"}, ["region"], "region"])
def test_a_providers_own_fields_are_checked(config: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_place(BEDROCK, None, config)
    assert caught.value.field in {"nothing", "region", "config"}


def test_a_field_that_no_integration_has_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        refuse_unknown({"name": "x", "tenant_id": "other"})
    assert caught.value.field == "tenant_id"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["name", "default_model", "interval_s"]), JSON), JSON, JSON)
def test_whatever_is_given_is_taken_or_refused(
    values: dict[str, object], url: object, config: object
) -> None:
    for check in (lambda: clean_common(values), lambda: clean_place(CUSTOM, url, config)):
        with contextlib.suppress(LampboardError):
            check()
