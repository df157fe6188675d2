"""What a file would change: applied for a moment, compared, and undone."""

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.models import AuditEvent
from gaap.provisioning.check import check_document
from gaap.provisioning.export import export_organisation, export_service
from gaap.provisioning.finding import find_organisation, find_service
from gaap.provisioning.services import apply_document

#: What tells entries of a list apart, the first that an entry has.
LABELS = ("identifier", "name", "client_id", "email", "sender", "url", "number", "id", "provider")


def provision_difference(document: Any) -> dict[str, Any]:
    """Return what applying ``document`` would do, having done nothing.

    Paths are sorted into ``added``, ``changed`` (with both values), ``removed`` and ``unchanged``; ``acts`` are what
    the audit would say, which also shows changes of secrets, of which no value is told. Raises ProvisionError.
    """
    check_document(document)
    actor = Actor("system", f"dry-run-{uuid.uuid4()}", "dry run")
    with transaction.atomic():
        before = _standing(document)
        apply_document(document, by=actor)
        after = _standing(document)
        acts = [
            f"{event.action} {event.target_type}"
            for event in AuditEvent.objects.filter(actor_id=actor.id).order_by("pk")
        ]
        transaction.set_rollback(True)
    return {**compare(before, after), "acts": acts}


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the paths of ``before`` and ``after``, sorted by what became of them."""
    kept = before.keys() & after.keys()
    changed = [path for path in after if path in kept and before[path] != after[path]]
    return {
        "added": [path for path in after if path not in before],
        "changed": [{"path": path, "before": before[path], "after": after[path]} for path in changed],
        "removed": [path for path in before if path not in after],
        "unchanged": [path for path in after if path in kept and before[path] == after[path]],
    }


def flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every single value within ``value`` with its path; entries of lists go by what they are called."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}")
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        for label, entry in _labelled(value):
            yield from flat(entry, f"{path}[{label}]")
    else:
        yield path, value


def _labelled(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    seen: Counter[str] = Counter()
    for index, entry in enumerate(entries):
        label = next((str(entry[key]) for key in LABELS if entry.get(key)), str(index))
        seen[label] += 1
        yield (label if seen[label] == 1 else f"{label} #{seen[label]}"), entry


def _standing(document: dict[str, Any]) -> dict[str, Any]:
    """Return what stands of all that the document names, by path."""
    found: dict[str, Any] = {}
    for entry in document.get("organisations", []):
        if organisation := find_organisation(entry):
            found |= flat(export_organisation(organisation), f"organisations[{entry['name']}]")
    for entry in document.get("services", []):
        if service := find_service(entry):
            found |= flat(export_service(service), f"services[{entry['name']}]")
    return found
