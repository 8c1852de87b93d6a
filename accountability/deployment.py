"""部署检查: what must not be so in production, found by ``manage.py check --deploy``."""

from django.conf import settings
from django.core.checks import Error, Info, Tags, register
from django.db import DatabaseError

NOT_ASKED = Info("数据库无法读取，未检查账号。", id="accountability.I001")


@register(Tags.security, deploy=True)
def no_superuser(app_configs, **kwargs) -> list:
    """三员分立: nobody may do everything (8.1.4.2 d)."""
    from accountability.models import Person

    try:
        names = list(Person.objects.filter(is_superuser=True, is_active=True).values_list("username", flat=True))
    except DatabaseError:
        return [NOT_ASKED]
    if not names:
        return []
    hint = "先以三员账号确认可用，再停用超级用户；DEBUG 关闭时超级用户不能登录。"
    return [Error(f"存在启用中的超级用户：{'、'.join(sorted(names))}。", hint=hint, id="accountability.E001")]


@register(Tags.security, deploy=True)
def superusers_stay_out(app_configs, **kwargs) -> list:
    if settings.SUPERUSERS_MAY_SIGN_IN:
        return [Error("超级用户可以登录。", hint="关闭 DEBUG。", id="accountability.E002")]
    return []
