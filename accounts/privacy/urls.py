"""A copy, an end, a time limit."""

from django.urls import path

from accounts.privacy import views

urlpatterns = [
    path("account/data", views.data, name="account_data"),
    path("account/exports/<str:export_id>", views.download, name="download_export"),
    path("account/delete", views.delete, name="delete_account"),
    path("account/back/<str:token>", views.back, name="reopen_account"),
    path("workspace/retention", views.kept, name="retention"),
]
