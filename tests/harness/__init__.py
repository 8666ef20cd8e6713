"""Private MySQL, Kafka, workers and services for tests; see tests/README.md."""

from .connectors import jdbc_sink, jdbc_source
from .lab import Lab
from .wait import until

__all__ = ["Lab", "jdbc_sink", "jdbc_source", "until"]
