"""What was looked at when, and each attempt's own copy of its SKU, so that a past is quickly read."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def copy_skus(apps, schema_editor):
    Attempt = apps.get_model("generations", "Attempt")
    Generation = apps.get_model("generations", "Generation")
    own = Generation.objects.filter(pk=OuterRef("generation_id")).values("sku")
    Attempt.objects.filter(sku="").update(sku=Subquery(own))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("generations", "0003_capacity")]

    operations = [
        migrations.AddField(
            "attempt",
            "sku",
            models.CharField("SKU", default="", editable=False, max_length=80),
        ),
        migrations.AddField(
            "attempt",
            "working_at",
            models.DateTimeField(
                blank=True, help_text="When a look last found it at work.", null=True
            ),
        ),
        migrations.RunPython(copy_skus, migrations.RunPython.noop),
        migrations.RemoveIndex("attempt", "attempt_rendered"),
        migrations.AddIndex(
            "attempt",
            models.Index(
                condition=~Q(rendered_at=None),
                fields=["provider", "sku", "-rendered_at"],
                name="attempt_rendered",
            ),
        ),
    ]
