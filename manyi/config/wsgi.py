"""The web process: Django's application, with the engine opened beside the first requests."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manyi.config.settings")
application = get_wsgi_application()


def _warm() -> None:
    from manyi.lake.engine import warm

    warm()


if os.environ.get("SERVED_BY_MANYI"):
    threading.Thread(target=_warm, name="warm", daemon=True).start()
