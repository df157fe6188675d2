"""The evidence provider to try things out with: the citizen picks an invented person."""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from gaap.conf import conf
from gaap.providers.errors import ProviderError
from gaap_identity.providers.base import CheckRequest, CheckResult, EvidenceProvider, registry
from gaap_identity.providers.personas import BY_IDENTIFIER

PERSONA_PATH = "sandbox/personas"


@registry.register("sandbox")
class SandboxProvider(EvidenceProvider):
    """Shows a page of personas, and answers with what the picked one stands for."""

    is_sandbox: ClassVar[bool] = True
    examples: ClassVar[tuple[Mapping[str, str], ...]] = tuple({"persona": identifier} for identifier in BY_IDENTIFIER)

    def begin(self, request: CheckRequest) -> str:
        """Return the address of the persona page."""
        return f"{conf.base_url}{PERSONA_PATH}?{urlencode({'state': request.state})}"

    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        """Return the result of the persona named by ``persona``."""
        persona = BY_IDENTIFIER.get(parameters.get("persona", ""))
        if persona is None:
            raise ProviderError("The sandbox has no such persona.", permanent=True)
        return persona.result
