/* The scripted database: rules, a log of statements, and the functions of common/db/db.h on top. */
#include "tests/fakes/db_script.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/db/db_binlog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 64, COLUMNS_MAX = 64 };

struct rule {
    struct db_script_rule rule;
    unsigned used;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t killed;
    struct rule rules[RULES_MAX];
    size_t rule_count;
    struct {
        char *sql;
        size_t session;
    } *log;
    size_t log_count;
    size_t connects, open;
    struct {
        unsigned times, number;
        const char *sqlstate, *message;
    } refuse;
    const char *version;
    int64_t ping_ms;
    bool is_frozen;
    struct db_params params;
    struct {
        struct strbuf bytes;    /* length u32, event, ... */
        size_t at;
        bool has_end;
        unsigned number;
        const char *message;
    } binlog;
} script = {.lock = PTHREAD_MUTEX_INITIALIZER, .killed = PTHREAD_COND_INITIALIZER, .version = "9.0.0"};

struct db {
    struct db_params params;
    bool is_killed, is_open;
    size_t session;
    const struct db_script_rule *sent;
};

struct db_result {
    struct db *db;
    const struct db_script_rule *rule;
    size_t columns, next;
    unsigned long lengths[COLUMNS_MAX];
};

struct db_stmt {
    struct db *db;
    char *sql;
    struct db_result *rows;
    uint64_t affected, insert_id;
    struct db_value values[COLUMNS_MAX];
};

/* ---- the script ---------------------------------------------------------------------------------- */

static void
params_forget(void)
{
    free((char *)script.params.host);
    free((char *)script.params.user);
    free((char *)script.params.password);
    free((char *)script.params.database);
    script.params = (struct db_params){0};
}

void
db_script_reset(void)
{
    for (size_t i = 0; i < script.log_count; i++)
        free(script.log[i].sql);
    free(script.log);
    script.log = NULL;
    script.log_count = script.rule_count = script.connects = script.open = 0;
    script.refuse.times = 0;
    script.version = "9.0.0";
    script.ping_ms = 0;
    script.is_frozen = script.binlog.has_end = false;
    script.binlog.number = 0;
    script.binlog.at = 0;
    strbuf_fini(&script.binlog.bytes);
    params_forget();
}

void
db_script_freeze(bool is_frozen)
{
    script.is_frozen = is_frozen;
}

void
db_script_event(const void *event, size_t len)
{
    uint32_t len32 = (uint32_t)len;
    strbuf_add(&script.binlog.bytes, &len32, sizeof(len32));
    strbuf_add(&script.binlog.bytes, event, len);
}

void
db_script_events_end(unsigned number, const char *message)
{
    script.binlog.has_end = true;
    script.binlog.number = number;
    script.binlog.message = message;
}

void
db_script_add(const struct db_script_rule *rule)
{
    ensure(script.rule_count < RULES_MAX, "too many rules");
    script.rules[script.rule_count++] = (struct rule){.rule = *rule};
}

void
db_script_refuse(unsigned times, unsigned number, const char *sqlstate, const char *message)
{
    script.refuse.times = times;
    script.refuse.number = number;
    script.refuse.sqlstate = sqlstate;
    script.refuse.message = message;
}

void
db_script_version(const char *version)
{
    script.version = version;
}

void
db_script_ping_ms(int64_t ms)
{
    script.ping_ms = ms;
}

size_t
db_script_count(void)
{
    pthread_mutex_lock(&script.lock);
    size_t count = script.log_count;
    pthread_mutex_unlock(&script.lock);
    return count;
}

const char *
db_script_sql(size_t i)
{
    return i < db_script_count() ? script.log[i].sql : "";
}

size_t
db_script_session(size_t i)
{
    return i < db_script_count() ? script.log[i].session : 0;
}

size_t
db_script_count_of(const char *match)
{
    size_t count = 0;
    for (size_t i = 0; i < db_script_count(); i++)
        count += strstr(script.log[i].sql, match) != NULL;
    return count;
}

size_t
db_script_connects(void)
{
    return script.connects;
}

size_t
db_script_open(void)
{
    return script.open;
}

const struct db_params *
db_script_params(void)
{
    return &script.params;
}

static bool
fail(struct error *err, unsigned number, const char *sqlstate, const char *message)
{
    error_set(err, number >= 2000 && number < 3000 ? ERROR_UNAVAILABLE : ERROR_INTERNAL, "%s", message ? message : "scripted");
    if (number == 1317 || number == 1205 || number == 1213)
        err->code = ERROR_TIMEOUT;
    err->retriable = err->code != ERROR_INTERNAL;
    err->cause = (int)number;
    memccpy(err->sqlstate, sqlstate ? sqlstate : "HY000", '\0', sizeof(err->sqlstate) - 1);
    err->java_class = "java.sql.SQLException";
    return false;
}

/* Log the statement and find its rule; waits where the rule says so. NULL rule: none. */
static bool
answer(struct db *db, const char *sql, size_t len, const struct db_script_rule **rule_out, struct error *err)
{
    pthread_mutex_lock(&script.lock);
    script.log = xrealloc(script.log, (script.log_count + 1) * sizeof(*script.log));
    char *text = xmemdup(sql, len);
    script.log[script.log_count].sql = text;
    script.log[script.log_count++].session = db->session;
    *rule_out = NULL;
    for (size_t i = 0; i < script.rule_count && !*rule_out; i++) {
        struct rule *rule = &script.rules[i];
        if ((rule->rule.times && rule->used >= rule->rule.times) || !strstr(text, rule->rule.match))
            continue;
        rule->used++;
        *rule_out = &rule->rule;
    }
    while (*rule_out && (*rule_out)->blocks && !db->is_killed)
        pthread_cond_wait(&script.killed, &script.lock);
    if (*rule_out && (*rule_out)->takes_ms)
        clock_freeze_ms(clock_now_ms() + (*rule_out)->takes_ms);
    bool is_killed = db->is_killed;
    pthread_mutex_unlock(&script.lock);
    if (is_killed)
        return fail(err, 1317, "70100", "Query execution was interrupted");
    if (*rule_out && (*rule_out)->fails && !(*rule_out)->row_count)
        return fail(err, (*rule_out)->fails, (*rule_out)->sqlstate, (*rule_out)->message);
    return true;
}

/* ---- connections -------------------------------------------------------------------------------------- */

/* Until db_kill, where the script says so. */
static bool
wait_while(struct db *db, bool is_frozen, struct error *err)
{
    pthread_mutex_lock(&script.lock);
    while (is_frozen && !db->is_killed)
        pthread_cond_wait(&script.killed, &script.lock);
    bool is_killed = db->is_killed;
    pthread_mutex_unlock(&script.lock);
    return !is_killed || fail(err, 1317, "70100", "Query execution was interrupted");
}

struct db *
db_new(const struct db_params *params)
{
    struct db *db = xcalloc(1, sizeof(*db));
    db->params = *params;
    params_forget();
    script.params = *params;
    script.params.host = xstrdup(params->host);
    script.params.user = xstrdup(params->user);
    script.params.password = xstrdup(params->password);
    script.params.database = xstrdup(params->database);
    return db;
}

bool
db_open(struct db *db, struct error *err)
{
    db->session = ++script.connects;
    if (!wait_while(db, script.is_frozen, err))
        return false;
    if (script.refuse.times) {
        script.refuse.times--;
        return fail(err, script.refuse.number, script.refuse.sqlstate, script.refuse.message);
    }
    script.open++;
    db->is_open = true;
    for (const char *const *init = db->params.init; init && *init; init++)
        if (!db_exec(db, *init, strlen(*init), NULL, err))
            return false;
    return true;
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

void
db_close(struct db *db)
{
    if (!db)
        return;
    script.open -= db->is_open;
    free(db);
}

void
db_close_all(struct db *const *dbs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        db_close(dbs[i]);
}

void
db_kill(struct db *db)
{
    pthread_mutex_lock(&script.lock);
    db->is_killed = true;
    pthread_cond_broadcast(&script.killed);
    pthread_mutex_unlock(&script.lock);
}

bool
db_is_open(const struct db *db)
{
    return !db->is_killed;
}

bool
db_ping(struct db *db, struct error *err)
{
    (void)db, (void)err;
    if (script.ping_ms)
        clock_freeze_ms(clock_now_ms() + script.ping_ms);
    return true;
}

const char *
db_server_version(const struct db *db)
{
    (void)db;
    return script.version;
}

bool
db_is_mariadb(const struct db *db)
{
    (void)db;
    return strstr(script.version, "MariaDB") != NULL;
}

uint64_t
db_connection_id(const struct db *db)
{
    (void)db;
    return 7;
}

size_t
db_max_allowed_packet(const struct db *db)
{
    (void)db;
    return 16 << 20;
}

/* ---- the log ----------------------------------------------------------------------------------------------- */

bool
db_binlog_dump(struct db *db, const struct db_binlog_request *request, struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    const struct db_script_rule *rule;
    strbuf_printf(&text, "DUMP %s:%u", request->file, request->pos);
    bool is_done = answer(db, text.data, text.len, &rule, err);
    strbuf_fini(&text);
    return is_done;
}

enum db_binlog_status
db_binlog_read(struct db *db, const uint8_t **event_out, size_t *len_out, struct error *err)
{
    uint32_t len;
    bool is_end = script.binlog.at == script.binlog.bytes.len;
    if (!wait_while(db, is_end && !script.binlog.has_end, err))
        return DB_BINLOG_FAILED;
    if (is_end && script.binlog.number) {
        fail(err, script.binlog.number, NULL, script.binlog.message);
        return DB_BINLOG_FAILED;
    }
    if (is_end)
        return DB_BINLOG_END;
    const char *frame = script.binlog.bytes.data + script.binlog.at;
    memcpy(&len, frame, sizeof(len));
    script.binlog.at += sizeof(len) + len;
    *event_out = (const uint8_t *)frame + sizeof(len);
    *len_out = len;
    return DB_BINLOG_EVENT;
}

/* ---- statements ------------------------------------------------------------------------------------------ */

bool
db_send(struct db *db, const char *sql, size_t len, struct error *err)
{
    return answer(db, sql, len, &db->sent, err);
}

bool
db_finish(struct db *db, uint64_t *affected_out, struct error *err)
{
    (void)err;
    if (affected_out)
        *affected_out = db->sent ? db->sent->affected : 0;
    return true;
}

/* As many as the statement that was answered last had semicolons, and one. */
bool
db_finish_many(struct db *db, size_t *done_out, struct error *err)
{
    (void)db, (void)err;
    const char *text = script.log_count ? script.log[script.log_count - 1].sql : "";
    for (*done_out = 1; *text; text++)
        *done_out += *text == ';';
    return true;
}

bool
db_exec(struct db *db, const char *sql, size_t len, uint64_t *affected_out, struct error *err)
{
    return db_send(db, sql, len, err) && db_finish(db, affected_out, err);
}

bool
db_commit(struct db *db, struct error *err)
{
    if (db_exec(db, "COMMIT", 6, NULL, err))
        return true;
    if (err->code == ERROR_UNAVAILABLE)
        err->code = ERROR_UNCERTAIN;
    return false;
}

bool
db_rollback(struct db *db, struct error *err)
{
    return db_exec(db, "ROLLBACK", 8, NULL, err);
}

void
db_quote(struct db *db, struct strbuf *out, const char *bytes, size_t len)
{
    (void)db;
    strbuf_putc(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\'' || bytes[i] == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, bytes[i]);
    }
    strbuf_putc(out, '\'');
}

struct db_result *
db_query(struct db *db, const char *sql, size_t len, struct error *err)
{
    const struct db_script_rule *rule;
    if (!answer(db, sql, len, &rule, err))
        return NULL;
    if (!rule || !rule->columns) {
        error_set(err, ERROR_INTERNAL, "no rule for the query: %.*s", (int)len, sql);
        return NULL;
    }
    struct db_result *result = xcalloc(1, sizeof(*result));
    result->db = db;
    result->rule = rule;
    while (rule->columns[result->columns].name)
        result->columns++;
    return result;
}

size_t
db_result_columns(const struct db_result *result, const struct db_column **columns_out)
{
    if (columns_out)
        *columns_out = result->rule->columns;
    return result->columns;
}

enum db_row_status
db_result_next(struct db_result *result, const char *const **values_out, const unsigned long **lengths_out,
               struct error *err)
{
    const struct db_script_rule *rule = result->rule;
    if (result->db->is_killed)
        return fail(err, 1317, "70100", "Query execution was interrupted"), DB_FAILED;
    if (result->next == rule->row_count)
        return rule->fails ? (fail(err, rule->fails, rule->sqlstate, rule->message), DB_FAILED) : DB_END;
    size_t at = result->columns * result->next++;
    *values_out = rule->rows + at;
    for (size_t i = 0; i < result->columns; i++)
        result->lengths[i] = !rule->rows[at + i] ? 0 : rule->lengths ? rule->lengths[at + i] : strlen(rule->rows[at + i]);
    *lengths_out = result->lengths;
    return DB_ROW;
}

void
db_result_free(struct db_result *result)
{
    free(result);
}

/* ---- prepared statements ------------------------------------------------------------------------------------ */

struct db_stmt *
db_prepare(struct db *db, const char *sql, struct error *err)
{
    (void)err;
    struct db_stmt *stmt = xcalloc(1, sizeof(*stmt));
    stmt->db = db;
    stmt->sql = xstrdup(sql);
    return stmt;
}

void
db_stmt_close(struct db_stmt *stmt)
{
    if (!stmt)
        return;
    free(stmt->rows);
    free(stmt->sql);
    free(stmt);
}

bool
db_stmt_run(struct db_stmt *stmt, const struct db_value *params, size_t count, struct error *err)
{
    (void)params, (void)count;
    const struct db_script_rule *rule;
    free(stmt->rows);
    stmt->rows = NULL;
    if (!answer(stmt->db, stmt->sql, strlen(stmt->sql), &rule, err))
        return false;
    stmt->affected = rule ? rule->affected : 0;
    stmt->insert_id = rule ? rule->insert_id : 0;
    if (rule && rule->columns) {
        stmt->rows = xcalloc(1, sizeof(*stmt->rows));
        stmt->rows->db = stmt->db;
        stmt->rows->rule = rule;
        while (rule->columns[stmt->rows->columns].name)
            stmt->rows->columns++;
    }
    return true;
}

static struct db_value
typed(enum db_type type, const char *text, unsigned long len)
{
    if (!text)
        return (struct db_value){.kind = DB_VALUE_NULL};
    struct db_value value = {.kind = DB_VALUE_TEXT, .bytes = text, .len = len};
    if (type <= DB_LONGLONG || type == DB_YEAR) {
        value.kind = DB_VALUE_INT;
        value.integer = strtoll(text, NULL, 10);
    } else if (type == DB_FLOAT || type == DB_DOUBLE) {
        value.kind = DB_VALUE_DOUBLE;
        value.real = strtod(text, NULL);
    }
    return value;
}

enum db_row_status
db_stmt_next(struct db_stmt *stmt, const struct db_value **row_out, size_t *count_out, struct error *err)
{
    if (!stmt->rows)
        return DB_END;
    const char *const *texts;
    const unsigned long *lengths;
    enum db_row_status status = db_result_next(stmt->rows, &texts, &lengths, err);
    if (status != DB_ROW)
        return status;
    for (size_t i = 0; i < stmt->rows->columns; i++)
        stmt->values[i] = typed(stmt->rows->rule->columns[i].type, texts[i], lengths[i]);
    *row_out = stmt->values;
    *count_out = stmt->rows->columns;
    return DB_ROW;
}

uint64_t
db_stmt_affected(const struct db_stmt *stmt)
{
    return stmt->affected;
}

uint64_t
db_stmt_insert_id(const struct db_stmt *stmt)
{
    return stmt->insert_id;
}
