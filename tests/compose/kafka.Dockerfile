# A stand-in for Kafka's own image: the pinned jars, settings from the environment.
FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends default-jre-headless && rm -rf /var/lib/apt/lists/*
COPY libs /opt/build/kafka/libs
COPY bin /opt/kafka/bin
COPY config /opt/kafka/config
COPY kafka-entrypoint.sh /
RUN useradd --system --uid 1000 --create-home appuser && mkdir -p /var/lib/kafka/data && chown appuser /var/lib/kafka/data
USER appuser
VOLUME /var/lib/kafka/data
CMD ["/kafka-entrypoint.sh"]
