"""二次验证: what a person has besides his password: an authenticator on his telephone and ten recovery codes (8.1.4.1 d).

No secret lies open in the database: the key of the authenticator is encrypted, a recovery code only its keyed hash.
"""

import hmac
import secrets
import time
from base64 import b32encode, urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from accountability.models.people import Person

KEY_BYTES, STEP_SECONDS, DIGITS, TOLERANCE = 20, 30, 6, 1


def _derived(purpose: bytes, secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())


def _sealer() -> MultiFernet:
    """The first of SECOND_FACTOR_KEYS seals, all of them open."""
    keys = [_derived(b"second factor: key", secret) for secret in settings.SECOND_FACTOR_KEYS]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


def new_sealed_key() -> str:
    """密钥 of a new authenticator, encrypted: what the session and the row keep."""
    return _sealer().encrypt(secrets.token_bytes(KEY_BYTES)).decode()


class Authenticator(TimestampMixin, ThrottlingMixin, Device):
    """验证器, one per person. Codes are those of RFC 6238; wrong ones make the next wait longer, none is taken twice."""

    sealed_key = models.CharField("密钥（已加密）", max_length=240)
    last_t = models.BigIntegerField("最近用过的时段", default=-1)

    class Meta:
        verbose_name = verbose_name_plural = "验证器"
        constraints = [
            models.UniqueConstraint(
                fields=("user",), name="authenticator_once", violation_error_message="每人只能绑定一个验证器。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} 的验证器"

    def get_throttle_factor(self) -> int:
        return settings.SECOND_FACTOR_THROTTLE_SECONDS

    def key(self) -> bytes | None:
        """The key, or none when no setting of ours opens it any more: then the device is to be bound anew."""
        try:
            return _sealer().decrypt(self.sealed_key.encode())
        except InvalidToken:
            return None

    def matches(self, code: str) -> bool:
        """Whether ``code`` is that of now, or of half a minute before or after, and of a time not used yet."""
        key = self.key()
        if key is None or not (code.isascii() and code.isdigit() and len(code) == DIGITS):
            return False
        totp = TOTP(key, STEP_SECONDS, 0, DIGITS)
        totp.time = time.time()
        if not totp.verify(int(code), TOLERANCE, self.last_t + 1):
            return False
        self.last_t = totp.t()
        return True

    def typed_key(self) -> str:
        """手工输入的密钥, in groups of four letters."""
        letters = b32encode(self.key() or b"").decode()
        return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))

    def address(self) -> str:
        """What the QR code says, as the authenticator apps read it."""
        issuer = settings.SECOND_FACTOR_ISSUER.replace(":", "")
        secret = b32encode(self.key() or b"").decode()
        said = urlencode(
            {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote
        )
        return f"otpauth://totp/{quote(f'{issuer}:{self.user.username}')}?{said}"


class RecoveryCodeQuerySet(models.QuerySet):
    def unused(self) -> "RecoveryCodeQuerySet":
        return self.filter(used_at=None)


class RecoveryCode(models.Model):
    """恢复码: used once instead of a code, when the telephone is not at hand."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="recovery_codes", verbose_name="人员")
    digest = models.CharField("摘要", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [
            models.UniqueConstraint(
                fields=("person", "digest"), name="recovery_code_once", violation_error_message="恢复码重复。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} 的恢复码"

    @staticmethod
    def new() -> str:
        """Fifty bits, in letters and figures that are not taken for one another: k7m2q-x4dpa."""
        letters = b32encode(secrets.token_bytes(7)).decode().lower()[:10]
        return f"{letters[:5]}-{letters[5:]}"

    @staticmethod
    def digests_of(code: str) -> list[str]:
        """The hash of ``code`` under each of SECOND_FACTOR_KEYS; the first is the one kept."""
        said = code.lower().replace("-", "").encode()
        keys = [_derived(b"second factor: recovery", secret) for secret in settings.SECOND_FACTOR_KEYS]
        return [hmac.new(key, said, sha256).hexdigest() for key in keys]
