"""响应头: what every answer tells the browser it may not do, whatever the view said (GB/T 22239-2019 8.1.4.4; ASVS 5.0 V3.4).

Referrer and HSTS are SecurityMiddleware's, the policy of pages is django-csp's (config/settings.py).
"""

from django.http import HttpRequest, HttpResponse

# Only names that Chromium knows: an unknown one is a warning in its console. The product asks the browser for none of these; a page that somebody got his script into could not either.
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-create",
    "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "usb",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{name}=()" for name in UNUSED)
# A file that is saved has no business in a page. Whoever gets a browser to show it all the same shows it in an empty cell.
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
ALWAYS = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # No shared machine keeps a page or a file after log-out. What may be kept says so itself: the static files.
    "Cache-Control": "private, no-store",
}


def head_has_no_body(get_response):
    """HEAD: what GET would give, without it; a server of monitors would otherwise be warned of each of their calls."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.streaming_content = ()
            else:
                response.headers.setdefault("Content-Length", str(len(response.content)))
                response.content = b""
        return response

    return middleware


def closed_doors(get_response):
    """关门: adds what is missing, and changes nothing a view said on purpose but the policy of a file."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.headers["Content-Security-Policy"] = FILE_POLICY
        return response

    return middleware
