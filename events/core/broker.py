"""The broker, chosen by URL: PostgreSQL (the default, no further server), RabbitMQ or Redis."""

from typing import cast

from dramatiq import Broker, Middleware
from dramatiq.middleware import AgeLimit, AsyncIO, Callbacks, Pipelines, Retries, ShutdownNotifications, TimeLimit

from events.core.errors import ServiceError
from events.core.settings import Settings


def default_middleware() -> list[Middleware]:
    """Return the middleware of a worker: AsyncIO first, its hooks run in order."""
    return [
        AsyncIO(),
        AgeLimit(),
        TimeLimit(),
        ShutdownNotifications(),
        Callbacks(),
        Pipelines(),
        Retries(max_retries=0),
    ]


def make_broker(settings: Settings, *, middleware: list[Middleware] | None = None) -> Broker:
    """Make the broker of `broker_url`, or of the database itself; connects only when first used.

    Raises ServiceError for an unknown scheme.
    """
    url = settings.broker_url or settings.database_url
    if not url:
        raise ServiceError("There is no SIXNET_BROKER_URL and no database to queue in.")
    middleware = default_middleware() if middleware is None else middleware
    scheme = url.partition("://")[0]
    if scheme in {"postgresql", "postgres"}:
        from dramatiq_postgres import PostgresBroker  # noqa: PLC0415 - each broker's library is loaded only when chosen

        return cast("Broker", PostgresBroker(url=url, results=False, middleware=middleware))
    if scheme in {"amqp", "amqps"}:
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415

        return RabbitmqBroker(url=url, confirm_delivery=True, middleware=middleware)
    if scheme in {"redis", "rediss"}:
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

        return RedisBroker(url=url, middleware=middleware)  # type: ignore[no-untyped-call]
    raise ServiceError(f"SIXNET_BROKER_URL begins with {scheme!r}; known are postgresql, amqp and redis.")
