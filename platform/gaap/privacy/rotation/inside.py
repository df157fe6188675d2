"""Sealed texts inside JSON columns of packages that know nothing of our fields, such as authenticators' secrets."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.apps import apps

from gaap.privacy.declarations import data_protections
from gaap.privacy.rotation.places import SEPARATOR, Place, Progress, after, is_outdated, opened_anew


class SealedInside(Place):
    """A JSON column in which every text is sealed under one context."""

    def __init__(self, label: str, context: str) -> None:
        """``label`` is ``app_label.Model.field``."""
        app_label, model, self._column = label.split(".")
        self.label = label
        self._rows = apps.get_model(app_label, model)._base_manager
        self._context = context

    def reseal_batch(self, last: Any, limit: int, progress: Progress) -> Sequence[Any]:
        """Read a batch and write back each value that nobody changed meanwhile."""
        batch = list(after(self._rows.all(), last).values_list("pk", self._column)[:limit])
        for key, value in batch:
            anew = _mapped(value, partial(self._reseal, key=key, progress=progress))
            if anew != value:
                unchanged = self._rows.filter(pk=key, **{self._column: value})
                progress.resealed += unchanged.update(**{self._column: anew})
        return [key for key, _ in batch]

    def count_keys(self) -> Counter[str]:
        """Return how many texts each key has sealed in the column."""
        found: Counter[str] = Counter()
        for value in self._rows.values_list(self._column, flat=True).iterator():
            found.update(text.partition(SEPARATOR)[0] for text in _texts(value))
        return found

    def _reseal(self, sealed: str, *, key: Any, progress: Progress) -> str:
        if not is_outdated(sealed):
            return sealed
        return opened_anew(sealed, context=self._context, row=key, progress=progress) or sealed


def sealed_inside() -> Iterator[SealedInside]:
    """Yield every such column that an installed component declares."""
    for declared in data_protections():
        for label, context in declared.sealed_inside.items():
            yield SealedInside(label, context)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with each text in it changed."""
    if isinstance(value, dict):
        return {name: _mapped(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return _texts(list(value.values()))
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
