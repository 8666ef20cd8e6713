"""Kafka for tests: produce, consume, look at groups, and private brokers."""

import contextlib
import json
import os
import shutil
import threading
import time
import uuid
from dataclasses import dataclass, field

from confluent_kafka import (
    OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from . import paths
from .ports import free_port
from .process import Process, reaper
from .wait import ASK_S, SERVER_S, WAIT_S, Hopeless, until

# A broker that lives for a scenario is not worth the second compiler and a collector with threads of its own.
SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto"


@dataclass
class Record:
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list = field(default_factory=list)

    @property
    def json(self):
        """The value as JSON; None for a tombstone."""
        return None if self.value is None else json.loads(self.value)

    @property
    def payload(self):
        """What JsonConverter with schemas wraps."""
        return self.json["payload"]

    @property
    def key_json(self):
        return None if self.key is None else json.loads(self.key)


def _bytes(value):
    if value is None or isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode()


class Kafka:
    """A broker that somebody else started, or the client side of one of ours."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self._producer = self._admin = None
        self._readers = threading.local()  # of each thread: {isolation level: consumer}

    def _config(self, **more):
        return {"bootstrap.servers": self.bootstrap, "log_level": 0, **{k.replace("__", "."): v for k, v in more.items()}}

    def admin(self):
        if self._admin is None:
            self._admin = AdminClient(self._config())
        return self._admin

    # ---- topics --------------------------------------------------------------------------------------------

    def topics(self):
        """{name: number of partitions}"""
        found = self.admin().list_topics(timeout=ASK_S).topics
        return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}

    def create_topic(self, name, partitions=1, **config):
        """Settings of the topic with __ for dots: cleanup__policy="compact"."""
        settings = {k.replace("__", "."): str(v) for k, v in config.items()}
        self.admin().create_topics([NewTopic(name, partitions, 1, config=settings)])[name].result(WAIT_S)
        until(f"topic {name}", lambda: name in self.topics())
        return name

    def topic_config(self, name):
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        return {k: v.value for k, v in self.admin().describe_configs([resource])[resource].result(WAIT_S).items()}

    def delete_topics(self, names):
        for future in (self.admin().delete_topics(list(names)) if names else {}).values():
            try:
                future.result(WAIT_S)
            except KafkaException:
                pass  # gone already

    # ---- records -------------------------------------------------------------------------------------------

    def produce(self, topic, value, key=None, headers=None, partition=None, timestamp=None):
        """Writes one record and waits for its acknowledgement. str and bytes as they are, anything else as JSON;
        None is a tombstone."""
        self.produce_many(topic, [(key, value)], headers=headers, partition=partition, timestamp=timestamp)

    def produce_many(self, topic, pairs, headers=None, partition=None, timestamp=None):
        """Writes (key, value) pairs in order and waits until all are acknowledged."""
        if self._producer is None:
            # murmur2, as Java's clients place keyed records
            self._producer = Producer(self._config(partitioner="murmur2_random", linger__ms=1, acks="all",
                                                   message__max__bytes=16 << 20))
        failures = []
        options = {} if partition is None else {"partition": partition}
        if timestamp is not None:
            options["timestamp"] = timestamp
        for key, value in pairs:
            self._producer.produce(
                topic, key=_bytes(key), value=_bytes(value), headers=headers,
                on_delivery=lambda err, _: err and failures.append(err), **options,
            )
            self._producer.poll(0)
        left = self._producer.flush(WAIT_S)
        assert not failures and not left, f"could not produce to {topic}: {failures[:3]} {left}"

    @contextlib.contextmanager
    def transaction(self):
        """A producer in a transaction, which the caller commits or aborts."""
        producer = Producer(self._config(transactional__id=f"tests-{uuid.uuid4().hex[:8]}"))
        producer.init_transactions(WAIT_S)
        producer.begin_transaction()
        yield producer

    def records(self, topic, at_least=0, timeout=WAIT_S, committed=True):
        """Every record of the topic, by partition and offset; waits until there are `at_least`.

        A topic that does not exist has no records.
        """
        with self._reader("read_committed" if committed else "read_uncommitted") as consumer:
            end = time.monotonic() + timeout
            while not (partitions := self._partitions(consumer, topic)):
                if not at_least:
                    return []
                assert time.monotonic() < end, f"topic {topic} did not appear within {timeout} s"
                time.sleep(0.05)
            consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
            found, open_ends = [], set(partitions)
            while open_ends or len(found) < at_least:
                message = consumer.poll(0.2)
                if message is not None and message.error():
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        open_ends.discard(message.partition())
                elif message is not None:
                    found.append(Record(topic, message.partition(), message.offset(), message.timestamp()[1],
                                        message.key(), message.value(), message.headers() or []))
                assert time.monotonic() < end, (
                    f"{len(found)} of {at_least} records in {topic} after {timeout} s: "
                    f"{[(r.key, r.value) for r in found[-3:]]}")
            return sorted(found, key=lambda r: (r.partition, r.offset))

    def count(self, topic):
        """How many records the topic has, from its offsets alone: quick on long topics; 0 if there is no such topic.

        What ends a transaction counts, too, and in a compacted topic what is gone by now.
        """
        with self._reader("read_committed") as consumer:
            ends = [consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=ASK_S)
                    for p in self._partitions(consumer, topic)]
            return sum(high - low for low, high in ends)

    @contextlib.contextmanager
    def _reader(self, level):
        """A consumer without partitions. Kept for the next time, as conditions are asked often and connecting is most of the work."""
        consumer = self._readers.__dict__.pop(level, None) or Consumer(self._config(
            group__id="tests", enable__auto__commit=False, enable__partition__eof=True, isolation__level=level,
            fetch__wait__max__ms=50, allow__auto__create__topics=False,
        ))
        try:
            yield consumer
            consumer.unassign()
            self._readers.__dict__[level] = consumer
        except BaseException:
            consumer.close()
            raise

    @staticmethod
    def _partitions(consumer, topic):
        metadata = consumer.list_topics(topic, timeout=ASK_S).topics.get(topic)
        return [] if metadata is None or metadata.error is not None else sorted(metadata.partitions)

    def latest(self, topic):
        """What a compacted topic says in the end: {key: value}, both as text, without tombstones."""
        state = {}
        for r in self.records(topic):
            state[r.key.decode()] = r.value
        return {k: v.decode() for k, v in state.items() if v is not None}

    # ---- groups --------------------------------------------------------------------------------------------

    def group_offsets(self, group):
        """{(topic, partition): offset} as committed."""
        future = self.admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=ASK_S)[group]
        return {(tp.topic, tp.partition): tp.offset for tp in future.result(WAIT_S).topic_partitions if tp.offset >= 0}

    def group_members(self, group):
        """The client.id of each member."""
        description = self.admin().describe_consumer_groups([group], request_timeout=ASK_S)[group].result(WAIT_S)
        return sorted(m.client_id for m in description.members)


class KafkaServer(Kafka, Process):
    """A private broker (KRaft, one node) from the jars in build/kafka/libs."""

    def __init__(self, name="kafka", settings=None, port=None, edge=None):
        """`edge`: clients that come to edge_port are told to come through this port, where a Proxy listens."""
        port, controller, self.edge_port = port or free_port(), free_port(), free_port() if edge else None
        Kafka.__init__(self, f"127.0.0.1:{port}")
        self.port = port
        self.folder = paths.RUN / f"{name}-{port}"
        self.folder.mkdir(parents=True)
        reaper().delete_at_end(self.folder)
        properties = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.folder / "data",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 5,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 5,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            **(self._edge(edge, port, controller) if edge else {}),
            **(settings or {}),
        }
        self.properties = self.folder / "server.properties"
        self.properties.write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
        argv = [paths.ROOT / "kafka/bin/kafka-server-start.sh", self.properties]
        Process.__init__(self, name, argv, paths.RUN / "logs" / f"{name}-{port}.log",
                         {"KAFKA_HEAP_OPTS": "-Xmx512M -Xms128M", "KAFKA_LOG_LEVEL": "warn", "KAFKA_JVM_PERFORMANCE_OPTS": SHORT_LIVED})

    def _edge(self, edge, port, controller):
        return {
            "listeners": f"PLAINTEXT://127.0.0.1:{port},EDGE://127.0.0.1:{self.edge_port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},EDGE://127.0.0.1:{edge}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,EDGE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
        }

    def start(self, wait=True):
        Process.start(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=SERVER_S):
        def answers():
            if not self.running():
                raise Hopeless(f"{self.name} ended: {self.log_now[-2000:]}")
            return self.admin().list_topics(timeout=5).brokers

        until(f"{self.name} to answer", answers, timeout)

    def remove(self):
        self._readers = threading.local()
        self.kill9()
        shutil.rmtree(self.folder, ignore_errors=True)


def external():
    """The broker named by TEST_KAFKA (host:port)."""
    return Kafka(os.environ["TEST_KAFKA"])
