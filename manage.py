"""Django's own commands, for people who develop Manyi."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manyi.config.settings")
execute_from_command_line(sys.argv)
