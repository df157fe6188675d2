"""The record of processing: every column with personal data, what for, why, how long and how it is stored."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import translation
from django.utils.module_loading import import_string

from gaap.components import ComponentConfig, components
from gaap.crypto import EncryptedField
from gaap.privacy.declarations import Personal, impersonal_fields, personal_fields
from gaap.privacy.retention_periods import Retention

#: Columns that can hold words. Numbers, times, keys of rows and closed lists of words are not asked about.
WORDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.DateField,
    models.GenericIPAddressField,
    models.FileField,
)
_INTRODUCTION = """\
# Personal data

Written by `manage.py privacy_docs`; a test compares it with the code, and another one holds that no column of text,
JSON or encrypted text of any model is missing from the declarations it is written from.

Encrypted columns are sealed with AES-256-GCM under a key that can be
[changed while the suite runs](../how-to/protect-personal-data.md). A retention named in `code` may be set for each
service; the number is the default.
"""


def undeclared_fields() -> list[str]:
    """Return the columns of words, of whatever installed model, that nobody says anything about."""
    declared = {*personal_fields(), *impersonal_fields()}
    return [name for name in map(field_name, fields_of_words()) if name not in declared]


def fields_of_words() -> Iterator["models.Field[Any, Any]"]:
    """Yield every column that can hold words, model by model."""
    for model in apps.get_models():
        yield from (field for field in model._meta.local_concrete_fields if _holds_words(field))


def field_name(field: "models.Field[Any, Any]") -> str:
    """Return a column's name as declarations write it: ``app_label.Model.field``."""
    return f"{field.model._meta.label}.{field.name}"


def markdown() -> str:
    """Return the page of the reference, in English."""
    declared = personal_fields()
    fields = [field for field in fields_of_words() if field_name(field) in declared]
    with translation.override("en"):
        sections = (_section(component, fields, declared) for component in components())
        return "\n".join([_INTRODUCTION, *filter(None, sections)])


def _holds_words(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, models.DateTimeField) or field.choices or field.is_relation:
        return False
    return isinstance(field, WORDS)


def _section(component: ComponentConfig, fields: list["models.Field[Any, Any]"], declared: dict[str, Personal]) -> str:
    own = _declared_by(component)
    rows = [_row(field, declared[name]) for field in fields if (name := field_name(field)) in own]
    if not rows:
        return ""
    head = "| Column | What for | Reason | Kept | Encrypted |\n| --- | --- | --- | --- | --- |"
    return "\n".join([f"## {component.verbose_name}\n", head, *rows, ""])


def _declared_by(component: ComponentConfig) -> set[str]:
    return set(import_string(component.data_protection).personal) if component.data_protection else set()


def _row(field: "models.Field[Any, Any]", personal: Personal) -> str:
    sealed = "yes" if isinstance(field, EncryptedField) else "no"
    kept = personal.kept
    words = f"{kept.days} days (`{kept.noun}`)" if isinstance(kept, Retention) else kept
    return f"| `{field_name(field)}` | {personal.purpose} | {personal.reason.value} | {words} | {sealed} |"
