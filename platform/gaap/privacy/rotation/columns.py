"""Encrypted columns: all of one table together, so that each row is read and written once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import Count, Model, Q, Value
from django.db.models.functions import StrIndex, Substr

from gaap.crypto import EncryptedField, newest_key_id
from gaap.privacy.rotation.places import (
    SEPARATOR,
    Place,
    Progress,
    after,
    as_it_stands,
    is_outdated,
    key_prefix,
    opened_anew,
    raw,
)

RAW = "raw_{}"
KEY = "key_{}"


class EncryptedModel(Place):
    """A table with encrypted columns."""

    def __init__(self, model: type[Model], contexts: Mapping[str, str]) -> None:
        """``contexts`` are the names of the columns with what their texts are bound to."""
        self.label = model._meta.label
        self._rows = model._base_manager
        self._contexts = contexts

    def reseal_batch(self, last: Any, limit: int, progress: Progress) -> Sequence[Any]:
        """Read a batch and write back each row that nobody changed meanwhile."""
        columns = {RAW.format(name): raw(name) for name in self._contexts}
        rows = self._rows.annotate(**columns).alias(**self._prefixes()).filter(self._is_outdated())
        batch = list(after(rows, last).values_list("pk", *columns)[:limit])
        for key, *sealed in batch:
            self._reseal(key, dict(zip(self._contexts, sealed, strict=True)), progress)
        return [key for key, *_ in batch]

    def count_keys(self) -> Counter[str]:
        """Return how many texts each key has sealed in the table."""
        return sum((self._count(name) for name in self._contexts), Counter())

    def _reseal(self, key: Any, texts: Mapping[str, str | None], progress: Progress) -> None:
        changes = {
            name: anew
            for name, sealed in texts.items()
            if sealed is not None
            and is_outdated(sealed)
            and (anew := opened_anew(sealed, context=self._contexts[name], row=key, progress=progress))
        }
        if changes:
            guard = {RAW.format(name): texts[name] for name in changes}
            unchanged = self._rows.alias(**{RAW.format(name): raw(name) for name in changes}).filter(pk=key, **guard)
            progress.resealed += unchanged.update(**{name: as_it_stands(anew) for name, anew in changes.items()})

    def _prefixes(self) -> dict[str, Any]:
        return {KEY.format(name): key_prefix(name) for name in self._contexts}

    def _is_outdated(self) -> Q:
        newest = newest_key_id() + SEPARATOR
        found = Q()
        for name in self._contexts:
            found |= Q(**{f"{name}__isnull": False}) & ~Q(**{KEY.format(name): newest})
        return found

    def _count(self, name: str) -> Counter[str]:
        key_id = Substr(raw(name), 1, StrIndex(raw(name), Value(SEPARATOR)) - 1)
        rows = self._rows.exclude(**{f"{name}__isnull": True}).annotate(key_id=key_id).order_by()
        return Counter(dict(rows.values_list("key_id").annotate(number=Count("pk"))))


def encrypted_models() -> Iterator[EncryptedModel]:
    """Yield every installed table that has encrypted columns."""
    for model in apps.get_models():
        columns = [column for column in model._meta.local_concrete_fields if isinstance(column, EncryptedField)]
        if columns:
            yield EncryptedModel(model, {column.name: column.context for column in columns})
