# The worker and the two services: three images from one build.
#   docker build --target connect .        (or order, marketing; docker-compose.yml does it)

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        gcc make pkg-config libc6-dev libmicrohttpd-dev libgnutls28-dev librdkafka-dev libjansson-dev libcurl4-openssl-dev \
        libmariadb-dev libpcre2-dev libzstd-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Makefile ./
COPY common common
COPY connect connect
COPY order-service order-service
COPY marketing-service marketing-service
COPY kafka/config kafka/config
RUN make -s -j2 && make -s install-programs PREFIX=/usr/local DESTDIR=/out

FROM debian:12-slim AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends \
        libmicrohttpd12 librdkafka1 libjansson4 libcurl4 libmariadb3 libpcre2-8-0 libzstd1 zlib1g ca-certificates tzdata curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/cdc-lab --create-home lab

FROM runtime AS connect
COPY --from=build /out/usr/local/bin/connect-distributed /out/usr/local/bin/connect-standalone /usr/local/bin/
COPY --from=build /out/usr/local/share/cdc-lab /usr/local/share/cdc-lab
# Without a file the worker reads its settings from such variables, as other images of Kafka Connect do. These are those of
# kafka/config/connect-distributed.properties; CONNECT_BOOTSTRAP_SERVERS is for whoever runs it.
ENV CONNECT_GROUP_ID=connect-cluster \
    CONNECT_KEY_CONVERTER=org.apache.kafka.connect.json.JsonConverter \
    CONNECT_VALUE_CONVERTER=org.apache.kafka.connect.json.JsonConverter \
    CONNECT_CONFIG_STORAGE_TOPIC=connect-configs \
    CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_OFFSET_STORAGE_TOPIC=connect-offsets \
    CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_STATUS_STORAGE_TOPIC=connect-status \
    CONNECT_STATUS_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_OFFSET_FLUSH_INTERVAL_MS=10000
USER lab
WORKDIR /var/lib/cdc-lab
EXPOSE 8083
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 CMD curl -sf -o /dev/null http://localhost:8083/connectors
CMD ["connect-distributed"]

FROM runtime AS order
COPY --from=build /out/usr/local/bin/order-service /usr/local/bin/
USER lab
EXPOSE 8081
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 CMD curl -sf -o /dev/null http://localhost:8081/orders
CMD ["order-service"]

FROM runtime AS marketing
COPY --from=build /out/usr/local/bin/marketing-service /usr/local/bin/
USER lab
EXPOSE 8082
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 CMD curl -sf -o /dev/null http://localhost:8082/syncOrders
CMD ["marketing-service"]
