"""The serverless connector: lists functions, and runs one with a payload."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.words import listed
from engine.http import HttpRequest
from engine.jsonable import JsonRecord
from engine.probes import json_body
from engine.probes.refusals import Refused
from engine.probes.services import aws_lambda, http_functions

if TYPE_CHECKING:
    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt

_AWS, _GOOGLE, _AZURE = "aws_lambda", "google_functions", "azure_functions"
_PAGE = 50
_ERRORS = 400
# Lambda takes 6 MB, the others more.
_MAX_PAYLOAD = 6 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class InvokeResult(JsonRecord):
    """What a function answered: its value from JSON, or the text as it is."""

    status: int
    value: Any


class ServerlessConnector(BaseConnector):
    """Runs functions at AWS, Google or Azure.

    The option `allow_functions` names those that may be run, with commas or blanks between;
    without it, only the one that the option `function` names.
    """

    TYPE: ClassVar[str] = "serverless"

    async def list_functions(self) -> list[dict[str, object]]:
        """Return the functions by name, at most `max_rows`.

        Raises:
            ConnectorError: The platform did not answer, or refused.
        """
        return await self._run(Can.QUERY, "list", self._listed, again=True)

    async def invoke(self, function: str, payload: object = None) -> InvokeResult:
        """Run a function from the allow list and wait for what it answers.

        Args:
            function: Its name.
            payload: What it gets, as JSON.

        Raises:
            ConnectorError: It is not allowed, failed, or answered too much.
        """
        if function not in self.allowed:
            raise refuse(
                "not_allowed",
                "That function is not on this connector's allow list.",
                "List it in the option `allow_functions`.",
            )
        body = json.dumps({} if payload is None else payload).encode()
        if len(body) > _MAX_PAYLOAD:
            raise refuse("too_large", "The payload is larger than the 6 MiB that may be sent.")

        async def work(attempt: Attempt) -> InvokeResult:
            request = self._invocation(attempt, function, body)
            return self._answered(await attempt.send(self._bounded(attempt, request)))

        return await self._run(Can.QUERY, "invoke", work)

    async def discover(self) -> Discovery:
        """Ask for the functions."""
        found = await self.list_functions()
        return Discovery(found={"functions": found}, capabilities=frozenset({Can.QUERY}))

    @property
    def allowed(self) -> frozenset[str]:
        """The names of the functions that may be run."""
        named = listed(self.config.options.get("allow_functions"))
        return frozenset(named or listed(self.config.options.get("function")))

    async def _listed(self, attempt: Attempt) -> list[dict[str, object]]:
        if self.place.technology == _AWS:
            return await self._lambdas(attempt)
        if self.place.technology == _AZURE:
            names = await http_functions.azure_functions(attempt)
            return [{"name": name} for name in names[: self.config.max_rows]]
        # Google lists functions only to a cloud-wide token, which a connector should not hold.
        return [{"name": name} for name in sorted(self.allowed)]

    async def _lambdas(self, attempt: Attempt) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        marker = ""
        while len(found) < self.config.max_rows:
            query = {"MaxItems": str(_PAGE)} | ({"Marker": marker} if marker else {})
            path = f"{aws_lambda.FUNCTIONS}/?{urlencode(query)}"
            request = aws_lambda.signed(self.place, "GET", path, now=self.tools.now())
            page = aws_lambda.read(await attempt.send(self._bounded(attempt, request)))
            told = page.get("Functions")
            functions = told if isinstance(told, list) else []
            found += [_described(one) for one in functions if isinstance(one, dict)]
            marker = str(page.get("NextMarker") or "")
            if not marker or not functions:
                break
        return found[: self.config.max_rows]

    def _invocation(self, attempt: Attempt, function: str, body: bytes) -> HttpRequest:
        place = self.place
        if place.technology == _AWS:
            path = f"{aws_lambda.FUNCTIONS}/{quote(function, safe='')}/invocations"
            return aws_lambda.signed(place, "POST", path, now=attempt.tools.now(), body=body)
        json_type = {"Content-Type": "application/json"}
        if place.technology == _AZURE:
            url, headers = (
                http_functions.azure_url(place, function),
                http_functions.azure_headers(place),
            )
        else:
            url, headers = (
                http_functions.google_url(place, function),
                http_functions.google_headers(place),
            )
        return HttpRequest(method="POST", url=url, headers={**headers, **json_type}, body=body)

    def _bounded(self, attempt: Attempt, request: HttpRequest) -> HttpRequest:
        from dataclasses import replace

        return replace(request, deadline_s=attempt.remaining_s, max_body=self.config.max_bytes)

    def _answered(self, answer: HttpAnswer) -> InvokeResult:
        if "x-amz-function-error" in answer.headers:
            said = json_body.error_text(_value(answer)) or _lambda_error(_value(answer))
            raise Refused("function_failed", f"The function failed: {said}", "Look at its log.")
        if answer.status >= _ERRORS:
            if self.place.technology == _AWS:
                aws_lambda.read(answer)
            raise http_functions.refusal(answer, self._title)
        return InvokeResult(status=answer.status, value=_value(answer))


def _described(one: dict[str, Any]) -> dict[str, object]:
    return {
        "name": str(one.get("FunctionName", "")),
        "runtime": str(one.get("Runtime", "")),
        "description": str(one.get("Description", ""))[:200],
    }


def _value(answer: HttpAnswer) -> Any:
    try:
        return json_body.parse(answer.body)
    except json_body.InvalidJson:
        return answer.body.decode("utf-8", "replace")


def _lambda_error(value: object) -> str:
    told = value.get("errorMessage") if isinstance(value, dict) else None
    return str(told or "it does not say why")
