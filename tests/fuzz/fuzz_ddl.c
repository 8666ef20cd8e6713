/* libFuzzer: statements onto tables that are known, one a line; what is understood goes through the history's form and
   comes back the same. */
#include "common/base/alloc.h"
#include "connect/connectors/binlog/change_text.h"
#include "connect/connectors/binlog/ddl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_table(const struct cdc_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        ensure(table->columns[i].position == (int)i + 1, "positions");
        ensure(cdc_table_column(table, table->columns[i].name) == &table->columns[i], "names");
    }
    for (size_t i = 0; i < table->key_count; i++)
        ensure(cdc_table_column(table, table->key[i]), "key");
}

/* A name with a byte that is no character of its own is no JSON text; all else must come back. */
static void
check_history(const struct cdc_change *change)
{
    struct strbuf text = STRBUF_INIT;
    struct cdc_change_record record;
    struct cdc_tables *tables = cdc_tables_new();
    struct error err = ERROR_INIT;
    size_t count;
    ensure(cdc_change_write(change, "p", "{\"pos\":4}", 1, &text, &err), "%s", err.message);
    if (cdc_change_read(text.data, text.len, &record, &err)) {
        ensure(cdc_change_record_apply(&record, tables, &count, &err), "%s", err.message);
        if (change->table) {
            const struct cdc_table *again = cdc_tables_get(tables, change->table_database, change->table_name);
            ensure(again && again->column_count == change->table->column_count, "%s", text.data);
        }
        cdc_change_record_fini(&record);
    }
    cdc_tables_free(tables);
    strbuf_fini(&text);
}

static void
apply(struct cdc_tables *tables, struct cdc_changes *changes, const char *sql, size_t len)
{
    struct error err = ERROR_INIT;
    cdc_statement_is_ignored(sql, len);
    if (!cdc_ddl_apply(tables, "db", sql, len, true, changes, &err)) {
        ensure(err.code == ERROR_DATA && changes->count == 0, "%s", err.message);
        return;
    }
    ensure(changes->count > 0, "a statement without a change");
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->items[i].table)
            check_table(changes->items[i].table);
        check_history(&changes->items[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char known[] = "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET latin1, e ENUM('x','y'), UNIQUE (a))";
    struct cdc_tables *tables = cdc_tables_new();
    struct cdc_changes changes = CDC_CHANGES_INIT;
    cdc_tables_set_variable(tables, "version", size & 1 ? "10.11.6-MariaDB" : "9.7.0");
    apply(tables, &changes, known, strlen(known));
    const char *text = (const char *)data, *end = text + size;
    while (text < end) { /* a zero byte ends a statement */
        size_t len = strnlen(text, (size_t)(end - text));
        char *copy = xmemdup(text, len);
        apply(tables, &changes, copy, len);
        free(copy);
        text += len + 1;
    }
    cdc_changes_fini(&changes);
    cdc_tables_free(tables);
    return 0;
}
