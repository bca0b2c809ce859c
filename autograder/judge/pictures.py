"""Pictures of a student's, as a page may hold them: real ones, of a size that a browser can decode."""

from __future__ import annotations

import base64
import io
import warnings

from PIL import Image

# What is looked for, and what pages call it. The size of a WebP is not known without its decoder.
KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}
# A page holds a picture's bytes as text.
BYTES_LIMIT, BYTES_OF_ALL = 5_000_000, 20_000_000
# A browser needs four bytes for each pixel, however few a file takes for them. A photograph has 12 million, a
# figure about one.
PIXELS_LIMIT, PIXELS_OF_ALL = 25_000_000, 100_000_000
LEFT_OUT = "picture left out: it is none, or more than a page can show"


class Pictures:
    """Room for the pictures of one page; each takes its part of what is left."""

    def __init__(self) -> None:
        self._bytes, self._pixels = BYTES_OF_ALL, PIXELS_OF_ALL

    def take(self, data: bytes) -> str | None:
        """What kind of picture it is, "image/png"; None where it is none, or there is no room for it."""
        if len(data) > min(BYTES_LIMIT, self._bytes):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # Only its head is read; nothing is decoded.
                with Image.open(io.BytesIO(data), formats=tuple(KINDS)) as picture:
                    kind, pixels = KINDS.get(picture.format or ""), picture.width * picture.height
        except Exception:  # Pillow raises many kinds for what bytes can hold
            return None
        if kind is None or pixels > min(PIXELS_LIMIT, self._pixels):
            return None
        self._bytes -= len(data)
        self._pixels -= pixels
        return kind


def as_source(kind: str, data: bytes) -> str:
    """The address of a picture that is in the page itself."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
