/*
 * A transaction is in the log, and with that in the stream, before it is visible. MySQL can be asked to wait for that by GTIDs.
 * MariaDB counts a GTID as soon as it is in the log, but says for a consistent read view which position of the log it is of.
 */
#include "connect/connectors/binlog/watermark.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/connectors/binlog/position.h"
#include "connect/connectors/binlog/server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WAIT_MS = 1000 };

static bool
not_yet(struct error *err)
{
    return error_set_retriable(err, ERROR_TIMEOUT, "the server does not show all transactions that its log has given out yet");
}

/* ---- MySQL ------------------------------------------------------------------------------------------------------------ */

static bool
wait_for_gtids(struct db *db, const struct binlog_gtids *gtids, struct error *err)
{
    if (binlog_gtids_is_empty(gtids))
        return true;
    struct strbuf sql = STRBUF_INIT;
    char *timed_out = NULL;
    strbuf_puts(&sql, "SELECT WAIT_FOR_EXECUTED_GTID_SET('");
    binlog_gtids_text(gtids, &sql);
    strbuf_printf(&sql, "', %d)", WAIT_MS / 1000);
    bool ok = cdc_server_ask(db, sql.data, &timed_out, err);
    if (ok && (!timed_out || strcmp(timed_out, "0") != 0))
        ok = not_yet(err);
    free(timed_out);
    strbuf_fini(&sql);
    return ok;
}

/* ---- MariaDB ---------------------------------------------------------------------------------------------------------- */

struct view {
    char *file;
    uint64_t pos;
};

static void
take_status(void *arg, const char *const *texts)
{
    struct view *view = arg;
    if (!texts[0] || !texts[1])
        return;
    if (strcasecmp(texts[0], "binlog_snapshot_position") == 0)
        view->pos = strtoull(texts[1], NULL, 10);
    if (strcasecmp(texts[0], "binlog_snapshot_file") == 0) {
        free(view->file);
        view->file = xstrdup(texts[1]);
    }
}

/* *behind_out: the view is of a position in front of what was seen. */
static bool
open_view(struct db *db, const struct cdc_seen *seen, bool *behind_out, struct error *err)
{
    struct view view = {0};
    bool ok = cdc_server_run(db, err, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ") &&
              cdc_server_run(db, err, "START TRANSACTION WITH CONSISTENT SNAPSHOT") &&
              db_each_row(db, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'", take_status, &view, err);
    if (ok) {
        int order = cdc_position_compare_files(view.file ? view.file : "", seen->file);
        *behind_out = order < 0 || (order == 0 && view.pos < seen->pos);
    }
    free(view.file);
    return ok;
}

static bool
wait_for_view(struct db *db, const struct cdc_seen *seen, struct error *err)
{
    int64_t until_ms = clock_now_ms() + WAIT_MS;
    bool is_behind = true;
    while (open_view(db, seen, &is_behind, err)) {
        if (!is_behind)
            return true;
        if (!cdc_server_run(db, err, "COMMIT"))
            return false;
        if (clock_now_ms() >= until_ms)
            return not_yet(err);
        if (!cdc_server_run(db, err, "DO SLEEP(0.005)"))
            return false;
    }
    return false;
}

/* ---- both ------------------------------------------------------------------------------------------------------------- */

bool
cdc_watermark_low(struct db *db, const struct cdc_seen *seen, struct error *err)
{
    return db_is_mariadb(db) ? wait_for_view(db, seen, err) : wait_for_gtids(db, seen->gtids, err);
}

bool
cdc_watermark_high(struct db *db, struct binlog_gtids **out, struct error *err)
{
    bool is_mariadb = db_is_mariadb(db);
    char *text = NULL;
    if (!cdc_server_ask(db, is_mariadb ? "SELECT @@gtid_binlog_pos" : "SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged)", &text, err))
        return false;
    *out = binlog_gtids_parse(text ? text : "", err);
    free(text);
    if (*out && is_mariadb && !cdc_server_run(db, err, "COMMIT")) {
        binlog_gtids_free(*out);
        *out = NULL;
    }
    return *out != NULL;
}
