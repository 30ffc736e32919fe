"""Who you are: people, the workspaces they share, and the keys that act for them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now

from accounts import ids


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    email = models.EmailField("e-mail", max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    @property
    def public_id(self) -> str:
        return ids.public("usr", self.id)


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    BILLING = "billing"


class Act(models.TextChoices):
    """What somebody may do in a workspace; `ALLOWED` says who."""

    READ = "read"
    ORDER = "order"
    SPEND_SETTINGS = "billing"
    MANAGE = "manage"


ALLOWED: dict[str, frozenset[str]] = {
    Act.READ: frozenset(Role),
    Act.ORDER: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Act.SPEND_SETTINGS: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING}),
    Act.MANAGE: frozenset({Role.OWNER, Role.ADMIN}),
}


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def for_user(self, user: User) -> WorkspaceQuerySet:
        return self.filter(memberships__user=user).order_by("created_at")


class Workspace(models.Model):
    """A team of one or more people with one wallet."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=100)
    people = models.ManyToManyField(User, through="Membership", related_name="workspaces")
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("wks", self.id)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def for_workspace(self, workspace: Workspace) -> MembershipQuerySet:
        return self.filter(workspace=workspace)


class Membership(models.Model):
    """One person's place in one workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role"
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(role=Role.OWNER),
                name="workspace_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} ({self.role})"

    def may(self, act: str) -> bool:
        return self.role in ALLOWED[act]


class APIKeyQuerySet(models.QuerySet["APIKey"]):
    def for_workspace(self, workspace: Workspace) -> APIKeyQuerySet:
        return self.filter(workspace=workspace)

    def usable(self, now: datetime) -> APIKeyQuerySet:
        """Keys that open: not revoked, not expired, their maker still an active member."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now),
            revoked_at=None,
            maker__user__is_active=True,
            workspace__suspended_at=None,
        )


class APIKey(models.Model):
    """
    A key to one workspace. Only a keyed hash of it is stored; `keys.py` makes and reads keys.

    It belongs to its maker's membership and dies with it.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    maker = models.ForeignKey(Membership, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    lookup = models.CharField(max_length=10, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = APIKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["workspace", "-created_at"], name="api_key_by_workspace")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @property
    def public_id(self) -> str:
        return ids.public("key", self.id)

    def state(self, now: datetime) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "active"


class IdempotencyRecord(models.Model):
    """
    One answered POST of one workspace, so that asking twice does it once.

    The row is written in the transaction of what the request did. `scope` is method and path,
    `fingerprint` the SHA-256 of the canonical body; the answer is kept for 30 days, `reference`
    (what the request made) for ever.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True)
    reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "scope", "key"], name="idempotency_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
