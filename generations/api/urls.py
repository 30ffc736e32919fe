"""Quotes, generations, uploads and models, over the API."""

from django.urls import path

from generations.api.views import files, menu, orders, quotes, streams, uploads

urlpatterns = [
    path("models", menu.Models.as_view(), name="api-models"),
    path("quotes", quotes.Quotes.as_view(), name="api-quotes"),
    path("quotes/<str:id>", quotes.OneQuote.as_view(), name="api-quote"),
    path("uploads", uploads.Uploads.as_view(), name="api-uploads"),
    path("generations", orders.Generations.as_view(), name="api-generations"),
    path("generations/<str:id>", orders.OneGeneration.as_view(), name="api-generation"),
    path("generations/<str:id>/cancel", orders.Cancel.as_view(), name="api-cancel"),
    path("generations/<str:id>/content", files.Content.as_view(), name="api-content"),
    path(
        "generations/<str:id>/events",
        streams.GenerationEvents.as_view(),
        name="api-generation-events",
    ),
    path("generations/<str:id>/poster", files.Poster.as_view(), name="api-poster"),
]
