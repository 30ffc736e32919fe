from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_webhook_console'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='suspended_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='suspensions',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='Each ended all sessions for good.'),
        ),
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('suspend_user', 'Can suspend and resume people'), ('impersonate_user', 'Can look at the site as a customer')]},
        ),
        migrations.AlterModelOptions(
            name='workspace',
            options={'permissions': [('suspend_workspace', 'Can suspend and resume workspaces')]},
        ),
    ]
