"""The site's addresses: the operators' admin, and everything that the installed components hand in."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("gaap.urls")),
]

handler400 = "gaap.theme.errors.bad_request"
handler403 = "gaap.theme.errors.permission_denied"
handler404 = "gaap.theme.errors.page_not_found"
handler500 = "gaap.overload.unavailable.server_error"
