"""What a customer ordered."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from accounts import ids
from accounts.models import Workspace
from generations.states import FINAL, IN_FLIGHT, PUBLIC, STAGES, State

if TYPE_CHECKING:
    from generations.models.event import Event

NOT_FINAL = ~Q(state__in=sorted(FINAL))
#: What a prompt is searched by: its words as they are, in any language.
WORDS = SearchVector("prompt", config="simple")


class GenerationQuerySet(models.QuerySet["Generation"]):
    def for_workspace(self, workspace: Workspace) -> GenerationQuerySet:
        """The only way for a customer's request to reach rows: theirs, and not deleted."""
        return self.filter(workspace=workspace, deleted_at=None)

    def hidden(self) -> GenerationQuerySet:
        """What staff took out of its customer's sight. What was deleted has nothing left in it."""
        emptied = Q(prompt="", image_url="", first_frame=None)
        return self.exclude(deleted_at=None).exclude(emptied)

    def whole(self) -> GenerationQuerySet:
        """With what it takes to show one."""
        return self.select_related("clip", "first_frame", "workspace")


class Generation(models.Model):
    """
    One ordered clip. The row is the truth: `state` says where it is, `due_at` when to look again.

    `lease_until` and `lease_token` say which worker has it in hand; every write of a worker names
    its token, so one that overslept its lease changes nothing. Amounts are micro-dollars.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="generations")
    orderer = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="generations"
    )
    api_key = models.ForeignKey("accounts.APIKey", models.SET_NULL, null=True, related_name="+")
    batch = models.UUIDField(null=True, blank=True)
    quote = models.ForeignKey("billing.Quote", models.PROTECT, null=True, related_name="+")
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries")
    remix_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="remixes")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    state_since = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.BigIntegerField(default=0)
    knocked_at = models.DateTimeField(null=True, blank=True)
    cancel_wished_at = models.DateTimeField(null=True, blank=True)

    model = models.CharField(max_length=30)
    mode = models.CharField(max_length=20)
    prompt = models.TextField()
    resolution = models.CharField(max_length=10)
    duration = models.PositiveSmallIntegerField(help_text="seconds")
    prompt_optimizer = models.BooleanField(default=True)
    fast_pretreatment = models.BooleanField(default=False)
    watermark = models.BooleanField(default=False)
    output_format = models.CharField(max_length=10, default="mp4")
    output_quality = models.PositiveSmallIntegerField(null=True, blank=True)
    first_frame = models.ForeignKey(
        "generations.Upload", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    image_url = models.TextField(blank=True, help_text="Fetched before any provider is contacted.")

    policy = models.CharField(max_length=20, default="cheapest")
    provider_requested = models.CharField(max_length=20, default="auto")
    max_price = models.BigIntegerField(null=True, blank=True)
    routes = models.JSONField(
        default=list, help_text="Who may make it, at which price, frozen when it was ordered."
    )
    provider = models.CharField(max_length=20, blank=True)
    sku = models.CharField("SKU", max_length=80)
    rate_version = models.BigIntegerField()
    quoted = models.BigIntegerField()
    gratis = models.BooleanField(
        "on the house", default=False, db_default=False, help_text="No money is held or charged."
    )
    charged = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)

    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    provider_message = models.TextField(blank=True)
    webhook_url = models.TextField(blank=True, help_text="Told of this one, besides endpoints.")
    metadata = models.JSONField(default=dict, blank=True)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    favourite = models.BooleanField(default=False, db_default=False)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        permissions = [
            ("look_generation", "Can have a generation looked at now"),
            ("retry_generation", "Can order a generation again"),
            ("refund_generation", "Can fail and refund a generation"),
            ("deliver_generation", "Can deliver a late clip"),
            ("reassign_generation", "Can send a queued generation to another provider"),
            ("hide_generation", "Can hide a generation from its customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state"),
            models.CheckConstraint(
                condition=(Q(quoted__gt=0, gratis=False) | Q(quoted=0, gratis=True))
                & Q(charged__gte=0, charged__lte=F("quoted"))
                & Q(refunded__gte=0, refunded__lte=F("charged")),
                name="generation_never_charged_more_than_quoted",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SUCCEEDED) | Q(charged=0),
                name="generation_charged_only_for_success",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) ^ Q(state__in=sorted(FINAL)),
                name="generation_finished_when_final",
            ),
        ]
        indexes = [
            # claims.py: what is due, and tasks.tick: is anything due.
            models.Index(fields=["due_at"], name="generation_due", condition=NOT_FINAL),
            # queue.py: the oldest waiting ones of each workspace.
            models.Index(
                fields=["workspace", "id"],
                name="generation_queued",
                condition=Q(state=State.QUEUED),
            ),
            # capacity.py: how many jobs each provider has, and each workspace.
            models.Index(
                fields=["provider", "workspace"],
                name="generation_in_flight",
                condition=Q(state__in=sorted(IN_FLIGHT)),
            ),
            # Lists and gallery, newest first.
            models.Index(
                fields=["workspace", "-id"],
                name="generation_by_workspace",
                condition=Q(deleted_at=None),
            ),
            # The Library's filters, each newest first.
            *(
                models.Index(
                    fields=["workspace", field, "-id"],
                    name=f"generation_by_{field}",
                    condition=Q(deleted_at=None),
                )
                for field in ("state", "model", "mode")
            ),
            models.Index(
                fields=["workspace", "-id"],
                name="generation_favourites",
                condition=Q(favourite=True, deleted_at=None),
            ),
            # Its search, and staff's. Unfinished ones are left out: their rows change all the time.
            GinIndex(
                WORDS,
                name="generation_by_words",
                condition=Q(deleted_at=None) & ~Q(finished_at=None),
            ),
            # The API's search, for a part of a prompt.
            GinIndex(
                OpClass(Upper("prompt"), name="gin_trgm_ops"),
                name="generation_by_part",
                condition=Q(deleted_at=None) & ~Q(finished_at=None),
            ),
            models.Index(fields=["batch"], name="generation_by_batch", condition=~Q(batch=None)),
            GinIndex(fields=["tags"], name="generation_by_tag"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("gen", self.id)

    @cached_property
    def timeline(self) -> list[Event]:
        """What happened to it, oldest first, as it was when first asked."""
        return list(self.events.order_by("id"))

    @property
    def reference(self) -> str:
        """How the books name it."""
        return f"generation:{self.id.hex}"

    @property
    def status(self) -> str:
        return PUBLIC[State(self.state)]

    @property
    def stage(self) -> str:
        return STAGES[State(self.state)]

    @property
    def is_final(self) -> bool:
        return self.state in FINAL
