"""makemigrations, writing the constraints and indexes of a new model into its CreateModel.

As steps of their own each would rebuild the table on SQLite and every related model's state: a new database
took a minute, and a reader had to look in two places.
"""

from django.core.management.commands import makemigrations
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel

OPTIONS = {AddConstraint: ("constraints", "constraint"), AddIndex: ("indexes", "index")}


def folded(operations: list) -> list:
    """The same operations; a model that still gets a field later keeps its steps, which may need that field."""
    unfinished = {each.model_name_lower for each in operations if isinstance(each, AddField)}
    created = {each.name_lower: each for each in operations if isinstance(each, CreateModel)}
    kept = []
    for each in operations:
        model = created.get(each.model_name_lower) if type(each) in OPTIONS else None
        if model is None or model.name_lower in unfinished:
            kept.append(each)
            continue
        option, attribute = OPTIONS[type(each)]
        model.options.setdefault(option, []).append(getattr(each, attribute))
    return kept


class Command(makemigrations.Command):
    def write_migration_files(self, changes, *args, **options) -> None:
        for migrations in changes.values():
            for migration in migrations:
                migration.operations = folded(migration.operations)
        super().write_migration_files(changes, *args, **options)
