/*
 * The connector instance: finds the tables, spreads them over tasks, and looks for new and dropped ones.
 *
 * Matches TableMonitorThread and JdbcSourceConnector: failing look-ups later on are logged and tried again at the next
 * look; a changed set of tables asks for new task configurations; without any table one task is made, which then
 * says what is wrong.
 */
#include "connect/connectors/jdbc/jdbc.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/source_config.h"
#include "connect/connectors/jdbc/source_offset.h"
#include "connect/connectors/jdbc/source_task.h"
#include "connect/connectors/jdbc/tables.h"

#include <stdlib.h>
#include <string.h>

LOGGER("connect.jdbc.source_connector");

struct source_connector {
    struct db_links links;
    struct config *cfg;
    struct source_settings settings;
    struct jdbc_connection conn;
    struct jdbc_tables tables;
    int64_t look_at_ms;
    bool is_parsed;
};

/* ---- tables -------------------------------------------------------------------------------------------- */

static bool
find_tables(struct source_connector *connector, struct jdbc_tables *out, int attempts, struct error *err)
{
    struct db *db = jdbc_links_open(&connector->links, &connector->conn, attempts, connector->settings.connection_backoff_ms, err);
    if (!db)
        return false;
    bool ok = jdbc_tables_find(db, &connector->conn, &connector->settings, out, err);
    db_links_drop(&connector->links, db);
    return ok;
}

static bool
start_tables(struct source_connector *connector, struct error *err)
{
    connector->look_at_ms = clock_now_ms() + connector->settings.table_poll_interval_ms;
    if (!find_tables(connector, &connector->tables, connector->settings.connection_attempts, err))
        return false;
    if (!jdbc_tables_check_names(&connector->tables, err))
        return error_cause(err, NULL, "Encountered an unrecoverable error while reading tables from the database");
    if (connector->tables.count == 0)
        log_warn("no table matches the configuration");
    return true;
}

static bool
connector_init(void *state, const struct connector_context *ctx, const struct config *cfg, struct error *err)
{
    (void)ctx;
    struct source_connector *connector = state;
    connector->cfg = config_dup(cfg);
    if (!source_settings_init(&connector->settings, cfg, err))
        return false;
    connector->is_parsed = true;
    if (!jdbc_connection_init(&connector->conn, cfg, err))
        return false;
    jdbc_connection_warn_unknown(&connector->conn);
    if (!connector->settings.sql)
        return start_tables(connector, err);
    struct db *db = jdbc_links_open(&connector->links, &connector->conn, connector->settings.connection_attempts,
                                    connector->settings.connection_backoff_ms, err);
    db_links_drop(&connector->links, db);
    return db != NULL;
}

/* ---- tasks -------------------------------------------------------------------------------------------------- */

static void
add_task(struct source_connector *connector, size_t first, size_t count, struct config_list *out)
{
    struct config *task = config_dup(connector->cfg);
    struct strbuf names = STRBUF_INIT;
    strbuf_puts(&names, "");
    for (size_t i = 0; i < count; i++) {
        if (i)
            strbuf_putc(&names, ',');
        jdbc_table_write(&names, &connector->tables.items[first + i], true);
    }
    config_set(task, "tables", names.data);
    config_set(task, "tables.fetched", "true");
    strbuf_fini(&names);
    config_list_add(out, task);
}

/* Neighbouring tables go to one task; the first tasks get one more when it does not come out even. */
static bool
connector_task_configs(void *state, int max_tasks, struct config_list *out, struct error *err)
{
    (void)err;
    struct source_connector *connector = state;
    size_t tables = connector->settings.sql ? 0 : connector->tables.count;
    size_t groups = max_tasks < 1 ? 1 : (size_t)max_tasks;
    if (groups > tables)
        groups = tables ? tables : 1;
    for (size_t i = 0, first = 0; i < groups; i++) {
        size_t count = tables / groups + (i < tables % groups);
        add_task(connector, first, count, out);
        first += count;
    }
    return true;
}

static bool
look_again(struct source_connector *connector)
{
    struct error err = ERROR_INIT;
    struct jdbc_tables found;
    connector->look_at_ms = clock_now_ms() + connector->settings.table_poll_interval_ms;
    if (!find_tables(connector, &found, 1, &err)) {
        if (!db_links_is_closed(&connector->links))
            log_warn("could not look for tables, trying again in %lld ms: %s", (long long)connector->settings.table_poll_interval_ms,
                     err.message);
        return false;
    }
    bool is_changed = !jdbc_tables_equal(&found, &connector->tables);
    if (is_changed && !jdbc_tables_check_names(&found, &err)) {
        log_error("%s", err.message);
        is_changed = false;
    }
    if (!is_changed) {
        jdbc_tables_fini(&found);
        return false;
    }
    log_info("the set of tables has changed: %zu before, %zu now", connector->tables.count, found.count);
    jdbc_tables_fini(&connector->tables);
    connector->tables = found;
    return true;
}

static bool
connector_watch(void *state, int timeout_ms)
{
    struct source_connector *connector = state;
    int64_t left = connector->look_at_ms - clock_now_ms();
    if (connector->settings.sql || left > timeout_ms) {
        db_links_wait(&connector->links, timeout_ms);
        return false;
    }
    if (left > 0 && db_links_wait(&connector->links, left))
        return false;
    return look_again(connector);
}

static void
connector_close(void *state)
{
    struct source_connector *connector = state;
    db_links_close(&connector->links);
}

static void
connector_fini(void *state)
{
    struct source_connector *connector = state;
    jdbc_tables_fini(&connector->tables);
    jdbc_connection_fini(&connector->conn);
    if (connector->is_parsed)
        source_settings_fini(&connector->settings);
    config_free(connector->cfg);
}

static const struct connector_ops source_connector_ops = {
    .size = sizeof(struct source_connector),
    .init = connector_init,
    .task_configs = connector_task_configs,
    .watch = connector_watch,
    .close = connector_close,
    .fini = connector_fini,
};

/* ---- the plugin ------------------------------------------------------------------------------------------------ */

/* Every mode but bulk has offsets that say where to go on. */
static bool
exactly_once(const struct config *cfg)
{
    return strcmp(config_get_or(cfg, "mode", ""), "bulk") != 0;
}

const struct connector_plugin jdbc_source_plugin = {
    .class_name = "io.confluent.connect.jdbc.JdbcSourceConnector",
    .task_class = "io.confluent.connect.jdbc.source.JdbcSourceTask",
    .version = JDBC_VERSION,
    .type = CONNECTOR_SOURCE,
    .rows = jdbc_source_rows,
    .validate = jdbc_source_validate,
    .connector = &source_connector_ops,
    .source = &jdbc_source_task_ops,
    .exactly_once = exactly_once,
};
