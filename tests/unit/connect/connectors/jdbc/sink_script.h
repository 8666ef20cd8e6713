/* A task of the JDBC sink on a scripted database, for its unit tests: records of the topic T with the fields id and v. */
#ifndef TESTS_UNIT_CONNECT_CONNECTORS_JDBC_SINK_SCRIPT_H
#define TESTS_UNIT_CONNECT_CONNECTORS_JDBC_SINK_SCRIPT_H

#include "connect/connectors/jdbc/jdbc.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/log_said.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct sink_task_context ctx;
static void *task;
static struct record_batch batch;
static struct error err;
static int64_t retry_ms;
static const struct schema *kv;

/* ---- the reporter ---------------------------------------------------------------------------------------------- */

static size_t reported;
static int64_t reported_offset;
static struct error reported_reason;
static bool is_tolerated;

static inline bool
report(const struct sink_task_context *context, const struct record *record, const struct error *reason, struct error *error)
{
    (void)context;
    reported++;
    reported_offset = record->offset;
    reported_reason = *reason;
    return is_tolerated ? true : error_set(error, ERROR_DATA, "Tolerance exceeded in error handler");
}

/* ---- the database ------------------------------------------------------------------------------------------------ */

static const struct db_column table_columns[] = {{.name = "t"}, {.name = "l"}, {.name = "y"}, {.name = "x"}, {.name = NULL}};
static const struct db_column column_columns[] = {{.name = "t"}, {.name = "l"}, {.name = "c"}, {.name = "y"}, {.name = NULL}};
static const struct db_column mode_columns[] = {{.name = "m"}, {.name = NULL}};
static const char *const innodb_table[] = {"T", "0", "BASE TABLE", "YES"};
static const char *const myisam_table[] = {"T", "0", "BASE TABLE", "NO"};
static const char *const other_table[] = {"t", "0", "BASE TABLE", "YES"};
static const char *const id_and_v[] = {"T", "0", "id", "int", "T", "0", "v", "varchar(3)"};
static const char *const only_id[] = {"T", "0", "id", "int"};
static const char *sql_mode;

static inline void
table_is(const char *const *table, unsigned times)
{
    db_script_add(&(struct db_script_rule){.match = "information_schema.TABLES", .times = times, .columns = table_columns,
                                           .rows = table, .row_count = table ? 1 : 0});
}

static inline void
sql_mode_is(const char *mode)
{
    sql_mode = mode;
    db_script_add(&(struct db_script_rule){.match = "SELECT @@SESSION.sql_mode", .columns = mode_columns, .rows = &sql_mode, .row_count = 1});
}

static inline void
columns_are(const char *const *columns, size_t count, unsigned times)
{
    db_script_add(&(struct db_script_rule){.match = "information_schema.COLUMNS", .times = times, .columns = column_columns,
                                           .rows = columns, .row_count = count});
}

static inline void
table_exists(void)
{
    table_is(innodb_table, 0);
    columns_are(id_and_v, 2, 0);
}

static inline void
statement_fails(const char *match, unsigned number, const char *sqlstate, const char *message, unsigned times)
{
    db_script_add(&(struct db_script_rule){.match = match, .times = times, .fails = number, .sqlstate = sqlstate, .message = message});
}

/* ---- the task ------------------------------------------------------------------------------------------------------ */

static inline void
setup(void)
{
    db_script_reset();
    sql_mode_is("STRICT_TRANS_TABLES,NO_ZERO_DATE");
    cfg = CONFIG_INIT;
    batch = RECORD_BATCH_INIT;
    reported = 0;
    is_tolerated = true;
    ctx = (struct sink_task_context){.connector = "c"};
    config_set(&cfg, "name", "c");
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d");
    config_set(&cfg, "retry.backoff.ms", "70");
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    const struct schema *id = schema_primitive(SCHEMA_INT32, false), *v = schema_primitive(SCHEMA_STRING, true);
    schema_builder_field(builder, "id", id);
    schema_builder_field(builder, "v", v);
    kv = schema_builder_finish(builder);
    schema_unref(id);
    schema_unref(v);
}

static inline void
teardown(void)
{
    if (task)
        jdbc_sink_plugin.sink->fini(task);
    free(task);
    task = NULL;
    record_batch_fini(&batch);
    config_fini(&cfg);
    schema_unref(kv);
    ck_assert_uint_eq(db_script_open(), 0);
    db_script_reset();
}

static inline void
start(const char *key, ...)
{
    va_list args;
    va_start(args, key);
    for (; key; key = va_arg(args, const char *))
        config_set(&cfg, key, va_arg(args, const char *));
    va_end(args);
    task = calloc(1, jdbc_sink_plugin.sink->size);
    ck_assert_msg(jdbc_sink_plugin.sink->init(task, &ctx, &cfg, &err), "%s", err.message);
}

static inline void
add(int64_t offset, int id, const char *v)
{
    struct record *record = record_batch_add(&batch);
    struct value *items = arena_array(&batch.arena, struct value, 2);
    items[0] = value_int(id);
    items[1] = v ? value_string(v, strlen(v)) : VALUE_NONE;
    record->topic = record->original_topic = "T";
    record->partition = record->original_partition = 0;
    record->offset = offset;
    record->value_schema = kv;
    record->value = (struct value){.kind = VALUE_STRUCT, .len = 2, .as.items = items};
}

/* A record with an integer key; without a value when v is NULL. */
static inline void
add_keyed(int64_t offset, int id, const char *v)
{
    add(offset, id, v);
    struct record *record = &batch.records[batch.count - 1];
    const struct schema *schema = schema_primitive(SCHEMA_INT32, false);
    record->key_schema = schema;
    record->key = value_int(id);
    record_batch_hold(&batch, schema);
    schema_unref(schema);
    if (!v) {
        record->value = VALUE_NONE;
        record->value_schema = NULL;
    }
}

/* A record of one text field of this name. */
static inline void
add_text(const char *field, const char *text)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    const struct schema *v = schema_primitive(SCHEMA_STRING, true);
    schema_builder_field(builder, field, v);
    schema_unref(v);
    const struct schema *schema = schema_builder_finish(builder);
    add((int64_t)batch.count, 1, text);
    struct record *record = &batch.records[batch.count - 1];
    record_batch_hold(&batch, schema);
    record->value_schema = schema;
    record->value.as.items[0] = value_string(text, strlen(text));
    record->value.len = 1;
    schema_unref(schema);
}

static inline enum put_result
put(void)
{
    return jdbc_sink_plugin.sink->put(task, &batch, &retry_ms, &err);
}

static inline const char *
nth(const char *match, size_t n)
{
    for (size_t i = 0; i < db_script_count(); i++)
        if (strstr(db_script_sql(i), match) && n-- == 0)
            return db_script_sql(i);
    return "";
}

static inline size_t
position(const char *match)
{
    for (size_t i = 0; i < db_script_count(); i++)
        if (strstr(db_script_sql(i), match))
            return i;
    return SIZE_MAX;
}

#endif
