"""Signing up and in, passwords and second factors: allauth's views at addresses of our own, under its names."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from gaap.console.views import home

urlpatterns = [
    path("sign-up", account.signup, name="account_signup"),
    path("sign-up/confirm", account.email_verification_sent, name="account_email_verification_sent"),
    path("sign-in", account.login, name="account_login"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-out", account.logout, name="account_logout"),
    path("closed", account.account_inactive, name="account_inactive"),
    path("confirm/password", account.reauthenticate, name="account_reauthenticate"),
    path("confirm/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("forgotten-password", account.password_reset, name="account_reset_password"),
    path("forgotten-password/sent", account.password_reset_done, name="account_reset_password_done"),
    path("new-password/done", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        "^new-password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account", home.account, name="account_email"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/second-factor", home.account, name="mfa_index"),
    path("account/second-factor/app", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/app/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes", never_cache(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/second-factor/codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/sessions", sessions.list_usersessions, name="usersessions_list"),
]
