"""Acts on a team, invitations, and the workspaces one is in. The team's page is billing's."""

from django.urls import path

from accounts.team import doors, views

urlpatterns = [
    path("team/members/<str:member_id>/role", views.change_role, name="change_role"),
    path("team/members/<str:member_id>/remove", views.remove_member, name="remove_member"),
    path("team/members/<str:member_id>/owner", views.offer, name="offer_ownership"),
    path("team/ownership/<slug:answer>", views.answer_offer, name="answer_offer"),
    path("team/leave", views.leave, name="leave_team"),
    path("team/invitations/<str:invitation_id>/send", views.send_again, name="send_again"),
    path("team/invitations/<str:invitation_id>/withdraw", views.withdraw, name="withdraw"),
    path("invitations/<str:token>", doors.invitation, name="invitation"),
    path("workspaces", doors.workspaces, name="workspaces"),
]
