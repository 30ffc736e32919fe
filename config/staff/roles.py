"""
Who of the staff may do what: one table. Roles are groups, and hold exactly what stands here.

`keep` makes that true after every `migrate`, with which each start begins. The owner may all, and
what has no line here is for the owner alone. `tests/operations/test_roles.py` tries every page and
act with every role.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as global_apps
from django.apps.config import AppConfig
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS

ROLES = ("support", "finance", "operator", "owner")
OWNER = "owner"
OURS = ("accounts", "billing", "generations")

#: permission → the roles that have it, besides the owner
TABLE: dict[str, str] = {
    # People, workspaces, keys
    "accounts.view_user": "support finance operator",
    "accounts.view_workspace": "support finance operator",
    "accounts.view_membership": "support finance operator",
    "accounts.view_invitation": "support operator",
    "accounts.view_apikey": "support operator",
    "accounts.view_keyuse": "support operator",
    "accounts.view_auditentry": "support finance operator",
    "accounts.view_idempotencyrecord": "support operator",
    "accounts.view_erasure": "support operator",
    "accounts.view_webhookendpoint": "support operator",
    "accounts.view_webhookdelivery": "support operator",
    "accounts.replay_webhookdelivery": "support operator",
    "accounts.view_proposal": "support finance operator",
    "accounts.change_workspace": "operator",
    "accounts.change_apikey": "support operator",
    "accounts.suspend_user": "support operator",
    "accounts.suspend_workspace": "support finance operator",
    "accounts.impersonate_user": "support",
    # Money
    "billing.view_wallet": "support finance operator",
    "billing.view_transfer": "support finance operator",
    "billing.view_topup": "support finance operator",
    "billing.view_payer": "support finance",
    "billing.view_stripeevent": "support finance operator",
    "billing.view_quote": "support finance operator",
    "billing.view_spendlimit": "support finance operator",
    "billing.view_promotioncode": "support finance",
    "billing.view_redemption": "support finance",
    "billing.view_cost": "finance operator",
    "billing.view_rate": "finance operator",
    "billing.add_rate": "finance",
    "billing.add_promotioncode": "finance",
    "billing.change_promotioncode": "finance",
    "billing.change_wallet": "finance",
    "billing.look_topup": "support finance operator",
    "billing.refund_topup": "finance",
    "billing.replay_stripeevent": "finance operator",
    # Clips and who makes them
    "generations.view_generation": "support finance operator",
    "generations.view_attempt": "support operator",
    "generations.view_clip": "support operator",
    "generations.view_upload": "support operator",
    "generations.view_event": "support operator",
    "generations.view_knock": "operator",
    "generations.view_notice": "support operator",
    "generations.view_providerstatus": "support finance operator",
    "generations.change_providerstatus": "operator",
    "generations.look_generation": "support operator",
    "generations.retry_generation": "support operator",
    "generations.refund_generation": "support finance operator",
    "generations.deliver_generation": "support operator",
    "generations.reassign_generation": "operator",
    "generations.hide_generation": "support",
    # What may not be ordered or shown
    "generations.view_blockedword": "support operator",
    "generations.add_blockedword": "support",
    "generations.change_blockedword": "support",
    "generations.delete_blockedword": "support",
    "generations.view_sharereport": "support operator",
    "generations.decide_sharereport": "support",
}


def may(role: str, permission: str) -> bool:
    return role == OWNER or role in TABLE.get(permission, "").split()


def keep(
    app_config: AppConfig, using: str = DEFAULT_DB_ALIAS, apps: Any = global_apps, **kwargs: Any
) -> None:
    """After an app has migrated: its permissions exist, and each role has its share of them."""
    if app_config.label not in OURS:
        return
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    try:
        Group, Permission = apps.get_model("auth.Group"), apps.get_model("auth.Permission")
    except LookupError:  # on the way to an older version
        return
    all_ = list(Permission.objects.using(using).filter(content_type__app_label=app_config.label))
    for role in ROLES:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        _give(group, all_, role, app_config.label)


def _give(group: Any, all_: list[Any], role: str, label: str) -> None:
    wanted = {one.pk for one in all_ if may(role, f"{label}.{one.codename}")}
    rows = group.permissions.filter(content_type__app_label=label)
    held = set(rows.values_list("pk", flat=True))
    group.permissions.add(*wanted - held)
    group.permissions.remove(*held - wanted)
