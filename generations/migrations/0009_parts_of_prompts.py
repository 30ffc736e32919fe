import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    """Any role that may create things in the database may install this extension: it is trusted."""

    dependencies = [
        ("generations", "0008_staff_acts"),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="generation",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("prompt"), name="gin_trgm_ops"
                ),
                condition=models.Q(
                    ("deleted_at", None), models.Q(("finished_at", None), _negated=True)
                ),
                name="generation_by_part",
            ),
        ),
    ]
