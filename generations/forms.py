"""The order form: what somebody typed → ClipSpec, first frame, count."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts import ids
from accounts.models import Workspace
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import ForbiddenAddress
from accounts.outbound.urls import check_url
from generations import catalog, connect, frames
from generations.media.images import ImageRefused
from generations.media.limited import ChildBroken
from generations.models import Generation, Upload
from generations.spec import ClipSpec, InvalidSpec, checked

POLICY_LABELS = {
    "cheapest": "Cheapest first",
    "fastest": "Fastest first",
    "most_reliable": "Most reliable first",
}
MOST_AT_ONCE = 4

#: the core's name of a field -> ours, where they differ
FIELDS = {"first_frame_image": "first_frame"}


class OrderForm(forms.Form):
    """
    `order_key` is made by the server and good for one order; `agreed` is the price (micro-dollars
    a clip) that stood on the button. `upload` is a first frame that was accepted before. `remix`
    and `retry` name the clip this one goes back to.
    """

    prompt = forms.CharField(required=False, strip=False, widget=forms.Textarea)
    model = forms.ChoiceField(initial="hailuo-2.3", widget=forms.RadioSelect)
    resolution = forms.ChoiceField(initial="768P", widget=forms.RadioSelect)
    duration = forms.TypedChoiceField(coerce=int, initial=6, widget=forms.RadioSelect)
    count = forms.TypedChoiceField(coerce=int, initial=1, widget=forms.RadioSelect)
    prompt_optimizer = forms.BooleanField(required=False, initial=True)
    policy = forms.ChoiceField(initial="cheapest", widget=forms.RadioSelect)
    provider = forms.ChoiceField(initial="auto", widget=forms.RadioSelect)
    first_frame = forms.FileField(required=False)
    image_url = forms.CharField(required=False)
    upload = forms.CharField(required=False, widget=forms.HiddenInput)
    without_frame = forms.BooleanField(required=False)
    remix = forms.CharField(required=False, widget=forms.HiddenInput)
    retry = forms.CharField(required=False, widget=forms.HiddenInput)
    order_key = forms.CharField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.frame: Upload | None = None
        self.address = ""
        self.spec: ClipSpec | None = None
        for name, choices in _choices().items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def has_image(self) -> bool:
        return self.frame is not None or bool(self.address)

    @property
    def back(self) -> list[tuple[str, str]]:
        """Which clip it goes back to: the fields `remix` and `retry` where they are filled in."""
        values = [(name, self[name].value()) for name in ("remix", "retry")]
        return [(name, str(value)) for name, value in values if value]

    def before(self, name: str) -> Generation | None:
        """The workspace's own clip that `remix` or `retry` names."""
        mine = Generation.objects.for_workspace(self.workspace)
        return mine.filter(id__in=[ids.private("gen", self.cleaned_data.get(name))]).first()

    def draft(self) -> tuple[ClipSpec, int]:
        """What was chosen so far and how often, with the defaults for the rest."""
        given = {name: self.get_initial_for_field(f, name) for name, f in self.fields.items()}
        if self.is_bound and self.errors is not None:  # asking for the errors cleans the form
            given |= self.cleaned_data
        spec = _spec_of(given | {"prompt": given["prompt"] or ""}, has_image=self.has_image)
        return spec, int(given["count"])

    def clean_prompt(self) -> str:
        """A browser sends line breaks as two characters; one was typed."""
        return str(self.cleaned_data["prompt"]).replace("\r\n", "\n")

    def clean_order_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.cleaned_data["order_key"])
        except ValueError:
            return uuid.uuid4()

    def clean(self) -> dict[str, Any]:
        self.frame = self._first_frame()
        self.address = "" if self.frame else self._address()
        if not self.errors.keys() & ClipSpec.__dataclass_fields__.keys():
            self._check_spec()
        return self.cleaned_data

    def _first_frame(self) -> Upload | None:
        """The frame sent now, judged and kept; else the one accepted before."""
        given = self.cleaned_data
        if file := given.get("first_frame"):
            return self._judged(file)
        if given.get("without_frame") or not given.get("upload"):
            return None
        mine = Upload.objects.for_workspace(self.workspace)
        frame = mine.filter(id__in=[ids.private("upl", given["upload"])]).first()
        if frame is None:
            self.add_error("first_frame", "This first frame is not here any more. Add it again.")
        return frame

    def _address(self) -> str:
        """Its form and host only: what lies there is judged when a worker fetches it."""
        address = str(self.cleaned_data.get("image_url") or "")
        if not address or "first_frame" in self.errors:
            return ""
        try:
            check_url(address, Guard(), schemes={"https"})
        except ForbiddenAddress as error:
            self.add_error("image_url", f"{error} Give the https:// address of a picture.")
        return address

    def _judged(self, file: UploadedFile[Any]) -> Upload | None:
        if (file.size or 0) > frames.MAX_BYTES:
            self.add_error("first_frame", "This picture is larger than 20 MB. Take a smaller one.")
            return None
        try:
            return frames.accept_within_quota(workspace=self.workspace, content=file.read())
        except ImageRefused as refused:
            self.add_error("first_frame", str(refused))
        except ChildBroken:  # our own fault, not the picture's
            self.add_error("first_frame", "We could not look at this picture. Try again.")
        return None

    def _check_spec(self) -> None:
        try:
            self.spec = checked(
                _spec_of(self.cleaned_data, has_image=self._frame_is_meant()),
                providers=connect.names(),
            )
        except InvalidSpec as invalid:
            for fault in invalid.faults:
                self.add_error(FIELDS.get(fault.field, fault.field), fault.message)

    def _frame_is_meant(self) -> bool:
        """A picture that was refused must not lead to a second complaint that there is none."""
        return self.has_image or "first_frame" in self.errors


class PriceForm(OrderForm):
    """The same wish before it is finished: only its price is asked, and no picture was sent."""

    has_frame = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data

    @property
    def has_image(self) -> bool:
        return bool(self.cleaned_data.get("has_frame"))


def _spec_of(given: dict[str, Any], *, has_image: bool) -> ClipSpec:
    return ClipSpec(
        model=given["model"],
        prompt=given["prompt"],
        has_image=has_image,
        duration=given["duration"],
        resolution=given["resolution"],
        prompt_optimizer=given["prompt_optimizer"],
        policy=given["policy"],
        provider=given["provider"],
    )


def _choices() -> dict[str, list[tuple[Any, str]]]:
    return {
        "model": [(model.name, model.label) for model in catalog.MODELS.values()],
        "resolution": [(name, name) for name in catalog.PIXELS],
        "duration": [(seconds, f"{seconds} s") for seconds in catalog.DURATIONS],
        "count": [(number, str(number)) for number in range(1, MOST_AT_ONCE + 1)],
        "policy": [(policy, POLICY_LABELS[policy]) for policy in catalog.POLICIES],
        "provider": [("auto", "Any")] + [(name, name) for name in sorted(connect.names())],
    }
