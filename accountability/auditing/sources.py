"""来源: what an address, a task or a command does, as a sentence for the auditor; which of them hand out what is read.

Every app says it of its own addresses beside its ``urls`` (``audit_sources``); tests/test_house.py finds one without.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import models

labels: dict[str, str] = {}
viewed: set[str] = set()  # pages whose content is known to few: reading them is told of
handed_out: set[str] = set()  # addresses that give a file without saying so in their headers
untold: set[str] = set()  # fetched by programs every few minutes, under a secret address of its owner
_models: dict[str, str] = {}
VERBS = {"add": "新增", "change": "修改", "changelist": "查看列表：", "delete": "删除", "history": "查看历史："}


def register(
    names: dict[str, str],
    *,
    models: dict[str, str] | None = None,
    viewed_pages: Iterable[str] = (),
    files: Iterable[str] = (),
    never: Iterable[str] = (),
) -> None:
    """登记. ``models``: the beginning of an address's name → the model its number is of."""
    labels.update(names)
    _models.update(models or {})
    viewed.update(viewed_pages)
    handed_out.update(files)
    untold.update(never)


def label(source: str) -> str:
    """In words; an unknown one as itself, so that nothing is hidden."""
    if not source:
        return "不存在的地址"
    if source in labels:
        return labels[source]
    room, _, name = source.partition(":")
    if room == "admin":
        return _admin_label(name)
    if room == "command":
        return f"运行维护命令 {name}"
    return f"后台任务 {name}" if room == "task" else source


def _admin_label(name: str) -> str:
    app, _, rest = name.partition("_")
    model_name, _, verb = rest.rpartition("_")
    model = apps.all_models.get(app, {}).get(model_name)
    if model is None:
        return "管理后台"
    return f"管理后台：{VERBS.get(verb, '操作')}{model._meta.verbose_name}"


def model_of(source: str) -> type[models.Model] | None:
    """The model of the number in an address of this name: that of the longest beginning that is known."""
    if source.startswith("admin:"):
        app, _, rest = source.removeprefix("admin:").partition("_")
        return apps.all_models.get(app, {}).get(rest.rpartition("_")[0])
    words = source.split("_")
    for length in range(len(words), 0, -1):
        if found := _models.get("_".join(words[:length])):
            return apps.get_model(found)
    return None
