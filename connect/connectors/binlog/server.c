#include "connect/connectors/binlog/server.h"

#include "common/base/alloc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NO_SUCH_DATABASE = 1049, NO_SUCH_TABLE = 1146 }; /* the server's numbers */

bool
cdc_server_run(struct db *db, struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = NULL;
    int len = vasprintf(&sql, format, args);
    va_end(args);
    ensure(len >= 0, "out of memory");
    bool ok = db_exec(db, sql, (size_t)len, NULL, err);
    free(sql);
    return ok;
}

/* ---- answers of one row --------------------------------------------------------------------------------------- */

struct answer {
    bool is_there;
    char *text;
};

static void
take_first(void *arg, const char *const *texts)
{
    struct answer *answer = arg;
    if (!answer->is_there)
        *answer = (struct answer){true, xstrdup(texts[0])};
}

bool
cdc_server_ask(struct db *db, const char *sql, char **out, struct error *err)
{
    struct answer answer = {false, NULL};
    bool ok = db_each_row(db, sql, take_first, &answer, err);
    if (!ok)
        free(answer.text);
    *out = ok ? answer.text : NULL;
    return ok;
}

static void
quote_text(struct db *db, struct strbuf *out, const char *text)
{
    db_quote(db, out, text, strlen(text));
}

/* ---- the log ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *variable, *wanted, *why;
} log_settings[] = {
    {"log_bin", "1", "the server's binlog is off, which this connector reads: set log_bin in its configuration and restart it"},
    {"binlog_format", "ROW",
     "The MySQL server is not configured to use a ROW binlog_format, which is required for this connector to work properly. Change "
     "the MySQL configuration to use a binlog_format=ROW and restart the connector"},
    {"binlog_row_image", "FULL",
     "The MySQL server is not configured to use a FULL binlog_row_image, which is required for this connector to work properly. "
     "Change the MySQL configuration to use a binlog_row_image=FULL and restart the connector"},
};

bool
cdc_server_check_log(struct db *db, struct error *err)
{
    for (size_t i = 0; i < sizeof(log_settings) / sizeof(*log_settings); i++) {
        char *value, sql[64];
        snprintf(sql, sizeof(sql), "SELECT @@GLOBAL.%s", log_settings[i].variable);
        if (!cdc_server_ask(db, sql, &value, err))
            return false;
        bool ok = value && strcasecmp(value, log_settings[i].wanted) == 0;
        free(value);
        if (!ok)
            return error_set(err, ERROR_CONFIG, "%s", log_settings[i].why);
    }
    return true;
}

/* Line breaks stand between the sources of a set. */
static char *
dup_gtids(const char *text)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "");
    for (; text && *text; text++)
        if (*text != '\n' && *text != '\r' && *text != ' ')
            strbuf_putc(&out, *text);
    return strbuf_take(&out);
}

static void
take_position(void *arg, const char *const *texts)
{
    struct cdc_offset *out = arg;
    if (out->file || !texts[0] || !texts[1])
        return;
    out->file = xstrdup(texts[0]);
    out->pos = strtoull(texts[1], NULL, 10);
}

/* MariaDB has no fifth column. */
static void
take_position_and_gtids(void *arg, const char *const *texts)
{
    struct cdc_offset *out = arg;
    bool is_first = !out->file;
    take_position(arg, texts);
    if (is_first && texts[4] && *texts[4])
        out->gtids = dup_gtids(texts[4]);
}

/* MySQL 8.4 renamed the statement. */
static bool
has_new_words(const struct db *db)
{
    int major = 0, minor = 0;
    if (db_is_mariadb(db))
        return false;
    sscanf(db_server_version(db), "%d.%d", &major, &minor);
    return major > 8 || (major == 8 && minor >= 2);
}

/* The set of a server that once had GTIDs says nothing about what is logged without. */
static bool
is_gtid_mode_on(struct db *db, bool *is_on_out, struct error *err)
{
    char *mode;
    if (!cdc_server_ask(db, "SELECT @@GLOBAL.gtid_mode", &mode, err))
        return false;
    *is_on_out = mode && strcasecmp(mode, "ON") == 0;
    free(mode);
    return true;
}

/* The GTIDs of MariaDB have a question of their own; those of a server that does not use them are dropped. */
static bool
settle_gtids(struct db *db, struct cdc_offset *offset, struct error *err)
{
    if (db_is_mariadb(db)) {
        char *gtids;
        if (!cdc_server_ask(db, "SELECT @@gtid_binlog_pos", &gtids, err))
            return false;
        offset->gtids = dup_gtids(gtids);
        free(gtids);
        return true;
    }
    bool is_on = true;
    if (offset->gtids && !is_gtid_mode_on(db, &is_on, err))
        return false;
    if (!is_on) {
        free(offset->gtids);
        offset->gtids = NULL;
    }
    return true;
}

bool
cdc_server_position(struct db *db, struct cdc_offset *out, struct error *err)
{
    struct cdc_offset offset = CDC_OFFSET_INIT;
    const char *sql = has_new_words(db) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
    if (!db_each_row(db, sql, db_is_mariadb(db) ? take_position : take_position_and_gtids, &offset, err))
        return false;
    if (!offset.file)
        return error_set(err, ERROR_CONFIG, "Cannot read the binlog filename and position via '%s'. Make sure your server is correctly "
                                            "configured", sql);
    if (!settle_gtids(db, &offset, err)) {
        cdc_offset_fini(&offset);
        return false;
    }
    *out = offset;
    return true;
}

static void
take_view_position(void *arg, const char *const *texts)
{
    struct cdc_offset *view = arg;
    if (!texts[0] || !texts[1])
        return;
    if (strcasecmp(texts[0], "Binlog_snapshot_file") == 0 && *texts[1] && !view->file)
        view->file = xstrdup(texts[1]);
    else if (strcasecmp(texts[0], "Binlog_snapshot_position") == 0)
        view->pos = strtoull(texts[1], NULL, 10);
}

bool
cdc_server_view_position(struct db *db, struct cdc_offset *out, bool *is_known_out, struct error *err)
{
    struct cdc_offset view = CDC_OFFSET_INIT;
    bool ok = db_each_row(db, "SHOW STATUS LIKE 'binlog_snapshot_%'", take_view_position, &view, err);
    *is_known_out = ok && view.file && view.pos;
    if (*is_known_out && db_is_mariadb(db)) {
        ok = cdc_server_gtids_at(db, view.file, view.pos, &view.gtids, err);
        free(out->gtids);
        out->gtids = view.gtids;
        view.gtids = NULL;
    }
    if (*is_known_out) {
        free(out->file);
        out->file = view.file;
        out->pos = view.pos;
        view.file = NULL;
    }
    cdc_offset_fini(&view);
    return ok;
}

static void
take_commit(void *arg, const char *const *texts)
{
    if (texts[0])
        string_list_add(arg, texts[0]);
}

/* A commit has its lock from before it is written to the log until the engine is done. Whoever holds commits back has another one. */
bool
cdc_server_commits(struct db *db, struct string_list *out, bool *is_known_out, struct error *err)
{
    char *enabled;
    bool ok = cdc_server_ask(db, "SELECT ENABLED FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl'", &enabled, err);
    *is_known_out = ok && enabled && strcasecmp(enabled, "YES") == 0;
    free(enabled);
    if (*is_known_out)
        ok = db_each_row(db, "SELECT CONCAT_WS('-', OWNER_THREAD_ID, OWNER_EVENT_ID, OBJECT_INSTANCE_BEGIN) FROM performance_schema.metadata_locks "
                         "WHERE OBJECT_TYPE = 'COMMIT' AND LOCK_TYPE = 'INTENTION_EXCLUSIVE' AND LOCK_STATUS = 'GRANTED'", take_commit, out, err);
    *is_known_out = *is_known_out && ok;
    return ok || !err->retriable;
}

struct file_search {
    const char *file;
    bool is_found;
    char *first;
};

static void
look_at_file(void *arg, const char *const *texts)
{
    struct file_search *search = arg;
    if (!texts[0])
        return;
    if (!search->first)
        search->first = xstrdup(texts[0]);
    search->is_found = search->is_found || (search->file && strcmp(texts[0], search->file) == 0);
}

bool
cdc_server_has_file(struct db *db, const char *file, bool *has_out, struct error *err)
{
    struct file_search search = {.file = file};
    bool ok = db_each_row(db, "SHOW BINARY LOGS", look_at_file, &search, err);
    free(search.first);
    *has_out = search.is_found;
    return ok;
}

bool
cdc_server_first_file(struct db *db, char **out, struct error *err)
{
    struct file_search search = {0};
    if (!db_each_row(db, "SHOW BINARY LOGS", look_at_file, &search, err))
        return false;
    *out = search.first;
    return search.first || error_set(err, ERROR_CONFIG, "the server has no binlog file");
}

/* ---- GTIDs ------------------------------------------------------------------------------------------------------ */

bool
cdc_server_gtids_at(struct db *db, const char *file, uint64_t pos, char **out, struct error *err)
{
    *out = NULL;
    if (!db_is_mariadb(db))
        return true;
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SELECT BINLOG_GTID_POS(");
    quote_text(db, &sql, file);
    strbuf_printf(&sql, ", %" PRIu64 ")", pos);
    bool ok = cdc_server_ask(db, sql.data, out, err);
    strbuf_fini(&sql);
    return ok;
}

/* What was in front of the oldest file is gone. */
static bool
ask_mariadb(struct db *db, char **executed_out, char **purged_out, struct error *err)
{
    enum { FIRST_POSITION = 4 };
    char *file;
    if (!cdc_server_first_file(db, &file, err))
        return false;
    bool ok = cdc_server_gtids_at(db, file, FIRST_POSITION, purged_out, err) && cdc_server_ask(db, "SELECT @@gtid_binlog_pos", executed_out, err);
    free(file);
    return ok;
}

static bool
ask_mysql(struct db *db, char **executed_out, char **purged_out, struct error *err)
{
    bool is_on;
    return is_gtid_mode_on(db, &is_on, err) &&
           (!is_on || (cdc_server_ask(db, "SELECT @@GLOBAL.gtid_executed", executed_out, err) &&
                       cdc_server_ask(db, "SELECT @@GLOBAL.gtid_purged", purged_out, err)));
}

bool
cdc_server_gtids(struct db *db, char **executed_out, char **purged_out, struct error *err)
{
    char *executed = NULL, *purged = NULL;
    bool ok = (db_is_mariadb(db) ? ask_mariadb : ask_mysql)(db, &executed, &purged, err);
    *executed_out = ok && executed ? dup_gtids(executed) : NULL;
    *purged_out = ok && executed ? dup_gtids(purged) : NULL;
    free(executed);
    free(purged);
    return ok;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

void
cdc_names_fini(struct cdc_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].database);
        free(names->items[i].table);
    }
    free(names->items);
    *names = (struct cdc_names){0};
}

static void
add_name(void *arg, const char *const *texts)
{
    struct cdc_names *names = arg;
    if (!texts[0] || !texts[1])
        return;
    names->items = xrealloc(names->items, (names->count + 1) * sizeof(*names->items));
    names->items[names->count++] = (struct cdc_name){xstrdup(texts[0]), xstrdup(texts[1])};
}

static int
compare_names(const void *a, const void *b)
{
    const struct cdc_name *left = a, *right = b;
    char *full_left = xasprintf("%s.%s", left->database, left->table), *full_right = xasprintf("%s.%s", right->database, right->table);
    int order = strcmp(full_left, full_right);
    free(full_left);
    free(full_right);
    return order;
}

bool
cdc_server_tables(struct db *db, struct cdc_names *out, struct error *err)
{
    *out = (struct cdc_names){0};
    bool ok = db_each_row(db, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', "
                           "'SYSTEM VERSIONED') AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema')", add_name, out, err);
    if (!ok)
        cdc_names_fini(out);
    else if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), compare_names);
    return ok;
}

bool
cdc_server_ignores_case(struct db *db, bool *out, struct error *err)
{
    char *value;
    if (!cdc_server_ask(db, "SELECT @@lower_case_table_names", &value, err))
        return false;
    *out = value && strcmp(value, "0") != 0;
    free(value);
    return true;
}

static void
add_variable(void *arg, const char *const *texts)
{
    struct strbuf *out = arg;
    if (texts[0] && texts[1])
        strbuf_printf(out, "%s%s=%s", out->len ? ", " : "SET ", texts[0], texts[1]);
}

bool
cdc_server_variables(struct db *db, struct strbuf *out, struct error *err)
{
    strbuf_reset(out);
    return db_each_row(db, "SHOW VARIABLES WHERE Variable_name IN ('character_set_server', 'collation_server')", add_variable, out, err);
}

static void
add_charset(void *arg, const char *const *texts)
{
    if (texts[0] && texts[1])
        strbuf_printf(arg, " CHARSET %s COLLATE %s", texts[0], texts[1]);
}

bool
cdc_server_database_charset(struct db *db, const char *database, struct strbuf *out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ");
    quote_text(db, &sql, database);
    bool ok = db_each_row(db, sql.data, add_charset, out, err);
    strbuf_fini(&sql);
    return ok;
}

struct charset_taker {
    void (*take)(void *arg, const char *database, const char *charset);
    void *arg;
};

static void
take_charset(void *arg, const char *const *texts)
{
    const struct charset_taker *taker = arg;
    if (texts[0] && texts[1])
        taker->take(taker->arg, texts[0], texts[1]);
}

bool
cdc_server_charsets(struct db *db, void (*take)(void *arg, const char *database, const char *charset), void *arg, struct error *err)
{
    struct charset_taker taker = {take, arg};
    return db_each_row(db, "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA", take_charset, &taker, err);
}

static void
take_second(void *arg, const char *const *texts)
{
    if (texts[1])
        strbuf_puts(arg, texts[1]);
}

bool
cdc_server_create_table(struct db *db, const char *database, const char *table, struct strbuf *out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SHOW CREATE TABLE ");
    db_quote_name(&sql, database);
    strbuf_putc(&sql, '.');
    db_quote_name(&sql, table);
    strbuf_reset(out);
    bool ok = db_each_row(db, sql.data, take_second, out, err);
    strbuf_fini(&sql);
    return ok || err->cause == NO_SUCH_TABLE || err->cause == NO_SUCH_DATABASE;
}

bool
cdc_server_now_us(struct db *db, int64_t *out, struct error *err)
{
    char *text;
    if (!cdc_server_ask(db, "SELECT CAST(UNIX_TIMESTAMP(CURRENT_TIMESTAMP) * 1000000 AS SIGNED)", &text, err))
        return false;
    *out = text ? strtoll(text, NULL, 10) : 0;
    free(text);
    return true;
}

enum { BUSY_MAX = 3, LIST_ID = 0, LIST_USER, LIST_HOST, LIST_DATABASE, LIST_COMMAND, LIST_TIME };

struct busy {
    uint64_t own_id;
    struct {
        char *text;
        int64_t seconds;
    } items[BUSY_MAX + 1]; /* longest first; one more for the one that falls out */
    size_t count;
};

/* Sleepers may hold locks (LOCK TABLES), but most just sleep: they come behind those that run. */
static void
take_process(void *arg, const char *const *texts)
{
    struct busy *busy = arg;
    if (!texts[LIST_ID] || !texts[LIST_COMMAND] || !texts[LIST_TIME] || strtoull(texts[LIST_ID], NULL, 10) == busy->own_id ||
        strcmp(texts[LIST_COMMAND], "Daemon") == 0 || strncmp(texts[LIST_COMMAND], "Binlog Dump", 11) == 0)
        return;
    int64_t seconds = strtoll(texts[LIST_TIME], NULL, 10);
    size_t at = busy->count;
    bool is_asleep = strcmp(texts[LIST_COMMAND], "Sleep") == 0;
    for (; at > 0 && (is_asleep ? -1 : seconds) > busy->items[at - 1].seconds; at--)
        busy->items[at] = busy->items[at - 1];
    busy->items[at].text = xasprintf("%s (%s@%s) for %s s, %s", texts[LIST_ID], texts[LIST_USER] ? texts[LIST_USER] : "",
                                     texts[LIST_HOST] ? texts[LIST_HOST] : "", texts[LIST_TIME], texts[LIST_COMMAND]);
    busy->items[at].seconds = is_asleep ? -1 : seconds;
    if (busy->count < BUSY_MAX)
        busy->count++;
    else
        free(busy->items[BUSY_MAX].text);
}

bool
cdc_server_busy(struct db *db, struct strbuf *out, struct error *err)
{
    struct busy busy = {.own_id = db_connection_id(db)};
    bool ok = db_each_row(db, "SHOW PROCESSLIST", take_process, &busy, err);
    for (size_t i = 0; i < busy.count; i++) {
        if (ok)
            strbuf_printf(out, "%s%s", i ? ", " : "", busy.items[i].text);
        free(busy.items[i].text);
    }
    return ok;
}

bool
cdc_server_row_count(struct db *db, const char *database, const char *table, int64_t *out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    char *text;
    strbuf_puts(&sql, "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ");
    quote_text(db, &sql, database);
    strbuf_puts(&sql, " AND TABLE_NAME = ");
    quote_text(db, &sql, table);
    bool ok = cdc_server_ask(db, sql.data, &text, err);
    strbuf_fini(&sql);
    if (!ok)
        return false;
    *out = text ? strtoll(text, NULL, 10) : -1;
    free(text);
    return true;
}
