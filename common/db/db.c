/*
 * Connecting, statements as text, and ending a statement from another thread.
 *
 * Built against MariaDB Connector/C and Oracle's libmysqlclient; where they differ it is said. A statement
 * is ended in two steps: db_kill() shuts the socket down, so that the owner wakes at once without waiting for
 * the network (also one that is still connecting: MariaDB's library asks us to wait for it, Oracle's connects step by
 * step), and db_close() then asks the server over a second connection to drop the first, as a server that computes does
 * not notice that nobody listens.
 */
#include "common/db/db_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

LOGGER("common.db");

enum { CONNECT_TIMEOUT_MS = 10000, KILL_TIMEOUT_MS = 3000 };
enum { CLIENT_ERRORS = 2000, CLIENT_SSL_ERROR = 2026 };

/* ---- the library ------------------------------------------------------------------------------- */

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static pthread_key_t library_thread;

static void
library_thread_end(void *arg)
{
    (void)arg;
    mysql_thread_end();
}

static void
library_init(void)
{
    ensure(mysql_library_init(0, NULL, NULL) == 0, "mysql_library_init");
    ensure(pthread_key_create(&library_thread, library_thread_end) == 0, "pthread_key_create");
}

/* The library keeps memory for every thread that uses it; it goes when the thread ends. */
static void
library_enter(void)
{
    pthread_once(&library_once, library_init);
    pthread_setspecific(library_thread, &library_once);
}

/* ---- parameters ----------------------------------------------------------------------------------- */

static const char *const *
texts_copy(const char *const *from)
{
    size_t count = 0;
    while (from && from[count])
        count++;
    char **to = count ? xcalloc(count + 1, sizeof(*to)) : NULL;
    for (size_t i = 0; i < count; i++)
        to[i] = xstrdup(from[i]);
    return (const char *const *)to;
}

static void
params_copy(struct db_params *to, const struct db_params *from)
{
    *to = *from;
    to->host = xstrdup(from->host && *from->host ? from->host : "localhost");
    to->user = xstrdup(from->user);
    to->password = xstrdup(from->password);
    to->database = xstrdup(from->database);
    to->ssl_ca = xstrdup(from->ssl_ca);
    to->ssl_cert = xstrdup(from->ssl_cert);
    to->ssl_key = xstrdup(from->ssl_key);
    to->init = texts_copy(from->init);
}

static void
params_free(struct db_params *params)
{
    if (params->password)
        explicit_bzero((char *)params->password, strlen(params->password));
    const char *texts[] = {params->host, params->user, params->password, params->database,
                           params->ssl_ca, params->ssl_cert, params->ssl_key};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free((char *)texts[i]);
    for (size_t i = 0; params->init && params->init[i]; i++)
        free((char *)params->init[i]);
    free((void *)params->init);
}

/* ---- connecting ----------------------------------------------------------------------------------- */

static unsigned
seconds(unsigned ms)
{
    return (ms + 999) / 1000;
}

#ifdef MARIADB_BASE_VERSION
/* Encryption is asked for by "enforce", and a server without it is refused then. */
static void
set_tls(MYSQL *mysql, const struct db_params *params, bool with_tls)
{
    my_bool enforce = with_tls, verify = params->ssl_mode == DB_SSL_VERIFY_CA || params->ssl_mode == DB_SSL_VERIFY_IDENTITY;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}
#else
static void
set_tls(MYSQL *mysql, const struct db_params *params, bool with_tls)
{
    static const unsigned modes[] = {
        [DB_SSL_PREFERRED] = SSL_MODE_REQUIRED,   [DB_SSL_DISABLED] = SSL_MODE_DISABLED,
        [DB_SSL_REQUIRED] = SSL_MODE_REQUIRED,    [DB_SSL_VERIFY_CA] = SSL_MODE_VERIFY_CA,
        [DB_SSL_VERIFY_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
    };
    unsigned mode = with_tls ? modes[params->ssl_mode] : SSL_MODE_DISABLED;
    mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
    bool get_key = params->get_server_public_key;
    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &get_key);
}
#endif

static void
set_options(MYSQL *mysql, const struct db_params *params)
{
    unsigned connect = seconds(params->connect_timeout_ms ? params->connect_timeout_ms : CONNECT_TIMEOUT_MS);
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
    unsigned io = seconds(params->read_timeout_ms);
    if (io) {
        mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &io);
        mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &io);
    }
    unsigned protocol = MYSQL_PROTOCOL_TCP, no_local_files = 0;
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
    unsigned long packet = 1UL << 30; /* what we accept; the server's own limit is lower */
    mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (params->compress)
        mysql_options(mysql, MYSQL_OPT_COMPRESS, NULL);
    if (params->ssl_ca || params->ssl_cert || params->ssl_key)
        mysql_ssl_set(mysql, params->ssl_key, params->ssl_cert, params->ssl_ca, NULL, NULL);
}

/* A link that died without a word is noticed after two minutes at most. */
static void
set_keepalive(int fd)
{
    int on = 1, idle = 60, interval = 10, count = 6;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* From now on db_kill reaches this socket. */
static bool
follow_socket(struct db *db, int fd)
{
    return db->wake_fd < 0 || dup3(fd, db->wake_fd, O_CLOEXEC) == db->wake_fd;
}

static unsigned
connect_timeout_ms(const struct db *db)
{
    return db->params.connect_timeout_ms ? db->params.connect_timeout_ms : CONNECT_TIMEOUT_MS;
}

static bool connect_once(struct db *db, bool with_tls, const char *host, struct error *err);

#ifdef MARIADB_BASE_VERSION
static _Thread_local struct db *opening; /* by this thread */

/* The library wants to wait for the server while it connects: it shall not wait longer than it was given for all, nor when
   it was killed. 1: go on, 0: too late, -1: failed. */
static int
wait_for_server(my_socket fd, my_bool is_read, int timeout_ms)
{
    struct db *db = opening;
    if (!follow_socket(db, fd))
        return -1;
    int64_t left = db->open_until_ms - clock_now_ms();
    if (timeout_ms > 0 && timeout_ms < left)
        left = timeout_ms;
    struct pollfd socket = {.fd = fd, .events = is_read ? POLLIN : POLLOUT};
    int ready = 0;
    if (left > 0 && !atomic_load(&db->is_killed))
        do
            ready = poll(&socket, 1, (int)left);
        while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = ETIMEDOUT;
    return atomic_load(&db->is_killed) ? -1 : ready;
}

static void
watch_waits(struct db *db, bool is_on)
{
    opening = is_on ? db : NULL;
    mysql_optionsv(db->mysql, MARIADB_OPT_IO_WAIT, is_on ? (void *)wait_for_server : NULL);
}

static bool
connect_library(struct db *db, const char *host, const char *database, unsigned long flags, struct error *err)
{
    const struct db_params *params = &db->params;
    return mysql_real_connect(db->mysql, host, params->user, params->password ? params->password : "", database,
                              params->port ? params->port : 3306, NULL, flags) ||
           db_error_set(db, err);
}

static bool
connect_address(struct db *db, bool with_tls, struct error *err)
{
    return connect_once(db, with_tls, db->params.host, err); /* the library tries all addresses of the host */
}
#else
static void
watch_waits(struct db *db, bool is_on)
{
    (void)db, (void)is_on;
}

/* Oracle's library connects step by step and does not say what it waits for: mostly the server's next word. Until there is a
   socket it waits a millisecond by itself. False: too late, or killed. */
static bool
wait_for_step(struct db *db, struct error *err)
{
    enum { STEP_MS = 10 };
    int64_t left = db->open_until_ms - clock_now_ms();
    struct pollfd socket = {.fd = (int)db->mysql->net.fd, .events = POLLIN};
    if (atomic_load(&db->is_killed))
        return db_error_set(db, err);
    if (left <= 0)
        return db_error_from(err, CR_CONNECTION_ERROR, "HY000", "the server does not answer in time");
    if (socket.fd <= 0)
        return true;
    if (!follow_socket(db, socket.fd))
        return error_set(err, ERROR_INTERNAL, "the connection's socket: %s", strerror(errno));
    poll(&socket, 1, left < STEP_MS ? (int)left : STEP_MS);
    return true;
}

/* What is given up half-way goes on until the library sees that its socket is shut: only that frees what it keeps. */
static bool
connect_library(struct db *db, const char *host, const char *database, unsigned long flags, struct error *err)
{
    enum { REST_STEPS = 10 };
    const struct db_params *params = &db->params;
    bool goes_on = true;
    int rest = REST_STEPS;
    enum net_async_status status;
    while ((status = mysql_real_connect_nonblocking(db->mysql, host, params->user, params->password ? params->password : "", database,
                                                    params->port ? params->port : 3306, NULL, flags)) == NET_ASYNC_NOT_READY && rest > 0)
        if (!goes_on)
            rest--;
        else if (!(goes_on = wait_for_step(db, err)) && db->mysql->net.fd > 0)
            shutdown((int)db->mysql->net.fd, SHUT_RDWR);
    if (!goes_on)
        return false;
    return status == NET_ASYNC_COMPLETE || db_error_set(db, err);
}

/* Step by step the library tries the first address of a host only. So its addresses are tried one by one, but for a certificate
   that is compared with the name. */
static bool
connect_address(struct db *db, bool with_tls, struct error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
    const char *host = db->params.host;
    bool is_one = db->params.ssl_mode == DB_SSL_VERIFY_IDENTITY || getaddrinfo(host, NULL, &hints, &all) != 0 || !all->ai_next;
    bool is_open = is_one && connect_once(db, with_tls, host, err), goes_on = !is_one;
    for (struct addrinfo *at = all; at && goes_on; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
            continue;
        is_open = connect_once(db, with_tls, text, err);
        goes_on = !is_open && err->cause == CR_CONN_HOST_ERROR;
    }
    if (all)
        freeaddrinfo(all);
    return is_open;
}
#endif

/* With the waits watched until the caller ends that. */
static bool
connect_once(struct db *db, bool with_tls, const char *host, struct error *err)
{
    const struct db_params *params = &db->params;
    db->mysql = mysql_init(NULL);
    ensure(db->mysql, "mysql_init: out of memory");
    set_options(db->mysql, params);
    set_tls(db->mysql, params, with_tls);
    watch_waits(db, true);
    unsigned long flags = params->found_rows ? CLIENT_FOUND_ROWS : 0;
    if (params->multi_statements)
        flags |= CLIENT_MULTI_STATEMENTS;
    const char *database = params->database && *params->database ? params->database : NULL;
    if (connect_library(db, host, database, flags, err)) {
        db->is_tls = with_tls;
        return true;
    }
    watch_waits(db, false);
    mysql_close(db->mysql);
    db->mysql = NULL;
    return false;
}

/* "Preferred" is: with encryption if the server can. */
static bool
connect_by_mode(struct db *db, struct error *err)
{
    if (connect_address(db, db->params.ssl_mode != DB_SSL_DISABLED, err))
        return true;
    return err->cause == CLIENT_SSL_ERROR && db->params.ssl_mode == DB_SSL_PREFERRED && connect_address(db, false, err);
}

static bool
read_server_settings(struct db *db, struct error *err)
{
    static const char sql[] = "SELECT @@max_allowed_packet";
    struct db_result *result = db_query(db, sql, sizeof(sql) - 1, err);
    if (!result)
        return false;
    const char *const *values;
    const unsigned long *lengths;
    enum db_row_status status = db_result_next(result, &values, &lengths, err);
    if (status == DB_ROW)
        db->max_allowed_packet = strtoull(values[0], NULL, 10);
    db_result_free(result);
    return status == DB_ROW;
}

/* Of each read over TLS, where the library waits inside of it; 0: no limit. */
static void
limit_reads(const struct db *db, int64_t ms)
{
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    setsockopt(db->wake_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* What belongs to connecting, and is as limited in time: statements of the caller are not. */
static bool
greet(struct db *db, struct error *err)
{
    db->connection_id = mysql_thread_id(db->mysql);
    db->is_mariadb = strstr(mysql_get_server_info(db->mysql), "MariaDB") != NULL;
    if (!follow_socket(db, (int)db->mysql->net.fd))
        return error_set(err, ERROR_INTERNAL, "the connection's socket: %s", strerror(errno));
    set_keepalive(db->wake_fd);
    limit_reads(db, connect_timeout_ms(db));
    bool is_done = read_server_settings(db, err);
    limit_reads(db, seconds(db->params.read_timeout_ms) * INT64_C(1000));
    return is_done;
}

bool
db_open(struct db *db, struct error *err)
{
    library_enter();
    if (db->wake_fd < 0)
        return error_set(err, ERROR_INTERNAL, "no file descriptor for a connection: %s", strerror(db->wake_errno));
    db->open_until_ms = clock_now_ms() + connect_timeout_ms(db);
    if (!connect_by_mode(db, err))
        return false;
    bool is_done = greet(db, err);
    watch_waits(db, false);
    for (const char *const *init = db->params.init; is_done && init && *init; init++)
        is_done = db_exec(db, *init, strlen(*init), NULL, err);
    return is_done;
}

struct db *
db_new(const struct db_params *params)
{
    struct db *db = xcalloc(1, sizeof(*db));
    params_copy(&db->params, params);
    db->wake_fd = eventfd(0, EFD_CLOEXEC); /* a number only, until there is a socket */
    db->wake_errno = errno;
    return db;
}

struct db *
db_connect(const struct db_params *params, struct error *err)
{
    struct db *db = db_new(params);
    if (db_open(db, err))
        return db;
    db_close(db);
    return NULL;
}

/* ---- ending -------------------------------------------------------------------------------------------- */

static bool
is_busy(const struct db *db)
{
    return db && db->is_busy;
}

/* One of several; false: the server is not there. */
static bool
kill_one(MYSQL *mysql, const struct db *db)
{
    enum { NO_SUCH_THREAD = 1094 };
    char sql[64];
    int len = snprintf(sql, sizeof(sql), "KILL %lu", db->connection_id);
    if (mysql_real_query(mysql, sql, (unsigned long)len) == 0 || mysql_errno(mysql) == NO_SUCH_THREAD)
        return true;
    log_warn("cannot end the statement of connection %lu: %s", db->connection_id, mysql_error(mysql));
    return mysql_errno(mysql) < CLIENT_ERRORS;
}

/* The server goes on with a long statement although its client is gone: tell it. One more connection does for all, so that
   a server that does not answer is waited for once. */
static void
kill_on_server(struct db *const *dbs, size_t count)
{
    size_t i = 0;
    while (i < count && !is_busy(dbs[i]))
        i++;
    if (i == count)
        return;
    struct db second = {.params = dbs[i]->params, .wake_fd = -1, .open_until_ms = clock_now_ms() + KILL_TIMEOUT_MS};
    second.params.connect_timeout_ms = second.params.read_timeout_ms = KILL_TIMEOUT_MS;
    second.params.database = NULL;
    struct error err = ERROR_INIT;
    if (!connect_address(&second, dbs[i]->is_tls, &err)) {
        log_warn("cannot end the statement of connection %lu: %s", dbs[i]->connection_id, err.message);
        return;
    }
    watch_waits(&second, false);
    for (bool is_there = true; i < count && is_there; i++)
        is_there = !is_busy(dbs[i]) || kill_one(second.mysql, dbs[i]);
    mysql_close(second.mysql);
}

void
db_kill(struct db *db)
{
    atomic_store(&db->is_killed, true);
    if (db->wake_fd >= 0)
        shutdown(db->wake_fd, SHUT_RDWR);
}

static void
free_connection(struct db *db)
{
    if (db->mysql)
        mysql_close(db->mysql);
    if (db->wake_fd >= 0)
        close(db->wake_fd);
    params_free(&db->params);
    free(db);
}

void
db_close_all(struct db *const *dbs, size_t count)
{
    library_enter();
    for (size_t i = 0; i < count; i++)
        if (is_busy(dbs[i]))
            shutdown(dbs[i]->wake_fd, SHUT_RDWR);
    kill_on_server(dbs, count);
    for (size_t i = 0; i < count; i++)
        if (dbs[i])
            free_connection(dbs[i]);
}

void
db_close(struct db *db)
{
    if (db)
        db_close_all(&db, 1);
}

/* ---- questions --------------------------------------------------------------------------------------------- */

bool
db_ready(struct db *db, struct error *err)
{
    library_enter();
    return atomic_load(&db->is_killed) ? db_error_set(db, err) : true;
}

bool
db_ping(struct db *db, struct error *err)
{
    if (!db_ready(db, err))
        return false;
    return mysql_ping(db->mysql) == 0 ? true : db_error_set(db, err);
}

bool
db_is_open(const struct db *db)
{
    char byte;
    if (atomic_load(&db->is_killed) || db->wake_fd < 0)
        return false;
    return recv(db->wake_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

const char *
db_server_version(const struct db *db)
{
    return mysql_get_server_info(db->mysql);
}

bool
db_is_mariadb(const struct db *db)
{
    return db->is_mariadb;
}

uint64_t
db_connection_id(const struct db *db)
{
    return db->connection_id;
}

size_t
db_max_allowed_packet(const struct db *db)
{
    return db->max_allowed_packet;
}

/* ---- statements ------------------------------------------------------------------------------------------- */

bool
db_send(struct db *db, const char *sql, size_t len, struct error *err)
{
    if (!db_ready(db, err))
        return false;
    db->is_busy = true;
    if (mysql_send_query(db->mysql, sql, (unsigned long)len) == 0)
        return true;
    db->is_busy = false;
    return db_error_set(db, err);
}

/* Rows nobody asked for are read away, further results too; *done counts the statements. */
static bool
skip_results(struct db *db, size_t *done)
{
    for (;;) {
        MYSQL_RES *rows = mysql_store_result(db->mysql);
        if (rows)
            mysql_free_result(rows);
        else if (mysql_field_count(db->mysql) != 0)
            return false;
        ++*done;
        int next = mysql_next_result(db->mysql);
        if (next != 0)
            return next < 0;
    }
}

static bool
finish(struct db *db, uint64_t *affected_out, size_t *done_out, struct error *err)
{
    size_t statements = 0;
    bool done = mysql_read_query_result(db->mysql) == 0;
    uint64_t affected = done ? mysql_affected_rows(db->mysql) : 0;
    done = done && skip_results(db, &statements);
    if (!done)
        db_error_set(db, err);
    /* with the link gone the server may still be at work, but only a killed connection is worth a second one */
    db->is_busy = !done && atomic_load(&db->is_killed);
    if (done && affected_out)
        *affected_out = affected == (uint64_t)-1 ? 0 : affected;
    *done_out = statements;
    return done;
}

bool
db_finish(struct db *db, uint64_t *affected_out, struct error *err)
{
    size_t statements;
    return finish(db, affected_out, &statements, err);
}

bool
db_finish_many(struct db *db, size_t *done_out, struct error *err)
{
    return finish(db, NULL, done_out, err);
}

bool
db_exec(struct db *db, const char *sql, size_t len, uint64_t *affected_out, struct error *err)
{
    return db_send(db, sql, len, err) && db_finish(db, affected_out, err);
}

bool
db_commit(struct db *db, struct error *err)
{
    if (!db_send(db, "COMMIT", 6, err))
        return false;
    if (db_finish(db, NULL, err))
        return true;
    if (err->code == ERROR_UNAVAILABLE || atomic_load(&db->is_killed))
        err->code = ERROR_UNCERTAIN;
    return false;
}

bool
db_rollback(struct db *db, struct error *err)
{
    return db_exec(db, "ROLLBACK", 8, NULL, err);
}

/* ---- literals ---------------------------------------------------------------------------------------------- */

static const char escapes[256] = {
    ['\0'] = '0', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\', ['\''] = '\'', ['\x1a'] = 'Z',
};

void
db_quote(struct db *db, struct strbuf *out, const char *bytes, size_t len)
{
    bool with_backslash = !(db->mysql->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES);
    char *to = strbuf_room(out, 2 * len + 2), *start = to;
    *to++ = '\'';
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i], escape = escapes[(unsigned char)c];
        if (escape && with_backslash) {
            *to++ = '\\';
            *to++ = escape;
        } else {
            if (c == '\'')
                *to++ = '\'';
            *to++ = c;
        }
    }
    *to++ = '\'';
    strbuf_wrote(out, (size_t)(to - start));
}
