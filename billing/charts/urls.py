"""What was spent."""

from django.urls import path

from billing.charts import views

urlpatterns = [
    path("usage", views.usage, name="usage"),
    path("usage.csv", views.usage_csv, name="usage_csv"),
]
