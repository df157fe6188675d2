"""Payment links as citizens see them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views import View

from gaap.actors import Actor
from gaap.conf import conf
from gaap_payments.errors import AccountNotConfiguredError
from gaap_payments.models import PaymentLink
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.brands import brand_of_mode
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.links import pay_link
from gaap_payments.web.held import HeldPayments
from gaap_payments.web.link_forms import LinkForm, prefilled
from gaap_payments.web.pages import SeeOther, uncached


class LinkPage(View):
    """A page of one link, in its language; a link that is switched off says so."""

    link: PaymentLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the link; there is no page without one."""
        links = PaymentLink.objects.select_related("service__payment_settings")
        link = links.filter(slug=kwargs.pop("slug"), service__archived_at__isnull=True).first()
        if link is None:
            raise Http404
        self.link = link
        with translation.override(spoken_language(link.language)):
            response = super().dispatch(request, *args, **kwargs) if link.is_enabled else self.show("link_off", 410)
        return uncached(response)

    def show(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page about the link."""
        money = self.link.money
        facts = {
            "link": self.link,
            "amount": money.format() if money else "",
            "help_text": settings_of(self.link.service).help_text,
            "account_brand": brand_of_mode(self.link.service_id, is_live=self.link.is_live),
        }
        return render(self.request, f"gaap_payments/{template}.html", {**facts, **context}, status=status)


class PayLinkView(LinkPage):
    """What is paid, and what the citizen has to say with it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self.show("link", form=LinkForm(self.link, initial=prefilled(request.GET, self.link)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a payment in this browser, and go on to its page."""
        form = LinkForm(self.link, data=request.POST)
        if not form.is_valid():
            return self.show("link", form=form)
        back = conf.base_url.rstrip("/") + reverse("payments-link-done", args=[self.link.slug])
        try:
            payment = pay_link(
                self.link,
                amount=form.cleaned_data.get("amount", 0),
                reference=form.cleaned_data.get("reference", ""),
                return_url=back,
                by=Actor("citizen", f"link/{self.link.pk}", "citizen"),
            )
        except AccountNotConfiguredError:
            return self.show("link_off", 410)
        held = HeldPayments.of(request)
        held.hold(payment.pk)
        response = SeeOther(reverse("payments-card-details", args=[payment.pk]))
        held.write(response)
        return response


class LinkDoneView(LinkPage):
    """Where a payment that began at a link ends, when the link names no other address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say that one can go, or pay once more."""
        return self.show("link_done")
