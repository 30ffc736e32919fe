"""Pages about yourself, and the Webhooks console. Signing up and in is allauth's."""

from django.urls import include, path

from accounts import letter_views, views
from accounts.site import deliveries, live, sessions, webhook_orders, webhooks

ENDPOINT = "webhooks/endpoints/<str:endpoint_id>"
DELIVERY = "webhooks/deliveries/<str:delivery_id>"

urlpatterns = [
    path("account", views.account, name="account"),
    path("account/letters", letter_views.letters, name="letters"),
    path("account/sessions/<int:session_id>/end", sessions.end_session, name="end_session"),
    path("letters/stop/<str:token>", letter_views.stop, name="stop_letters"),
    path("", include("accounts.privacy.urls")),
    path("workspace", views.switch_workspace, name="switch_workspace"),
    path("", include("accounts.team.urls")),
    path("live", live.live, name="live"),
    path("webhooks", webhooks.webhooks, name="webhooks"),
    path(ENDPOINT, webhooks.webhook_endpoint, name="webhook_endpoint"),
    path(f"{ENDPOINT}/switch", webhooks.switch_endpoint, name="switch_endpoint"),
    path(f"{ENDPOINT}/rotate", webhooks.rotate_endpoint, name="rotate_endpoint"),
    path(f"{ENDPOINT}/remove", webhooks.remove_endpoint, name="remove_endpoint"),
    path(f"{ENDPOINT}/ping", deliveries.ping, name="ping_endpoint"),
    path(f"{ENDPOINT}/missing", deliveries.replay_missing, name="replay_missing"),
    path("webhooks/orders", webhook_orders.orders, name="webhook_orders"),
    path(DELIVERY, deliveries.delivery, name="webhook_delivery"),
    path(f"{DELIVERY}/row", deliveries.row, name="webhook_delivery_row"),
    path(f"{DELIVERY}/outcome", deliveries.outcome, name="webhook_outcome"),
    path(f"{DELIVERY}/replay", deliveries.replay, name="replay_delivery"),
]
