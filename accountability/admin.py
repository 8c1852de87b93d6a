"""管理后台: reference data for the three administrators; no duty, record, meeting or notice is shown here.

Nothing an audit needs can be deleted: people are deactivated, organisations and posts abolished, tenures ended.
Whatever touches people, posts or portfolios brings the grants in step at once.
"""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, QuerySet
from guardian.models import UserObjectPermission
from simple_history.admin import SimpleHistoryAdmin

from accountability.account_forms import PersonChangeForm, PersonCreationForm, PersonPasswordForm
from accountability.models import (
    ActKind,
    Clause,
    Obligation,
    Occurrence,
    Organisation,
    Person,
    Portfolio,
    Post,
    Regulation,
    Role,
    Tenure,
    WorkdayOverride,
)
from accountability.services import accounts, handovers, passwords
from accountability.services.grants import check_role_change, check_separation, sync_grants

REASON = "管理后台修改"
FORMS_AT_MOST = 200
NEVER_ASKED = set(Field.get_lookups()) - {"exact", "in", "isnull", "gt", "gte", "lt", "lte"}

admin.site.site_header = admin.site.site_title = "四责协同 管理后台"
admin.site.index_title = "组织、岗位与制度"
# The administrators' groups are kept by sync_grants: an edit here would be undone within the hour.
admin.site.unregister(Group)
# guardian speaks English; its names on the screen are not part of any migration.
UserObjectPermission._meta.verbose_name = UserObjectPermission._meta.verbose_name_plural = "授权"
UserObjectPermission._meta.app_config.verbose_name = "授权"


class AskedAdmin(admin.ModelAdmin):
    """What an address asks of Django's own pages, as far as they survive it."""

    def get_object(self, request, object_id, from_field=None):
        """``?_to_field=`` names no field; Django looks for one of that name."""
        return super().get_object(request, object_id, from_field or None)

    def lookup_allowed(self, lookup, value, request) -> bool:
        """Comparisons that no filter here makes: a range of one value and half a pattern break within the database."""
        return lookup.rpartition("__")[2] not in NEVER_ASKED and super().lookup_allowed(lookup, value, request)


class KeptAdmin(AskedAdmin, SimpleHistoryAdmin):
    """Rows with a history, which says who and why, and no deletion."""

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        obj._change_reason = REASON
        super().save_model(request, obj, form, change)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """An old version is for reading: posted, it would be saved again by whoever may only look."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied("历史版本只能查看。")
        return super().history_form_view(request, object_id, version_id, extra_context)

    def save_formset(self, request, form, formset, change) -> None:
        for inline in formset.forms:
            inline.instance._history_user, inline.instance._change_reason = request.user, REASON
        super().save_formset(request, form, formset, change)


class GrantingAdmin(KeptAdmin):
    """Rows that grants depend on: a save brings them in step, inlines included."""

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        sync_grants()


class ReadOnlyAdmin(AskedAdmin):
    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class KeptInline(admin.TabularInline):
    """Rows below a row. However many forms are said to be sent, no more are made: each costs milliseconds."""

    extra = 0
    max_num = FORMS_AT_MOST
    can_delete = False
    show_change_link = True

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=FORMS_AT_MOST, **kwargs)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


# ── organisations, posts, people ─────────────────────────────────────────────────────────────


class OrganisationForm(forms.ModelForm):
    class Meta:
        model = Organisation
        fields = ("name", "kind", "parent", "key_area", "rank", "abolished_on")

    def clean_parent(self) -> Organisation | None:
        parent = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent.path.startswith(self.instance.path):
            raise ValidationError("上级组织不能是本组织或它的下级。")
        return parent


@admin.register(Organisation)
class OrganisationAdmin(GrantingAdmin):
    form = OrganisationForm
    list_display = ("name", "kind", "parent", "key_area", "rank", "abolished_on")
    list_filter = ("kind", ("key_area", admin.EmptyFieldListFilter), ("abolished_on", admin.EmptyFieldListFilter))
    list_select_related = ("parent",)
    search_fields = ("name", "parent__name")
    autocomplete_fields = ("parent",)
    ordering = ("path",)


class TenureForm(forms.ModelForm):
    """任职, refused where it would mix an administrator's post with another (三员不得兼任)."""

    class Meta:
        model = Tenure
        fields = ("post", "person", "started_on", "ended_on", "is_acting")

    def clean(self) -> dict:
        cleaned = super().clean()
        if self._is_complete(cleaned):
            check_separation(
                Tenure(
                    pk=self.instance.pk,
                    post=cleaned.get("post") or self.instance.post,
                    person=cleaned["person"],
                    started_on=cleaned["started_on"],
                    ended_on=cleaned.get("ended_on"),
                )
            )
        return cleaned

    def _is_complete(self, cleaned: dict) -> bool:
        """Field errors speak first; the inline of a new post gets its post from the parent form."""
        knows_post = cleaned.get("post") or getattr(self.instance, "post", None)
        return bool(knows_post and cleaned.get("person") and cleaned.get("started_on"))


class TenureInline(KeptInline):
    model = Tenure
    form = TenureForm
    autocomplete_fields = ("person",)
    show_change_link = False


class PostForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = ("organisation", "title", "role", "rank", "abolished_on")

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("role"):
            check_role_change(Post(pk=self.instance.pk, role=cleaned["role"]))
        return cleaned


@admin.register(Post)
class PostAdmin(GrantingAdmin):
    form = PostForm
    list_display = ("full_title", "organisation", "role", "rank", "abolished_on")
    list_filter = ("role", "organisation__kind", ("abolished_on", admin.EmptyFieldListFilter))
    list_select_related = ("organisation__parent",)
    search_fields = ("title", "organisation__name", "tenures__person__name")
    autocomplete_fields = ("organisation",)
    inlines = (TenureInline,)

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        """分权: the role of a post gives power, so it is the security administrator's; all else is the system's."""
        if obj is None:
            return ()
        user = request.user
        roles = () if user.has_perm("accountability.change_tenure") else ("role",)
        facts = () if user.has_perm("accountability.add_post") else ("organisation", "title", "rank", "abolished_on")
        return roles + facts

    @admin.display(description="岗位", ordering="title")
    def full_title(self, post: Post) -> str:
        return post.full_title


@admin.register(Tenure)
class TenureAdmin(GrantingAdmin):
    form = TenureForm
    list_display = ("post", "person", "started_on", "ended_on", "is_acting")
    list_filter = ("post__role", "is_acting", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("post__organisation__parent", "person")
    search_fields = ("person__name", "person__username", "post__title", "post__organisation__name")
    autocomplete_fields = ("post", "person")
    date_hierarchy = "started_on"

    def save_related(self, request, form, formsets, change) -> None:
        """A new holder takes over with a sheet, as if the office had appointed him."""
        super().save_related(request, form, formsets, change)
        if not change:
            handovers.follow(form.instance, by=request.user)


class PortfolioForm(forms.ModelForm):
    class Meta:
        model = Portfolio
        fields = ("post", "kind", "organisation", "started_on", "ended_on")

    def clean_post(self) -> Post:
        post = self.cleaned_data["post"]
        if post.role not in (Role.SECRETARY, Role.MEMBER):
            raise ValidationError("只有校领导岗位有分管部门和联系单位。")
        return post


@admin.register(Portfolio)
class PortfolioAdmin(GrantingAdmin):
    form = PortfolioForm
    list_display = ("post", "kind", "organisation", "started_on", "ended_on")
    list_filter = ("kind", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("post__organisation__parent", "organisation__parent")
    search_fields = ("post__title", "organisation__name")
    autocomplete_fields = ("post", "organisation")


@admin.register(Person)
class PersonAdmin(GrantingAdmin, UserAdmin):
    """人员. What a person may do comes from posts alone: no groups, flags or single permissions to tick."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = PersonPasswordForm
    add_form_template = None  # Django's own page opens with a sentence nobody translated
    list_display = ("username", "name", "email", "is_active", "suspended_for", "expires_on", "last_login")
    list_filter = ("is_active", "suspended_for", "must_change_password", "is_staff")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email")}),
        ("账号", {"fields": ("is_active", "reason", "expires_on", "keeps_without_post")}),
        (
            "记录",
            {
                "fields": (
                    "suspended_for",
                    "suspended_at",
                    "reinstated_at",
                    "must_change_password",
                    "password_changed_at",
                    "last_login",
                    "joined_at",
                )
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "email", "expires_on", "password1", "password2")}),)
    readonly_fields = fieldsets[2][1]["fields"]

    def save_model(self, request, obj, form, change) -> None:
        """停用 and 恢复启用 are verbs with a reason; the rest of the form is saved with them."""
        super().save_model(request, obj, form, change)
        if not change:
            accounts.was_created(obj, by=request.user)
        elif "is_active" in form.changed_data:
            accounts.decide(obj, is_active=form.wanted, by=request.user, reason=form.cleaned_data["reason"])
            obj.refresh_from_db()

    def user_change_password(self, request, id, form_url=""):
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            passwords.was_reset(self.get_object(request, id), by=request.user)
        return answer

    def has_change_permission(self, request, obj=None) -> bool:
        """A superuser's account is in nobody else's hands: resetting its password would be a way up."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)


# ── regulations ──────────────────────────────────────────────────────────────────────────────


def is_draft(row) -> bool:
    """五: what is or was in force stays as it was published; only a draft's rows may be changed."""
    if isinstance(row, Regulation):
        return row.is_draft
    if isinstance(row, Obligation):
        row = row.clause
    return row.regulation.is_draft


class DraftAdmin(KeptAdmin):
    """Rows of a regulation: those of a draft may be changed, all others are for reading."""

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))


class DraftInline(KeptInline):
    """Rows below a draft's row. ``obj`` is the row above."""

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and (obj is None or is_draft(obj))

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))


def only_drafts(db_field, choices: dict) -> dict:
    """A row is never put below a clause or regulation that is in force."""
    if db_field.name in ("regulation", "clause"):
        lookup = "in_force_from" if db_field.name == "regulation" else "regulation__in_force_from"
        choices["queryset"] = db_field.related_model.objects.filter(**{lookup: None})
    return choices


class ClauseInline(DraftInline):
    model = Clause
    fields = ("key", "number", "summary", "support", "support_path", "rank")


@admin.register(Regulation)
class RegulationAdmin(DraftAdmin):
    """制度版本. The day it enters into force is set where its effect is shown first: under 制度与条款, by the office."""

    fields = ("code", "title", "document_number", "issued_on")
    list_display = ("title", "code", "document_number", "in_force_from", "repealed_on")
    search_fields = ("title", "code", "document_number")
    inlines = (ClauseInline,)


class ObligationInline(DraftInline):
    model = Obligation
    fields = ("code", "title", "short_title", "subject", "bearer", "owner_role", "is_open_ended", "rank")


@admin.register(Clause)
class ClauseAdmin(DraftAdmin):
    list_display = ("number", "key", "summary", "regulation")
    list_filter = ("regulation",)
    list_select_related = ("regulation",)
    search_fields = ("number", "key", "summary")
    inlines = (ObligationInline,)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return super().formfield_for_foreignkey(db_field, request, **only_drafts(db_field, kwargs))


class OccurrenceFormSet(forms.BaseInlineFormSet):
    """应完成次 of a draft, for which no duty was ever opened."""

    def clean(self) -> None:
        super().clean()
        standing = sum(
            form not in self.deleted_forms and bool(form.instance.pk or form.has_changed()) for form in self.forms
        )
        if standing and self.instance.is_open_ended:
            raise ValidationError("不设次数（N）的责任要求没有应完成次，请删去或取消“不设次数”。")


class OccurrenceInline(DraftInline):
    model = Occurrence
    formset = OccurrenceFormSet
    can_delete = True
    show_change_link = False

    def has_delete_permission(self, request, obj=None) -> bool:
        allowed = admin.TabularInline.has_delete_permission(self, request, obj)
        return allowed and (obj is None or is_draft(obj))


@admin.register(Obligation)
class ObligationAdmin(DraftAdmin):
    list_display = ("title", "short_title", "clause_number", "subject", "bearer", "owner_role", "is_open_ended")
    list_filter = ("clause__regulation", "subject", "bearer", "is_open_ended")
    list_select_related = ("clause",)
    search_fields = ("title", "short_title", "code", "clause__number")
    autocomplete_fields = ("acts",)
    inlines = (OccurrenceInline,)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return super().formfield_for_foreignkey(db_field, request, **only_drafts(db_field, kwargs))

    @admin.display(description="条款", ordering="clause__rank")
    def clause_number(self, obligation: Obligation) -> str:
        return obligation.clause.number


@admin.register(ActKind)
class ActKindAdmin(KeptAdmin):
    list_display = ("name", "code", "category", "rank")
    list_filter = ("category",)
    search_fields = ("name", "code")


@admin.register(WorkdayOverride)
class WorkdayOverrideAdmin(KeptAdmin):
    list_display = ("day", "is_workday", "reason")
    list_filter = ("is_workday",)
    search_fields = ("reason",)
    date_hierarchy = "day"


# ── grants and logs, to look at ──────────────────────────────────────────────────────────────


class PermissionFilter(admin.SimpleListFilter):
    """The few permissions that organisations know, not every permission of the site."""

    title = "权限"
    parameter_name = "permission"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return list(Organisation._meta.permissions)

    def queryset(self, request, grants: QuerySet) -> QuerySet:
        return grants.filter(permission__codename=self.value()) if self.value() else grants


@admin.register(UserObjectPermission)
class GrantAdmin(ReadOnlyAdmin):
    """授权: for the security administrator to see; written by sync_grants alone."""

    list_display = ("person", "permission_name", "organisation")
    list_filter = (PermissionFilter,)
    list_select_related = ("user", "permission")
    search_fields = ("user__username", "user__name")
    list_per_page = 50

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).prefetch_related("content_object")

    @admin.display(description="人员", ordering="user__name")
    def person(self, grant: UserObjectPermission) -> str:
        return f"{grant.user}（{grant.user.username}）"

    @admin.display(description="组织")
    def organisation(self, grant: UserObjectPermission) -> str:
        return str(grant.content_object)

    @admin.display(description="权限", ordering="permission")
    def permission_name(self, grant: UserObjectPermission) -> str:
        return grant.permission.name


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """操作日志, for the audit administrator."""

    list_display = ("action_time", "user", "action", "content_type", "object_repr", "change")
    list_filter = ("action_flag", ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "user__name", "object_repr")
    date_hierarchy = "action_time"

    @admin.display(description="动作", ordering="action_flag")
    def action(self, entry: LogEntry) -> str:
        return entry.get_action_flag_display()

    @admin.display(description="内容")
    def change(self, entry: LogEntry) -> str:
        return entry.get_change_message()
