"""makemigrations, writing a new database in few steps: a model's constraints and indexes stand in its CreateModel, and
models that follow one another are one step.

As steps of their own each would rebuild tables on SQLite and put every related model together anew: a new database
took a minute, and a reader had to look in two places.
"""

from collections.abc import Iterator

from django.core.management.commands import makemigrations
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.models import F, Q

from accountability.steps import CreateModels

OPTIONS = {AddConstraint: ("constraints", "constraint"), AddIndex: ("indexes", "index")}


def folded(operations: list) -> list:
    """The same in fewer steps; what needs a field that is added later stays behind it."""
    created = {each.name_lower: each for each in operations if isinstance(each, CreateModel)}
    added: dict[str, set[str]] = {}
    for each in operations:
        if isinstance(each, AddField):
            added.setdefault(each.model_name_lower, set()).add(each.name)
    kept = []
    for each in operations:
        model = created.get(each.model_name_lower) if type(each) in OPTIONS else None
        option, attribute = OPTIONS.get(type(each), ("", ""))
        if model is None or names_in(getattr(each, attribute)) & added.get(model.name_lower, set()):
            kept.append(each)
        else:
            model.options.setdefault(option, []).append(getattr(each, attribute))
    return list(_together(kept))


def names_in(thing) -> set[str]:
    """Fields a constraint or an index speaks of."""
    names = {name.lstrip("-").removesuffix("_id") for name in getattr(thing, "fields", ())}
    for expression in getattr(thing, "expressions", ()):
        parts = [expression] if isinstance(expression, F) else expression.flatten()
        names |= {each.name for each in parts if isinstance(each, F)}
    return names | set(_names_in_condition(getattr(thing, "condition", None)))


def _names_in_condition(condition) -> Iterator[str]:
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _names_in_condition(child)
    elif isinstance(condition, tuple):
        yield condition[0].partition("__")[0].removesuffix("_id")
        yield from _names_in_condition(condition[1])
    elif isinstance(condition, F):
        yield condition.name.partition("__")[0].removesuffix("_id")


def _together(operations: list) -> Iterator:
    run: list[CreateModel] = []
    for each in [*operations, None]:
        if isinstance(each, CreateModel):
            run.append(each)
            continue
        if run:
            yield CreateModels(run) if len(run) > 1 else run[0]
            run = []
        if each is not None:
            yield each


class Command(makemigrations.Command):
    def write_migration_files(self, changes, *args, **options) -> None:
        for migrations in changes.values():
            for migration in migrations:
                migration.operations = folded(migration.operations)
        super().write_migration_files(changes, *args, **options)
