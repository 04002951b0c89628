"""Numbers of persons in free text: resident IDs and mobile telephones."""

import re

_RESIDENT_ID = re.compile(r"(?<![0-9A-Za-z])(\d{6})(?:\d{8}(\d{3}[0-9Xx])|\d{6}(\d{3}))(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


def mask_text(text: str) -> str:
    """Return free text with the resident IDs and mobile numbers in it masked."""
    text = _RESIDENT_ID.sub(
        lambda found: found[1] + ("*" * 8 + found[2] if found[2] else "*" * 6 + found[3]), text
    )
    return _PHONE.sub(r"\1****\2", text)
