"""Why a secure connection failed, in words that staff can pass on to the site. Pure."""

import ssl

_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME = frozenset({62, 64})
_UNKNOWN_SIGNER = frozenset({2, 18, 19, 20, 21})
_MOST_CAUSES = 10


def tls_sentence(error: BaseException) -> str:
    """Return what was wrong with the handshake that `error` reports; empty where it was no handshake."""
    cause = _ssl_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _about_certificate(cause)
    if cause is None:
        return ""
    reason = str(cause.reason or "").upper()
    if "UNSUPPORTED_PROTOCOL" in reason or "PROTOCOL_VERSION" in reason:
        return "The site offers only a version of TLS that is not safe any more."
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return "The site does not speak TLS at this address."
    return "The secure connection cannot be agreed on."


def _about_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "The site's certificate has expired."
    if error.verify_code == _NOT_YET:
        return "The site's certificate is not valid yet."
    if error.verify_code in _OTHER_NAME:
        return "The site's certificate is made out for another name."
    if error.verify_code in _UNKNOWN_SIGNER:
        return "The site's certificate is signed by nobody whom browsers trust."
    return "The site's certificate is not valid."


def _ssl_error(error: BaseException | None) -> ssl.SSLError | None:
    for _ in range(_MOST_CAUSES):
        if error is None or isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None
