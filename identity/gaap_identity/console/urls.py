"""Identity's pages in the console, below ``/console/services/<uuid:service_id>/``."""

from django.urls import path

from gaap_identity.console import permissions, sandbox_users, views

urlpatterns = [
    path("identity/clients", views.show, name="identity-console-clients"),
    path("identity/clients/new", views.create, name="identity-console-new-client"),
    path("identity/clients/<int:client_pk>", views.change, name="identity-console-client"),
    path("identity/clients/<int:client_pk>/secret", views.renew_secret, name="identity-console-client-secret"),
    path("identity/clients/<int:client_pk>/permissions", permissions.show, name="identity-console-client-permissions"),
    path(
        "identity/clients/<int:client_pk>/permissions/withdraw",
        permissions.withdraw,
        name="identity-console-client-permissions-withdraw",
    ),
    path("identity/test-users", sandbox_users.show, name="identity-console-test-users"),
    path("identity/test-users/<uuid:account>", sandbox_users.show_one, name="identity-console-test-user"),
    path("identity/test-users/<uuid:account>/reset", sandbox_users.reset, name="identity-console-test-user-reset"),
    path("identity/test-users/<uuid:account>/delete", sandbox_users.delete, name="identity-console-test-user-delete"),
]
