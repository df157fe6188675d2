"""The addresses of the hosted pages (contract C.1)."""

from django.urls import path

from gaap_payments.web import brands, challenges, entering, links, mandates, provider_fields, sandbox, views, wallets

urlpatterns = [
    path("pay/brands/<uuid:account_id>/<str:version>.css", brands.style_sheet, name="payments-brand-css"),
    path("pay/brands/<uuid:account_id>/<str:version>.png", brands.logo, name="payments-brand-logo"),
    path("pay/<slug:slug>", links.PayLinkView.as_view(), name="payments-link"),
    path("pay/<slug:slug>/done", links.LinkDoneView.as_view(), name="payments-link-done"),
    path(
        "mandates/enter",
        mandates.EnterMandateView.as_view(http_method_names=["post"]),
        name="payments-mandate-enter-post",
    ),
    path(
        "mandates/enter/<str:token>",
        mandates.EnterMandateView.as_view(http_method_names=["get"]),
        name="payments-mandate-enter",
    ),
    path("mandates/<str:mandate_id>", mandates.BankView.as_view(), name="payments-mandate"),
    path("mandates/<str:mandate_id>/confirm", mandates.ConfirmMandateView.as_view(), name="payments-mandate-confirm"),
    path("mandates/<str:mandate_id>/cancel", mandates.AbandonMandateView.as_view(), name="payments-mandate-abandon"),
    path("mandates/<str:mandate_id>/back", mandates.BackFromProviderView.as_view(), name="payments-mandate-back"),
    path("mandates/<str:mandate_id>/return", mandates.LeaveMandateView.as_view(), name="payments-mandate-leave"),
    path("secure", entering.EnterView.as_view(http_method_names=["post"]), name="payments-secure-post"),
    path("secure/<str:token>", entering.EnterView.as_view(http_method_names=["get"]), name="payments-secure"),
    path("card_details/<str:payment_id>", views.CardDetailsView.as_view(), name="payments-card-details"),
    path("card_details/<str:payment_id>/auth_waiting", views.AuthWaitingView.as_view(), name="payments-auth-waiting"),
    path(
        "card_details/<str:payment_id>/provider_fields",
        provider_fields.FieldsView.as_view(),
        name="payments-fields",
    ),
    path("card_details/<str:payment_id>/wallet", wallets.WalletView.as_view(), name="payments-wallet"),
    path("card_details/<str:payment_id>/3ds_required", challenges.RequiredView.as_view(), name="payments-3ds-required"),
    path("card_details/<str:payment_id>/3ds_required_out", challenges.OutView.as_view(), name="payments-3ds-out"),
    path("card_details/<str:payment_id>/3ds_required_in", challenges.come_in, name="payments-3ds-in"),
    path("card_details/<str:payment_id>/3ds_handler", challenges.HandlerView.as_view(), name="payments-3ds-handler"),
    path("sandbox/payments/bank/<uuid:charge_id>", sandbox.BankView.as_view(), name="payments-sandbox-bank"),
    path("card_details/<str:payment_id>/confirm", views.ConfirmView.as_view(), name="payments-confirm"),
    path("card_details/<str:payment_id>/cancel", views.CancelView.as_view(), name="payments-cancel"),
    path("return/<str:payment_id>", views.ReturnView.as_view(), name="payments-return"),
]
