from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply
from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.connectors.conftest import Make

KEYS = "AKIDEXAMPLE:secret-of-the-key"
REGION = "eu-west-1"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Moto's server with 60 functions; it runs none of them, but answers for them."""
    folder, port = tmp_path_factory.mktemp("moto"), free_port()
    with running([server_program("moto_server"), "-H", "127.0.0.1", "-p", str(port)], port, folder):
        url = f"http://127.0.0.1:{port}"
        _post(f"{url}/moto-api/config", {"lambda": {"use_docker": False}})
        _functions(url)
        yield url


def _post(url: str, body: object) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own server
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - the same


def _functions(url: str) -> None:
    import botocore.session

    def client(service: str) -> Any:
        return botocore.session.Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=url,
            aws_access_key_id="setup",
            aws_secret_access_key="setup",
        )

    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "def handler(event, context):\n    return event\n")
    lambdas = client("lambda")
    for number in range(60):
        lambdas.create_function(
            FunctionName=f"resize-{number:02}",
            Runtime="python3.11",
            Role=role,
            Handler="f.handler",
            Code={"ZipFile": code.getvalue()},
        )


def functions(make: Make, url: str, *, keys: str = KEYS, **options: str) -> Any:
    given = {"region": REGION, "allow_functions": "resize-01", **options}
    return make("serverless", "aws_lambda", url=url, api_key=keys, options=given)


async def test_functions_are_listed_over_pages(make: Make, aws: str) -> None:
    found = await functions(make, aws).list_functions()
    assert [one["name"] for one in found] == [f"resize-{number:02}" for number in range(60)]
    assert found[0]["runtime"] == "python3.11"


async def test_a_function_on_the_allow_list_is_run(make: Make, aws: str) -> None:
    result = await functions(make, aws).invoke("resize-01", {"width": 3})
    assert result.status == 200
    assert result.value


async def test_a_function_that_is_not_listed_is_never_run(make: Make) -> None:
    with pytest.raises(ConnectorError) as told:
        await functions(make, "http://127.0.0.1:9").invoke("resize-02")
    assert told.value.code == "not_allowed"


async def test_a_check_tells_how_many_functions_there_are(make: Make, aws: str) -> None:
    result = await functions(make, aws).check(deadline_s=60)
    assert (result.state, result.error) == (CusHealthState.HEALTHY, None)
    assert result.details["server"] == "AWS Lambda"
    one = await functions(make, aws, function="resize-07").check(deadline_s=60)
    assert one.details["runtime"] == "python3.11"


async def test_a_function_that_must_be_there_and_is_not_fails_the_check(
    make: Make, aws: str
) -> None:
    result = await functions(make, aws, function="nope").check(deadline_s=60)
    assert (result.state, result.error) == (CusHealthState.FAILING, "not_found")


@pytest.mark.parametrize("keys", ["", "only-an-id", ":"])
async def test_a_key_without_a_form_is_told_before_anything_is_sent(make: Make, keys: str) -> None:
    async with hostile(reply(answer({}))) as server:
        result = await functions(make, f"http://127.0.0.1:{server.port}", keys=keys).check(
            deadline_s=60
        )
        assert server.connects == 0
    assert result.error == "auth_failed"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("UnrecognizedClientException", "auth_failed"),
        ("InvalidSignatureException", "auth_failed"),
        ("AccessDeniedException", "access_denied"),
    ],
)
async def test_aws_refuses_with_403_and_the_kind_tells_why(
    make: Make, kind: str, code: str
) -> None:
    refused = answer(
        {"Message": "not you"}, status="403 Forbidden", headers=(f"x-amzn-ErrorType: {kind}:x",)
    )
    async with hostile(reply(refused)) as server:
        result = await functions(make, f"http://127.0.0.1:{server.port}").check(deadline_s=60)
        assert b"aws4-hmac-sha256 credential=akidexample/" in server.requests[0].lower()
    assert (result.state, result.error) == (CusHealthState.FAILING, code)
    assert "secret-of-the-key" not in f"{result.message} {result.remedy}"


async def test_an_error_of_the_function_is_told(make: Make) -> None:
    failed = answer(
        {"errorMessage": "division by zero"}, headers=("X-Amz-Function-Error: Unhandled",)
    )
    async with hostile(reply(failed)) as server:
        with pytest.raises(ConnectorError, match="division by zero") as told:
            await functions(make, f"http://127.0.0.1:{server.port}").invoke("resize-01")
    assert told.value.code == "function_failed"


async def test_azure_lists_its_functions_to_the_master_key(make: Make) -> None:
    async with hostile(reply(answer([{"name": "resize"}, {"name": "scan"}]))) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "api_key": "master-key"}
        found = await make("serverless", "azure_functions", **place).list_functions()
        assert server.requests[0].startswith(b"GET /admin/functions HTTP/1.1")
        assert b"x-functions-key: master-key" in server.requests[0].lower()
    assert [one["name"] for one in found] == ["resize", "scan"]


@pytest.mark.parametrize(
    ("technology", "path"), [("azure_functions", b"/api/resize"), ("google_functions", b"/resize")]
)
async def test_functions_over_http_are_run_with_their_payload(
    make: Make, technology: str, path: bytes
) -> None:
    async with hostile(reply(answer({"done": True}))) as server:
        connector = make(
            "serverless",
            technology,
            url=f"http://127.0.0.1:{server.port}",
            api_key="key",
            options={"allow_functions": "resize"},
        )
        result = await connector.invoke("resize", {"width": 3})
        assert server.requests[0].startswith(b"POST " + path + b" HTTP/1.1")
    assert result.value == {"done": True}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("401 Unauthorized", "auth_failed"),
        ("403 Forbidden", "access_denied"),
        ("404 X", "not_found"),
    ],
)
async def test_google_refuses_before_the_function_runs(make: Make, status: str, code: str) -> None:
    async with hostile(reply(answer(b"", status=status, kind="text/html"))) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "api_key": "key"}
        result = await make("serverless", "google_functions", **place).check(deadline_s=60)
        assert server.requests[0].startswith(b"OPTIONS / HTTP/1.1")
    assert (result.state, result.error) == (CusHealthState.FAILING, code)
