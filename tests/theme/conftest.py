"""The gallery, served as a site of its own."""

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture
def gallery(settings: Settings) -> None:
    """Serve the theme's pages and the gallery instead of the suite."""
    settings.ROOT_URLCONF = "tests.theme.gallery.urls"


@pytest.fixture
def browser_client(gallery: None) -> Client:
    """A client that asks for HTML, as browsers do."""
    return Client(headers={"accept": "text/html,*/*;q=0.8"})
