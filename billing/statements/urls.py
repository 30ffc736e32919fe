"""Statements and exports."""

from django.urls import path

from billing.statements import views

urlpatterns = [
    path("", views.statements, name="statements"),
    path("<str:workspace>/ledger", views.ledger_export, name="ledger_export"),
    path("<str:workspace>/<str:month>.csv", views.statement_csv, name="statement_csv"),
    path("<str:workspace>/<str:month>.pdf", views.statement_pdf, name="statement_pdf"),
]
