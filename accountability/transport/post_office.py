"""邮件: one connection for many mails; what the mail server says, sorted into the three ways to fail."""

import smtplib
from types import TracebackType

from django.core.mail import EmailMessage, get_connection

from accountability.transport.errors import DeliveryError, Refused, Stalled, Unreachable

SMTP_SECONDS = 20


class PostOffice:
    """``with PostOffice() as office: office.send(mail)``; reconnects after a failure, gives up nothing by itself."""

    def __init__(self) -> None:
        self.connection = get_connection(timeout=SMTP_SECONDS)
        self.is_open = False

    def __enter__(self) -> "PostOffice":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail. Raises one of the three kinds of DeliveryError."""
        was_open = self.is_open
        self._open()
        try:
            self.connection.send_messages([mail])
        except Exception as error:
            self._close()
            if was_open and _has_enough(error):
                self.send(mail)
            else:
                raise _in_words(error) from error

    def _open(self) -> None:
        if self.is_open:
            return
        try:
            self.connection.open()
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable("邮件服务器不接受用户名或密码。") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"连接不上邮件服务器（{_short(error)}）。") from error
        self.is_open = True

    def _close(self) -> None:
        self.is_open = False
        try:
            self.connection.close()
        except (OSError, smtplib.SMTPException):
            self.connection.connection = None


def _has_enough(error: Exception) -> bool:
    """421: many servers take so many mails over one connection and ask for a new one."""
    return isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == 421


def _in_words(error: Exception) -> DeliveryError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "；".join(f"{address} {code} {_text(text)}" for address, (code, text) in error.recipients.items())
        return Refused(f"邮件服务器拒绝收件人：{said}")
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib says "disconnected"
        return Stalled(f"邮件服务器 {SMTP_SECONDS} 秒内没有应答。")
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
        return Stalled("邮件服务器在接收时断开了连接。")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Unreachable(f"邮件服务器拒绝发件人：{error.smtp_code} {_text(error.smtp_error)}")
    if isinstance(error, smtplib.SMTPResponseException):
        return Refused(f"邮件服务器拒绝这封邮件：{error.smtp_code} {_text(error.smtp_error)}")
    return Refused(_short(error))


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
