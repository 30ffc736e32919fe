from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    """Makes config an app, so that its checks and commands are found."""

    name = "config"

    def ready(self) -> None:
        from config import celery, checks  # noqa: F401  (tasks find their broker; checks register)
        from config.observing import outside, tasks  # noqa: F401  (counts what workers do)
        from config.staff import roles

        outside.start()
        post_migrate.connect(roles.keep, dispatch_uid="staff roles")
