/*
 * What MySQL and librdkafka can do alone: the physical limits that the worker is measured against.
 *
 *   limits select  HOST PORT USER PASSWORD DB TABLE       stream all rows of a table, touch every byte
 *   limits insert  HOST PORT USER PASSWORD DB TABLE ROWS  multi-row INSERT, 3000 rows a statement, one COMMIT each
 *   limits produce BROKER TOPIC ROWS CODEC [PARTITION FIRST]  idempotent producer, the lab's 440-byte records; ids
 *                                                         begin behind FIRST
 *   limits tombstones BROKER TOPIC ROWS                   keys alone, to fill a topic
 *   limits consume BROKER TOPIC ROWS                      read them back
 *
 * Prints rows, seconds and CPU seconds of this process, as one line of JSON.
 */
#include <librdkafka/rdkafka.h>
#include <mysql.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char bench_schema[] =
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"optional\":false,\"field\":\"id\"},"
    "{\"type\":\"string\",\"optional\":true,\"field\":\"customerId\"},{\"type\":\"double\",\"optional\":true,"
    "\"field\":\"price\"},{\"type\":\"int64\",\"optional\":true,\"field\":\"productId\"},{\"type\":\"int32\","
    "\"optional\":true,\"field\":\"qty\"}],\"optional\":false,\"name\":\"ORDER_TABLE\"},\"payload\":";

static double
bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
bench_report(long rows, double started)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    double seconds = bench_now() - started;
    printf("{\"rows\":%ld,\"seconds\":%.3f,\"rows_per_s\":%.0f,\"cpu_us_per_row\":%.3f}\n", rows, seconds,
           (double)rows / seconds, cpu / (double)rows * 1e6);
}

static void
bench_die(const char *what, const char *why)
{
    fprintf(stderr, "limits: %s: %s\n", what, why);
    exit(1);
}

static MYSQL *
bench_connect(char **argv)
{
    MYSQL *my = mysql_init(NULL);
    if (!mysql_real_connect(my, argv[0], argv[2], argv[3], argv[4], (unsigned)atoi(argv[1]), NULL, 0))
        bench_die("connect", mysql_error(my));
    return my;
}

static int
bench_select(char **argv)
{
    MYSQL *my = bench_connect(argv);
    char sql[256];
    snprintf(sql, sizeof(sql), "SELECT * FROM `%s` ORDER BY id", argv[5]);
    double started = bench_now();
    if (mysql_query(my, sql))
        bench_die("select", mysql_error(my));
    MYSQL_RES *result = mysql_use_result(my);
    unsigned columns = mysql_num_fields(result);
    long rows = 0;
    volatile unsigned char touched = 0;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)); rows++) {
        const unsigned long *lengths = mysql_fetch_lengths(result);
        for (unsigned i = 0; i < columns; i++)
            for (unsigned long j = 0; row[i] && j < lengths[i]; j++)
                touched ^= (unsigned char)row[i][j];
    }
    bench_report(rows, started);
    mysql_free_result(result);
    mysql_close(my);
    return 0;
}

static int
bench_insert(char **argv)
{
    MYSQL *my = bench_connect(argv);
    long rows = atol(argv[6]);
    enum { A_STATEMENT = 3000, ROW_MAX = 96 };
    char *sql = malloc(A_STATEMENT * ROW_MAX + 256);
    mysql_autocommit(my, 0);
    double started = bench_now();
    for (long done = 0; done < rows;) {
        int len = sprintf(sql, "INSERT INTO `%s` (id,customerId,price,productId,qty) VALUES ", argv[5]);
        for (int i = 0; i < A_STATEMENT && done < rows; i++) {
            done++;
            len += sprintf(sql + len, "%s(%ld,'cust-%ld',%.2f,%ld,%ld)", i ? "," : "", done, done % 5000,
                           (double)(done * 7919 % 100000) / 100, done % 997, done % 10);
        }
        if (mysql_real_query(my, sql, (unsigned long)len) || mysql_commit(my))
            bench_die("insert", mysql_error(my));
    }
    bench_report(rows, started);
    free(sql);
    mysql_close(my);
    return 0;
}

static rd_kafka_conf_t *
bench_conf(const char *const *settings)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (; *settings; settings += 2)
        if (rd_kafka_conf_set(conf, settings[0], settings[1], why, sizeof(why)) != RD_KAFKA_CONF_OK)
            bench_die("settings", why);
    return conf;
}

static rd_kafka_t *
bench_client(rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
    char why[256];
    rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof(why));
    if (!rk)
        bench_die("client", why);
    return rk;
}

/* Hands over one record, waiting while the queue is full. */
static void
bench_send(rd_kafka_t *rk, rd_kafka_topic_t *topic, int partition, const char *key, int key_len, char *value, int value_len)
{
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value, (size_t)value_len, key, (size_t)key_len, NULL) == -1) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            bench_die("produce", rd_kafka_err2str(rd_kafka_last_error()));
        rd_kafka_poll(rk, 10);
    }
}

static rd_kafka_t *
bench_producer(const char *broker, const char *codec)
{
    const char *const settings[] = {"bootstrap.servers", broker, "enable.idempotence", "true", "compression.type",
                                    codec, "linger.ms", "5", "queue.buffering.max.messages", "100000",
                                    "queue.buffering.max.kbytes", "65536", "batch.size", "1000000", NULL};
    return bench_client(RD_KAFKA_PRODUCER, bench_conf(settings));
}

static void
bench_produced(rd_kafka_t *rk, rd_kafka_topic_t *topic, long rows, double started)
{
    rd_kafka_flush(rk, 60000);
    bench_report(rows, started);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
}

static int
bench_produce(char **argv)
{
    rd_kafka_t *rk = bench_producer(argv[0], argv[3]);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[1], NULL);
    long rows = atol(argv[2]), first = argv[4] ? atol(argv[5]) : 0;
    int partition = argv[4] ? atoi(argv[4]) : 0;
    char record[sizeof(bench_schema) + 160];
    double started = bench_now();
    for (long i = first + 1; i <= first + rows; i++) {
        int len = sprintf(record, "%s{\"id\":%ld,\"customerId\":\"cust-%ld\",\"price\":%.2f,\"productId\":%ld,\"qty\":%ld}}",
                          bench_schema, i, i % 5000, (double)(i * 7919 % 100000) / 100, i % 997, i % 10);
        bench_send(rk, topic, partition, NULL, 0, record, len);
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    bench_produced(rk, topic, rows, started);
    return 0;
}

static int
bench_tombstones(char **argv)
{
    rd_kafka_t *rk = bench_producer(argv[0], "lz4");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[1], NULL);
    long rows = atol(argv[2]);
    double started = bench_now();
    for (long i = 1; i <= rows; i++) {
        char key[256];
        int len = sprintf(key, "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"optional\":false,"
                               "\"field\":\"id\"}],\"optional\":false},\"payload\":{\"id\":%ld}}", i);
        bench_send(rk, topic, 0, key, len, NULL, 0);
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    bench_produced(rk, topic, rows, started);
    return 0;
}

static int
bench_consume(char **argv)
{
    const char *const settings[] = {"bootstrap.servers", argv[0], "group.id", "limits", "auto.offset.reset", "earliest",
                                    "enable.auto.commit", "false", "queued.max.messages.kbytes", "16384", NULL};
    rd_kafka_t *rk = bench_client(RD_KAFKA_CONSUMER, bench_conf(settings));
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(parts, argv[1], 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(rk, parts);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
    long rows = atol(argv[2]), seen = 0;
    rd_kafka_message_t *messages[1000];
    double started = bench_now();
    while (seen < rows) {
        ssize_t n = rd_kafka_consume_batch_queue(queue, 1000, messages, 1000);
        for (ssize_t i = 0; i < n; i++) {
            seen += messages[i]->err ? 0 : 1;
            rd_kafka_message_destroy(messages[i]);
        }
        if (bench_now() - started > 300)
            bench_die("consume", "no end within 300 s");
    }
    bench_report(seen, started);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_partition_list_destroy(parts);
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return 0;
}

static const struct {
    const char *name;
    int args;
    int (*run)(char **argv);
} bench_limits[] = {
    {"select", 6, bench_select}, {"insert", 7, bench_insert}, {"produce", 4, bench_produce}, {"produce", 6, bench_produce},
    {"tombstones", 3, bench_tombstones}, {"consume", 3, bench_consume},
};

int
main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(bench_limits) / sizeof(bench_limits[0]); i++)
        if (argc == bench_limits[i].args + 2 && strcmp(argv[1], bench_limits[i].name) == 0)
            return bench_limits[i].run(argv + 2);
    fprintf(stderr, "usage: limits select|insert|produce|tombstones|consume ..., see the top of bench/limits.c\n");
    return 1;
}
