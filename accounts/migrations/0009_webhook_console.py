from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_account_pages'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='webhookdelivery',
            options={'permissions': [('replay_webhookdelivery', 'Can send a webhook delivery again')], 'verbose_name_plural': 'webhook deliveries'},
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('delivered_at', None), _negated=True), fields=['endpoint', '-delivered_at'], name='webhook_delivery_success'),
        ),
    ]
