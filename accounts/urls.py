"""Pages about yourself. Signing up and in is allauth's."""

from django.urls import include, path

from accounts import views

urlpatterns = [
    path("account", views.account, name="account"),
    path("workspace", views.switch_workspace, name="switch_workspace"),
    path("", include("accounts.team.urls")),
]
