#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from accountability.auditing.outside import commanded

    with commanded(sys.argv):
        execute_from_command_line(sys.argv)
