"""Pictures: upright, bounded, without metadata; what is broken or too large is told as such."""

import io
import struct
import warnings
import zlib

import pytest
from PIL import Image

from sync.blobs import OTHER, type_of
from sync.pictures import PIXELS_LIMIT, VARIANTS, BrokenPictureError, render
from tests.unit.sync.photographs import GPS, jpeg, noise, png


def opened(raw):
    picture = Image.open(io.BytesIO(raw))
    picture.load()
    return picture


def test_a_rendition_holds_nothing_of_what_the_camera_wrote_beside_the_picture():
    raw = jpeg()
    assert opened(raw).getexif().get_ifd(GPS)[3] == "E", "the test's photo tells where it was taken"
    assert b"SecretXmp" in raw
    assert b"SecretComment" in raw
    for made in render(raw).values():
        assert dict(opened(made.data).getexif()) == {}
        assert set(opened(made.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not [word for word in (b"Exif", b"Secret", b"CameraMaker", b"http") if word in made.data]


def test_a_photo_taken_on_its_side_is_shown_upright():
    halves = Image.new("RGB", (64, 32), "red")
    halves.paste("blue", (32, 0, 64, 32))  # red left, blue right; turned by 90 degrees: red above
    made = render(jpeg(halves, orientation=6))["view"]
    upright = opened(made.data)
    assert (made.width, made.height) == upright.size == (32, 64)
    assert upright.getpixel((16, 8))[0] > 200
    assert upright.getpixel((16, 56))[2] > 200


def test_each_rendition_keeps_within_its_bounds():
    made = render(png(noise(3000, 2000)))
    for variant, bounds in VARIANTS.items():
        assert len(made[variant].data) <= bounds.bytes
        assert max(made[variant].width, made[variant].height) <= bounds.side
    assert made["view"].width > 1000
    small = render(jpeg(noise(10, 8)))["view"]
    assert (small.width, small.height) == (10, 8), "nothing is made larger"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_shown(mode):
    made = render(png(Image.new(mode, (40, 30))))
    assert {(each.width, each.height) for each in made.values()} == {(40, 30)}


def test_what_is_clear_is_white():
    made = render(png(Image.new("RGBA", (40, 30), (0, 0, 0, 0))))["view"]
    assert opened(made.data).getpixel((20, 15)) == (255, 255, 255)


def test_a_webp_and_a_cmyk_jpeg_are_shown():
    for mode, kind in (("RGB", "WEBP"), ("CMYK", "JPEG")):
        out = io.BytesIO()
        Image.new(mode, (40, 30)).save(out, kind)
        assert render(out.getvalue())["view"].width == 40


def bomb(width, height):
    """Return a PNG that says it has so many pixels, in a few bytes."""

    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", pixels) + part(b"IEND", b"")


@pytest.mark.parametrize("pixels", [PIXELS_LIMIT + 8000, 2 * PIXELS_LIMIT, 1000 * PIXELS_LIMIT])
def test_a_picture_that_would_unfold_to_too_many_pixels_is_not_unfolded(pixels):
    raw = bomb(8000, pixels // 8000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in service Pillow's warning stops nothing
        with pytest.raises(BrokenPictureError, match="pixels"):
            render(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff" + bytes(999),
        jpeg()[:-400],
        png(noise())[:200],
        b"RIFF0000WEBP",
        b"x" * 99,
    ],
)
def test_what_is_broken_is_told_as_such(raw):
    with pytest.raises(BrokenPictureError):
        render(raw)


def test_broken_metadata_are_no_reason_to_show_nothing():
    raw = jpeg()
    at = raw.index(b"Exif\0\0") + 6
    assert render(raw[:at] + b"XXXXXXXX" + raw[at + 8 :])["view"].width == 64


def test_the_type_is_told_by_the_first_bytes():
    assert type_of(jpeg()[:16]) == "image/jpeg"
    assert type_of(png(noise())[:16]) == "image/png"
    assert type_of(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    heic = b"\0\0\0\x18ftypheic"
    assert [type_of(head) for head in (heic, b"", b"<svg>", b"GIF89a", b"RIFF\0\0\0\0WAVE")] == [OTHER] * 5
