"""Pages for clips."""

from django.urls import path

from generations import views
from generations.site import studio

urlpatterns = [
    path("", views.home, name="home"),
    path("studio", studio.studio, name="studio"),
    path("studio/price", studio.price, name="studio_price"),
    path("library", views.library, name="library"),
    path("clips/<str:generation_id>", views.clip, name="clip"),
    path("clips/<str:generation_id>/live", views.clip_live, name="clip_live"),
    path("frames/<str:upload_id>", views.first_frame, name="first_frame"),
    path("generations/<str:generation_id>/card", views.card, name="card"),
    path("generations/<str:generation_id>/cancel", views.cancel, name="cancel"),
    path("generations/<str:generation_id>/delete", views.delete, name="delete"),
]
