"""How an account's pages look: colours that can be read, logos drawn anew, addresses that browsers may keep."""

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.errors import BrandRefusedError
from gaap_payments.models import GatewayAccount, PaymentBrand, Receipt
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.brands import LARGEST_FILE, LOGO_SIZE, BrandFacts, brand_of, draw_logo, save_brand
from gaap_payments.services.links import LinkFacts, create_link
from gaap_payments.services.receipt_texts import receipt_gaps
from tests.console.conftest import browser_of, colleague
from tests.payments.support import GOOD_CARD, Citizen, create, stored
from tests.payments.test_parallel import at_once
from tests.payments.test_provision import ACCOUNT_ID, apply, faults

pytestmark = pytest.mark.django_db

Address = Callable[..., str]
LOOK: dict[str, Any] = {"name": "Harbour City", "primary_colour": "#5a1a2b", "accent_colour": "#14532d"}
CANARY = b"canary-in-a-comment"


def picture(size: tuple[int, int] = (300, 100), kind: str = "PNG") -> bytes:
    """A picture with a comment in it."""
    drawn, comment = io.BytesIO(), PngInfo()
    comment.add_text("Comment", CANARY.decode())
    extra: dict[str, Any] = {"pnginfo": comment} if kind == "PNG" else {"comment": CANARY}
    Image.new("RGB", size, "#5a1a2b").save(drawn, kind, **extra)
    return drawn.getvalue()


@pytest.fixture
def browser(service: Service) -> Client:
    """An administrator's browser."""
    return browser_of(colleague(service, "admin"))


@pytest.fixture
def address(service: Service, account: GatewayAccount) -> Address:
    """Return a function that makes the address of a page about the account from its name."""
    return lambda name: reverse(f"payments-console-{name}", args=[service.pk, account.pk])


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class TestLogo:
    """What is stored is a picture and nothing else."""

    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_drawn_anew(self, kind: str) -> None:
        content = picture((2000, 400), kind)
        assert CANARY in content
        drawn = draw_logo(content + b"<script>alert(1)</script>")
        assert CANARY not in drawn
        assert b"<script>" not in drawn
        with Image.open(io.BytesIO(drawn)) as opened:
            assert (opened.format, opened.info) == ("PNG", {})
            assert opened.width <= LOGO_SIZE[0]
            assert opened.height <= LOGO_SIZE[1]
        assert draw_logo(drawn) == drawn

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n",
            picture()[:60],
            b"%PDF-1.7",
        ],
        ids=["nothing", "svg", "gif", "signature alone", "cut off", "pdf"],
    )
    def test_no_picture(self, content: bytes) -> None:
        with pytest.raises(BrandRefusedError) as refused:
            draw_logo(content)
        assert refused.value.reason == "format"

    @pytest.mark.parametrize("content", [b"\0" * (LARGEST_FILE + 1), picture((4001, 1))], ids=["bytes", "dots"])
    def test_too_large(self, content: bytes) -> None:
        with pytest.raises(BrandRefusedError) as refused:
            draw_logo(content)
        assert refused.value.reason == "size"


class TestSetting:
    """An administrator sets it, and sees it first."""

    def test_saved_once_however_often_it_is_sent(
        self, browser: Client, address: Address, account: GatewayAccount
    ) -> None:
        for _ in range(2):
            answers = {**LOOK, "logo": upload(picture()), "logo_alt": "An anchor", "act": "save"}
            assert browser.post(address("brand"), answers).status_code == 302
        brand = PaymentBrand.objects.get()
        assert (brand.account, brand.name, brand.logo_alt) == (account, "Harbour City", "An anchor")
        assert brand.colours == {"primary": "#5a1a2b", "accent": "#14532d"}
        event = AuditEvent.objects.get(action="payment_brand_changed")
        assert event.after == {**LOOK, "logo_digest": brand.logo_digest, "logo_alt": "An anchor"}
        assert event.service_id == account.service_id
        assert brand.logo_version in browser.get(address("brand")).content.decode()
        browser.post(address("brand"), {**LOOK, "removes_logo": "on", "act": "save"})
        brand.refresh_from_db()
        assert (bytes(brand.logo), brand.logo_digest, brand.logo_alt) == (b"", "", "")

    def test_tried_and_not_saved(self, browser: Client, address: Address) -> None:
        answer = browser.post(address("brand"), {**LOOK, "act": "preview"})
        html = answer.content.decode()
        assert '<span class="gaap-brand__name">Harbour City</span>' in html
        assert not PaymentBrand.objects.exists()
        query = "primary_colour=%235a1a2b&amp;accent_colour=%2314532d"
        assert f'href="{address("brand-preview")}?{query}"' in html
        assert "style=" not in html
        sheet = browser.get(f"{address('brand-preview')}?{query.replace('&amp;', '&')}")
        assert sheet.content.decode().startswith(".payment-preview {\n  --gaap-primary: #5a1a2b;")

    @pytest.mark.parametrize("colour", ["red", "#fff", "#5a1a2b;}*{display:none", "#767676;", "#ffcc00"])
    def test_preview_serves_nothing_but_colours_that_can_be_read(
        self, browser: Client, address: Address, colour: str
    ) -> None:
        assert browser.get(address("brand-preview"), {"primary_colour": colour}).status_code == 404

    @pytest.mark.parametrize(
        ("answers", "field", "words"),
        [
            ({"primary_colour": "#ffcc00"}, "primary_colour", "cannot be read: its contrast is 1."),
            ({"accent_colour": "#767676"}, "accent_colour", "Choose a darker one"),
            ({"accent_colour": "green"}, "accent_colour", "Write the colour as #"),
            ({"name": GOOD_CARD}, "name", "Do not enter a card number here"),
            ({"logo": upload(b"<svg/>", "logo.svg"), "logo_alt": "x"}, "logo", "Choose a PNG or JPEG file"),
            ({"logo": upload(picture())}, "logo_alt", "Say what the logo shows"),
        ],
        ids=["yellow", "grey", "word", "card", "svg", "no words"],
    )
    def test_mistakes(self, browser: Client, address: Address, answers: dict[str, Any], field: str, words: str) -> None:
        if "logo" in answers:
            answers["logo"].seek(0)
        html = browser.post(address("brand"), {**answers, "act": "save"}).content.decode()
        assert f'href="#id_{field}"' in html
        assert words in html
        assert not PaymentBrand.objects.exists()

    @pytest.mark.parametrize(("role", "status"), [("developer", 403), ("caseworker", 403), ("viewer", 403)])
    def test_nobody_else(self, service: Service, address: Address, role: str, status: int) -> None:
        other = browser_of(colleague(service, role))
        for name in ("brand", "brand-preview"):
            assert other.get(address(name)).status_code == status
        assert other.post(address("brand"), LOOK).status_code == status

    def test_another_teams_account(
        self, browser: Client, service: Service, other_service: Service, address: Address, account: GatewayAccount
    ) -> None:
        stranger = browser_of(colleague(other_service, "viewer"))
        assert stranger.get(address("brand")).status_code == 404
        GatewayAccount.objects.filter(pk=account.pk).update(service=other_service)
        assert browser.post(address("brand"), LOOK).status_code == 404

    def test_without_the_forms_token(self, service: Service, address: Address) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(colleague(service, "admin"))
        assert strict.post(address("brand"), LOOK).status_code == 403

    @pytest.mark.parametrize(
        "facts",
        [BrandFacts(primary_colour="#ffcc00"), BrandFacts(accent_colour="red"), BrandFacts(logo=picture())],
        ids=["pale", "word", "logo without words"],
    )
    def test_service_refuses_too(self, account: GatewayAccount, facts: BrandFacts) -> None:
        with pytest.raises(BrandRefusedError):
            save_brand(account, facts=facts, by=TESTER)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_save_one_look(account: GatewayAccount) -> None:
    at_once(8, lambda number: save_brand(account, facts=BrandFacts(**LOOK), by=TESTER))
    assert PaymentBrand.objects.count() == 1
    assert AuditEvent.objects.filter(action="payment_brand_changed").count() == 1


class TestPages:
    """What payers see."""

    @pytest.fixture
    def brand(self, account: GatewayAccount) -> PaymentBrand:
        """A look with everything."""
        facts = BrandFacts(**LOOK, logo=picture(), logo_alt='An "anchor"')
        return save_brand(account, facts=facts, by=TESTER)

    @pytest.mark.parametrize("language", ["en", "cy", "vi"])
    def test_card_page(self, api: Client, brand: PaymentBrand, language: str) -> None:
        citizen = Citizen(create(api, language=language))
        page = citizen.enter()
        html = page.content.decode()
        assert 'alt="An &quot;anchor&quot;"' in html
        assert '<span class="gaap-brand__name">Harbour City</span>' in html
        assert "style=" not in html
        assert "'unsafe-inline'" not in page["Content-Security-Policy"]
        sheet = f"/pay/brands/{brand.account_id}/{brand.sheet_version}.css"
        assert f'<link rel="stylesheet" href="{sheet}">' in html
        citizen.send_card()
        assert sheet in citizen.get("confirm").content.decode()

    def test_style_sheet_and_logo_may_be_kept(self, client: Client, brand: PaymentBrand) -> None:
        sheet = client.get(reverse("payments-brand-css", args=[brand.account_id, brand.sheet_version]))
        assert sheet.content.decode() == ":root {\n  --gaap-primary: #5a1a2b;\n  --gaap-accent: #14532d;\n}\n"
        logo = client.get(reverse("payments-brand-logo", args=[brand.account_id, brand.logo_version]))
        assert logo.content == bytes(brand.logo)
        for answer, media_type in ((sheet, "text/css; charset=utf-8"), (logo, "image/png")):
            assert answer["Content-Type"] == media_type
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "immutable" in answer["Cache-Control"]
            assert not answer.cookies
        for name in ("css", "logo"):
            assert client.get(reverse(f"payments-brand-{name}", args=[brand.account_id, "0" * 12])).status_code == 404

    def test_the_look_costs_the_card_page_no_query(
        self, api: Client, brand: PaymentBrand, django_assert_max_num_queries: Any
    ) -> None:
        citizen = Citizen(create(api))
        citizen.enter()
        with django_assert_max_num_queries(4 if connection.vendor == "sqlite" else 2):
            assert citizen.get().status_code == 200

    def test_without_a_look_the_platforms(self, api: Client, account: GatewayAccount) -> None:
        html = Citizen(create(api)).enter().content.decode()
        assert '<a class="gaap-brand"' in html
        assert "/pay/brands/" not in html
        assert brand_of(account) is None

    def test_payment_link_has_the_look_of_its_account(
        self, client: Client, service: Service, brand: PaymentBrand
    ) -> None:
        link = create_link(service, facts=LinkFacts(name="Rent"), is_live=False, by=TESTER)
        assert "Harbour City" in client.get(f"/pay/{link.slug}").content.decode()

    def test_receipts_bear_the_name(self, api: Client, service: Service, brand: PaymentBrand) -> None:
        receipt = Receipt(payment=stored(create(api)), kind="payment", amount=2000)
        assert receipt_gaps(receipt, settings_of(service))["service"] == "Harbour City"


def test_look_comes_from_a_file_and_is_written_back() -> None:
    logo = base64.b64encode(draw_logo(picture())).decode()
    look = {**LOOK, "logo": logo, "logo_alt": "An anchor"}
    entry = {"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test", "brand": look}
    for _ in range(2):
        apply({"gateway_accounts": [entry]})
    assert AuditEvent.objects.filter(action="payment_brand_changed").count() == 1
    assert PaymentBrand.objects.get().name == "Harbour City"
    for change in ({"primary_colour": "#ffcc00"}, {"logo": "AAAA", "logo_alt": "x"}, {"logo": logo, "logo_alt": ""}):
        assert faults({"gateway_accounts": [{**entry, "brand": change}]})
