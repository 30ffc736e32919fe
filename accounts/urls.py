"""Pages about yourself. Signing up and in is allauth's."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("account", views.account, name="account"),
    path("keys", views.api_keys, name="api_keys"),
    path("keys/<str:key_id>/revoke", views.revoke_key, name="revoke_key"),
    path("workspace", views.switch_workspace, name="switch_workspace"),
]
