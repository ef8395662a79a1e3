"""QR codes."""

import io


def png(said: str) -> bytes:
    """8 dots a module (else printers blur it), with the quiet zone around."""
    import segno  # takes long to load, and few ask for one

    drawn = io.BytesIO()
    segno.make(said, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    return drawn.getvalue()
