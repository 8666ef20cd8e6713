/* How a snapshot begins: the session, locks, the position and the read view that belong together, and the structure. */
#include "connect/connectors/binlog/snapshot_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

LOGGER("io.debezium.relational.RelationalSnapshotChangeEventSource");

enum {
    LOCK_WAIT_TIMEOUT = 1205, /* the server's number */
    LIST_TRIES = 5,
    COMMITS_MS = 10000,
    COMMITS_LOOK_MS = 10,
};

/* ---- which tables ------------------------------------------------------------------------------------------------- */

static int
compare_ranks(const void *a, const void *b)
{
    const struct cdc_snapshot_source *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* Those that are captured, in the order of the expressions of table.include.list that name them. */
static void
choose_tables(struct cdc_snapshot *snapshot, const struct cdc_names *names)
{
    struct cdc_context *ctx = snapshot->ctx;
    cdc_snapshot_forget_tables(snapshot);
    for (size_t i = 0; i < names->count; i++) {
        struct cdc_slot *slot = cdc_context_slot(ctx, names->items[i].database, names->items[i].table);
        if (!slot->is_captured || slot->is_signal || !cdc_filters_in_snapshot(ctx->filters, slot->database, slot->table))
            continue;
        cdc_snapshot_add_table(snapshot, slot, NULL);
        struct cdc_snapshot_source *table = &snapshot->tables[snapshot->table_count - 1];
        table->place = i;
        table->rank = cdc_filters_table_rank(ctx->filters, slot->database, slot->table);
    }
    if (snapshot->table_count)
        qsort(snapshot->tables, snapshot->table_count, sizeof(*snapshot->tables), compare_ranks);
}

/* What there is now; with locks on single tables that is known already. */
static bool
list_tables(struct cdc_snapshot *snapshot, struct cdc_names *names, struct error *err)
{
    if (snapshot->has_table_locks)
        return true;
    if (!cdc_server_tables(snapshot->db, names, err))
        return false;
    choose_tables(snapshot, names);
    return true;
}

static int
compare_row_counts(const void *a, const void *b)
{
    const struct cdc_snapshot_source *left = a, *right = b;
    if (left->row_count != right->row_count)
        return left->row_count < right->row_count ? -1 : 1;
    return strcmp(left->slot->label, right->slot->label);
}

/* snapshot.tables.order.by.row.count */
static bool
order_tables(struct cdc_snapshot *snapshot, struct error *err)
{
    enum cdc_row_count_order order = snapshot->ctx->config.row_count_order;
    if (order == CDC_ROW_COUNT_DISABLED || snapshot->table_count == 0)
        return true;
    for (size_t i = 0; i < snapshot->table_count; i++) {
        struct cdc_snapshot_source *table = &snapshot->tables[i];
        if (!cdc_server_row_count(snapshot->db, table->slot->database, table->slot->table, &table->row_count, err))
            return false;
        if (order == CDC_ROW_COUNT_DESCENDING)
            table->row_count = -table->row_count;
    }
    qsort(snapshot->tables, snapshot->table_count, sizeof(*snapshot->tables), compare_row_counts);
    return true;
}

/* ---- locks -------------------------------------------------------------------------------------------------------- */

/* Timestamps in UTC; whoever waits for Kafka is not dropped. */
static bool
prepare_session(const struct cdc_snapshot *snapshot, struct db *db, struct error *err)
{
    int64_t lock_s = (snapshot->ctx->config.snapshot_lock_timeout_ms + 999) / 1000;
    if (lock_s < 1)
        lock_s = 1;
    return cdc_server_run(db, err, "SET SESSION time_zone = '+00:00', net_write_timeout = 3600, lock_wait_timeout = %" PRId64
                                   ", innodb_lock_wait_timeout = %" PRId64, lock_s, lock_s) &&
           cdc_server_run(db, err, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
}

/* Whoever writes has waited behind this lock, so it is not asked for again and again; what to end is said. */
static bool
refuse_to_wait(const struct cdc_snapshot *snapshot, struct error *err)
{
    struct strbuf holders = STRBUF_INIT;
    struct error ignored;
    if (!cdc_server_busy(snapshot->db, &holders, &ignored) || holders.len == 0)
        strbuf_puts(&holders, "none that this account can see (privilege PROCESS)");
    error_set(err, ERROR_TIMEOUT, "The lock of the snapshot was not granted within snapshot.lock.timeout.ms (%" PRId64 "). It waits for "
                                  "statements and locks of other connections, the longest running are: %s. End them, or use "
                                  "snapshot.locking.mode=none, and restart the task",
              snapshot->ctx->config.snapshot_lock_timeout_ms, holders.data);
    err->cause = LOCK_WAIT_TIMEOUT;
    strbuf_fini(&holders);
    return false;
}

static bool
is_percona(enum cdc_locking_mode mode)
{
    return mode == CDC_LOCKING_MINIMAL_PERCONA || mode == CDC_LOCKING_MINIMAL_PERCONA_NO_TABLE_LOCKS;
}

/* FLUSH TABLES a, b WITH READ LOCK. */
static bool
lock_chosen(struct cdc_snapshot *snapshot, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "FLUSH TABLES ");
    for (size_t i = 0; i < snapshot->table_count; i++) {
        if (i)
            strbuf_putc(&sql, ',');
        db_quote_name(&sql, snapshot->tables[i].slot->database);
        strbuf_putc(&sql, '.');
        db_quote_name(&sql, snapshot->tables[i].slot->table);
    }
    strbuf_puts(&sql, " WITH READ LOCK");
    snapshot->has_table_locks = db_exec(snapshot->db, sql.data, sql.len, NULL, err);
    strbuf_fini(&sql);
    return snapshot->has_table_locks;
}

static bool
refuse_table_locks(const struct cdc_snapshot *snapshot, struct error *err)
{
    if (err->cause == LOCK_WAIT_TIMEOUT)
        return refuse_to_wait(snapshot, err);
    return error_wrap(err, "User does not have the 'LOCK TABLES' privilege required to obtain a consistent snapshot by preventing "
                           "concurrent writes to tables (or RELOAD, for one lock on all)");
}

static bool
same_names(const struct cdc_names *a, const struct cdc_names *b)
{
    bool is_same = a->count == b->count;
    for (size_t i = 0; i < a->count && is_same; i++)
        is_same = strcmp(a->items[i].database, b->items[i].database) == 0 && strcmp(a->items[i].table, b->items[i].table) == 0;
    return is_same;
}

/* The account may not lock all: then the captured tables, one list, held to the end, as releasing them would end the read.
   A table that was made meanwhile has to be among them, so what there is is looked at again behind the lock. */
static bool
lock_tables(struct cdc_snapshot *snapshot, struct cdc_names *names, struct error *err)
{
    if (!cdc_server_tables(snapshot->db, names, err))
        return false;
    for (int i = 0; i < LIST_TRIES; i++) {
        struct cdc_names now;
        choose_tables(snapshot, names);
        if (snapshot->table_count == 0)
            return true;
        if (!lock_chosen(snapshot, err))
            return refuse_table_locks(snapshot, err);
        if (!cdc_server_tables(snapshot->db, &now, err))
            return false;
        bool is_same = same_names(names, &now);
        cdc_names_fini(names);
        *names = now;
        if (is_same)
            return true;
        snapshot->has_table_locks = false;
        if (!cdc_server_run(snapshot->db, err, "UNLOCK TABLES"))
            return false;
    }
    error_set(err, ERROR_UNAVAILABLE, "tables are made and dropped all the time while the snapshot wants to lock them");
    err->retriable = true;
    return false;
}

static bool
lock(struct cdc_snapshot *snapshot, struct cdc_names *names, struct error *err)
{
    enum cdc_locking_mode mode = snapshot->ctx->config.locking_mode;
    if (mode == CDC_LOCKING_NONE || !snapshot->with_schema)
        return true;
    struct error denied;
    if (cdc_server_run(snapshot->db, &denied, "%s", is_percona(mode) ? "LOCK TABLES FOR BACKUP" : "FLUSH TABLES WITH READ LOCK")) {
        snapshot->has_global_lock = true;
        return true;
    }
    if (denied.cause == LOCK_WAIT_TIMEOUT) {
        *err = denied;
        return refuse_to_wait(snapshot, err);
    }
    if (db_links_is_closed(&snapshot->ctx->links.dbs) || mode == CDC_LOCKING_MINIMAL_PERCONA_NO_TABLE_LOCKS || denied.retriable) {
        *err = denied;
        return error_wrap(err, "the lock of the snapshot");
    }
    log_info("Unable to flush and acquire global read lock, will use table read locks after reading table names: %s", denied.message);
    return lock_tables(snapshot, names, err);
}

static bool
unlock(struct cdc_snapshot *snapshot, struct error *err)
{
    if (!snapshot->has_global_lock)
        return true;
    snapshot->has_global_lock = false;
    return cdc_server_run(snapshot->db, err, "UNLOCK TABLES");
}

/* Does nobody commit while the view is begun? */
static bool
holds_commits(const struct cdc_snapshot *snapshot)
{
    return snapshot->has_table_locks || (snapshot->has_global_lock && !is_percona(snapshot->ctx->config.locking_mode));
}

static bool
has_common(const struct string_list *a, const struct string_list *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (strcmp(a->items[i], b->items[j]) == 0)
                return true;
    return false;
}

/* Until all commits are done that were under way when the position was read. What comes later is behind the position. */
static bool
wait_for_commits(struct cdc_snapshot *snapshot, struct error *err)
{
    struct string_list first = STRING_LIST_INIT;
    bool is_known, is_waiting = true;
    int64_t until_ms = clock_now_ms() + COMMITS_MS;
    bool ok = cdc_server_commits(snapshot->db, &first, &is_known, err);
    if (ok && !is_known)
        log_warn("which commits are under way cannot be seen, so the snapshot may lack one whose log was written already. SELECT on "
                 "performance_schema with its instrument 'wait/lock/metadata/sql/mdl', gtid_mode=ON or snapshot.locking.mode=minimal "
                 "prevent that");
    while (ok && is_known && first.count && is_waiting) {
        struct string_list now = STRING_LIST_INIT;
        ok = cdc_server_commits(snapshot->db, &now, &is_known, err);
        is_waiting = ok && has_common(&first, &now);
        string_list_fini(&now);
        if (is_waiting && clock_now_ms() >= until_ms) {
            log_warn("a commit that was under way when the position was read is not done after %d s, the snapshot may lack it", COMMITS_MS / 1000);
            break;
        }
        if (is_waiting && db_links_wait(&snapshot->ctx->links.dbs, COMMITS_LOOK_MS))
            ok = error_set(err, ERROR_TIMEOUT, "the snapshot is closed");
    }
    string_list_fini(&first);
    return ok;
}

/* All sessions see the same rows, as nobody writes in between, or the later ones see more. Locks of single tables would be
   gone with it, and hold the rows still. */
static bool
begin_read(struct cdc_snapshot *snapshot, struct error *err)
{
    static const char sql[] = "START TRANSACTION WITH CONSISTENT SNAPSHOT";
    bool ok = snapshot->has_table_locks || cdc_server_run(snapshot->db, err, sql);
    for (size_t i = 0; i < snapshot->other_count && ok; i++)
        ok = cdc_server_run(snapshot->others[i], err, sql);
    return ok;
}

/* ---- structure ---------------------------------------------------------------------------------------------------- */

static void
add_statement(struct cdc_snapshot *snapshot, const char *database, char *sql)
{
    snapshot->statements = xrealloc(snapshot->statements, (snapshot->statement_count + 1) * sizeof(*snapshot->statements));
    snapshot->statements[snapshot->statement_count++] = (struct cdc_snapshot_statement){xstrdup(database), sql};
}

static void
add_drop_table(struct cdc_snapshot *snapshot, const struct cdc_slot *slot)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "DROP TABLE IF EXISTS ");
    db_quote_name(&sql, slot->database);
    strbuf_putc(&sql, '.');
    db_quote_name(&sql, slot->table);
    add_statement(snapshot, slot->database, strbuf_take(&sql));
}

static bool
add_database(struct cdc_snapshot *snapshot, struct db *db, const char *database, struct error *err)
{
    static const char *const words[] = {"DROP DATABASE IF EXISTS ", "CREATE DATABASE ", "USE "};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        struct strbuf sql = STRBUF_INIT;
        strbuf_puts(&sql, words[i]);
        db_quote_name(&sql, database);
        if (i == 1 && !cdc_server_database_charset(db, database, &sql, err)) {
            strbuf_fini(&sql);
            return false;
        }
        add_statement(snapshot, database, strbuf_take(&sql));
    }
    return true;
}

/* One that was dropped since the tables were listed is not there: the log behind the position has the rest. */
static bool
add_create_table(struct cdc_snapshot *snapshot, struct db *db, const struct cdc_slot *slot, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    if (!cdc_server_create_table(db, slot->database, slot->table, &sql, err))
        return false;
    if (sql.len) {
        add_statement(snapshot, slot->database, strbuf_take(&sql));
        return true;
    }
    log_info("table %s was dropped while the snapshot began: it is left out", slot->label);
    for (size_t i = 0; i < snapshot->table_count; i++)
        if (snapshot->tables[i].slot == slot) {
            cdc_snapshot_remove_table(snapshot, i);
            break;
        }
    return true;
}

/* The statements that make the tables anew, in the order of the original. Asked for while the lock is held, told later. */
static bool
read_structure_by(struct cdc_snapshot *snapshot, struct db *db, const struct cdc_names *names, struct error *err)
{
    struct cdc_context *ctx = snapshot->ctx;
    struct strbuf sql = STRBUF_INIT;
    bool ok = cdc_server_variables(db, &sql, err);
    if (ok && sql.len)
        add_statement(snapshot, "", strbuf_take(&sql));
    for (size_t i = 0; ok && i < names->count; i++) {
        const struct cdc_slot *slot = cdc_context_slot(ctx, names->items[i].database, names->items[i].table);
        if (cdc_filters_in_schema(ctx->filters, slot->database, slot->table))
            add_drop_table(snapshot, slot);
    }
    const char *database = NULL;
    for (size_t i = 0; ok && i < names->count; i++) {
        const struct cdc_slot *slot = cdc_context_slot(ctx, names->items[i].database, names->items[i].table);
        if (!cdc_filters_in_schema(ctx->filters, slot->database, slot->table))
            continue;
        if (!database || strcmp(database, slot->database) != 0)
            ok = add_database(snapshot, db, slot->database, err);
        database = slot->database;
        ok = ok && add_create_table(snapshot, db, slot, err);
    }
    strbuf_fini(&sql);
    return ok;
}

/* A session with locks on single tables is shown no others, and not all have to be captured ones. */
static bool
read_structure(struct cdc_snapshot *snapshot, const struct cdc_names *names, struct error *err)
{
    if (!snapshot->has_table_locks)
        return read_structure_by(snapshot, snapshot->db, names, err);
    struct db *db = cdc_context_connect(snapshot->ctx, err);
    bool ok = db && prepare_session(snapshot, db, err) && read_structure_by(snapshot, db, names, err);
    db_links_drop(&snapshot->ctx->links.dbs, db);
    return ok;
}

/* ---- begin -------------------------------------------------------------------------------------------------------- */

/* A position that stays, stays as it is: whoever is interrupted goes on from there. */
static void
set_places(struct cdc_snapshot *snapshot)
{
    struct cdc_offset running = cdc_offset_dup(&snapshot->position), done = cdc_offset_dup(&snapshot->position);
    if (!snapshot->resume.file)
        running.phase = snapshot->is_blocking ? CDC_OFFSET_BLOCKING : CDC_OFFSET_INITIAL;
    if (snapshot->is_blocking) {
        free(done.extra);
        done.extra = xstrdup(snapshot->extra_done);
    }
    snapshot->running = cdc_place_new(&running, NULL);
    snapshot->done = cdc_place_new(&done, NULL);
    snapshot->at.file = snapshot->done->offset.file;
    if (!snapshot->is_blocking)
        snapshot->at.pos = snapshot->done->offset.pos;
}

static bool
find_position(struct cdc_snapshot *snapshot, struct error *err)
{
    if (!cdc_server_now_us(snapshot->db, &snapshot->at.ts_us, err))
        return false;
    if (snapshot->resume.file) {
        snapshot->position = cdc_offset_dup(&snapshot->resume);
        snapshot->position.phase = CDC_OFFSET_STREAMING;
        return true;
    }
    if (!cdc_server_position(snapshot->db, &snapshot->position, err))
        return false;
    snapshot->position.ts_sec = snapshot->at.ts_us / 1000000;
    return true;
}

/* Where no lock holds writers back the position is that of the view, where the server knows it; else it comes before the view, and
   what is committed in between is in both. Nothing may be in neither: MySQL's executed GTIDs are of what the engine has
   committed, but a file and position are of what was written, so there commits that are under way are waited for. */
static bool
begin_view(struct cdc_snapshot *snapshot, struct error *err)
{
    bool is_exact = false, is_new = !snapshot->resume.file && !holds_commits(snapshot);
    if (is_new && !snapshot->position.gtids && !db_is_mariadb(snapshot->db) && !wait_for_commits(snapshot, err))
        return false;
    return begin_read(snapshot, err) &&
           (!is_new || (snapshot->position.gtids && !db_is_mariadb(snapshot->db)) ||
            cdc_server_view_position(snapshot->db, &snapshot->position, &is_exact, err));
}

static bool
begin_initial(struct cdc_snapshot *snapshot, struct error *err)
{
    struct cdc_names names = {0};
    bool ok = lock(snapshot, &names, err) && find_position(snapshot, err) && list_tables(snapshot, &names, err) && begin_view(snapshot, err) &&
              (!snapshot->with_schema || read_structure(snapshot, &names, err));
    cdc_names_fini(&names);
    if (ok && snapshot->ctx->config.locking_mode != CDC_LOCKING_EXTENDED)
        ok = unlock(snapshot, err);
    return ok && order_tables(snapshot, err);
}

/* What the stream has told already must be in the view, and the log is read as soon as it is written. */
static bool
begin_blocking(struct cdc_snapshot *snapshot, struct error *err)
{
    return (db_is_mariadb(snapshot->db) || wait_for_commits(snapshot, err)) && begin_read(snapshot, err);
}

/* In front of the lock, which is not to be held for that. */
static bool
connect_others(struct cdc_snapshot *snapshot, struct error *err)
{
    size_t wanted = snapshot->with_data ? (size_t)snapshot->ctx->config.snapshot_max_threads : 1;
    if (wanted > CDC_READERS_MAX)
        wanted = CDC_READERS_MAX;
    if (snapshot->is_blocking && wanted > snapshot->table_count)
        wanted = snapshot->table_count;
    while (snapshot->other_count + 1 < wanted) {
        struct db *db = cdc_context_connect(snapshot->ctx, err);
        if (!db)
            return false;
        snapshot->others[snapshot->other_count++] = db;
        if (!prepare_session(snapshot, db, err))
            return false;
    }
    return true;
}

bool
cdc_snapshot_begin(struct cdc_snapshot *snapshot, struct error *err)
{
    snapshot->db = cdc_context_connect(snapshot->ctx, err);
    if (!snapshot->db || !prepare_session(snapshot, snapshot->db, err) || !connect_others(snapshot, err))
        return false;
    if (snapshot->is_blocking ? !begin_blocking(snapshot, err) : !begin_initial(snapshot, err))
        return false;
    set_places(snapshot);
    if (snapshot->position.gtids)
        log_info("snapshot at %s:%" PRIu64 ", GTIDs %s", snapshot->position.file, snapshot->position.pos, snapshot->position.gtids);
    else
        log_info("snapshot at %s:%" PRIu64, snapshot->position.file, snapshot->position.pos);
    snapshot->phase = snapshot->with_schema && !snapshot->is_blocking ? PHASE_SCHEMA : PHASE_DATA;
    return true;
}

/* All was read: a session that cannot be ended in order, since the server has closed it while another was read, loses nothing. */
void
cdc_snapshot_finish(struct cdc_snapshot *snapshot)
{
    struct error err = ERROR_INIT;
    cdc_snapshot_stop_reading(snapshot);
    cdc_snapshot_drop_sessions(snapshot, false);
    bool ok = unlock(snapshot, &err) && cdc_server_run(snapshot->db, &err, "COMMIT") &&
              (!snapshot->has_table_locks || cdc_server_run(snapshot->db, &err, "UNLOCK TABLES"));
    if (!ok)
        log_info("the snapshot's session is closed as it is: %s", err.message);
}
