"""What every app of the web has in common: bounds, identity, whole bodies, errors as problems, trusted proxies."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.settings import Settings
from service.web import bodies, identity, problems
from service.web.patience import Patience


def new_app(settings: Settings, threads: int) -> Flask:
    """An app without a door, served by ``threads``."""
    app = Flask("service.web", static_folder=None, template_folder="templates")
    app.url_map.strict_slashes = True
    app.config.update(
        BODY_BYTES=settings.body_bytes,
        MAX_CONTENT_LENGTH=settings.body_bytes,
        PROPAGATE_EXCEPTIONS=False,
        # Preflights are answered by the public door, with the sites' own origins.
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.extensions["greenroom.patience"] = Patience(threads)
    identity.register(app)
    app.before_request(bodies.refuse_unframed)
    problems.register(app, settings.public_url)
    if settings.trusted_proxies:
        # Only as many hops as the operator vouches for, and only the client's address: our own links come
        # from the configured public URL, whatever a Host header says.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    return app
