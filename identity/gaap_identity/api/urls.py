"""The endpoints at the root of the host; relying parties reckon with these paths (contract A.1)."""

from django.urls import path

from gaap_identity.api import authorize, documents, logout, par, simulation, token, userinfo

urlpatterns = [
    path(".well-known/openid-configuration", documents.discovery, name="gaap-identity-discovery"),
    path(".well-known/jwks.json", documents.jwks, name="gaap-identity-jwks"),
    path(".well-known/did.json", documents.did_document, name="gaap-identity-did"),
    path("trustmark", documents.trustmark, name="gaap-identity-trustmark"),
    path("authorize", authorize.authorize, name="gaap-identity-authorize"),
    path("par", par.push, name="gaap-identity-par"),
    path("simulation", simulation.configure, name="gaap-identity-simulation"),
    path("token", token.token, name="gaap-identity-token"),
    path("userinfo", userinfo.userinfo, name="gaap-identity-userinfo"),
    path("logout", logout.logout, name="gaap-identity-logout"),
]
