"""The ``identity`` section of a provisioning file: clients, what can be granted, and citizens of the sandbox."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from gaap.actors import Actor
from gaap.conf import conf as kernel_conf
from gaap.organisations.models import Service
from gaap_identity.contacts import normalise_email, normalise_phone
from gaap_identity.jose import read_public_key
from gaap_identity.models import Account, Client, PowerScope
from gaap_identity.models.clients import CLIENT_ID
from gaap_identity.openid.claims import IDENTITY_CLAIMS
from gaap_identity.openid.levels import IDENTITY_LEVELS
from gaap_identity.openid.requests import SCOPES
from gaap_identity.openid.subjects import sector_host
from gaap_identity.providers.personas import BY_IDENTIFIER
from gaap_identity.services.accounts import NewAccount, create_account
from gaap_identity.services.checks import prove_with_persona
from gaap_identity.services.clients import set_client
from gaap_identity.services.passwords import check_password_rules, hash_password
from gaap_identity.services.power_registers import set_scope

Fault = tuple[list[str | int], str]

URIS = {"type": "array", "items": {"type": "string", "format": "uri", "pattern": "^[^\\s#]+$"}, "uniqueItems": True}

CLIENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["client_id", "redirect_uris"],
    "properties": {
        "client_id": {"type": "string", "pattern": f"^{CLIENT_ID.pattern}$"},
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "redirect_uris": {**URIS, "minItems": 1},
        "post_logout_redirect_uris": URIS,
        "back_channel_logout_uri": {
            "type": "string",
            "format": "uri",
            "pattern": "^https?://[^\\s#]+$",
            "maxLength": 500,
        },
        "security_events_uri": {
            "type": "string",
            "format": "uri",
            "pattern": "^https?://[^\\s#]+$",
            "maxLength": 500,
        },
        "public_key": {"type": "string"},
        "jwks_uri": {"type": "string", "format": "uri", "maxLength": 500},
        "client_secret": {"type": "string", "minLength": 16, "maxLength": 256},
        "auth_method": {"enum": Client.AuthMethod.values},
        "id_token_alg": {"enum": Client.Algorithm.values},
        "scopes": {"type": "array", "items": {"enum": list(SCOPES)}, "contains": {"const": "openid"}},
        "claims": {"type": "array", "items": {"enum": list(IDENTITY_CLAIMS)}, "uniqueItems": True},
        "levels": {"type": "array", "items": {"enum": list(IDENTITY_LEVELS)}, "minItems": 1, "uniqueItems": True},
        "subject_type": {"enum": Client.SubjectType.values},
        "sector_identifier": {"type": "string", "maxLength": 255},
        "pkce_required": {"type": "boolean"},
        "jar_required": {"type": "boolean"},
        "standard": {"type": "boolean"},
        "rate_limit": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000000},
        "max_age_allowed": {"type": "boolean"},
        "nonce_required": {"type": "boolean"},
        "takes_powers": {"type": "boolean"},
        "active": {"type": "boolean"},
    },
}

PERSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["email", "password"],
    "properties": {
        "email": {"type": "string", "format": "email", "maxLength": 254},
        "password": {"type": "string"},
        "phone": {"type": "string"},
        "persona": {"enum": sorted(BY_IDENTIFIER)},
    },
}

#: Something that people may let others do for them at the service. The pattern is that of Django's slugs.
POWER_SCOPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["identifier", "name"],
    "properties": {
        "identifier": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 50},
        "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "\\S"},
        "names": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"},
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 200},
        },
        "active": {"type": "boolean"},
    },
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "clients": {"type": "array", "items": CLIENT},
        "power_scopes": {"type": "array", "items": POWER_SCOPE},
        "people": {"type": "array", "items": PERSON},
    },
}

#: Keys of the file that are columns under another name.
COLUMNS = {
    "id_token_alg": "algorithm",
    "pkce_required": "is_pkce_required",
    "jar_required": "is_jar_required",
    "standard": "is_standard",
    "max_age_allowed": "is_max_age_allowed",
    "nonce_required": "is_nonce_required",
    "active": "is_active",
}


def check(section: dict[str, Any], *, service: dict[str, Any]) -> Iterator[Fault]:
    """Yield what the shape of the section cannot tell: unusable keys and phones, doubles, people in production."""
    for index, client in enumerate(section.get("clients", [])):
        for key, text in (*_credential_faults(client), *_client_faults(client, service=service)):
            yield ["clients", index, key], text
    yield from _scope_faults(section.get("power_scopes", []))
    for index, person in enumerate(section.get("people", [])):
        for key, text in _person_faults(person, is_live=service.get("mode") == "live"):
            yield ["people", index, key], text


def apply(service: Service, section: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Create what is missing and change what differs; return the ids."""
    clients = [_apply_client(service, entry, by=by) for entry in section.get("clients", [])]
    scopes = [_apply_scope(service, entry, by=by) for entry in section.get("power_scopes", [])]
    people = [_apply_person(service, entry) for entry in section.get("people", [])]
    return {
        "clients": [{"client_id": client.client_id} for client in clients],
        "power_scopes": [{"identifier": scope.identifier} for scope in scopes],
        "people": [{"account": str(account.pk)} for account in people],
    }


def _client_faults(entry: dict[str, Any], *, service: dict[str, Any]) -> Iterator[tuple[str, str]]:
    sector = sector_host(entry.get("sector_identifier", ""), redirect_uris=entry["redirect_uris"])
    if not sector and entry.get("subject_type") != Client.SubjectType.PUBLIC:
        yield "sector_identifier", "Give a host: the redirect addresses have more than one."
    found = Client.objects.called(entry["client_id"]).select_related("service__organisation").first()
    if found is not None and not _is_of(found.service, service):
        yield "client_id", "This client belongs to another service."


def _scope_faults(entries: list[dict[str, Any]]) -> Iterator[Fault]:
    seen = Counter(entry["identifier"] for entry in entries)
    for index, entry in enumerate(entries):
        if entry["identifier"].endswith("\n"):
            yield ["power_scopes", index, "identifier"], "Use letters, digits and the characters - _ only."
        if seen[entry["identifier"]] > 1:
            yield ["power_scopes", index, "identifier"], "The file names this identifier more than once."


def _is_of(found: Service, entry: dict[str, Any]) -> bool:
    """Tell whether the service that stands is the one that the file means."""
    if "id" in entry:
        return str(found.pk) == str(entry["id"]).lower()
    return (found.name, found.organisation.name) == (entry["name"], entry["organisation"])


def _credential_faults(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    credentials = [key for key in ("public_key", "jwks_uri", "client_secret") if key in entry]
    wants_secret = entry.get("auth_method") == Client.AuthMethod.CLIENT_SECRET_POST
    if not credentials and wants_secret and _keeps_secret(entry):
        return
    if len(credentials) != 1:
        yield "public_key", "Give one of public_key, jwks_uri and client_secret."
    elif (credentials == ["client_secret"]) != wants_secret:
        yield credentials[0], f"Does not go with auth_method {entry.get('auth_method', 'private_key_jwt')!r}."
    if "public_key" in entry and read_public_key(entry["public_key"]) is None:
        yield "public_key", "This is no PEM of an RSA or P-256 public key."


def _keeps_secret(entry: dict[str, Any]) -> bool:
    """Tell whether the client stands already with a secret that it may keep."""
    return Client.objects.called(entry["client_id"]).exclude(client_secret="").exists()


def _person_faults(entry: dict[str, Any], *, is_live: bool) -> Iterator[tuple[str, str]]:
    if kernel_conf.is_production:
        yield "email", "Sandbox citizens are refused in production."
    if is_live and "persona" in entry:
        yield "persona", "The sandbox proves nobody's identity to a live service."
    rules = {"email": normalise_email, "phone": normalise_phone, "password": check_password_rules}
    for key, rule in rules.items():
        try:
            rule(entry[key]) if key in entry else None
        except ValidationError as error:
            yield key, " ".join(error.messages)


def _apply_client(service: Service, entry: dict[str, Any], *, by: Actor) -> Client:
    facts = {COLUMNS.get(key, key): value for key, value in entry.items() if key not in ("client_id", "client_secret")}
    for key in ("redirect_uris", "post_logout_redirect_uris"):
        facts[key] = " ".join(entry.get(key, []))
    # What a file says, operators say: nobody has to grant it once more.
    facts |= {f"granted_{key}": None for key in ("levels", "claims") if key in entry}
    facts.setdefault("name", service.name)
    return set_client(entry["client_id"], service=service, facts=facts, by=by, secret=entry.get("client_secret", ""))


def _apply_scope(service: Service, entry: dict[str, Any], *, by: Actor) -> PowerScope:
    facts = {COLUMNS.get(key, key): value for key, value in entry.items() if key != "identifier"}
    return set_scope(service, identifier=entry["identifier"], facts=facts, by=by)


def _apply_person(service: Service, entry: dict[str, Any]) -> Account:
    email = normalise_email(entry["email"])
    phone = normalise_phone(entry["phone"]) if "phone" in entry else ""
    account = Account.objects.with_email(email).first()
    if account is None:
        account = create_account(
            NewAccount(
                email=email,
                password_hash=hash_password(entry["password"]),
                second_factor="sms" if phone else "email",
                phone=phone,
            )
        )
    if "persona" in entry:
        prove_with_persona(account, service=service, persona=entry["persona"])
    return account
