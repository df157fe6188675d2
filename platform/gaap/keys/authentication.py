"""How an API key opens Pay and the suite's own API: ``Authorization: Bearer`` and the whole key."""

import logging
from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from gaap.actors import Actor
from gaap.keys.models import ApiKey
from gaap.keys.services import KeyRefusedError, authenticate_text
from gaap.organisations.models import Service

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ApiCaller:
    """A service that calls by API key; what REST framework knows as the request's user."""

    service: Service
    api_key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        """The key's id, as REST framework's throttles want it."""
        return str(self.api_key.pk)

    @property
    def actor(self) -> Actor:
        """The one who acts, for audit and events."""
        return Actor.for_key(self.api_key)


class BearerKeyAuthentication(BaseAuthentication):
    """Reads the whole API key from ``Authorization: Bearer``.

    ``request.user`` is then an ApiCaller and ``request.auth`` the key.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return caller and key, None without the header, or raise AuthenticationFailed."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            api_key = authenticate_text(text.strip())
        except KeyRefusedError as error:
            logger.info("API key refused: %s", error)
            raise AuthenticationFailed from error
        return ApiCaller(api_key.service, api_key), api_key

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750)."""
        return "Bearer"
