"""OpenAI's Videos API, as its clients know it below `base_url`."""

from django.urls import path, re_path

from generations.openai import views
from generations.openai.errors import not_found

urlpatterns = [
    path("models", views.Models.as_view()),
    path("models/<str:name>", views.OneModel.as_view()),
    path("videos", views.Videos.as_view(), name="openai-videos"),
    re_path(r"^videos/(characters|edits|extensions)", not_found),
    path("videos/<str:id>", views.OneVideo.as_view()),
    path("videos/<str:id>/content", views.Content.as_view()),
    path("videos/<str:id>/remix", views.Remix.as_view()),
    re_path(r"^", not_found),
]
