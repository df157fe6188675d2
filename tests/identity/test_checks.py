"""System checks: what stops the site, and what is only said."""

from typing import Any

import pytest
from django.apps import apps

from gaap_identity.checks import SWAPPED_MODELS, check_identity


def ids() -> set[str | None]:
    return {message.id for message in check_identity()}


def test_the_site_as_it_is() -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        ({"SHOE_SIZE": 42}, "gaap_identity.E001"),
        ({"SUBJECT_NAMESPACE": "https://example.org/"}, "gaap_identity.E002"),
        ({"SUBJECT_NAMESPACE": "urn:fdc:example.org"}, "gaap_identity.E002"),
        ({"CLAIM_BASE": "https://example.org/claims"}, "gaap_identity.E003"),
        ({"EVIDENCE_PROVIDER": "nobody"}, "gaap_identity.E005"),
        ({"TEXTS_ABROAD_PER_DAY": -1}, "gaap_identity.E009"),
        ({"TEXTS_ABROAD_PER_DAY": 32768}, "gaap_identity.E009"),
    ],
)
def test_faulty_settings(settings: Any, value: dict[str, Any], identifier: str) -> None:
    settings.GAAP_IDENTITY = value
    assert ids() == {identifier}


@pytest.mark.parametrize("name", sorted(SWAPPED_MODELS))
def test_the_library_must_use_our_models(settings: Any, name: str) -> None:
    setattr(settings, name, "oauth2_provider.Other")
    assert ids() == {"gaap_identity.E004"}


def test_notify_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "gaap_notify")
    assert ids() == {"gaap_identity.W001"}


def test_production_needs_a_namespace_and_a_provider_of_its_own(settings: Any) -> None:
    settings.GAAP_ENVIRONMENT = "production"
    assert ids() == {"gaap_identity.E006", "gaap_identity.W002"}
    settings.GAAP_IDENTITY = {"SUBJECT_NAMESPACE": "urn:fdc:gov.example:2026:"}
    assert ids() == {"gaap_identity.W002"}
