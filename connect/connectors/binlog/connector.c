/* The plug-ins: one task, whatever tasks.max says. */
#include "connect/connectors/binlog/binlog.h"

#include "common/config/config.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/source_block.h"
#include "connect/connectors/binlog/task.h"

struct cdc_connector {
    struct config *cfg;
};

static bool
connector_init(void *state, const struct connector_context *ctx, const struct config *cfg, struct error *err)
{
    (void)ctx, (void)err;
    struct cdc_connector *connector = state;
    connector->cfg = config_dup(cfg);
    return true;
}

static bool
connector_task_configs(void *state, int max_tasks, struct config_list *out, struct error *err)
{
    (void)max_tasks, (void)err;
    struct cdc_connector *connector = state;
    config_list_add(out, config_dup(connector->cfg));
    return true;
}

static void
connector_close(void *state)
{
    (void)state;
}

static void
connector_fini(void *state)
{
    struct cdc_connector *connector = state;
    config_free(connector->cfg);
}

static const struct connector_ops connector_ops = {
    .size = sizeof(struct cdc_connector),
    .init = connector_init,
    .task_configs = connector_task_configs,
    .close = connector_close,
    .fini = connector_fini,
};

/* What a restart reads again from the log has the same offsets, so transactions hold. A snapshot that is interrupted is another one
   with the next start: its rows come again, as with the original, which says so all the same. */
static bool
connector_exactly_once(const struct config *cfg)
{
    (void)cfg;
    return true;
}

const struct connector_plugin cdc_mysql_plugin = {
    .class_name = "io.debezium.connector.mysql.MySqlConnector",
    .task_class = "io.debezium.connector.mysql.MySqlConnectorTask",
    .version = CDC_VERSION,
    .type = CONNECTOR_SOURCE,
    .rows = cdc_mysql_rows,
    .validate = cdc_mysql_validate,
    .connector = &connector_ops,
    .source = &cdc_mysql_task_ops,
    .exactly_once = connector_exactly_once,
};

const struct connector_plugin cdc_mariadb_plugin = {
    .class_name = "io.debezium.connector.mariadb.MariaDbConnector",
    .task_class = "io.debezium.connector.mariadb.MariaDbConnectorTask",
    .version = CDC_VERSION,
    .type = CONNECTOR_SOURCE,
    .rows = cdc_mariadb_rows,
    .validate = cdc_mariadb_validate,
    .connector = &connector_ops,
    .source = &cdc_mariadb_task_ops,
    .exactly_once = connector_exactly_once,
};
