"""Patience: how long a phone goes on trying, and how long it waits between two tries."""

from ruhu_phone.clock import Clock
from ruhu_phone.transport import NoAnswerError

_FIRST_S, _LONGEST_S = 0.1, 2.0


class Patience:
    """Waits longer before each try, until the time is up.

    Args:
        clock: measures, and lets time pass.
        seconds: how long in all, since the last success.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Begin anew: something succeeded."""
        self._since, self._pause = self._clock.moment().mono, _FIRST_S

    def wait(self, trouble: str, at_least: float = 0.0) -> None:
        """Wait before another try.

        Raises:
            NoAnswerError: the time is up; it says what the trouble is.
        """
        if self._clock.moment().mono - self._since >= self._seconds * 1000:
            raise NoAnswerError(trouble)
        self._clock.pause(max(self._pause, at_least))
        self._pause = min(_LONGEST_S, self._pause * 2)
