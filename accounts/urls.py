"""Pages about yourself. Signing up and in is allauth's."""

from django.urls import include, path

from accounts import letter_views, views

urlpatterns = [
    path("account", views.account, name="account"),
    path("account/letters", letter_views.letters, name="letters"),
    path("letters/stop/<str:token>", letter_views.stop, name="stop_letters"),
    path("", include("accounts.privacy.urls")),
    path("workspace", views.switch_workspace, name="switch_workspace"),
    path("", include("accounts.team.urls")),
]
