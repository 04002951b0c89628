"""Working days and school terms."""

from validators.policy.calendars.calendar import DayCalendar, TermTable, read_terms

__all__ = ["DayCalendar", "TermTable", "read_terms"]
