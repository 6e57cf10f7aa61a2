"""What every answer tells the browser: load nothing from elsewhere, guess and keep nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.serve.access import Access

STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-03EiY9OLVCaCQVNKUgCYxdI11BJ8pKsqSKUlTlszVsE='",
)
"""What the front end of textual-serve 1.1.3 puts into the page: an empty style, and xterm.css."""

_NOTHING = ("camera", "geolocation", "microphone", "payment", "usb", "display-capture")


def headers_of(access: Access) -> Mapping[str, str]:
    """Return the headers of every answer."""
    return {
        "Content-Security-Policy": policy(access),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not `no-referrer`: a form would then come from the origin `null`.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _NOTHING),
        "Cache-Control": "no-store",
        "Server": "Lampboard",
    }


def policy(access: Access) -> str:
    """Return the Content-Security-Policy of the page.

    Scripts, styles, fonts, pictures and connections are this server's alone. WebSockets are named,
    because not every browser counts them as `'self'`.
    """
    # An IPv6 address is no source to a policy.
    named = (one for one in access.origins if "[" not in one)
    sockets = sorted(one.replace("http", "ws", 1) for one in named)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' {' '.join(STYLES)}",
            "font-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {' '.join(sockets)}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
