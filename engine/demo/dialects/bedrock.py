"""Amazon Bedrock: its models, for signed requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.demo.dialects.answering import Completion, Prompt, messages_text
from engine.demo.dialects.aws import Aws
from engine.demo.dialects.base import NOT_FOUND, Asked, ListsModels, Said

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONVERSE = re.compile(r"/model/([^/]+)/converse")


class Bedrock(Aws, ListsModels):
    """Amazon Bedrock."""

    path = "/foundation-models"

    def models(self) -> Said:
        """List summaries of models."""
        listed = [
            {
                "modelId": name,
                "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{name}",
                "providerName": maker,
                "inferenceTypesSupported": ["ON_DEMAND"],
                "modelLifecycle": {"status": "ACTIVE"},
            }
            for name, maker in (
                ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Anthropic"),
                ("amazon.nova-pro-v1:0", "Amazon"),
                ("meta.llama3-3-70b-instruct-v1:0", "Meta"),
            )
        ]
        return Said(status=200, body={"modelSummaries": listed})

    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Converse."""
        if not _CONVERSE.fullmatch(asked.path):
            return NOT_FOUND
        most = int(body["inferenceConfig"]["maxTokens"])
        prompt = Prompt(text=messages_text(body["messages"]), max_tokens=most)
        return _conversed(self.completions.complete(prompt))

    def malformed(self) -> Said:
        """Say that the body is not what it should be."""
        return self._error(400, "ValidationException", "The request body is not valid.")


def _conversed(made: Completion) -> Said:
    """Return an answer; what was read from the cache is not among `inputTokens` here."""
    usage = {
        "inputTokens": made.tokens_in - made.tokens_cached,
        "outputTokens": made.tokens_out,
        "totalTokens": made.tokens_in + made.tokens_out,
        "cacheReadInputTokens": made.tokens_cached,
    }
    message = {"role": "assistant", "content": [{"text": made.text}]}
    stop = "max_tokens" if made.cut else "end_turn"
    headers = {"x-amzn-RequestId": made.id}
    body = {"output": {"message": message}, "stopReason": stop, "usage": usage}
    return Said(body=body, headers=headers)
