"""部署检查: no account of the demo can be signed in to in production (GB/T 22239-2019 8.1.4.2 b)."""

from django.core.checks import Error, Tags, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def no_demo_account(app_configs, **kwargs) -> list:
    """Their shared password is printed at every start, so it counts as known."""
    from supervision.demo.accounts import demo_people

    try:
        names = [person.username for person in demo_people() if person.is_active and person.has_usable_password()]
    except DatabaseError:
        return []  # told by the check of superusers
    if not names:
        return []
    hint = "演示数据不进入正式库：请用空库部署，或停用这些账号。"
    return [Error(f"演示账号仍可登录：{'、'.join(names)}。", hint=hint, id="supervision.E001")]
