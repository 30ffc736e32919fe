"""Keys to a workspace, and where they were used."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import Act, Membership, Workspace
from accounts.models.rates import Paced


class Scope(models.TextChoices):
    """What a key may do, as far as its maker may."""

    READ = "read"
    GENERATE = "generate"
    BILLING = "billing"
    ADMIN = "admin"


#: What it takes, of a key, to do something.
SCOPE_FOR: dict[str, str] = {
    Act.READ: Scope.READ,
    Act.ORDER: Scope.GENERATE,
    Act.SPEND_SETTINGS: Scope.BILLING,
    Act.MANAGE: Scope.ADMIN,
    Act.OWN: Scope.ADMIN,
}


class APIKeyQuerySet(models.QuerySet["APIKey"]):
    def for_workspace(self, workspace: Workspace) -> APIKeyQuerySet:
        return self.filter(workspace=workspace)

    def with_descendants(self, key: APIKey) -> APIKeyQuerySet:
        """This key and every key that was made by it, by one of those, and so on."""
        return self.filter(models.Q(pk=key.pk) | models.Q(lineage__contains=[key.pk]))

    def in_state(self, state: str | None, now: datetime) -> APIKeyQuerySet:
        """Those that `APIKey.state` calls so; None: all that are not revoked."""
        if state == "revoked":
            return self.filter(models.Q(revoked_at__isnull=False) | models.Q(maker=None))
        over = models.Q(expires_at__isnull=False, expires_at__lte=now)
        wanted = {"active": ~over, "expired": over}.get(state or "", models.Q())
        return self.filter(wanted, revoked_at=None, maker__isnull=False)

    def usable(self, now: datetime) -> APIKeyQuerySet:
        """Keys that open: not revoked, not expired, their maker still an active member."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now),
            revoked_at=None,
            maker__user__is_active=True,
            workspace__suspended_at=None,
        )


def all_scopes() -> list[str]:
    return list(Scope.values)


class APIKey(Paced):
    """
    A key to one workspace. Only a keyed hash of it is stored; `keys.py` makes and reads keys.

    It acts for its maker's membership and dies with it: without one it opens nothing, and stays as
    what clips were ordered with. One that was made by a key (`lineage` names that one and those
    above it) is never wider than it. After a rotation the text before opens, too, until
    `previous_until`.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    maker = models.ForeignKey(
        Membership, models.SET_NULL, null=True, editable=False, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    lookup = models.CharField(max_length=10, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=all_scopes)
    allowed_addresses = ArrayField(
        models.CharField(max_length=43),
        default=list,
        blank=True,
        help_text="Networks such as 203.0.113.0/24; none: any address.",
    )
    lineage = ArrayField(models.UUIDField(), default=list, blank=True, editable=False)
    previous_lookup = models.CharField(max_length=10, null=True, unique=True, editable=False)
    previous_hash = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = APIKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["workspace", "-created_at"], name="api_key_by_workspace")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @property
    def public_id(self) -> str:
        return ids.public("key", self.id)

    @property
    def holder(self) -> Membership:
        """Whom a key that opens acts for."""
        if self.maker is None:
            raise Membership.DoesNotExist(f"Whoever made {self.public_id} has left.")
        return self.maker

    @property
    def ancestors(self) -> list[str]:
        """The public ids of the keys it was made by, the nearest first."""
        return [ids.public("key", one) for one in self.lineage]

    def state(self, now: datetime) -> str:
        if self.revoked_at or self.maker_id is None:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "active"


class KeyUse(models.Model):
    """From where a key was used, and when first and last (to the minute)."""

    key = models.ForeignKey(APIKey, models.CASCADE, related_name="uses")
    address = models.GenericIPAddressField()
    first_used_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "address"], name="key_use_once")]

    def __str__(self) -> str:
        return f"{self.key_id} from {self.address}"
