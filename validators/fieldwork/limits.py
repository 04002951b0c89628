"""The numbers by which checks find something notable: parameters of the policy on a day."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from validators.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Limits:
    """Each attribute is the parameter `fieldwork.<attribute>`; see docs/parameters.md for units and grounds."""

    duration_floor: float
    duration_per_person: float
    duration_short_percent: float
    duration_long_percent: float
    night_from: int
    night_to: int
    position_accuracy: float
    position_from_dwelling: float
    position_from_site: float
    position_repeats: int
    pace_speed: float
    pace_per_day: int
    pace_median_percent: float
    duplicate_percent: float
    duplicate_items: int
    duplicate_percentile: float
    scale_items: int
    scale_run_percent: float
    enumerator_interviews: int
    enumerator_deviations: float
    confirmed_percent: float
    clock_off_minutes: float
    late_days: int
    backcheck_percent: float
    pay_by: str
    pay_iqr: float
    pay_deviations: float
    pay_group: int

    @classmethod
    def of(cls, policy: Policy, on: date, region: str = "") -> "Limits":
        """Return the limits in force on a day in a region.

        Raises:
            LookupError: a parameter has no value on that day.
        """
        values: dict[str, Any] = {
            each.name: policy.parameters[f"fieldwork.{each.name}"].at(on, region).value
            for each in fields(cls)
        }
        return cls(**values)
