"""What can go wrong on the way to the mail server, told apart by whom it concerns."""

from feedback_service.errors import OutsideError
from feedback_service.mail.rules import Stage


class MailError(OutsideError):
    """One mail was not accepted; the others are not concerned.

    Attributes:
        code: the server's reply code (RFC 5321), 0 where there was no reply.
        status: the enhanced status code 'x.y.z' (RFC 3463), empty where the reply had none.
        stage: what the server was told when it refused.
    """

    def __init__(
        self,
        sentence: str,
        *,
        subject: str,
        permanent: bool,
        code: int = 0,
        status: str = "",
        stage: Stage = Stage.MESSAGE,
    ) -> None:
        super().__init__(sentence, subject=subject, permanent=permanent)
        self.code = code
        self.status = status
        self.stage = stage


class OutcomeUnknownError(MailError):
    """The whole mail was handed over and the connection broke before the answer: it may have arrived."""

    def __init__(self, sentence: str, *, subject: str) -> None:
        super().__init__(sentence, subject=subject, permanent=False)


class ServerUnavailableError(MailError):
    """No mail can be sent at all: the server is down, or it does not let us in. No mail is at fault.

    `permanent` says that the settings must change, because waiting will not help.
    """


class PolicyError(MailError):
    """The server refuses what we send by its policy (5.7.x): the operator must act (R28)."""
