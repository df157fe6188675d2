"""Addresses of the event feed."""

from django.urls import path

from gaap.events.views import EventsView, EventView

urlpatterns = [
    path("v1/events", EventsView.as_view(), name="events"),
    path("v1/events/<str:event_id>", EventView.as_view(), name="event"),
]
