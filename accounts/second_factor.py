"""Where allauth's second factors meet our house: sealed secrets, and our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from accounts import devices, sealing
from accounts.models import User

T = TypeVar("T")

PURPOSE = "second factor"
#: How every sealed text begins: the version of Fernet and the first digits of the time.
SEALED = "gAAAA"
LONGEST_NAME = 60


class Adapter(DefaultMFAAdapter):
    """A stolen table holds no secret of an app and no recovery code that could be used."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code does not fit. Wait for the next one and try again.",
        "unverified_email": (
            "Confirm your e-mail addresses first, or remove those that are not confirmed: "
            "without them nobody could help you back in."
        ),
        "cannot_generate_recovery_codes": (
            "Recovery codes stand in for an app or a passkey. Set one of these up first."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(SEALED):  # made before they were sealed
            return encrypted_text
        return sealing.opened(encrypted_text, purpose=PURPOSE)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """By where it is made, so that one knows it again among several."""
        device = devices.named(context.request.headers.get("User-Agent", ""))
        taken = {
            one.wrap().name for one in Authenticator.objects.filter(user_id=user.pk, type=type)
        }
        names = [device, *(f"{device}, no. {number}" for number in range(2, len(taken) + 2))]
        return next(name for name in names if name not in taken)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Reelay"}


class _FromAnywhere(forms.Form):
    """What a browser says a key said comes from anywhere: what cannot be read is refused."""

    def clean_credential(self) -> Any:
        return _read(getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"]))

    def clean(self) -> dict[str, Any] | None:
        return _read(super().clean)


def _read(reading: Callable[[], T]) -> T:
    try:
        return reading()
    except forms.ValidationError:
        raise
    except Exception:  # the libraries stumble over nonsense in ways of their own
        raise Adapter().validation_error("incorrect_code") from None


class PasskeyLoginForm(_FromAnywhere, LoginWebAuthnForm):
    pass


class PasskeyStepForm(_FromAnywhere, AuthenticateWebAuthnForm):
    pass


class PasskeyProofForm(_FromAnywhere, ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(_FromAnywhere, AddWebAuthnForm):
    """A passkey signs in by itself; a plain security key only comes after the password."""

    name = forms.CharField(
        required=False,
        max_length=LONGEST_NAME,
        help_text="So that you know it again among several.",
    )
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label="Sign in with it alone, without the password",
        help_text=(
            "The device then asks for your finger, face or PIN. "
            "Take the tick away for a simple security key that can do neither."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.initial["name"][:LONGEST_NAME]


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        error_messages={"required": "Give it a name, so that you know it again."},
    )
