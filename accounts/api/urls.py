"""The account and what happens in it, over the API."""

from django.urls import path

from accounts.api import streams, views, webhook_deliveries, webhooks

urlpatterns = [
    path("events", streams.Events.as_view(), name="api-events"),
    path("me", views.Me.as_view(), name="api-me"),
    path("webhook-endpoints", webhooks.Endpoints.as_view()),
    path("webhook-endpoints/<str:id>", webhooks.OneEndpoint.as_view()),
    path("webhook-endpoints/<str:id>/ping", webhooks.PingEndpoint.as_view()),
    path("webhook-endpoints/<str:id>/rotate", webhooks.RotateEndpoint.as_view()),
    path("webhook-endpoints/<str:id>/replay-missing", webhooks.ReplayMissing.as_view()),
    path("webhook-deliveries", webhook_deliveries.Deliveries.as_view()),
    path("webhook-deliveries/<str:id>/replay", webhook_deliveries.Replay.as_view()),
    path("webhook-secret", webhooks.DefaultSecret.as_view()),
    path("webhook-secret/rotate", webhooks.RotateDefaultSecret.as_view()),
]
