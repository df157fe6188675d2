"""Whose address and scheme a request has: what the connection says, unless a proxy is known to stand in front."""

import json
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.test.client import RequestFactory

from tests.project import program, run

PEER, MADE_UP, REAL = "198.51.100.7", "203.0.113.66", "192.0.2.45"
ASK = "import django; django.setup(); from django.conf import settings as s; import json; print(json.dumps([%s]))"
SETTINGS = "s.SECURE_PROXY_SSL_HEADER, s.ALLAUTH_TRUSTED_PROXY_COUNT, s.USE_X_FORWARDED_HOST, s.USE_X_FORWARDED_PORT"


def request_from(**headers: str) -> Any:
    """A request over plain HTTP from the peer."""
    return RequestFactory(REMOTE_ADDR=PEER).get("/", headers={name.replace("_", "-"): v for name, v in headers.items()})


def site_settings(**environ: str) -> Any:
    """What the site's settings say of proxies under an environment."""
    command = (program("python"), "-c", ASK % SETTINGS)
    finished = run(*command, environ={"DJANGO_SETTINGS_MODULE": "gaap_site.settings", **environ})
    return json.loads(finished.stdout)


def test_without_a_proxy_none_is_believed() -> None:
    assert site_settings(GAAP_BEHIND_PROXY="0") == [None, 0, False, False]


def test_with_a_proxy_it_is_one() -> None:
    assert site_settings(GAAP_BEHIND_PROXY="1") == [["HTTP_X_FORWARDED_PROTO", "https"], 1, False, False]


def test_a_made_up_address_is_not_believed(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.SECURE_PROXY_SSL_HEADER = 0, None
    request = request_from(x_forwarded_for=MADE_UP, x_forwarded_proto="https", x_real_ip=MADE_UP)
    assert get_adapter().get_client_ip(request) == PEER
    assert not request.is_secure()


def test_behind_a_proxy_its_own_word_counts(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = request_from(x_forwarded_for=f"{MADE_UP}, {REAL}", x_forwarded_proto="https", x_real_ip=MADE_UP)
    assert get_adapter().get_client_ip(request) == REAL
    assert request.is_secure()


@pytest.mark.django_db
def test_a_made_up_host_leads_nowhere(client: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["platform.example"]
    headers = {"host": "platform.example", "x-forwarded-host": "attacker.example"}
    page = client.get("/console/", headers=headers)
    assert page.status_code == 302
    assert "attacker.example" not in page["Location"]
