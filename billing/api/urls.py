"""Money, over the API."""

from django.urls import path

from billing.api import views

urlpatterns = [
    path("wallet", views.Wallet.as_view(), name="api-wallet"),
    path("wallet/transactions", views.Transactions.as_view(), name="api-transactions"),
]
