"""Photographs for tests: valid by default."""

import base64
import hashlib
import io
import random

from PIL import Image

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def noise(width: int = 64, height: int = 48, seed: int = 1, mode: str = "RGB") -> Image.Image:
    """Return a picture of seeded noise, which no coder makes small."""
    raw = random.Random(seed).randbytes(width * height * len(mode))  # noqa: S311 - no secret, the same each time
    return Image.frombytes(mode, (width, height), raw)


def jpeg(picture: Image.Image | None = None, *, orientation: int = 1, seed: int = 1) -> bytes:
    """Return a JPEG as a phone's camera writes it: with the place, the maker, XMP and a comment."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "CameraMaker"
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 36.0, 0.0), 3: "E", 4: (109.0, 46.0, 48.0)})
    out = io.BytesIO()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SecretXmp</x:xmpmeta>'
    picture = picture or noise(seed=seed)
    picture.save(out, "JPEG", quality=90, exif=exif, xmp=xmp, comment=b"SecretComment")
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def name(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def content_digest(raw: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(raw).digest()).decode()}:"
