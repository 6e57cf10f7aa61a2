from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import CredentialReferenceInvalid, InvalidInput, NotFound
from engine.sources.inputs import clean_config

if TYPE_CHECKING:
    from engine.sources import DataSourcesFacade

SECRET = "planted-Canary-0123456789"
LONG = "x" * 5000


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"source_type": "databse"}, "source_type"),
        ({"source_type": None}, "source_type"),
        ({"technology": "postgress"}, "technology"),
        ({"source_type": "file", "technology": "postgresql"}, "technology"),
        ({"source_type": "stream", "config": {"connection_string": "postgresql://db/x"}}, None),
        ({"name": ""}, "name"),
        ({"name": "a\x1b]0;x\x07"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"tenant": "no slug"}, "tenant"),
        ({"description": "x" * 1001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"tags": ["a b"]}, "tags"),
        ({"tags": ["a\x1bb"]}, "tags"),
        ({"tags": ["x" * 65]}, "tags"),
        ({"tags": [f"t{n}" for n in range(33)]}, "tags"),
        ({"tags": [5]}, "tags"),
        ({"tags": 5}, "tags"),
        ({"access_roles": ["a,b"]}, "access_roles"),
        ({"access_roles": ["x" * 65]}, "access_roles"),
        ({"access_roles": [f"r{n}" for n in range(33)]}, "access_roles"),
        ({"metadata": ["no", "names"]}, "metadata"),
        ({"metadata": {"x": LONG * 20}}, "metadata"),
        ({"metadata": {"x": float("nan")}}, "metadata"),
        ({"metadata": {"x": object()}}, "metadata"),
        ({"metadata": {"password": SECRET}}, "metadata"),
        ({"owner_id": "x" * 129}, "owner_id"),
        ({"interval_s": 4}, "interval_s"),
        ({"interval_s": 86_401}, "interval_s"),
        ({"interval_s": "often"}, "interval_s"),
        ({"config": ["host"]}, "config"),
        ({"config": {"hots": "db"}}, "hots"),
        ({"config": {"host": f"app:{SECRET}@db"}}, "host"),
        ({"config": {"host": "d b"}}, "host"),
        ({"config": {"host": "db\x07"}}, "host"),
        ({"config": {"port": 0}}, "port"),
        ({"config": {"port": 65_536}}, "port"),
        ({"config": {"port": -1}}, "port"),
        ({"config": {"port": "54x2"}}, "port"),
        ({"config": {"port": 1.5}}, "port"),
        ({"config": {"port": True}}, "port"),
        ({"config": {"username": LONG}}, "username"),
        ({"config": {"password": f"{SECRET}\x00"}}, "password"),
        ({"config": {"password": f"{SECRET}\ud800"}}, "password"),
        ({"config": {"password": SECRET * 1000}}, "password"),
        ({"config": {"password": 5}}, "password"),
        ({"config": {"password": "***"}}, "password"),
        ({"config": {"api_key": "***"}}, "api_key"),
        ({"config": {"connection_string": "postgresql://app:***@db/x"}}, "connection_string"),
        ({"config": {"connection_string": f"postgresql://app:{SECRET}@"}}, "connection_string"),
        ({"config": {"connection_string": SECRET}}, "connection_string"),
        ({"source_type": "stream", "config": {"connection_string": "gopher://db/x"}}, None),
        ({"config": {"oauth_config": SECRET}}, "oauth_config"),
        ({"config": {"oauth_config": {"client_secret": [SECRET]}}}, "oauth_config"),
        ({"config": {"pool_size": 0}}, "pool_size"),
        ({"config": {"pool_size": 1001}}, "pool_size"),
        ({"config": {"pool_timeout": 0}}, "pool_timeout"),
        ({"config": {"max_retries": -1}}, "max_retries"),
        ({"config": {"ssl_enabled": "perhaps"}}, "ssl_enabled"),
        ({"config": {"options": {f"o{n}": 1 for n in range(65)}}}, "options"),
        ({"config": {"options": {"x" * 65: 1}}}, "options"),
        ({"config": {"options": {"a\x1b": 1}}}, "options"),
        ({"config": {"options": {"a": LONG}}}, "options"),
        ({"config": {"options": {"a": "b\x1bc"}}}, "options"),
        ({"config": {"options": {"a": {"b": 1}}}}, "options"),
        ({"config": {"options": {"token": f"{SECRET}\x07"}}}, "options"),
        ({"config": {"password": "env://not a name"}}, "password"),
        ({"config": {"password": "env://LAMPBOARD_MASTER_KEY"}}, "password"),
        ({"config": {"api_key": "encrypted://nothing"}}, "api_key"),
        ({"config": {"oauth_config": {"client_secret": "encrypted://nothing"}}}, "client_secret"),
    ],
)
async def test_what_cannot_be_registered_is_refused_beside_its_field(
    sources: DataSourcesFacade, told: dict[str, object], field: str | None
) -> None:
    said: dict[str, object] = {"tenant": "acme", "name": "x", "source_type": "database"} | told
    place = [said.pop(name) for name in ("tenant", "name", "source_type")]
    with pytest.raises((InvalidInput, CredentialReferenceInvalid, NotFound)) as caught:
        await sources.register_source(*place, **said)  # type: ignore[arg-type]
    shown = caught.value.to_dict()
    if field is not None:
        assert shown["field"] == field
    assert shown["field"]
    assert "planted" not in str(shown)
    assert caught.value.message.endswith(".")
    assert ". " not in caught.value.message
    assert (await sources.list_sources("acme")).total == 0


async def test_a_technology_misspelt_is_told_its_neighbour(sources: DataSourcesFacade) -> None:
    with pytest.raises(InvalidInput) as caught:
        await sources.register_source("acme", "x", "database", technology="postgresl")
    assert "postgresql" in caught.value.hint


async def test_words_may_be_given_as_one_text_as_forms_do(sources: DataSourcesFacade) -> None:
    made = await sources.register_source(
        "acme", "x", "database", tags="pii, prod,", access_roles="", description=" "
    )
    assert (made.tags, made.access_roles, made.description) == (["pii", "prod"], [], None)


async def test_texts_of_a_form_are_taken_for_numbers_and_truths(
    sources: DataSourcesFacade,
) -> None:
    config = {"host": "db", "port": "5432", "ssl_enabled": "yes", "ssl_verify": "no"}
    made = await sources.register_source("acme", "x", "database", config)
    assert (made.config.port, made.config.ssl_enabled, made.config.ssl_verify) == (
        *(5432, True),
        False,
    )


async def test_an_unknown_change_names_the_known_ones(sources: DataSourcesFacade) -> None:
    made = await sources.register_source("acme", "x", "database")
    with pytest.raises(InvalidInput) as caught:
        await sources.update_source("acme", made.source_id, colour="red")
    assert caught.value.field == "colour"
    assert "description" in caught.value.hint


async def test_the_type_of_a_source_stays(sources: DataSourcesFacade) -> None:
    made = await sources.register_source("acme", "x", "database")
    with pytest.raises(InvalidInput) as caught:
        await sources.update_source("acme", made.source_id, source_type="file")
    assert caught.value.field == "source_type"


@pytest.mark.parametrize(
    ("name", "value"), [("host", "other"), ("username", "root"), ("password", "b"), ("port", 1)]
)
def test_what_the_connection_string_says_is_not_said_otherwise_beside_it(
    name: str, value: object
) -> None:
    string = "postgresql://app:secret@db:5432/orders"
    with pytest.raises(InvalidInput) as refused:
        clean_config({"connection_string": string, name: value})
    assert refused.value.field == name
    assert "secret" not in refused.value.message
