"""Where weaknesses are reported."""

from django.urls import path

from gaap.security import views
from gaap.security.reporting import PATH

urlpatterns = [
    path(PATH, views.security_txt, name="gaap-security-txt"),
    path("security.txt", views.earlier_address, name="gaap-security-txt-earlier"),
]
