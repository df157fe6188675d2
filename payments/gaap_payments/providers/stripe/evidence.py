"""Sending evidence about a dispute to Stripe."""

from io import BytesIO
from typing import Any

from gaap_payments.providers.base import Evidence, EvidenceFile
from gaap_payments.providers.stripe.client import StripeApi


def submit_evidence(api: StripeApi, dispute_id: str, evidence: Evidence, *, key: str) -> Any:
    """Upload the document, if any, submit everything for good, and return the Dispute; raises ProviderError."""
    said: dict[str, Any] = {"uncategorized_text": evidence.explanation}
    if evidence.file:
        said["uncategorized_file"] = _upload(api, evidence.file, key=f"{key}-file")
    params: Any = {"evidence": said, "submit": True}
    return api.ask(lambda client, options: client.v1.disputes.update(dispute_id, params, options), key=key)


def _upload(api: StripeApi, file: EvidenceFile, *, key: str) -> str:
    content: Any = BytesIO(file.content)
    content.name = file.name
    params: Any = {"purpose": "dispute_evidence", "file": content}
    return str(api.ask(lambda client, options: client.v1.files.create(params, options), key=key).id)
