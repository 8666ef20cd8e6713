"""Connector configurations as the lab writes them."""

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"


def _settings(base, more):
    """`more` with __ for dots; None removes a setting."""
    base.update({k.replace("__", "."): v for k, v in more.items()})
    return {k: str(v) for k, v in base.items() if v is not None}


def jdbc_source(database, tables, prefix, **settings):
    """The lab's source, polling fast: incrementing by `id`.

    Other tests have tables of the same name in databases of their own, and the connector looks at all databases of a
    server: catalog.pattern keeps it to this one.
    """
    return _settings({
        "connector.class": SOURCE,
        "connection.url": database.jdbc_url(),
        "connection.user": database.server.user,
        "connection.password": database.server.password,
        "mode": "incrementing",
        "incrementing.column.name": "id",
        "catalog.pattern": database.name,
        "table.whitelist": tables,
        "topic.prefix": prefix,
        "tasks.max": "1",
        "poll.interval.ms": "50",
    }, settings)


def jdbc_sink(database, topics, **settings):
    """The lab's sink: insert, creating the table."""
    return _settings({
        "connector.class": SINK,
        "connection.url": database.jdbc_url(),
        "connection.user": database.server.user,
        "connection.password": database.server.password,
        "auto.create": "true",
        "auto.evolve": "true",
        "delete.enabled": "false",
        "tasks.max": "1",
        "topics": topics,
    }, settings)
