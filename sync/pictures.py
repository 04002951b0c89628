"""Pictures: from the bytes of a file to a view and a thumbnail, upright and without metadata. Pure.

A rendition holds pixels and nothing else: they are pasted onto a new canvas, so EXIF (with the place), XMP, IPTC,
comments, colour profiles and whatever the next format adds stay behind without being named.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image, ImageOps

PIXELS_LIMIT = 64_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITIES = (85, 75, 60, 45)
_SHRINK = 0.75

Image.MAX_IMAGE_PIXELS = PIXELS_LIMIT


class BrokenPictureError(Exception):
    """The file cannot be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a rendition may be: pixels of its longer side, and bytes."""

    side: int
    bytes: int


VARIANTS: Mapping[str, Bounds] = MappingProxyType(
    {"view": Bounds(2048, 1024 * 1024), "thumbnail": Bounds(320, 64 * 1024)}
)
"""The renditions, the larger first. A page of a booklet is legible in the view."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG."""

    data: bytes
    width: int
    height: int


def render(raw: bytes) -> dict[str, Picture]:
    """Return the renditions of a JPEG, PNG or WebP, by variant.

    Raises:
        BrokenPictureError: it cannot be decoded, is cut off, or would unfold to more than 64 million pixels.
    """
    pixels = _decode(raw)
    made = {}
    for variant, bounds in VARIANTS.items():
        pixels.thumbnail((bounds.side, bounds.side))
        made[variant] = _encode(pixels, bounds)
    return made


def _decode(raw: bytes) -> Image.Image:
    """Return the pixels of a file, upright, no larger than a view needs."""
    side = VARIANTS["view"].side
    try:
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
            _check_size(opened)
            opened.draft(None, (side, side))  # a JPEG is decoded no larger than needed
            picture = _plain(opened)
            picture.thumbnail((side, side))
            return _on_canvas(_upright(picture))
    except (BrokenPictureError, MemoryError):
        raise
    except Exception as error:  # decoders fail in every way a file can be wrong
        raise BrokenPictureError(f"{type(error).__name__}: {error}"[:200]) from error


def _check_size(picture: Image.Image) -> None:
    """Check what the header says before anything is unfolded; Pillow itself only warns up to twice the limit."""
    if picture.width * picture.height > PIXELS_LIMIT:
        raise BrokenPictureError(f"{picture.width} x {picture.height} pixels are too many")


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be scaled."""
    if picture.mode in {"RGB", "RGBA", "L"}:
        return picture
    clear = "transparency" in picture.info or picture.mode in {"LA", "PA", "La", "RGBa"}
    return picture.convert("RGBA" if clear else "RGB")


def _upright(picture: Image.Image) -> Image.Image:
    """Return a picture turned as its metadata say; as it is when they cannot be read."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - broken metadata are no reason to show nothing
        return picture


def _on_canvas(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, on white where they are clear."""
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return canvas


def _encode(picture: Image.Image, bounds: Bounds) -> Picture:
    """Return a picture as a JPEG that keeps within its bytes: coarser first, then smaller."""
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= bounds.bytes:
                return Picture(out.getvalue(), picture.width, picture.height)
        picture = picture.resize((_scaled(picture.width), _scaled(picture.height)))


def _scaled(pixels: int) -> int:
    return max(1, int(pixels * _SHRINK))
