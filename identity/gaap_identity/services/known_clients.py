"""Clients as they stood a moment ago, for the requests of which every one needs its client; see ``gaap.snapshots``."""

from gaap.snapshots import Snapshots
from gaap_identity.models import Client


def known_client(client_id: str) -> Client | None:
    """Return the client called ``client_id`` with its service, for reading; None when there is none."""
    try:
        return _by_name.get(client_id)
    except Client.DoesNotExist:
        return None


def client_with_key(key: int) -> Client:
    """Return the client with the primary key ``key`` and its service, for reading; raises Client.DoesNotExist."""
    return _by_key.get(key)


def forget_client(client: Client) -> None:
    """Read the client anew; to be called by whoever changed it."""
    _by_name.forget(client.client_id)
    _by_key.forget(client.pk)


def _load_by_name(client_id: str) -> Client:
    client: Client = Client.objects.called(client_id).select_related("service").get()
    return client


def _load_by_key(key: int) -> Client:
    client: Client = Client.objects.select_related("service").get(pk=key)
    return client


_by_name: Snapshots[str, Client] = Snapshots(_load_by_name)
_by_key: Snapshots[int, Client] = Snapshots(_load_by_key)
