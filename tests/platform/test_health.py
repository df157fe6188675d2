"""Health, and the description of the APIs."""

import pytest
from django.db import DatabaseError


def test_live_needs_no_database(client):
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready(client):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"database": {"healthy": True}})


def test_not_ready_without_a_database(client, monkeypatch):
    def refuse(*args):
        raise DatabaseError

    monkeypatch.setattr("gaap.api.health.connection.cursor", refuse)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"database": {"healthy": False}})


def test_documentation_opens_without_inline_code(client):
    page = client.get("/docs/")
    assert page.status_code == 200
    assert "<style>" not in page.content.decode()
    assert client.get("/docs/openapi.yaml").status_code == 200
    assert client.get("/docs")["Location"] == "/docs/"
