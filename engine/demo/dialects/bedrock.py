"""Amazon Bedrock: its models, for signed requests."""

from __future__ import annotations

from engine.demo.dialects.aws import Aws
from engine.demo.dialects.base import ListsModels, Said


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
