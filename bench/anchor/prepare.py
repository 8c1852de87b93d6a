"""``python -m bench.anchor.prepare``: tables, one user, and the cookie of his session."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.anchor.settings"

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

call_command("migrate", verbosity=0)
user, _ = User.objects.get_or_create(username="anchor")
client = Client()
client.force_login(user)
print("; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()))
