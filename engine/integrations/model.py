"""The words of an integration: its providers and its statuses."""

from __future__ import annotations

from enum import StrEnum


class IntegrationStatus(StrEnum):
    """Where an integration is in its life; lifecycle.py has the steps between them."""

    CREATED = "created"
    ENABLED = "enabled"
    DISABLED = "disabled"
    ERROR = "error"


class ProviderType(StrEnum):
    """The providers that come with the product; entry points may add others."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    AZURE_OPENAI = "azure_openai"
    BEDROCK = "bedrock"
    GOOGLE = "google"
    CUSTOM = "custom"
