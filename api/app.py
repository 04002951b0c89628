"""The web application."""

from collections.abc import Mapping

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from api import docs_page, logs, problems, rates, standing, transport, web
from api.audit.routes import blueprint as audit
from api.base import PREFIX, make_api
from api.blobs.routes import blueprint as blobs
from api.cases.routes import blueprint as cases
from api.devices.routes import blueprint as devices
from api.findings.routes import blueprint as findings
from api.forms.routes import blueprint as forms
from api.health.routes import blueprint as health
from api.households.routes import blueprint as households
from api.interviews.routes import blueprint as interviews
from api.keys.routes import blueprint as keys
from api.notifications.routes import blueprint as notifications
from api.ops.routes import blueprint as ops
from api.policy.routes import blueprint as policy
from api.reports.routes import blueprint as reports
from api.rounds.routes import blueprint as rounds
from api.routing.routes import blueprint as routing
from api.scopes.routes import blueprint as scopes
from api.second_factor.routes import blueprint as second_factor
from api.services import KEY
from api.sessions.routes import blueprint as sessions
from api.sites.routes import blueprint as sites
from api.sync.routes import blueprint as sync
from api.users.routes import blueprint as users
from api.webhooks.routes import blueprint as webhooks
from api.worklists.routes import blueprint as worklists
from core.settings import Settings
from store import open_store, prove_key
from sync.services import Services
from sync.tasks import waker

_RESOURCES = (
    health,
    sessions,
    keys,
    second_factor,
    users,
    devices,
    forms,
    households,
    sites,
    interviews,
    findings,
    cases,
    notifications,
    webhooks,
    rounds,
    worklists,
    policy,
    routing,
    sync,
    scopes,
    ops,
    blobs,
    reports,
    audit,
)


class _Json(DefaultJSONProvider):
    """Chinese as it is, members in the order of their schema."""

    ensure_ascii = False
    sort_keys = False
    compact = True


def create_app(services: Services, limits: Mapping[str, str] | None = None) -> Flask:
    """Return the application over services; nothing is connected before the first request.

    Args:
        services: what the views work with.
        limits: how often one may ask, by class of routes, where it is not as `api.rates` says.
    """
    app = Flask("ruhu", static_folder=None)
    app.json = _Json(app)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # would redirect to whatever Host the sender names
    app.extensions[KEY] = services
    problems.register(app)
    transport.register(app)
    standing.register(app)
    rates.register(app, services.store, limits)
    api = make_api(app)
    for resource in _RESOURCES:
        api.register_blueprint(resource, url_prefix=f"{PREFIX}{resource.url_prefix}")
    app.register_blueprint(docs_page.blueprint)
    app.register_blueprint(web.blueprint)
    return app


def from_env(env: Mapping[str, str]) -> Flask:
    """Return the application as an environment sets it up.

    Raises:
        ConfigurationError: a setting is wrong, there is no database, the master key is missing or another one, or the
            policy contradicts itself.
    """
    settings = Settings.from_env(env)
    logs.configure(settings.log_level)
    wake = waker(settings)
    store = open_store(settings)
    prove_key(store)
    services = Services.open(store, settings, wake=wake, wake_renderer=wake.render, wake_reporter=wake.report)
    return behind_proxies(create_app(services), int(settings.proxy_hops))


def behind_proxies(app: Flask, hops: int) -> Flask:
    """Let the application believe the last `hops` proxies about the sender's address and scheme, and nobody else."""
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask's documentation has it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0
        )
    return app
