"""登录、修改密码: one door for everybody, the admin's included."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accountability import passwords
from accountability.services.passwords import change
from accountability.session_limits import why_ended
from accountability.views.onward import is_ours
from accountability.views.sign_in import WithProviders


class LoginForm(AuthenticationForm):
    """The same words for a wrong password, a name nobody bears and an account that is not in use."""

    error_messages = {
        "invalid_login": f"用户名或密码不正确。连续输错 {settings.LOGIN_FAILURES} 次将锁定 {settings.LOGIN_LOCK_MINUTES} 分钟；"
        "账号停用或忘记密码请联系系统管理员。",
        "inactive": "用户名或密码不正确。",
    }


class Login(WithProviders, auth.LoginView):
    """登录页, by password and with a button for each provider."""

    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(why_ended=why_ended(self.request), **kwargs)


class ChangeForm(PasswordChangeForm):
    error_messages = PasswordChangeForm.error_messages | {"password_incorrect": "原密码不正确，请重新输入。"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "原密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password2"].label = "再输一次新密码"
        self.fields["new_password1"].help_text = ""
        self.fields["new_password2"].help_text = ""


class PasswordChange(auth.PasswordChangeView):
    """修改密码; asked for at once where ``why_change`` says so."""

    form_class = ChangeForm

    def get_context_data(self, **kwargs) -> dict:
        person = self.request.user
        return super().get_context_data(
            rules=password_validators_help_texts(),
            why=passwords.why_change(person),
            days=settings.PASSWORD_MAX_DAYS,
            **kwargs,
        )

    def form_valid(self, form) -> HttpResponseRedirect:
        key = self.request.session.session_key
        person = change(self.request.user, form.cleaned_data["new_password1"], by=self.request.user, keeping=key)
        update_session_auth_hash(self.request, person)
        messages.success(self.request, "密码已修改。其他设备上的登录已结束，请在那里用新密码登录。")
        return redirect("home")


@login_not_required
def admin_login(request):
    """管理后台 has no door of its own: who is signed in and sent here may not enter."""
    if request.user.is_authenticated:
        raise PermissionDenied("管理后台只供系统管理员、安全管理员和审计管理员使用。")
    wanted = request.GET.get("next", "")
    wanted = wanted if is_ours(request, wanted) else reverse("admin:index")
    return redirect(f"{reverse('login')}?{urlencode({'next': wanted})}")
