"""Money, and keys with their limits, over the API."""

from django.urls import path

from billing.api import api_keys, top_ups, usage, views

urlpatterns = [
    path("api-keys", api_keys.ApiKeys.as_view(), name="api-api-keys"),
    path("api-keys/<str:id>", api_keys.OneApiKey.as_view(), name="api-api-key"),
    path("api-keys/<str:id>/rotate", api_keys.RotateApiKey.as_view(), name="api-rotate-key"),
    path("usage", usage.Usage.as_view(), name="api-usage"),
    path("wallet", views.Wallet.as_view(), name="api-wallet"),
    path("wallet/top-ups", top_ups.TopUps.as_view(), name="api-top-ups"),
    path("wallet/top-ups/<str:id>", top_ups.OneTopUp.as_view(), name="api-top-up"),
    path("wallet/transactions", views.Transactions.as_view(), name="api-transactions"),
]
