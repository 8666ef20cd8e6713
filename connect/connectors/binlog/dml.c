#include "connect/connectors/binlog/dml.h"

#include "connect/connectors/binlog/ddl_priv.h"

struct dml {
    struct ddl_reader reader;
    cdc_dml_table_fn *is_ours;
    void *arg;
    const struct cdc_table *found;
};

/* A name with or without its database. */
static void
take_name(struct dml *dml)
{
    struct ddl_id id;
    if (!ddl_expect_table(&dml->reader, &id))
        return;
    const struct cdc_table *table = cdc_tables_get(dml->reader.tables, id.database, id.name);
    if (table && !dml->found && dml->is_ours(dml->arg, table))
        dml->found = table;
}

static bool
is_over(const struct dml *dml)
{
    return dml->found || ddl_at_end(&dml->reader) || dml->reader.lexer.token.kind == DDL_BROKEN;
}

/* INSERT [LOW_PRIORITY | DELAYED | HIGH_PRIORITY] [IGNORE] [INTO] t */
static void
read_insert(struct dml *dml)
{
    static const char *const words[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        ddl_accept(&dml->reader, words[i]);
    take_name(dml);
}

/* LOAD DATA ... INTO TABLE t */
static void
read_load(struct dml *dml)
{
    while (!is_over(dml) && !(ddl_accept(&dml->reader, "INTO") && ddl_accept(&dml->reader, "TABLE")))
        ddl_next(&dml->reader.lexer);
    take_name(dml);
}

static void
read_names(struct dml *dml)
{
    while (!is_over(dml))
        if (ddl_at_name(&dml->reader))
            take_name(dml);
        else
            ddl_next(&dml->reader.lexer);
}

static const struct {
    const char *word;
    void (*read)(struct dml *dml);
} kinds[] = {
    {"INSERT", read_insert}, {"REPLACE", read_insert}, {"LOAD", read_load}, {"UPDATE", read_names}, {"DELETE", read_names}, {"WITH", read_names},
};

bool
cdc_dml_read(struct cdc_tables *tables, const char *database, const char *sql, size_t len, cdc_dml_table_fn *is_ours, void *arg,
             const struct cdc_table **table_out)
{
    struct arena scratch = ARENA_INIT;
    struct error unused = ERROR_INIT;
    struct dml dml = {.reader = {.arena = &scratch, .tables = tables, .database = database, .err = &unused}, .is_ours = is_ours, .arg = arg};
    bool is_dml = false;
    ddl_begin(&dml.reader, sql, len);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !is_dml; i++)
        if (ddl_accept(&dml.reader, kinds[i].word)) {
            is_dml = true;
            kinds[i].read(&dml);
        }
    arena_fini(&scratch);
    *table_out = dml.found;
    return is_dml;
}
