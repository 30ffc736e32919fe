"""Pages for clips."""

from django.urls import path

from generations import views
from generations.site import library, reporting, sharing, studio

urlpatterns = [
    path("", views.home, name="home"),
    path("studio", studio.studio, name="studio"),
    path("studio/price", studio.price, name="studio_price"),
    path("studio/reel", studio.reel, name="studio_reel"),
    path("library", library.library, name="library"),
    path("library/marked", library.bulk, name="library_bulk"),
    path("clips/<str:generation_id>", views.clip, name="clip"),
    path("clips/<str:generation_id>/live", views.clip_live, name="clip_live"),
    path("frames/<str:upload_id>", views.first_frame, name="first_frame"),
    path("generations/<str:generation_id>/card", views.card, name="card"),
    path("generations/<str:generation_id>/cancel", views.cancel, name="cancel"),
    path("generations/<str:generation_id>/delete", views.delete, name="delete"),
    path("generations/<str:generation_id>/favourite", library.favour, name="favour"),
    path("generations/<str:generation_id>/tags", library.tags, name="tags"),
    path("generations/<str:generation_id>/shares", sharing.share, name="share"),
    path("shares/<int:share_id>/revoke", sharing.revoke, name="revoke_share"),
    path("s/<slug:token>", sharing.shared, name="shared"),
    path("s/<slug:token>/report", reporting.report, name="report_share"),
    path("s/<slug:token>/<slug:kind>", sharing.shared_file, name="shared_file"),
]
