/* MariaDB's settings are MySQL's but for a small table of differences, which is applied before main. */
#include "connect/connectors/binlog/dialect.h"

#include "common/base/error.h"

#include <string.h>

static const struct cdc_dialect dialects[] = {{"mysql", cdc_mysql_rows}, {"mariadb", cdc_mariadb_rows}};

const struct cdc_dialect *
cdc_dialect_find(const char *connector)
{
    size_t i = 0;
    while (strcmp(dialects[i].connector, connector) != 0)
        ensure(++i < sizeof(dialects) / sizeof(*dialects), "a connector of the table");
    return &dialects[i];
}

/* ---- MariaDB's settings ---------------------------------------------------------------------------------------------- */

enum { ROWS_MAX = 160 };
struct config_row cdc_mariadb_rows[ROWS_MAX];

static const char *const ssl_modes[] = {"trust", "disable", "verify-ca", "verify-full", NULL};
static const char *const locking_modes[] = {"minimal", "custom", "none", "extended", NULL};

/* What is not given here is as in MySQL's row of that name; a row without anything is not there. */
static const struct difference {
    const char *name, *default_value, *doc;
    const char *const *choices;
    bool is_narrow; /* has no width */
} differences[] = {
    {.name = "database.jdbc.driver"},
    {.name = "database.protocol"},
    {.name = "database.hostname", .doc = "Host of the MariaDB server."},
    {.name = "database.user", .doc = "Account for reading; needs SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE and BINLOG MONITOR."},
    {.name = "database.ssl.mode", .default_value = "disable", .choices = ssl_modes,
     .doc = "TLS: disable, trust (without looking at the certificate), verify-ca (checks the certificate), verify-full (checks the "
            "host name, too)."},
    {.name = "snapshot.locking.mode", .choices = locking_modes, .is_narrow = true,
     .doc = "Locks of a snapshot: minimal (while structure and position are read), extended (to its end), none; custom is refused."},
    {.name = "query.fetch.size", .doc = "Accepted, no effect on MariaDB."},
    {.name = "include.query", .doc = "The statement in source.query; the server must log it (binlog_annotate_row_events)."},
    {.name = "gtid.source.includes", .doc = "Expressions for domain-server, the first parts of a GTID: transactions of these are read."},
    {.name = "gtid.source.excludes",
     .doc = "Expressions for domain-server whose transactions are not read. Not with gtid.source.includes."},
    {.name = "sourceinfo.struct.maker", .default_value = "io.debezium.connector.mariadb.MariaDbSourceInfoStructMaker"},
};

static const struct difference *
difference_find(const char *name)
{
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++)
        if (strcmp(differences[i].name, name) == 0)
            return &differences[i];
    return NULL;
}

static void
apply(const struct difference *difference, struct config_row *row)
{
    row->default_value = difference->default_value ? difference->default_value : row->default_value;
    row->doc = difference->doc ? difference->doc : row->doc;
    row->choices = difference->choices ? difference->choices : row->choices;
    row->width = difference->is_narrow ? CONFIG_WIDTH_NONE : row->width;
}

/* The group of the connection is named for the server; its rows are counted anew, as some are gone. */
__attribute__((constructor)) static void
make_rows(void)
{
    struct config_row *out = cdc_mariadb_rows;
    int order = 0;
    for (const struct config_row *row = cdc_mysql_rows; row->name; row++) {
        const struct difference *difference = difference_find(row->name);
        if (difference && !difference->default_value && !difference->doc && !difference->choices)
            continue;
        ensure(out < cdc_mariadb_rows + ROWS_MAX - 1, "room for the settings");
        *out = *row;
        if (difference)
            apply(difference, out);
        if (row->group && strcmp(row->group, "MySQL") == 0) {
            out->group = "MariaDB";
            out->order_in_group = ++order;
        }
        out++;
    }
}
