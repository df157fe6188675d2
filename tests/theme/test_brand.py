"""The brand: names, colours and logo by settings, checked at the start."""

import pytest
from django.test import Client
from pytest_django import Settings

from gaap.theme.brand import current_brand
from gaap.theme.checks import check_brand, contrast


def test_names_and_logo_stand_in_the_header_and_footer(browser_client: Client, settings: Settings) -> None:
    settings.GAAP_BRAND = {
        "name": "Cổng <1>",
        "organisation": "Tỉnh",
        "logo_url": "/static/x.svg",
        "logo_alt": "Huy hiệu",
    }
    page = browser_client.get("/cookies").content.decode()
    assert '<img class="gaap-brand__logo" src="/static/x.svg" alt="Huy hiệu">' in page
    assert '<span class="gaap-brand__name">Cổng &lt;1&gt;</span>' in page
    assert '<p class="gaap-footer__owner">Tỉnh</p>' in page
    assert "<title>Cookies – Cổng &lt;1&gt;</title>" in page


def test_colours_come_in_a_style_sheet_that_pages_name_by_version(browser_client: Client, settings: Settings) -> None:
    before = current_brand().version
    settings.GAAP_BRAND = {"primary_colour": "#5a1a2b"}
    sheet = browser_client.get("/brand.css")
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "  --gaap-primary: #5a1a2b;\n" in sheet.content.decode()
    assert current_brand().version != before
    assert f'href="/brand.css?v={current_brand().version}"' in browser_client.get("/cookies").content.decode()


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456;} body{display:none", ""])
def test_what_is_no_colour_is_refused_at_the_start(settings: Settings, colour: str) -> None:
    settings.GAAP_BRAND = {"accent_colour": colour}
    assert [message.id for message in check_brand(None)] == ["gaap.E004"]
    with pytest.raises(ValueError, match="accent_colour"):
        current_brand()


def test_colours_on_which_nobody_can_read_are_warned_of(settings: Settings) -> None:
    assert check_brand(None) == []
    settings.GAAP_BRAND = {"primary_colour": "#ffcc00", "focus_colour": "#222222"}
    assert [message.id for message in check_brand(None)] == ["gaap.W002", "gaap.W002"]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#767676", "#ffffff", 4.54)]
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)
