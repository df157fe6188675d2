"""Pages that every deployment has, whatever components it runs."""

from django.urls import path

from gaap.theme import views

urlpatterns = [
    path("", views.home, name="gaap-home"),
    path("accessibility", views.accessibility, name="gaap-accessibility"),
    path("cookies", views.cookies, name="gaap-cookies"),
    path("brand.css", views.brand_style_sheet, name="gaap-brand-css"),
]
