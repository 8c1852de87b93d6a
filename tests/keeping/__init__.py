"""Backups under test: a product of its own in a folder and a database, driven by its commands alone."""
