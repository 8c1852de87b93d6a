"""考核项目表单: an item of the scheme and the rule that scores it, in fields."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError

from accountability.models import ActKind
from accountability.unclassified import UnclassifiedForm
from supervision.assessment.indicators import SCOPES, choices_for
from supervision.assessment.rules import FORMS, form_of
from supervision.models import AccountabilityKind, AccountabilityMeasure, AssessedKind, SchemeItem


class PointsField(forms.DecimalField):
    """分值, with at most two decimals; a huge number is refused, not computed."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_digits", 5)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 100)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 8}))
        words = "请填写 0 至 100 的数字，最多两位小数。"
        names = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits")
        kwargs.setdefault("error_messages", {"required": "请填写分数。", **dict.fromkeys(names, words)})
        super().__init__(**kwargs)


class ItemForm(UnclassifiedForm):
    """考核项目 and its rule, in fields."""

    group = forms.CharField(
        label="类别", max_length=20, help_text="如明责、履责、督责、追责。", error_messages={"required": "请填写类别。"}
    )
    title = forms.CharField(label="考核项目", max_length=60, error_messages={"required": "请填写考核项目。"})
    standard = forms.CharField(
        label="评分标准",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明评分标准。"},
    )
    points = PointsField(label="分值", help_text="加分项填最多加几分；一票否决填 0。")
    form = forms.ChoiceField(
        label="计分方式", choices=list(FORMS.items()), error_messages={"invalid_choice": "请选择计分方式。"}
    )
    indicator = forms.ChoiceField(
        label="指标", required=False, error_messages={"invalid_choice": "请从列表中选择指标。"}
    )
    of = forms.ChoiceField(
        label="对照指标",
        required=False,
        help_text="按比率扣分的分母，或者没有才加分的前提，如“应完成责任”。",
        error_messages={"invalid_choice": "请从列表中选择指标。"},
    )
    by = PointsField(label="每次扣（加）分", required=False)
    each = forms.IntegerField(
        label="每满几项",
        required=False,
        min_value=1,
        max_value=999,
        help_text="留空为每一项；一票否决填达到几项。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "请填写 1 至 999 的整数。"),
    )
    at_most = PointsField(label="至多扣分", required=False, help_text="留空为扣完分值为止。")
    steps = forms.CharField(
        label="比率分档",
        required=False,
        max_length=200,
        help_text="按比率扣分时填写，如“95:2，90:4”，意为低于 95% 扣 2 分，低于 90% 扣 4 分。",
    )
    grade = forms.CharField(label="否决等次", required=False, max_length=10, help_text="一票否决时填写，等次不高于它。")
    scope = forms.ChoiceField(
        label="计分范围", required=False, error_messages={"invalid_choice": "请从列表中选择计分范围。"}
    )
    asked = forms.ChoiceField(
        label="责任来源",
        required=False,
        choices=[("", "不限"), ("no", "制度责任"), ("yes", "交办事项")],
        error_messages={"invalid_choice": "请从列表中选择。"},
    )
    days = forms.IntegerField(
        label="超过天数",
        required=False,
        min_value=0,
        max_value=366,
        help_text="只计逾期或补录超过这么多天的。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "请填写 0 至 366 的整数。"),
    )
    categories = forms.MultipleChoiceField(
        label="只计这些类别", required=False, choices=ActKind.Category.choices, widget=forms.CheckboxSelectMultiple
    )
    except_categories = forms.MultipleChoiceField(
        label="不计这些类别", required=False, choices=ActKind.Category.choices, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label="只计这些问责方式", required=False, choices=(), widget=forms.CheckboxSelectMultiple
    )
    disclosures = forms.MultipleChoiceField(
        label="只计这样发现的",
        required=False,
        choices=AccountabilityMeasure.Disclosure.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    weigh = forms.CharField(
        label="按发现方式折合",
        required=False,
        max_length=120,
        help_text="用于问责处理，如“本单位主动处置:0，主动报告:0.5，隐瞒不报:2”。",
    )

    RULE = ("form", "indicator", "of", "by", "each", "at_most", "steps", "grade", "weigh")
    FILTER = ("scope", "asked", "days", "categories", "except_categories", "kinds", "disclosures")

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        choices = [("", "请选择"), *choices_for(kind)]
        self.fields["indicator"].choices = self.fields["of"].choices = choices
        other = "branches" if kind == AssessedKind.UNIT else "portfolio"
        own = "本单位" if kind == AssessedKind.UNIT else "本人"
        self.fields["scope"].choices = [("own", own), (other, SCOPES[other])]
        target = "organisation" if kind == AssessedKind.UNIT else "person"
        kinds = AccountabilityKind.objects.filter(target=target).values_list("code", "name")
        self.fields["kinds"].choices = list(kinds)

    @staticmethod
    def of_item(item: SchemeItem) -> dict:
        rule, names = item.rule, dict(AccountabilityMeasure.Disclosure.choices)
        chosen = rule.get("filter", {})
        asked = {True: "yes", False: "no"}.get(chosen.get("asked"), "")
        return {
            **{name: getattr(item, name) for name in ("group", "title", "standard")},
            "points": item.points.normalize(),
            "form": form_of(rule),
            "indicator": rule.get("indicator", ""),
            "of": rule.get("of", ""),
            "by": rule.get("deduct", rule.get("add")),
            "each": rule.get("at_least", rule.get("each")),
            "at_most": rule.get("at_most"),
            "steps": "，".join(f"{step['below']}:{step['deduct']}" for step in rule.get("steps", [])),
            "grade": rule.get("grade", ""),
            "weigh": "，".join(f"{names[tag]}:{weight}" for tag, weight in rule.get("weigh", {}).items()),
            **{name: chosen.get(name) for name in ItemForm.FILTER if name != "asked"},
            "asked": asked,
        }

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors:
            try:
                data["rule"] = self._rule(data)
            except ValidationError as error:
                self.add_error(None, error)
        return data

    def _rule(self, data: dict) -> dict:
        form = data["form"]
        if form == "human":
            return {}
        rule: dict = {"indicator": data["indicator"]}
        if chosen := self._filter(data):
            rule["filter"] = chosen
        by = None if data["by"] is None else float(data["by"])
        if form in ("each", "bonus", "clean") and by is None:
            raise ValidationError({"by": "请填写每次扣（加）几分。"})
        if form == "each":
            rule["deduct"] = by
            if data["at_most"] is not None:
                rule["at_most"] = float(data["at_most"])
            if data["weigh"]:
                rule["weigh"] = self._weights(data["weigh"])
        elif form == "rate":
            rule |= {"of": data["of"], "steps": self._steps(data["steps"])}
        elif form == "bonus":
            rule["add"] = by
        elif form == "clean":
            rule |= {"of": data["of"], "add": by, "when": "none"}
        else:
            rule |= {"at_least": data["each"] or 1, "grade": data["grade"].strip()}
        if form in ("each", "bonus") and data["each"] and data["each"] > 1:
            rule["each"] = data["each"]
        return rule

    def _filter(self, data: dict) -> dict:
        chosen = {}
        if data["scope"] and data["scope"] != "own":
            chosen["scope"] = data["scope"]
        if data["asked"]:
            chosen["asked"] = data["asked"] == "yes"
        if data["days"]:
            chosen["days"] = data["days"]
        for name in ("categories", "except_categories", "kinds", "disclosures"):
            if data[name]:
                chosen[name] = list(data[name])
        return chosen

    @staticmethod
    def _pairs(text: str) -> list[tuple[str, float]]:
        pairs = []
        for part in filter(None, (one.strip() for one in text.replace(",", "，").replace("：", ":").split("，"))):
            name, colon, value = part.partition(":")
            try:
                pairs.append((name.strip().rstrip("%"), float(Decimal(value.strip()))))
            except (InvalidOperation, ValueError, OverflowError) as error:
                raise ValidationError(f"「{part[:20]}」看不懂，请写成“名称:数字”，用逗号隔开。") from error
        return pairs

    def _steps(self, text: str) -> list[dict]:
        steps = []
        for below, deduct in self._pairs(text):
            try:
                steps.append({"below": float(Decimal(below)), "deduct": deduct})
            except (InvalidOperation, ValueError, OverflowError) as error:
                raise ValidationError({"steps": f"「{below[:20]}」不是百分数，请写成“95:2，90:4”。"}) from error
        return steps

    def _weights(self, text: str) -> dict:
        codes = {label: value for value, label in AccountabilityMeasure.Disclosure.choices}
        weights = {}
        for name, weight in self._pairs(text):
            if name not in codes:
                raise ValidationError({"weigh": f"没有「{name[:20]}」这种发现方式，请写{'、'.join(codes)}。"})
            weights[codes[name]] = weight
        return weights
