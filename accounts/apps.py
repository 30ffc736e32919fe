from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who you are."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import sign_ins  # noqa: F401  (it listens)
        from accounts.privacy import mine  # noqa: F401  (it registers itself)
        from accounts.webhooks import endpoints  # noqa: F401  (likewise, its letters)
