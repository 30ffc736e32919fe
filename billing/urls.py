"""Pages for money, for keys with their limits, and for the people who spend it."""

from django.urls import include, path

from billing.views import cards, keys, limits, team, wallet

urlpatterns = [
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/balance", wallet.balance, name="balance"),
    path("wallet/top-up", cards.top_up, name="top-up"),
    path("wallet/top-ups/<str:top_up_id>", cards.one_top_up, name="one-top-up"),
    path("wallet/cards", cards.portal, name="cards"),
    path("wallet/automatic", cards.automatic, name="automatic-top-up"),
    path("wallet/api-charges", cards.api_charges, name="api-charges"),
    path("wallet/code", cards.redeem, name="redeem"),
    path("wallet/limits", limits.limits, name="limits"),
    path("team", team.team, name="team"),
    path("team/name", team.rename, name="rename_workspace"),
    path("team/members/<str:member_id>", team.team_member, name="team_member"),
    path("keys", keys.api_keys, name="api_keys"),
    path("keys/<str:key_id>/rotate", keys.rotate_key, name="rotate_key"),
    path("keys/<str:key_id>/revoke", keys.revoke_key, name="revoke_key"),
    path("", include("billing.charts.urls")),
    path("billing/statements/", include("billing.statements.urls")),
]
