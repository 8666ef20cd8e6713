/* Tests of connect/connectors/binlog/change_text.c and schema_change.c: changes as the history and the topic of schema
   changes have them. */
#include "connect/connectors/binlog/change_text.h"

#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/schema_change.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct cdc_tables *tables;
static struct cdc_changes changes;
static struct error err;
static struct strbuf text;

static void
setup(void)
{
    tables = cdc_tables_new();
    changes = CDC_CHANGES_INIT;
    err = ERROR_INIT;
    text = STRBUF_INIT;
    cdc_tables_set_variable(tables, "character_set_server", "utf8mb4");
}

static void
teardown(void)
{
    strbuf_fini(&text);
    cdc_changes_fini(&changes);
    cdc_tables_free(tables);
}

static void
apply(const char *sql)
{
    ck_assert_msg(cdc_ddl_apply(tables, "db", sql, strlen(sql), true, &changes, &err), "%s", err.message);
}

static const char *
write_first(void)
{
    strbuf_reset(&text);
    ck_assert_msg(cdc_change_write(&changes.items[0], "p", "{\"file\":\"b.1\",\"server_id\":7,\"pos\":4,\"ts_sec\":5,\"other\":null}", 9,
                                   &text, &err), "%s", err.message);
    return text.data;
}

#define HEAD                                                                                                             \
    "{\n  \"source\" : {\n    \"server\" : \"p\"\n  },\n  \"position\" : {\n    \"ts_sec\" : 5,\n    \"file\" : \"b.1\",\n    " \
    "\"pos\" : 4,\n    \"server_id\" : 7,\n    \"other\" : null\n  },\n  \"ts_ms\" : 9,\n  \"databaseName\" : \"db\",\n"

START_TEST(a_record_of_the_history_is_printed_as_the_original_does)
{
    apply("CREATE TABLE t (id INT NOT NULL, e ENUM('a','b') DEFAULT 'a', d DECIMAL(5,2), PRIMARY KEY (id))");
    ck_assert_str_eq(write_first(), HEAD
        "  \"ddl\" : \"CREATE TABLE t (id INT NOT NULL, e ENUM('a','b') DEFAULT 'a', d DECIMAL(5,2), PRIMARY KEY (id))\",\n"
        "  \"tableChanges\" : [ {\n    \"type\" : \"CREATE\",\n    \"id\" : \"\\\"db\\\".\\\"t\\\"\",\n    \"table\" : {\n"
        "      \"defaultCharsetName\" : \"utf8mb4\",\n      \"primaryKeyColumnNames\" : [ \"id\" ],\n      \"columns\" : [ {\n"
        "        \"name\" : \"id\",\n        \"jdbcType\" : 4,\n        \"typeName\" : \"INT\",\n        \"typeExpression\" : \"INT\",\n"
        "        \"charsetName\" : null,\n        \"position\" : 1,\n        \"optional\" : false,\n        \"autoIncremented\" : false,\n"
        "        \"generated\" : false,\n        \"comment\" : null,\n        \"hasDefaultValue\" : false,\n        \"enumValues\" : [ ]\n"
        "      }, {\n        \"name\" : \"e\",\n        \"jdbcType\" : 1,\n        \"typeName\" : \"ENUM\",\n        \"typeExpression\" : "
        "\"ENUM\",\n        \"charsetName\" : \"utf8mb4\",\n        \"length\" : 1,\n        \"position\" : 2,\n        \"optional\" : true,\n"
        "        \"autoIncremented\" : false,\n        \"generated\" : false,\n        \"comment\" : null,\n        \"hasDefaultValue\" : true,\n"
        "        \"defaultValueExpression\" : \"a\",\n        \"enumValues\" : [ \"'a'\", \"'b'\" ]\n      }, {\n        \"name\" : \"d\",\n"
        "        \"jdbcType\" : 3,\n        \"typeName\" : \"DECIMAL\",\n        \"typeExpression\" : \"DECIMAL\",\n        \"charsetName\" : null,\n"
        "        \"length\" : 5,\n        \"scale\" : 2,\n        \"position\" : 3,\n        \"optional\" : true,\n        \"autoIncremented\" : false,\n"
        "        \"generated\" : false,\n        \"comment\" : null,\n        \"hasDefaultValue\" : true,\n        \"enumValues\" : [ ]\n"
        "      } ],\n      \"attributes\" : [ ]\n    },\n    \"comment\" : null\n  } ]\n}");
    apply("DROP TABLE t");
    ck_assert_str_eq(write_first(), HEAD "  \"ddl\" : \"DROP TABLE `db`.`t`\",\n  \"tableChanges\" : [ {\n    \"type\" : \"DROP\",\n"
                                         "    \"id\" : \"\\\"db\\\".\\\"t\\\"\"\n  } ]\n}");
    apply("CREATE VIEW `v\"` AS SELECT '\n\x01'");
    ck_assert_str_eq(write_first(), HEAD "  \"ddl\" : \"CREATE VIEW `v\\\"` AS SELECT '\\n\\u0001'\",\n  \"tableChanges\" : [ ]\n}");
}
END_TEST

/* Statements one after the other; what the history says about them gives the same tables. */
static const char *const histories[] = {
    "CREATE TABLE `t``\"x` (id SERIAL, a VARCHAR(9) CHARACTER SET latin1 NOT NULL DEFAULT 'it''s', e ENUM('x,y','it''s'), "
    "s SET('a'), n DECIMAL(10,2) UNSIGNED ZEROFILL DEFAULT -1.5, b BIT(3), f FLOAT(8,2), p POINT NOT NULL, PRIMARY KEY (id, a)) COMMENT 'c'",
    "ALTER TABLE `t``\"x` ADD x LONGTEXT COMMENT 'y', DROP COLUMN f",
    "ALTER TABLE `t``\"x` RENAME TO `u.v`",
    "RENAME TABLE `u.v` TO other.`w`",
    "CREATE TABLE gone (a INT)",
    "DROP TABLE gone",
};

static void
assert_same(const struct cdc_table *a, const struct cdc_table *b)
{
    ck_assert_ptr_nonnull(b);
    ck_assert_pstr_eq(a->charset, b->charset);
    ck_assert_pstr_eq(a->comment, b->comment);
    ck_assert_uint_eq(a->column_count, b->column_count);
    ck_assert_uint_eq(a->key_count, b->key_count);
    ck_assert_int_eq(a->key_is_primary, b->key_is_primary);
    for (size_t i = 0; i < a->key_count; i++)
        ck_assert_str_eq(a->key[i], b->key[i]);
    for (size_t i = 0; i < a->column_count; i++) {
        const struct cdc_column *x = &a->columns[i], *y = &b->columns[i];
        ck_assert_str_eq(x->name, y->name);
        ck_assert_str_eq(x->type_name, y->type_name);
        ck_assert_pstr_eq(x->charset, y->charset);
        ck_assert_pstr_eq(x->default_value, y->default_value);
        ck_assert_pstr_eq(x->comment, y->comment);
        ck_assert_int_eq(x->type, y->type);
        ck_assert_int_eq(x->jdbc_type, y->jdbc_type);
        ck_assert_int_eq(x->length, y->length);
        ck_assert_int_eq(x->scale, y->scale);
        ck_assert_int_eq(x->position, y->position);
        ck_assert_int_eq(x->is_unsigned, y->is_unsigned);
        ck_assert_int_eq(x->is_zerofill, y->is_zerofill);
        ck_assert_int_eq(x->is_optional, y->is_optional);
        ck_assert_int_eq(x->has_default, y->has_default);
        ck_assert_int_eq(x->is_auto_incremented, y->is_auto_incremented);
        ck_assert_uint_eq(x->enum_count, y->enum_count);
        for (size_t e = 0; e < x->enum_count; e++)
            ck_assert_str_eq(x->enum_values[e], y->enum_values[e]);
    }
}

START_TEST(the_history_gives_back_what_the_statements_made)
{
    struct cdc_tables *recovered = cdc_tables_new();
    for (size_t i = 0; i < sizeof(histories) / sizeof(*histories); i++) {
        struct cdc_change_record record;
        size_t count;
        apply(histories[i]);
        write_first();
        ck_assert_msg(cdc_change_read(text.data, text.len, &record, &err), "%s", err.message);
        ck_assert_str_eq(record.server, "p");
        ck_assert_str_eq(record.position_json, "{\"ts_sec\":5,\"file\":\"b.1\",\"pos\":4,\"server_id\":7,\"other\":null}");
        ck_assert_str_eq(record.ddl, changes.items[0].ddl);
        ck_assert_msg(cdc_change_record_apply(&record, recovered, &count, &err), "%s", err.message);
        ck_assert_uint_eq(count, 1);
        cdc_change_record_fini(&record);
    }
    struct cdc_table *const *items;
    ck_assert_uint_eq(cdc_tables_all(recovered, &items), 1);
    assert_same(cdc_tables_get(tables, "other", "w"), cdc_tables_get(recovered, "other", "w"));
    cdc_tables_free(recovered);
}
END_TEST

/* A key that is none of the statement but of a table before it; one that a record without a statement has. */
static const struct {
    const char *statements[3];
    bool is_optional; /* of the column a behind them */
} keys[] = {
    {{"CREATE TABLE k (a INT NOT NULL, UNIQUE KEY (a))", "ALTER TABLE k MODIFY a INT NULL"}, true},
    {{"CREATE TABLE k (a INT NOT NULL, PRIMARY KEY (a))", "ALTER TABLE k MODIFY a INT NULL"}, false},
    {{"CREATE TABLE k (a INT NOT NULL UNIQUE)", "ALTER TABLE k ADD b INT", "ALTER TABLE k MODIFY a BIGINT NULL"}, true},
    {{"CREATE TABLE j (a INT NOT NULL UNIQUE)", "RENAME TABLE j TO k", "ALTER TABLE k MODIFY a BIGINT NULL"}, true},
};

START_TEST(a_unique_key_does_not_become_a_primary_one)
{
    struct cdc_tables *recovered = cdc_tables_new();
    size_t last = keys[_i].statements[2] ? 2 : 1;
    for (size_t i = 0; i < last; i++) {
        struct cdc_change_record record;
        size_t count;
        apply(keys[_i].statements[i]);
        write_first();
        ck_assert_msg(cdc_change_read(text.data, text.len, &record, &err), "%s", err.message);
        ck_assert_msg(cdc_change_record_apply(&record, recovered, &count, &err), "%s", err.message);
        cdc_change_record_fini(&record);
    }
    const char *sql = keys[_i].statements[last];
    ck_assert_msg(cdc_ddl_apply(recovered, "db", sql, strlen(sql), false, &changes, &err), "%s", err.message);
    ck_assert_int_eq(cdc_tables_get(recovered, "db", "k")->columns[0].is_optional, keys[_i].is_optional);
    cdc_tables_free(recovered);
}
END_TEST

static const char *const broken[] = {
    "", "[]", "null", "{", "\"x\"",
};
START_TEST(a_record_that_is_no_document_is_an_error)
{
    struct cdc_change_record record;
    ck_assert(!cdc_change_read(broken[_i], strlen(broken[_i]), &record, &err));
    ck_assert_int_eq(err.code, ERROR_DATA);
}
END_TEST

static const char *const odd[] = {
    "{\"tableChanges\":[1]}", "{\"tableChanges\":[{\"type\":\"CREATE\",\"id\":\"x\"}]}",
    "{\"tableChanges\":[{\"type\":\"CREATE\",\"id\":\"a.b\",\"table\":{\"columns\":[{\"name\":\"c\",\"typeName\":\"NEWTYPE\"}]}}]}",
    "{\"tableChanges\":[{\"type\":\"ALTER\",\"id\":\"a.b\",\"table\":{\"columns\":[{\"typeName\":\"INT\"}]}}]}",
};
START_TEST(a_change_that_is_not_understood_is_an_error)
{
    struct cdc_change_record record;
    size_t count;
    ck_assert(cdc_change_read(odd[_i], strlen(odd[_i]), &record, &err));
    ck_assert(!cdc_change_record_apply(&record, tables, &count, &err));
    ck_assert_int_eq(err.code, ERROR_DATA);
    cdc_change_record_fini(&record);
}
END_TEST

/* ---- which changes are told and stored ---------------------------------------------------------------------------------- */

enum { ALL, DATABASES, TABLES }; /* what the history keeps */

static const struct {
    const char *sql;
    int keeps;
    bool concerns, told, stored;
} rules[] = {
    {"ALTER TABLE mine.other ADD x INT", ALL, true, true, true},
    {"CREATE TABLE mine.other (x INT)", ALL, true, true, true},
    {"CREATE TABLE mine.other (x INT)", DATABASES, true, true, true},
    {"CREATE TABLE else.other (x INT)", DATABASES, true, false, true},
    {"CREATE TABLE mine.other (x INT)", TABLES, false, false, false},
    {"CREATE TABLE mine.t (x INT)", TABLES, true, true, true},
    {"DROP TABLE mine.other", TABLES, false, false, false},
    {"DROP TABLE mine.t", TABLES, true, true, true},
    {"CREATE DATABASE mine", TABLES, true, true, false},
    {"CREATE DATABASE `else`", TABLES, false, false, false},
    {"CREATE DATABASE `else`", ALL, true, true, true},
    {"CREATE INDEX i ON mine.t (x)", TABLES, false, true, false},
    {"CREATE INDEX i ON mine.t (x)", ALL, true, true, true},
};

START_TEST(a_change_is_told_and_stored_as_the_settings_say)
{
    struct config cfg = CONFIG_INIT;
    struct cdc_config config;
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"},
                                          {"database.server.id", "1"}, {"database.include.list", "db,mine"}, {"table.include.list", "mine.t"}};
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    if (rules[_i].keeps == TABLES)
        config_set(&cfg, "schema.history.internal.store.only.captured.tables.ddl", "true");
    if (rules[_i].keeps == DATABASES)
        config_set(&cfg, "schema.history.internal.store.only.captured.databases.ddl", "true");
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    struct cdc_filters *filters = cdc_filters_new(&config, &err);
    apply(rules[_i].sql);
    ck_assert_int_eq(cdc_changes_concern(&config, filters, "db", rules[_i].sql, &changes), rules[_i].concerns);
    ck_assert_int_eq(cdc_change_is_told(&config, filters, &changes.items[0]), rules[_i].told);
    ck_assert_int_eq(cdc_change_is_stored(&config, filters, &changes.items[0]), rules[_i].stored);
    cdc_filters_free(filters);
    cdc_config_fini(&config);
    config_fini(&cfg);
}
END_TEST

static const struct {
    const char *sql;
    bool is_ignored;
} statements[] = {
    {"CREATE DEFINER=`root`@`%` TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1", true},
    {"CREATE ALGORITHM=UNDEFINED DEFINER=`table`@`%` SQL SECURITY DEFINER VIEW `v` AS SELECT 1", true},
    {"DROP PROCEDURE IF EXISTS p", true}, {"create user 'x'@'y'", true}, {"GRANT ALL ON *.* TO x", true}, {"SAVEPOINT `a`", true},
    {"OPTIMIZE LOCAL TABLE t", true}, {"DROP TEMPORARY TABLE IF EXISTS `t` /* generated by server */", true}, {"# Dummy event", true},
    {"/* x */", true}, {"SET STATEMENT a=1 FOR REPLACE INTO t VALUES (1)", true}, {"FLUSH RELAY LOGS", true},
    {"CREATE TABLE t (a INT)", false}, {"ALTER TABLE user ADD x INT", false}, {"DROP TABLE role", false}, {"TRUNCATE TABLE t", false},
    {"CREATE INDEX i ON t (a)", false}, {"DROP DATABASE x", false}, {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", false},
    {"RENAME TABLE a TO b", false}, {"SOMETHING", false}, {"FLUSH TABLES", false},
};
START_TEST(statements_without_meaning_for_records_are_left_out)
{
    ck_assert_msg(cdc_statement_is_ignored(statements[_i].sql, strlen(statements[_i].sql)) == statements[_i].is_ignored, "%s",
                  statements[_i].sql);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/change_text");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_record_of_the_history_is_printed_as_the_original_does);
    tcase_add_test(tcase, the_history_gives_back_what_the_statements_made);
    tcase_add_loop_test(tcase, a_unique_key_does_not_become_a_primary_one, 0, sizeof(keys) / sizeof(*keys));
    tcase_add_loop_test(tcase, a_record_that_is_no_document_is_an_error, 0, sizeof(broken) / sizeof(*broken));
    tcase_add_loop_test(tcase, a_change_that_is_not_understood_is_an_error, 0, sizeof(odd) / sizeof(*odd));
    tcase_add_loop_test(tcase, a_change_is_told_and_stored_as_the_settings_say, 0, sizeof(rules) / sizeof(*rules));
    tcase_add_loop_test(tcase, statements_without_meaning_for_records_are_left_out, 0, sizeof(statements) / sizeof(*statements));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
