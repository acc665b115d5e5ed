"""Codes, tokens and the cookie that keeps one."""

from customer_registration.exceptions.base import Forbidden, InvalidData, NotAllowed, NotFound, Unauthorized


class InvalidToken(Unauthorized):
    """Forged, foreign, expired or made for another purpose: never told apart."""

    message = "Invalid token"


class InvalidCode(InvalidData):
    """The code is wrong, used or superseded."""

    code = "otp_invalid"
    message = "Invalid code"


class CodeExpired(InvalidData):
    """The code's time is over."""

    code = "otp_expired"
    message = "The code has expired"


class ChannelUnavailable(NotAllowed):
    """No channel of the project reaches contacts of this kind."""

    code = "channel_unavailable"
    message = "No message can be sent to a contact of this kind"


class CodeAttemptsExceeded(InvalidData):
    """The code, or the person's family of codes, has had all its guesses."""

    code = "otp_attempts_exceeded"
    message = "Too many wrong codes"


class AlreadyVerified(NotAllowed):
    """The contact is proven already."""

    code = "already_verified"
    message = "The contact is already verified"


class CrossSiteRequest(Forbidden):
    """A page of another site sent the request: it may not use or set the session cookie."""

    code = "cross_site_request"
    message = "Cross-site requests cannot use the session cookie"


class SessionsUnavailable(NotAllowed):
    """The project has no session middleware."""

    code = "sessions_unavailable"
    message = "Cookie sessions are not enabled"


class InvalidOtp(InvalidData):
    """A code that anybody may try for an identifier: wrong, expired, used and never sent are one answer."""

    code = "otp_invalid"
    message = "Invalid OTP"


# Second factor


class InvalidSecondFactor(NotAllowed):
    """The code of a second factor is wrong, or was used already."""

    code = "otp_invalid"
    message = "Invalid code"


class SecondFactorAttemptsExceeded(NotAllowed):
    """The challenge, the code that was sent for it, or the person has had all guesses at a second factor."""

    code = "otp_attempts_exceeded"
    message = "Too many wrong codes"


class ChallengeNotFound(NotFound):
    """The challenge is used, expired, or another login's."""

    message = "The challenge does not exist, or is over"


class FactorNotFound(NotFound):
    """The person has no such factor."""

    message = "The factor does not exist"


class FactorExists(NotAllowed):
    """The person has an enabled factor of the kind."""

    code = "factor_exists"
    message = "A factor of this kind is enabled already"


class FactorUnavailable(NotAllowed):
    """The factor cannot be set up: no proven contact to send codes to, or the server lacks what it takes."""

    code = "factor_unavailable"
    message = "This kind of factor cannot be set up"


class FactorRequired(NotAllowed):
    """Recovery codes stand in for a factor, and there is none."""

    code = "factor_required"
    message = "Recovery codes require an enabled factor"
