"""Planted values: one row of a table with a canary in every column of personal data, and where canaries are found."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models

from gaap.clock import now
from gaap.crypto import EncryptedField
from gaap.privacy.declarations import personal_fields
from gaap.privacy.record import field_name

CANARY_LENGTH = 4
#: Whoever rows may belong to; in a planted one they do.
PERSONS = frozenset({"gaap_identity.Account"})
#: Columns that can hold no text of ours, with the canary that they hold.
SPECIAL = {"usersessions.UserSession.ip": "203.0.113.77"}


class Planter:
    """Plants rows, each with canaries of its own, and remembers which canary stands for which column."""

    def __init__(self) -> None:
        self.canaries: dict[str, str] = dict.fromkeys(SPECIAL.values(), "usersessions.UserSession.ip")
        self._rows: dict[str, models.Model] = {}
        self._plantable = plantable_fields()

    def plant_everywhere(self) -> None:
        """Plant a row in every table with personal data."""
        for label in {name.rpartition(".")[0] for name in self._plantable}:
            self.plant(label)

    def plant(self, label: str) -> Any:
        """Return the planted row of a table, with those that it refers to."""
        if label not in self._rows:
            model = apps.get_model(label)
            given = GIVEN.get(label, {})
            values = {field.name: self._value(field) for field in self._fields(model) if field.name not in given}
            values |= {name: value(self) if callable(value) else value for name, value in given.items()}
            self._rows[label] = model._base_manager.create(**values)
        return self._rows[label]

    def _fields(self, model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
        for field in model._meta.local_concrete_fields:
            is_optional = field.has_default() or field.null or isinstance(field, models.AutoField)
            if field_name(field) in self._plantable or not is_optional or _is_of_a_person(field):
                yield field

    def _value(self, field: "models.Field[Any, Any]") -> Any:
        name = field_name(field)
        if name in self._plantable and name not in SPECIAL:
            canary = f"~^{len(self.canaries):02x}"
            self.canaries[canary] = name
            return {"is": canary} if _is_json(field) else canary
        if field.is_relation:
            label = field.related_model._meta.label  # type: ignore[union-attr]
            return None if field.null and label not in PERSONS else self.plant(label)
        return _plain(field)


def another_check(planter: Planter) -> Any:
    """Return a check without canaries, on which an identity may stand."""
    check = planter.plant("gaap_identity.IdentityCheck")
    model = type(check)
    return model.objects.create(account=check.account, service=check.service, provider="sandbox", status="passed")


#: What a row must hold besides canaries to be let in, or to count as finished.
GIVEN: dict[str, dict[str, Any]] = {
    "gaap_notify.Notification": {"type": "email", "key_type": "live", "status": "delivered"},
    "gaap_notify.Job": {"status": "finished", "key_type": "live", "finished_at": lambda planter: now()},
    "gaap_notify.Receipt": {"channel": "email", "notification": None},
    "gaap_notify.SandboxMessage": {"channel": "email", "due_at": None},
    "gaap_notify.SharedFile": {"expires_at": lambda planter: now() + timedelta(weeks=1)},
    "gaap_notify.Template": {"type": "email"},
    "gaap_payments.Payment": {"status": "captured", "due_at": None, "currency": "GBP"},
    "gaap_payments.DisputeEvidence": {"status": "sent", "due_at": None},
    "gaap_payments.Agreement": {"status": "cancelled", "cancelled_at": lambda planter: now()},
    "gaap_payments.ReceivedProviderEvent": {"due_at": None},
    "gaap_payments.SandboxCharge": {"payment_id": lambda planter: planter.plant("gaap_payments.Payment").pk},
    "gaap_identity.Account": {"second_factor": "email"},
    "gaap_identity.SignIn": {"status": "completed"},
    "gaap_identity.IdentityCheck": {"status": "failed", "sign_in": None},
    "gaap_identity.CoreIdentity": {"level": "P2", "identity_check": another_check},
    "gaap_identity.LogoutNotice": {"due_at": None, "status": "delivered", "finished_at": lambda planter: now()},
    "gaap_identity.SecurityNotice": {"due_at": None, "status": "delivered", "finished_at": lambda planter: now()},
    "gaap_identity.OneTimeCode": {"purpose": "sign_in"},
    "gaap.Delivery": {"status": "delivered", "finished_at": lambda planter: now(), "replay_of": None, "event": None},
    "gaap.Subscription": {"style": "standard"},
    "gaap.ApiKey": {"type": "test", "scopes": None},
    "gaap.OutboxEvent": {"published_at": lambda planter: now(), "position": 1},
    "gaap_console.ConsoleEmail": {"due_at": None},
    "gaap_identity.PermissionRequest": {"decided_by": None},
    "gaap_console.GoLiveRequest": {"decided_by": None},
    "sessions.Session": {"expire_date": lambda planter: now() + timedelta(days=14)},
    "usersessions.UserSession": {"ip": "203.0.113.77"},
}


def plantable_fields() -> set[str]:
    """Return the columns with personal data that are long enough for a canary; levels such as P2 are not."""
    return {name for name in personal_fields() if not _is_short(*name.rpartition(".")[::2])}


def found_in_database(canaries: Iterator[str] | set[str]) -> set[str]:
    """Return the canaries that stand anywhere in the database: raw in any table, or sealed in an encrypted column."""
    text = "\n".join([*_raw_rows(), *_sealed_values()])
    return {canary for canary in canaries if canary in text}


def _is_of_a_person(field: "models.Field[Any, Any]") -> bool:
    return field.is_relation and field.related_model._meta.label in PERSONS  # type: ignore[union-attr]


def _is_short(label: str, column: str) -> bool:
    field = apps.get_model(label)._meta.get_field(column)
    return (getattr(field, "max_length", None) or CANARY_LENGTH) < CANARY_LENGTH


def _is_json(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, models.JSONField) or "JSON" in type(field).__name__


def _plain(field: "models.Field[Any, Any]") -> Any:
    """Return something that the column takes and that is no canary."""
    kinds: tuple[tuple[type, Any], ...] = (
        (models.DateTimeField, now()),
        (models.DateField, date(2000, 1, 1)),
        (models.UUIDField, uuid.uuid4()),
        (models.BooleanField, False),
        (models.IntegerField, 1),
        (models.BinaryField, b""),
        (models.JSONField, []),
    )
    if field.choices:
        return next(iter(field.choices))[0]
    return next((value for kind, value in kinds if isinstance(field, kind)), uuid.uuid4().hex[: field.max_length or 32])


def _raw_rows() -> Iterator[str]:
    """Yield every row of every table as text, as it stands in the database."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {quote(table)}")
            yield from (f"{table}: {row!r}" for row in cursor.fetchall())


def _sealed_values() -> Iterator[str]:
    for model in apps.get_models():
        columns = [field.name for field in model._meta.local_concrete_fields if isinstance(field, EncryptedField)]
        if columns:
            yield from map(repr, model._base_manager.values_list(*columns))
