"""Applying a provisioning file: again and again without harm."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.keys.services import change_scopes, create_api_key, revoke_api_key
from gaap.organisations.models import Organisation, Service
from gaap.organisations.services import (
    archive_service,
    change_organisation,
    change_service,
    create_organisation,
    create_service,
    set_membership,
)
from gaap.privacy.retention import set_retention
from gaap.provisioning.check import check_document
from gaap.provisioning.finding import Entry, find_key, find_organisation, find_service, mode_of
from gaap.provisioning.schema import sections


def provision(document: Any, *, by: Actor) -> dict[str, Any]:
    """Apply a parsed file in one transaction and return what it names, with the text of newly made keys.

    What the file does not name stays. Raises ProvisionError, and then nothing was applied.
    """
    check_document(document)
    with transaction.atomic():
        return apply_document(document, by=by)


def apply_document(document: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Do the same in the caller's transaction, with a document that was checked."""
    organisations = [_apply_organisation(entry, by=by) for entry in document.get("organisations", [])]
    services = [_apply_service(entry, by=by) for entry in document.get("services", [])]
    return {
        "organisations": [{"id": str(found.pk), "name": found.name} for found in organisations],
        "services": services,
    }


def _apply_organisation(entry: Entry, *, by: Actor) -> Organisation:
    found = find_organisation(entry)
    if found is None:
        identifier = uuid.UUID(entry["id"]) if "id" in entry else None
        return create_organisation(entry["name"], type=entry.get("type", "central"), id=identifier, by=by)
    change_organisation(found, name=entry["name"], type=entry.get("type", found.type), by=by)
    return found


def _apply_service(entry: Entry, *, by: Actor) -> dict[str, Any]:
    service = _find_or_create_service(entry, by=by)
    for member in entry.get("members", []):
        set_membership(_user_for(member["email"]), service=service, role=member["role"], by=by)
    set_retention(service, entry.get("retention_days", {}), by=by)
    result: dict[str, Any] = {"id": str(service.pk), "name": service.name}
    if "api_keys" in entry:
        result["api_keys"] = list(_apply_keys(service, entry["api_keys"], by=by))
    for name, module in sections().items():
        if name in entry:
            result[name] = module.apply(service, entry[name], by=by)
    if entry.get("archived"):
        archive_service(service, by=by)
    return result


def _find_or_create_service(entry: Entry, *, by: Actor) -> Service:
    organisation = Organisation.objects.get(name=entry["organisation"])
    found = find_service(entry)
    is_live = mode_of(entry, found) == "live"
    if found is None:
        return create_service(
            entry["name"],
            organisation=organisation,
            by=by,
            id=uuid.UUID(entry["id"]) if "id" in entry else None,
            is_live=is_live,
            languages=entry.get("languages", ["en"]),
        )
    languages = entry.get("languages", found.languages)
    change_service(found, by=by, name=entry["name"], organisation=organisation, is_live=is_live, languages=languages)
    return found


def _apply_keys(service: Service, entries: Iterable[Entry], *, by: Actor) -> Iterable[dict[str, Any]]:
    for entry in entries:
        text = None
        api_key = find_key(service, entry["name"])
        if api_key is None:
            issued = create_api_key(
                service,
                name=entry["name"],
                type=entry["type"],
                scopes=entry.get("scopes"),
                secret=entry.get("secret", "").lower() or None,
                by=by,
            )
            api_key, text = issued.api_key, issued.text
        elif "scopes" in entry:
            change_scopes(api_key, entry["scopes"], by=by)
        if entry.get("revoked"):
            revoke_api_key(api_key, by=by)
        yield {"id": str(api_key.pk), "name": api_key.name, "type": api_key.type} | ({"key": text} if text else {})


def _user_for(email: str) -> User:
    """Return the team member with this address, made without a password when there is none yet."""
    model = get_user_model()
    found = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__iexact": email}).first()
    if found is not None:
        return found
    user = model(**{model.USERNAME_FIELD: email, model.get_email_field_name(): email})
    user.set_unusable_password()
    user.save()
    return user
