/* Tests of common/db/db.c and db_error.c on a server that does not answer, or stops answering. Not linked with the scripted database. */
#include "common/db/db_priv.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a server says first: version, connection, salt, capabilities (no TLS), authentication. */
static const char greeting[] = "\x4a\x00\x00\x00\x0a" "8.4.0\0" "\x07\0\0\0" "saltsalt\0" "\xff\xf7\xff\x02\x00\xff\xdf\x15" "\0\0\0\0\0\0\0\0\0\0"
                               "saltsaltsalt\0" "mysql_native_password";

static struct error err;
static int listener, peer;
static unsigned port;

static void
setup(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    err = ERROR_INIT;
    peer = -1;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(listener, 4), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    port = ntohs(address.sin_port);
}

static void
teardown(void)
{
    close(listener);
    if (peer >= 0)
        close(peer);
}

/* Accepts and greets, or not; then nothing, and the connection stays. */
static void *
greet(void *arg)
{
    size_t len = sizeof(greeting);
    char packet[sizeof(greeting)];
    memcpy(packet, greeting, len);
    packet[0] = (char)(len - 4);
    (void)arg;
    peer = accept(listener, NULL, NULL);
    ck_assert_int_eq(write(peer, packet, len), (ssize_t)len);
    return NULL;
}

static struct db *
new_db(unsigned timeout_ms)
{
    return db_new(&(struct db_params){.host = "127.0.0.1", .port = port, .user = "u", .password = "p", .connect_timeout_ms = timeout_ms,
                                      .ssl_mode = DB_SSL_DISABLED});
}

/* Frozen before the greeting, and behind it. */
START_TEST(connecting_to_a_frozen_server_takes_as_long_as_it_may)
{
    pthread_t server;
    struct db *db = new_db(300);
    int64_t start_ms = clock_now_ms();
    if (_i == 1)
        ck_assert_int_eq(pthread_create(&server, NULL, greet, NULL), 0);
    ck_assert(!db_open(db, &err));
    int64_t took_ms = clock_now_ms() - start_ms;
    ck_assert_int_eq(err.code, ERROR_UNAVAILABLE);
    ck_assert(err.retriable);
    ck_assert_int_ge(took_ms, 250);
    ck_assert_int_lt(took_ms, 3000);
    if (_i == 1)
        pthread_join(server, NULL);
    db_close(db);
}
END_TEST

static void *
kill_soon(void *arg)
{
    usleep(100000);
    db_kill(arg);
    return NULL;
}

START_TEST(a_kill_ends_the_connecting)
{
    pthread_t killer, server;
    struct db *db = new_db(60000);
    if (_i == 1)
        ck_assert_int_eq(pthread_create(&server, NULL, greet, NULL), 0);
    ck_assert_int_eq(pthread_create(&killer, NULL, kill_soon, db), 0);
    ck_assert(!db_open(db, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    pthread_join(killer, NULL);
    if (_i == 1)
        pthread_join(server, NULL);
    db_close(db);
}
END_TEST

START_TEST(what_was_killed_before_does_not_connect)
{
    struct db *db = new_db(60000);
    db_kill(db);
    ck_assert(!db_open(db, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    ck_assert(!db_is_open(db));
    db_close(db);
}
END_TEST

/* Without a second descriptor nobody could end the connection later. */
START_TEST(without_a_descriptor_there_is_no_connection)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max}), 0);
    struct db *db = new_db(1000);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert(!db_open(db, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "descriptor"));
    db_close(db);
}
END_TEST

/* Client errors are the link's fault, and worth another attempt, but for one: what is too large stays so. */
START_TEST(a_packet_that_is_too_large_is_not_tried_again)
{
    db_error_from(&err, 2013, "HY000", "Lost connection");
    ck_assert_int_eq(err.code, ERROR_UNAVAILABLE);
    ck_assert(err.retriable);
    db_error_from(&err, 2020, "HY000", "Got packet bigger than 'max_allowed_packet' bytes");
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert(!err.retriable);
    ck_assert_int_eq(err.cause, 2020);
}
END_TEST

/* Lets them in and goes away, until nobody comes any more; returns how many came. */
static void *
turn_away(void *arg)
{
    size_t *count = arg;
    for (int client; (client = accept(listener, NULL, NULL)) >= 0; (*count)++)
        close(client);
    return NULL;
}

/* A stop waits for a server that is gone once, not once for each reader of a snapshot. */
START_TEST(several_connections_are_ended_by_one_more)
{
    enum { COUNT = 4 };
    pthread_t server;
    size_t count = 0;
    struct db *dbs[COUNT + 1] = {NULL};
    for (size_t i = 1; i <= COUNT; i++) {
        dbs[i] = new_db(1000);
        dbs[i]->is_busy = i != 2;
    }
    ck_assert_int_eq(pthread_create(&server, NULL, turn_away, &count), 0);
    db_close_all(dbs, COUNT + 1);
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    ck_assert_uint_eq(count, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/db/connect");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, connecting_to_a_frozen_server_takes_as_long_as_it_may, 0, 2);
    tcase_add_loop_test(tcase, a_kill_ends_the_connecting, 0, 2);
    tcase_add_test(tcase, what_was_killed_before_does_not_connect);
    tcase_add_test(tcase, a_packet_that_is_too_large_is_not_tried_again);
    tcase_add_test(tcase, without_a_descriptor_there_is_no_connection);
    tcase_add_test(tcase, several_connections_are_ended_by_one_more);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
