"""Finding the providers of one kind: every module of a folder, and what other packages announce."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from threading import Lock
from typing import Generic, TypeVar

Base = TypeVar("Base")


class UnknownProviderError(LookupError):
    """No provider of this kind has the identifier."""


class Registry(Generic[Base]):
    """The providers of one kind, by identifier.

    ``package`` is the dotted name of the folder whose modules are imported by discovery; ``entry_point_group`` is
    where other distributions announce modules of theirs.
    """

    def __init__(self, kind: str, *, package: str, entry_point_group: str) -> None:
        self.kind = kind
        self._package = package
        self._group = entry_point_group
        self._classes: dict[str, type[Base]] = {}
        self._discovered = False
        self._lock = Lock()

    def register(self, identifier: str) -> Callable[[type[Base]], type[Base]]:
        """Decorate a provider's class so that it is known as ``identifier``; raises ValueError on a taken one."""

        def add(provider: type[Base]) -> type[Base]:
            known = self._classes.setdefault(identifier, provider)
            if known is not provider:
                raise ValueError(f"Two {self.kind} providers call themselves {identifier!r}.")
            return provider

        return add

    def get(self, identifier: str) -> type[Base]:
        """Return the class known as ``identifier``; raises UnknownProviderError."""
        self.discover()
        try:
            return self._classes[identifier]
        except KeyError:
            raise UnknownProviderError(f"No {self.kind} provider is called {identifier!r}.") from None

    def identifiers(self) -> tuple[str, ...]:
        """Return the known identifiers in alphabetical order."""
        self.discover()
        return tuple(sorted(self._classes))

    def choices(self) -> list[tuple[str, str]]:
        """Return the identifiers as choices of a form field."""
        return [(identifier, identifier) for identifier in self.identifiers()]

    def discover(self) -> None:
        """Import every module of the package and every announced one, once."""
        if self._discovered:
            return
        with self._lock:
            package = import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                import_module(f"{self._package}.{module.name}")
            for announced in entry_points(group=self._group):
                announced.load()
            self._discovered = True
