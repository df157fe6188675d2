"""Who acts: named in every audit event and every change of status."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from gaap.keys.models import ApiKey

Kind = Literal["person", "api_key", "citizen", "provider", "system"]


@dataclass(frozen=True)
class Actor:
    """One who acts. ``id`` identifies them within their kind; ``label`` is for reading and holds no citizen's data."""

    kind: Kind
    id: str
    label: str = ""

    @classmethod
    def for_key(cls, api_key: "ApiKey") -> Self:
        """Return the actor for a service's API key."""
        return cls("api_key", str(api_key.pk), api_key.name)

    @classmethod
    def for_user(cls, user: "AbstractBaseUser") -> Self:
        """Return the actor for a platform operator or team member."""
        return cls("person", str(user.pk), user.get_username())


SYSTEM = Actor("system", "system", "the platform itself")

_current: ContextVar[Actor] = ContextVar("gaap_actor", default=SYSTEM)


def current_actor() -> Actor:
    """Return who acts in this context; the platform itself unless ``acting`` says otherwise."""
    return _current.get()


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Let ``actor`` be the one who acts within the block."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
