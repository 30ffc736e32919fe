"""People and the workspaces they share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac

from accounts import ids
from accounts.models.rates import Paced


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
    muted_topics = ArrayField(
        models.CharField(max_length=40),
        default=list,
        db_default=models.Value([]),
        blank=True,
        help_text="What they want no letters about.",
    )
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspensions = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="Each ended all sessions for good."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        permissions = [
            ("suspend_user", "Can suspend and resume people"),
            ("impersonate_user", "Can look at the site as a customer"),
        ]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    @property
    def public_id(self) -> str:
        return ids.public("usr", self.id)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Of whoever was suspended, no session from before opens again after it."""
        before: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        if not self.suspensions:
            return before
        salt = f"{type(self).__qualname__}.suspensions"
        said = f"{before}{self.suspensions}"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()


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
    OWN = "own"


ALLOWED: dict[str, frozenset[str]] = {
    Act.READ: frozenset(Role),
    Act.ORDER: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Act.SPEND_SETTINGS: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING}),
    Act.MANAGE: frozenset({Role.OWNER, Role.ADMIN}),
    Act.OWN: frozenset({Role.OWNER}),
}


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def for_user(self, user: User) -> WorkspaceQuerySet:
        return self.filter(memberships__user=user).order_by("created_at")


class Workspace(Paced):
    """
    A team of one or more people with one wallet.

    The `…_kept_days` are its own times (`accounts.privacy.retention`); empty, the settings' hold.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=100)
    people = models.ManyToManyField(User, through="Membership", related_name="workspaces")
    suspended_at = models.DateTimeField(null=True, blank=True)
    webhook_secret = models.TextField(
        blank=True, editable=False, help_text="Sealed; signs what goes to an order's `webhook_url`."
    )
    api_may_charge = models.BooleanField(
        "keys may charge the saved card", default=False, db_default=False
    )
    clips_kept_days = models.PositiveSmallIntegerField(null=True, blank=True)
    uploads_kept_days = models.PositiveSmallIntegerField(null=True, blank=True)
    logs_kept_days = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        permissions = [("suspend_workspace", "Can suspend and resume workspaces")]

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
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)

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
