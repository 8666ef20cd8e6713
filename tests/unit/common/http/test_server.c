/* The server over real sockets of the loopback interface; every wait has an end. */
#include "common/http/http.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct http_request *held; /* a deferred request */
static bool is_entered, may_leave;
static int observed;

static void
wait_for(const bool *flag)
{
    pthread_mutex_lock(&lock);
    while (!*flag)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void
raise_flag(bool *flag)
{
    pthread_mutex_lock(&lock);
    *flag = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Echoes what it was asked, blocks on /block, defers on /later. */
static void
handle(void *arg, struct http_request *request, struct http_response *response)
{
    (void)arg;
    http_set(response, "Content-Type", "text/plain");
    const char *probe = http_header(request, "x-probe");
    strbuf_printf(&response->body, "%s %s %s|%s|%.*s", request->method, request->path, request->query ? request->query : "-",
                  probe ? probe : "-", (int)request->body_len, request->body);
    if (strcmp(request->path, "/block") == 0) {
        raise_flag(&is_entered);
        wait_for(&may_leave);
    } else if (strcmp(request->path, "/later") == 0) {
        http_defer(request);
        held = request;
        request->user = response;
        raise_flag(&is_entered);
    } else if (strcmp(request->path, "/close") == 0) {
        response->close = true;
    }
}

static void
observe(void *arg, const struct http_request *request, int status, size_t bytes, int64_t took_us)
{
    (void)arg, (void)request, (void)bytes, (void)took_us;
    pthread_mutex_lock(&lock);
    observed = status;
    pthread_mutex_unlock(&lock);
}

static struct http_server *
start(struct http_config config)
{
    is_entered = may_leave = false;
    struct http_listen listen = {.host = "127.0.0.1"};
    if (!config.listen_count) {
        config.listen = &listen;
        config.listen_count = 1;
    }
    config.handler = handle;
    config.observer = observe;
    struct error err = ERROR_INIT;
    struct http_server *server = http_server_start(&config, &err);
    ck_assert_msg(server != NULL, "%s", err.message);
    return server;
}

static int
dial(const struct http_server *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_server_port(server, 0)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void
say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Read until the end of the stream, or until `until` was seen. */
static char *
hear(int fd, const char *until)
{
    static char text[1 << 16];
    size_t len = 0;
    text[0] = '\0';
    while (!until || !strstr(text, until)) {
        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        ck_assert_msg(n >= 0 || until == NULL, "nothing came, have: %s", text);
        if (n <= 0)
            break;
        len += (size_t)n;
        text[len] = '\0';
    }
    return text;
}

static char *
ask(const struct http_server *server, const char *request)
{
    int fd = dial(server);
    say(fd, request);
    char *text = hear(fd, NULL);
    close(fd);
    return text;
}

START_TEST(a_request_reaches_the_handler_as_it_was_sent)
{
    struct http_server *server = start((struct http_config){0});
    char *text = ask(server, "POST /a%2Fb/c?q=%20+&r HTTP/1.1\r\nHost: x\r\nX-Probe: p\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    ck_assert_ptr_nonnull(strstr(text, "HTTP/1.1 200"));
    ck_assert_ptr_nonnull(strstr(text, "POST /a%2Fb/c q=%20+&r|p|abc"));
    ck_assert_int_eq(observed, 200);
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(a_chunked_body_is_put_together)
{
    struct http_server *server = start((struct http_config){0});
    char *text = ask(server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(text, "|-|abc"));
    http_server_stop(server, 1000);
}
END_TEST

static const struct {
    const char *request, *status;
} refused[] = {
    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 413"},
    {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
     "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n"
     "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n0\r\n\r\n", "HTTP/1.1 413"},
};

START_TEST(what_breaks_a_limit_is_refused)
{
    struct http_server *server = start((struct http_config){.body_max = 100});
    char *text = ask(server, refused[_i].request);
    ck_assert_msg(strncmp(text, refused[_i].status, strlen(refused[_i].status)) == 0, "%s", text);
    ck_assert_ptr_null(strstr(text, "200 OK"));
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(a_header_over_the_limit_is_431)
{
    struct http_server *server = start((struct http_config){.header_max = 2048});
    int fd = dial(server);
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ");
    char part[512];
    memset(part, 'a', sizeof(part));
    for (int i = 0; i < 16; i++)
        if (send(fd, part, sizeof(part), MSG_NOSIGNAL) < 0)
            break;
    char *text = hear(fd, "\r\n");
    ck_assert_msg(strncmp(text, "HTTP/1.1 431", 12) == 0, "%s", text);
    close(fd);
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct http_server *server = start((struct http_config){0});
    char *text = ask(server, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /close HTTP/1.1\r\nHost: x\r\n\r\n");
    char *first = strstr(text, "GET /1"), *second = strstr(text, "GET /2"), *third = strstr(text, "GET /close");
    ck_assert(first && second && third && first < second && second < third);
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(a_request_that_trickles_in_is_cut_off)
{
    struct http_server *server = start((struct http_config){.request_timeout_ms = 700});
    int fd = dial(server);
    int64_t start_ms = clock_now_ms();
    char byte;
    ssize_t n = -1;
    struct timeval pause = {.tv_usec = 100000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause));
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    while (n < 0 && clock_now_ms() - start_ms < 15000 && send(fd, "a", 1, MSG_NOSIGNAL) == 1)
        n = recv(fd, &byte, 1, 0); /* waits for the pause, or until the server ends it */
    int64_t took_ms = clock_now_ms() - start_ms;
    ck_assert_int_ge(took_ms, 600);
    ck_assert_int_lt(took_ms, 10000);
    close(fd);
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(a_deferred_request_is_answered_from_another_thread)
{
    struct http_server *server = start((struct http_config){.workers = 1});
    int fd = dial(server);
    say(fd, "GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    wait_for(&is_entered);
    ck_assert_ptr_nonnull(strstr(ask(server, "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), "GET /other"));
    struct http_response *response = held->user;
    strbuf_puts(&response->body, " at last");
    http_resume(held);
    ck_assert_ptr_nonnull(strstr(hear(fd, NULL), "at last"));
    close(fd);
    http_server_stop(server, 1000);
}
END_TEST

static void *
stop_main(void *server)
{
    http_server_stop(server, 5000);
    return NULL;
}

START_TEST(stopping_lets_a_running_request_finish)
{
    struct http_server *server = start((struct http_config){0});
    int fd = dial(server);
    say(fd, "GET /block HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&is_entered);
    http_server_close(server);
    pthread_t stopper;
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_main, server), 0);
    raise_flag(&may_leave);
    char *text = hear(fd, NULL);
    ck_assert_ptr_nonnull(strstr(text, "HTTP/1.1 200"));
    ck_assert_ptr_nonnull(strstr(text, "GET /block"));
    ck_assert_ptr_nonnull(strcasestr(text, "Connection: close"));
    close(fd);
    pthread_join(stopper, NULL);
}
END_TEST

START_TEST(a_taken_port_is_a_configuration_error)
{
    struct http_server *server = start((struct http_config){0});
    struct http_listen listen[] = {{.host = "127.0.0.1"}, {.host = "127.0.0.1", .port = http_server_port(server, 0)}};
    struct http_config config = {.listen = listen, .listen_count = 2, .handler = handle};
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(http_server_start(&config, &err));
    ck_assert_int_eq(err.code, ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "127.0.0.1"));
    http_server_stop(server, 1000);
}
END_TEST

START_TEST(header_values_cannot_break_the_header)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    http_add(&response, "A", "x\r\nB: y");
    http_set(&response, "b", "1");
    http_add(&response, "B", "2");
    ck_assert_str_eq(http_get(&response, "a"), "x??B: y");
    http_set(&response, "B", "3");
    ck_assert_uint_eq(response.field_count, 2);
    ck_assert_str_eq(http_get(&response, "b"), "3");
    for (int i = 0; i < 40; i++)
        http_add(&response, "Many", "v");
    ck_assert_uint_eq(response.field_count, 42);
    http_response_fini(&response);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("http server");
    TCase *tcase = tcase_create("server");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_request_reaches_the_handler_as_it_was_sent);
    tcase_add_test(tcase, a_chunked_body_is_put_together);
    tcase_add_loop_test(tcase, what_breaks_a_limit_is_refused, 0, (int)(sizeof(refused) / sizeof(*refused)));
    tcase_add_test(tcase, a_header_over_the_limit_is_431);
    tcase_add_test(tcase, pipelined_requests_are_answered_in_order);
    tcase_add_test(tcase, a_request_that_trickles_in_is_cut_off);
    tcase_add_test(tcase, a_deferred_request_is_answered_from_another_thread);
    tcase_add_test(tcase, stopping_lets_a_running_request_finish);
    tcase_add_test(tcase, a_taken_port_is_a_configuration_error);
    tcase_add_test(tcase, header_values_cannot_break_the_header);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
