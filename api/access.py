"""What logging in and administering people need beside the accounts themselves."""

from dataclasses import dataclass
from typing import Protocol

from tickets.signing_in import SignIn
from tickets.staff import Expired, OneTimeSecrets, SecondFactors, Staff


class KeepsOneTime(OneTimeSecrets, Expired, Protocol):
    """One store both keeps them and clears them away."""


@dataclass(frozen=True, slots=True)
class Access:
    """The ports behind logins. `sign_in` is None while it is not configured."""

    staff: Staff
    one_time: KeepsOneTime
    second_factors: SecondFactors
    sign_in: SignIn | None = None
