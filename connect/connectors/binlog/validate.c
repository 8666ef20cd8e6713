/* Validation of a configuration: Debezium's rules in its words, then a look at the server. What the server lacks is told in
   the log only: Debezium accepts such a configuration, and its task fails. */
#include "connect/connectors/binlog/config.h"

#include "common/base/log.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/server.h"
#include "connect/connectors/binlog/server_check.h"

#include <string.h>

LOGGER("connect.connectors.binlog.validate");

/* ---- settings ---------------------------------------------------------------------------------------------------------- */

struct validation {
    struct config_values *values;
    size_t problems;
};

/* Settings that are not described have no place in the answer; the task looks at them. */
static void
add_problem(void *arg, const char *setting, const char *problem)
{
    struct validation *validation = arg;
    if (!config_values_find(validation->values, setting))
        return;
    config_values_error(validation->values, setting, "The '%s' value is invalid: %s", setting, problem);
    validation->problems++;
}

/* Kafka's own checks of types and words say the same in other words. */
static void
forget_generic_errors(const struct config_row *rows, struct config_values *values)
{
    for (const struct config_row *row = rows; row->name; row++) {
        struct config_value *value = config_values_find(values, row->name);
        if (value)
            string_list_fini(&value->errors);
    }
}

/* ---- the server ----------------------------------------------------------------------------------------------------------- */

static void
warn_of_rights(struct db *db, const struct cdc_config *config)
{
    struct string_list missing = STRING_LIST_INIT;
    struct error err = ERROR_INIT;
    if (!cdc_server_missing_rights(db, config->locking_mode != CDC_LOCKING_NONE, &missing, &err)) {
        log_warn("%s", err.message);
    } else if (missing.count) {
        struct strbuf text = STRBUF_INIT;
        cdc_server_rights_text(db, &missing, &text);
        log_warn("the task will fail: %s", text.data);
        strbuf_fini(&text);
    }
    string_list_fini(&missing);
}

static void
warn_of_cascades(struct db *db, const struct cdc_config *config)
{
    struct error err = ERROR_INIT;
    struct string_list cascades = STRING_LIST_INIT;
    struct cdc_filters *filters = cdc_filters_new(config, &err);
    if (!filters || !cdc_server_silent_cascades(db, filters, &cascades, &err))
        log_warn("%s", err.message);
    for (size_t i = 0; i < cascades.count; i++)
        log_warn("rows that the foreign key of %s deletes or changes are not in this server's log, so they give no records",
                 cascades.items[i]);
    string_list_fini(&cascades);
    cdc_filters_free(filters);
}

static void
warn_of_log(struct db *db)
{
    struct error err = ERROR_INIT;
    if (!cdc_server_check_log(db, &err))
        log_warn("the task will fail: %s", err.message);
}

/* An answer that never comes is as bad as none: reading is bounded, too. */
static void
check_server(const struct cdc_config *config, struct config_values *values)
{
    struct db_params params = cdc_config_connection(config);
    unsigned bound_ms = (unsigned)(config->validation_timeout_ms < 600000 ? config->validation_timeout_ms : 600000);
    if (params.connect_timeout_ms > bound_ms)
        params.connect_timeout_ms = bound_ms;
    params.read_timeout_ms = bound_ms;
    struct error err = ERROR_INIT;
    struct db *db = db_connect(&params, &err);
    if (!db) {
        const char *failure = err.code == ERROR_UNAVAILABLE ? "Communications link failure: " : "";
        config_values_error(values, "database.hostname", "Unable to connect: %s%s", failure, err.message);
        return;
    }
    warn_of_log(db);
    warn_of_rights(db, config);
    warn_of_cascades(db, config);
    db_close(db);
}

static void
validate(const char *connector, const struct config *cfg, struct config_values *values)
{
    struct validation validation = {.values = values};
    const struct config_row *rows = cdc_dialect_find(connector)->rows;
    forget_generic_errors(rows, values);
    cdc_config_check(rows, cfg, add_problem, &validation);
    if (validation.problems)
        return;
    struct cdc_config config;
    struct error err = ERROR_INIT;
    if (!cdc_config_init(&config, cfg, connector, &err)) { /* a setting that is not described */
        log_warn("the task will fail: %s", err.message);
        return;
    }
    check_server(&config, values);
    cdc_config_fini(&config);
}

void
cdc_mysql_validate(const struct config *cfg, struct config_values *values)
{
    validate("mysql", cfg, values);
}

void
cdc_mariadb_validate(const struct config *cfg, struct config_values *values)
{
    validate("mariadb", cfg, values);
}
