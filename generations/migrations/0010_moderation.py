import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import generations.models.moderation


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0009_parts_of_prompts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BlockedWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(help_text='A word or a phrase. With * at its end: all words that begin so.', max_length=100, validators=[generations.models.moderation.has_letters])),
                ('note', models.CharField(blank=True, help_text='Why, for colleagues.', max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ['word'],
            },
        ),
        migrations.AddConstraint(
            model_name='blockedword',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('word'), name='blocked_word_once'),
        ),
        migrations.CreateModel(
            name='ShareReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('violence', 'Violence or cruelty'), ('sexual', 'Sexual content'), ('person', 'It shows a real person who did not agree'), ('rights', 'It uses what belongs to somebody else'), ('other', 'Something else')], max_length=10)),
                ('words', models.TextField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('hidden', 'Hidden'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('share', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='generations.share')),
            ],
            options={
                'permissions': [('decide_sharereport', 'Can decide what becomes of a reported clip')],
            },
        ),
        migrations.AddIndex(
            model_name='sharereport',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['created_at'], name='share_report_open'),
        ),
        migrations.AddConstraint(
            model_name='sharereport',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('decided_at__isnull', False), _connector='XOR'), name='share_report_decided_once'),
        ),
    ]
