/* Tests of connect/connectors/binlog/ddl*.c: what statements do to the structure of tables. */
#include "connect/connectors/binlog/ddl.h"

#include "common/base/strbuf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct cdc_tables *tables;
static struct cdc_changes changes;
static struct error err;

static void
setup(void)
{
    tables = cdc_tables_new();
    changes = CDC_CHANGES_INIT;
    err = ERROR_INIT;
    cdc_tables_set_variable(tables, "character_set_server", "utf8mb4");
    cdc_tables_set_variable(tables, "version", "9.7.0");
}

static void
teardown(void)
{
    cdc_changes_fini(&changes);
    cdc_tables_free(tables);
}

static bool
apply(const char *sql)
{
    return cdc_ddl_apply(tables, "db", sql, strlen(sql), true, &changes, &err);
}

/* ---- a table as text ------------------------------------------------------------------------------------------------ */

static void
describe_column(const struct cdc_column *column, struct strbuf *out)
{
    strbuf_printf(out, "\n%d %s %s jdbc=%d", column->position, column->name, column->type_name, column->jdbc_type);
    if (column->length != CDC_UNSET)
        strbuf_printf(out, " length=%d", column->length);
    if (column->scale != CDC_UNSET)
        strbuf_printf(out, " scale=%d", column->scale);
    strbuf_printf(out, "%s%s", column->charset ? " charset=" : "", column->charset ? column->charset : "");
    const struct {
        bool is_set;
        const char *word;
    } flags[] = {{column->is_optional, "null"}, {column->is_auto_incremented, "auto"}, {column->is_unsigned, "unsigned"},
                 {column->is_zerofill, "zerofill"}, {column->is_computed, "computed"}, {column->is_computed_stored, "stored"},
                 {column->is_invisible, "invisible"}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (flags[i].is_set)
            strbuf_printf(out, " %s", flags[i].word);
    if (column->has_default)
        strbuf_printf(out, " default=%s", column->default_value ? column->default_value : "NULL");
    if (column->comment)
        strbuf_printf(out, " comment=%s", column->comment);
    for (size_t i = 0; i < column->enum_count; i++)
        strbuf_printf(out, " %s=%s", column->enum_texts[i], column->enum_values[i]);
}

/* "charset [key] columns", a line each; "" for an unknown table. */
static char *
describe(const char *name)
{
    struct strbuf out = STRBUF_INIT;
    const struct cdc_table *table = cdc_tables_get(tables, "db", name);
    if (!table)
        return strbuf_take(&out);
    strbuf_printf(&out, "%s", table->charset ? table->charset : "?");
    if (table->comment)
        strbuf_printf(&out, " comment=%s", table->comment);
    strbuf_puts(&out, " [");
    for (size_t i = 0; i < table->key_count; i++)
        strbuf_printf(&out, "%s%s", i ? "," : "", table->key[i]);
    strbuf_putc(&out, ']');
    for (size_t i = 0; i < table->column_count; i++)
        describe_column(&table->columns[i], &out);
    return strbuf_take(&out);
}

static void
assert_table(const char *name, const char *expected)
{
    char *text = describe(name);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* ---- SHOW CREATE TABLE -------------------------------------------------------------------------------------------------- */

/* Of MySQL 9.7, with everything that a column can have. */
static const char show_create_table[] =
    "CREATE TABLE `alltypes` (\n"
    "  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n"
    "  `a` tinyint DEFAULT NULL,\n"
    "  `b` tinyint(1) DEFAULT NULL,\n"
    "  `c` tinyint(1) DEFAULT NULL,\n"
    "  `d` smallint unsigned DEFAULT NULL,\n"
    "  `e` mediumint DEFAULT NULL,\n"
    "  `f` int(5) unsigned zerofill DEFAULT NULL,\n"
    "  `g` int DEFAULT NULL,\n"
    "  `h` double DEFAULT NULL,\n"
    "  `i` double DEFAULT NULL,\n"
    "  `j` float(8,2) DEFAULT NULL,\n"
    "  `k` double DEFAULT NULL,\n"
    "  `l` decimal(5,0) DEFAULT NULL,\n"
    "  `m` decimal(10,3) unsigned DEFAULT NULL,\n"
    "  `n` bit(1) DEFAULT NULL,\n"
    "  `o` bit(64) DEFAULT b'101',\n"
    "  `p` char(1) DEFAULT NULL,\n"
    "  `q` char(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,\n"
    "  `r` varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s \\\\ \"x\"' COMMENT 'a ''c''',\n"
    "  `s` char(5) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,\n"
    "  `t` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,\n"
    "  `u` tinytext,\n"
    "  `v` text,\n"
    "  `w` mediumtext CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci,\n"
    "  `x` longtext,\n"
    "  `y` mediumtext,\n"
    "  `z` binary(1) DEFAULT NULL,\n"
    "  `aa` varbinary(9) DEFAULT 'x',\n"
    "  `ab` blob,\n"
    "  `ac` mediumblob,\n"
    "  `ad` enum('a','b c','it''s','x,y','back\\\\slash') NOT NULL DEFAULT 'b c',\n"
    "  `ae` set('r','w') CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'r,w',\n"
    "  `af` date DEFAULT '2020-01-01',\n"
    "  `ag` time(3) DEFAULT NULL,\n"
    "  `ah` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),\n"
    "  `ai` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,\n"
    "  `aj` year DEFAULT NULL,\n"
    "  `ak` json DEFAULT NULL,\n"
    "  `al` point NOT NULL /*!80003 SRID 4326 */,\n"
    "  `am` geomcollection DEFAULT NULL,\n"
    "  `an` vector(3) DEFAULT NULL,\n"
    "  `ao` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL,\n"
    "  `ap` int GENERATED ALWAYS AS ((`a` * 2)) STORED COMMENT 'st',\n"
    "  `aq` int DEFAULT '7' /*!80023 INVISIBLE */,\n"
    "  `ar` int DEFAULT ((1 + 2)),\n"
    "  `at` decimal(10,2) NOT NULL DEFAULT '-1.50',\n"
    "  `au` int NOT NULL DEFAULT '-3',\n"
    "  `av` varchar(5) DEFAULT NULL,\n"
    "  `aw` int DEFAULT NULL,\n"
    "  `ax` varbinary(10) DEFAULT NULL,\n"
    "  PRIMARY KEY (`id`),\n"
    "  UNIQUE KEY `uu` (`r`,`au`),\n"
    "  KEY `kk` (`a` DESC,((`b` + 1))),\n"
    "  CONSTRAINT `alltypes_chk_1` CHECK ((`aw` > 0)),\n"
    "  CONSTRAINT `chk` CHECK ((`a` < 5))\n"
    ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='t''s'"    ;

static const char all_columns[] =
    "utf8mb4 comment=t''s [id]"
    "\n1 id BIGINT UNSIGNED jdbc=-5 auto unsigned"
    "\n2 a TINYINT jdbc=5 null default=NULL"
    "\n3 b TINYINT jdbc=5 length=1 null default=NULL"
    "\n4 c TINYINT jdbc=5 length=1 null default=NULL"
    "\n5 d SMALLINT UNSIGNED jdbc=5 null unsigned default=NULL"
    "\n6 e MEDIUMINT jdbc=4 null default=NULL"
    "\n7 f INT UNSIGNED ZEROFILL jdbc=4 length=5 null unsigned zerofill default=NULL"
    "\n8 g INT jdbc=4 null default=NULL"
    "\n9 h DOUBLE jdbc=8 null default=NULL"
    "\n10 i DOUBLE jdbc=8 null default=NULL"
    "\n11 j FLOAT jdbc=6 length=8 scale=2 null default=NULL"
    "\n12 k DOUBLE jdbc=8 null default=NULL"
    "\n13 l DECIMAL jdbc=3 length=5 scale=0 null default=NULL"
    "\n14 m DECIMAL UNSIGNED jdbc=3 length=10 scale=3 null unsigned default=NULL"
    "\n15 n BIT jdbc=-7 length=1 null default=NULL"
    "\n16 o BIT jdbc=-7 length=64 null default=101"
    "\n17 p CHAR jdbc=1 length=1 charset=utf8mb4 null default=NULL"
    "\n18 q CHAR jdbc=1 length=10 charset=utf8mb4 null default=NULL"
    "\n19 r VARCHAR jdbc=12 length=20 charset=latin1 default=it''s \\\\ \"x\" comment=a ''c''"
    "\n20 s CHAR jdbc=1 length=5 charset=utf8mb3 null default=NULL"
    "\n21 t VARCHAR jdbc=12 length=9 charset=utf8mb3 null default=NULL"
    "\n22 u TINYTEXT jdbc=12 charset=utf8mb4 null default=NULL"
    "\n23 v TEXT jdbc=12 charset=utf8mb4 null default=NULL"
    "\n24 w MEDIUMTEXT jdbc=12 charset=utf8mb3 null default=NULL"
    "\n25 x LONGTEXT jdbc=12 charset=utf8mb4 null default=NULL"
    "\n26 y MEDIUMTEXT jdbc=12 charset=utf8mb4 null default=NULL"
    "\n27 z BINARY jdbc=-2 length=1 null default=NULL"
    "\n28 aa VARBINARY jdbc=-3 length=9 null default=x"
    "\n29 ab BLOB jdbc=2004 null default=NULL"
    "\n30 ac MEDIUMBLOB jdbc=2004 null default=NULL"
    "\n31 ad ENUM jdbc=1 length=1 charset=utf8mb4 default=b c 'a'=a 'b c'=b c 'it''s'=it's 'x,y'=x,y 'back\\\\slash'=back\\slash"
    "\n32 ae SET jdbc=1 length=3 charset=latin1 null default=r,w 'r'=r 'w'=w"
    "\n33 af DATE jdbc=91 null default=2020-01-01"
    "\n34 ag TIME jdbc=92 length=3 null default=NULL"
    "\n35 ah DATETIME jdbc=93 length=6 null default=1970-01-01 00:00:00"
    "\n36 ai TIMESTAMP jdbc=2014 default=1970-01-01 00:00:00"
    "\n37 aj YEAR jdbc=4 null default=NULL"
    "\n38 ak JSON jdbc=1111 null default=NULL"
    "\n39 al POINT jdbc=1111"
    "\n40 am GEOMCOLLECTION jdbc=1111 null default=NULL"
    "\n41 an VECTOR jdbc=1111 length=3 null default=NULL"
    "\n42 ao INT jdbc=4 null computed default=NULL"
    "\n43 ap INT jdbc=4 null computed stored default=NULL comment=st"
    "\n44 aq INT jdbc=4 null invisible default=7"
    "\n45 ar INT jdbc=4 null default=NULL"
    "\n46 at DECIMAL jdbc=3 length=10 scale=2 default=-1.50"
    "\n47 au INT jdbc=4 default=-3"
    "\n48 av VARCHAR jdbc=12 length=5 charset=utf8mb4 null default=NULL"
    "\n49 aw INT jdbc=4 null default=NULL"
    "\n50 ax VARBINARY jdbc=-3 length=10 null default=NULL";

START_TEST(the_server_s_own_text_is_read_with_all_its_types)
{
    ck_assert_msg(apply(show_create_table), "%s", err.message);
    assert_table("alltypes", all_columns);
    ck_assert_uint_eq(changes.count, 1);
    ck_assert_int_eq(changes.items[0].kind, CDC_CHANGE_CREATE);
    ck_assert_str_eq(changes.items[0].ddl, show_create_table);
    ck_assert_str_eq(changes.items[0].tables, "alltypes");
}
END_TEST

/* ---- one statement after another ------------------------------------------------------------------------------------------ */

#define ID "1 id INT jdbc=4"
#define TABLE "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9))"
#define A "a INT jdbc=4 null default=NULL"
#define B "b VARCHAR jdbc=12 length=9 charset=utf8mb4 null default=NULL"

static const struct {
    const char *sql[4]; /* the last one's table is looked at */
    const char *table, *expected;
} cases[] = {
    {{TABLE}, "t", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{"CREATE TABLE IF NOT EXISTS `o``dd`.`t` (a INT)", "CREATE TABLE db . t (a INT) ENGINE InnoDB DEFAULT CHARACTER SET = latin1"},
     "t", "latin1 []\n1 " A},
    {{TABLE, "CREATE TABLE IF NOT EXISTS t (x INT)"}, "t", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "CREATE OR REPLACE TABLE t (a INT)"}, "t", "utf8mb4 []\n1 " A},
    {{TABLE, "CREATE TABLE n LIKE t"}, "n", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "CREATE TABLE n (LIKE t)"}, "n", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{"CREATE TABLE t (a INT NOT NULL, b INT, c INT NOT NULL UNIQUE, UNIQUE (b), UNIQUE KEY u (c, a))"}, "t",
     "utf8mb4 [c]\n1 a INT jdbc=4\n2 b INT jdbc=4 null default=NULL\n3 c INT jdbc=4"},
    {{"CREATE TABLE t (UNIQUE (a), PRIMARY KEY (b, a), a INT NOT NULL, b INT DEFAULT 5)"}, "t",
     "utf8mb4 [b,a]\n1 a INT jdbc=4\n2 b INT jdbc=4 default=5"},
    {{"CREATE TABLE t (a SERIAL, b BOOLEAN DEFAULT TRUE, c CHAR BYTE, d NCHAR, e LONG, f BIGINT SERIAL DEFAULT VALUE)"}, "t",
     "utf8mb4 [a]\n1 a BIGINT UNSIGNED jdbc=-5 auto unsigned\n2 b BOOLEAN jdbc=16 null default=TRUE\n3 c CHAR BYTE jdbc=-2 null "
     "default=NULL\n4 d NCHAR jdbc=-15 length=1 charset=utf8 null default=NULL\n5 e LONG jdbc=12 charset=utf8mb4 null "
     "default=NULL\n6 f BIGINT jdbc=-5 auto"},
    {{"CREATE TABLE t (a INT UNSIGNED ZEROFILL DEFAULT -1, b DOUBLE PRECISION (10, 2) DEFAULT .5e1, c BIT(3) DEFAULT 0b11, "
      "d BLOB(7), e TEXT(300) ASCII, `f` VARCHAR(3) COLLATE latin2_bin, period INT)"}, "t",
     "utf8mb4 []\n1 a INT UNSIGNED ZEROFILL jdbc=4 null unsigned zerofill default=-1\n2 b DOUBLE PRECISION jdbc=8 length=10 scale=2 "
     "null default=.5e1\n3 c BIT jdbc=-7 length=3 null default=11\n4 d BLOB jdbc=2004 length=7 null default=NULL\n5 e TEXT jdbc=12 "
     "length=300 charset=latin1 null default=NULL\n6 f VARCHAR jdbc=12 length=3 charset=latin2 null default=NULL\n7 period INT jdbc=4 "
     "null default=NULL"},
    {{"CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES IN (6))"}, "t",
     "utf8mb4 []\n1 " A},
    {{"CREATE TABLE t (a INT /*!99999 , b INT */ /*!80000 , c INT */)"}, "t", "utf8mb4 []\n1 " A "\n2 c INT jdbc=4 null default=NULL"},
    {{"CREATE TABLE t (a INT) START TRANSACTION"}, "t", "utf8mb4 []\n1 " A},
    {{"CREATE TABLE t (a INT, b INT AS (a + 1), c INT REFERENCES x (y) ON DELETE SET NULL ON UPDATE NO ACTION, FOREIGN KEY (a) "
      "REFERENCES x (y) ON DELETE CASCADE, CONSTRAINT k CHECK (a > (1)), INDEX i USING BTREE (a DESC) COMMENT 'x')"}, "t",
     "utf8mb4 []\n1 " A "\n2 b INT jdbc=4 null computed default=NULL\n3 c INT jdbc=4 null default=NULL"},
    {{TABLE, "ALTER TABLE t ADD c INT NOT NULL DEFAULT 5 AFTER id, ADD COLUMN d INT FIRST"}, "t",
     "utf8mb4 [id]\n1 d INT jdbc=4 null default=NULL\n2 id INT jdbc=4\n3 c INT jdbc=4 default=5\n4 " A "\n5 " B},
    {{TABLE, "ALTER TABLE t ADD (c INT, d INT, KEY (c)), ENGINE = InnoDB COMMENT 'x' DEFAULT CHARSET latin1, ADD e TEXT"}, "t",
     "latin1 comment=x [id]\n" ID "\n2 " A "\n3 " B "\n4 c INT jdbc=4 null default=NULL\n5 d INT jdbc=4 null default=NULL\n"
     "6 e TEXT jdbc=12 charset=latin1 null default=NULL"},
    {{TABLE, "ALTER TABLE t DROP a, DROP COLUMN IF EXISTS x"}, "t", "utf8mb4 [id]\n" ID "\n2 " B},
    {{TABLE, "ALTER TABLE t DROP COLUMN id, ADD COLUMN id BIGINT FIRST"}, "t",
     "utf8mb4 []\n1 id BIGINT jdbc=-5 null default=NULL\n2 " A "\n3 " B},
    {{TABLE, "ALTER TABLE t CHANGE COLUMN id `new id` BIGINT, CHANGE a a2 TEXT COMMENT 'x' AFTER b"}, "t",
     "utf8mb4 [new id]\n1 new id BIGINT jdbc=-5\n2 " B "\n3 a2 TEXT jdbc=12 charset=utf8mb4 null default=NULL comment=x"},
    {{TABLE, "ALTER TABLE t MODIFY A SMALLINT NOT NULL FIRST, RENAME COLUMN b TO c, RENAME INDEX x TO y"}, "t",
     "utf8mb4 [id]\n1 a SMALLINT jdbc=5\n2 id INT jdbc=4\n3 c VARCHAR jdbc=12 length=9 charset=utf8mb4 null default=NULL"},
    {{TABLE, "ALTER TABLE t ALTER a SET DEFAULT 9, ALTER COLUMN b SET INVISIBLE", "ALTER TABLE t ALTER a DROP DEFAULT"}, "t",
     "utf8mb4 [id]\n" ID "\n2 " A "\n3 b VARCHAR jdbc=12 length=9 charset=utf8mb4 null invisible default=NULL"},
    {{TABLE, "ALTER TABLE t ALTER COLUMN a SET DEFAULT 9, DROP PRIMARY KEY, ADD CONSTRAINT x PRIMARY KEY USING BTREE (id, a)"}, "t",
     "utf8mb4 [id,a]\n" ID "\n2 a INT jdbc=4 default=9\n3 " B},
    {{"CREATE TABLE t (a INT NOT NULL, b INT NOT NULL)", "CREATE UNIQUE INDEX u ON t (b, a)"}, "t",
     "utf8mb4 [b,a]\n1 a INT jdbc=4\n2 b INT jdbc=4"},
    {{"CREATE TABLE t (a INT NOT NULL)", "ALTER TABLE t ADD UNIQUE KEY u (a)"}, "t", "utf8mb4 [a]\n1 a INT jdbc=4"},
    {{TABLE, "ALTER TABLE t RENAME TO t9"}, "t9", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "ALTER TABLE t RENAME AS t9, ADD c INT"}, "t", ""},
    {{TABLE, "RENAME TABLE t TO t8, t8 TO other.t7", "RENAME TABLES other.t7 TO t6"}, "t6", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "ALTER TABLE t CONVERT TO CHARACTER SET latin1 COLLATE latin1_bin"}, "t",
     "latin1 [id]\n" ID "\n2 " A "\n3 b VARCHAR jdbc=12 length=9 charset=latin1 null default=NULL"},
    {{TABLE, "ALTER ONLINE TABLE t ORDER BY a, b DESC", "ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 4"}, "t",
     "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "ALTER TABLE t"}, "t", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B},
    {{TABLE, "ALTER TABLE t ALGORITHM=INPLACE, LOCK NONE, ADD c INT, FORCE REMOVE PARTITIONING"}, "t",
     "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B "\n4 c INT jdbc=4 null default=NULL"},
    {{TABLE, "alter table `db`.`t`\n  add\n\tcolumn (e int, f int) # end\n"}, "t",
     "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B "\n4 e INT jdbc=4 null default=NULL\n5 f INT jdbc=4 null default=NULL"},
    {{TABLE, "DROP TABLE IF EXISTS x, t CASCADE"}, "t", ""},
    {{TABLE, "DROP DATABASE db"}, "t", ""},
    {{"CREATE DATABASE db DEFAULT CHARACTER SET latin1 COLLATE latin1_bin", "CREATE TABLE t (b VARCHAR(9))"}, "t",
     "latin1 []\n1 b VARCHAR jdbc=12 length=9 charset=latin1 null default=NULL"},
    {{"CREATE DATABASE db COLLATE latin1_bin", "ALTER DATABASE CHARSET=utf8mb3", "CREATE TABLE t (b VARCHAR(9))"}, "t",
     "utf8mb3 []\n1 b VARCHAR jdbc=12 length=9 charset=utf8mb3 null default=NULL"},
    {{"SET character_set_server=latin1, @x = 1", "CREATE TABLE t (b CHAR(9))"}, "t",
     "latin1 []\n1 b CHAR jdbc=1 length=9 charset=latin1 null default=NULL"},
    {{"SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a INT)"}, "t", "utf8mb4 []\n1 " A},
    {{"CREATE TABLE t (a VARCHAR(9) DEFAULT 'x''' 'y' \"z\" NOT NULL, b CHAR DEFAULT '')"}, "t",
     "utf8mb4 []\n1 a VARCHAR jdbc=12 length=9 charset=utf8mb4 default=x''yz\n2 b CHAR jdbc=1 charset=utf8mb4 null default="},
    {{"CREATE TABLE t (1st INT, `a``b` INT, \"q\" INT, 한 INT)"}, "t",
     "utf8mb4 []\n1 1st INT jdbc=4 null default=NULL\n2 a`b INT jdbc=4 null default=NULL\n3 q INT jdbc=4 null default=NULL\n"
     "4 한 INT jdbc=4 null default=NULL"},
};

START_TEST(a_statement_changes_the_structure_as_the_server_does)
{
    for (size_t i = 0; i < 4 && cases[_i].sql[i]; i++)
        ck_assert_msg(apply(cases[_i].sql[i]), "%s", err.message);
    assert_table(cases[_i].table, cases[_i].expected);
}
END_TEST

/* ---- what is not guessed ------------------------------------------------------------------------------------------------------ */

static const char *const unreadable[] = {
    "CREATE TABLE n (id INT) SELECT 1", "CREATE TABLE n AS SELECT 1", "CREATE TABLE n SELECT 1", "CREATE TABLE n (SELECT 1)",
    "CREATE TABLE n (a INT) ENGINE=InnoDB AS SELECT a FROM t", "CREATE TABLE n (a INT) WITH x AS (SELECT 1) SELECT * FROM x",
    "CREATE TABLE n (a NEWTYPE)", "CREATE TABLE n (a INT SOMETHING)", "CREATE TABLE n (a INT, a INT)", "CREATE TABLE n (a INT",
    "CREATE TABLE n (PRIMARY KEY (z), a INT)", "CREATE TABLE n (a INT) x )", "CREATE TABLE n (a VARCHAR(9) COMMENT 'no end)",
    "CREATE TABLE n (a ENUM())", "CREATE TABLE n (a INT /* no end)", "CREATE TABLE", "CREATE SOMETHING x", "ALTER TABLE t SOMETHING",
    "ALTER TABLE t ADD", "ALTER TABLE t ADD c INT d INT", "ALTER TABLE t MODIFY z INT", "ALTER TABLE t DROP z",
    "ALTER TABLE t ADD c INT AFTER z", "ALTER TABLE t ADD a INT", "ALTER TABLE t ORDER BY a, ADD c INT", "ALTER TABLE t ADD c INT,",
    "ALTER TABLE t RENAME COLUMN z TO y", "DROP TABLE t x", "RENAME TABLE t", "IMPORT TABLE FROM 'x'", "SOMETHING", "ALTER",
    "ALTER TABLE t CHANGE a id INT",
};

START_TEST(a_statement_that_is_not_understood_is_an_error_and_changes_nothing)
{
    ck_assert(apply(TABLE));
    char *before = describe("t");
    ck_assert_msg(!apply(unreadable[_i]), "%s", unreadable[_i]);
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, unreadable[_i]));
    assert_table("t", before);
    assert_table("n", "");
    ck_assert_uint_eq(changes.count, 0);
    free(before);
}
END_TEST

static const char *const neutral[] = {
    "CREATE INDEX i ON t (a)", "DROP INDEX i ON t", "DROP VIEW v", "CREATE DEFINER=`root`@`%` TRIGGER tr BEFORE INSERT ON t FOR EACH ROW "
    "ALTER TABLE t ADD x INT", "CREATE DEFINER = CURRENT_USER() SQL SECURITY INVOKER PROCEDURE p() DROP TABLE t", "GRANT ALL ON *.* TO x",
    "CREATE TEMPORARY TABLE t (z INT)", "DROP TEMPORARY TABLE IF EXISTS t", "ANALYZE TABLE t", "CREATE USER 'a'@'b' IDENTIFIED BY 'x'",
    "ALTER TABLE unknown ADD c NEWTYPE", "CREATE TABLE n LIKE unknown", "FLUSH TABLES", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE "
    "FROM t", "ALTER DATABASE db CHARACTER SET latin1", "SET NAMES utf8mb4", "SET @a = 1", "INSERT INTO t VALUES (1)", "XA COMMIT 'x'",
    "CREATE SPATIAL REFERENCE SYSTEM 1 NAME 'x'", "CREATE UNIQUE INDEX i ON t (a)", "/* nothing */", "CREATE TABLE IF NOT EXISTS t (z INT)",
};

START_TEST(a_statement_without_structure_is_one_change_with_the_whole_text)
{
    ck_assert(apply(TABLE));
    char *before = describe("t");
    ck_assert_msg(apply(neutral[_i]), "%s", err.message);
    assert_table("t", before);
    ck_assert_uint_eq(changes.count, 1);
    ck_assert_int_eq(changes.items[0].kind, CDC_CHANGE_DATABASE);
    ck_assert_str_eq(changes.items[0].ddl, neutral[_i]);
    ck_assert_str_eq(changes.items[0].database, "db");
    ck_assert_str_eq(changes.items[0].tables, "");
    ck_assert(!changes.is_understood);
    free(before);
}
END_TEST

/* ---- what is told ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *sql;
    enum cdc_change_kind kind;
    const char *database, *ddl, *table, *previous, *tables;
} told[] = {
    {"  /* x */ DROP TABLE IF EXISTS t /* generated by server */", CDC_CHANGE_DROP, "db", "DROP TABLE IF EXISTS `db`.`t`", "t", NULL, "t"},
    {"DROP TABLE `t`,x.`y` CASCADE", CDC_CHANGE_DROP, "db", "DROP TABLE `db`.`t` CASCADE", "t", NULL, "t"},
    {"RENAME TABLE t TO t9", CDC_CHANGE_ALTER, "db", "RENAME TABLE t TO t9", "t9", "t", "t9"},
    {"RENAME TABLE  x.y TO  `b b`, t TO t2 ;", CDC_CHANGE_ALTER, "db", "RENAME TABLE  x.y TO  `b b`", "b b", "y", "b b,t2"},
    {"ALTER TABLE t RENAME TO t8;", CDC_CHANGE_ALTER, "db", "ALTER TABLE t RENAME TO t8", "t8", "t", "t8"},
    {"TRUNCATE t", CDC_CHANGE_TRUNCATE, "db", "TRUNCATE t", "t", NULL, "t"},
    {"CREATE TABLE o.n (\n  a INT\n) START TRANSACTION", CDC_CHANGE_CREATE, "o", "CREATE TABLE o.n (\n  a INT\n)", "n", NULL, "n"},
    {"CREATE VIEW v AS SELECT 1", CDC_CHANGE_CREATE, "db", "CREATE VIEW v AS SELECT 1", "v", NULL, "v"},
    {"CREATE DATABASE `x` CHARSET latin1", CDC_CHANGE_DATABASE, "x", "CREATE DATABASE `x` CHARSET latin1", NULL, NULL, NULL},
    {"DROP SCHEMA IF EXISTS x;", CDC_CHANGE_DATABASE, "x", "DROP SCHEMA IF EXISTS x", NULL, NULL, NULL},
    {"USE `x`", CDC_CHANGE_DATABASE, "x", "USE `x`", NULL, NULL, NULL},
    {"SET a=1, @@session.b='x'", CDC_CHANGE_DATABASE, "db", "SET a=1, @@session.b='x'", NULL, NULL, NULL},
};

START_TEST(a_change_shows_its_part_of_the_statement)
{
    ck_assert(apply(TABLE));
    ck_assert_msg(apply(told[_i].sql), "%s", err.message);
    const struct cdc_change *change = &changes.items[0];
    ck_assert_int_eq(change->kind, told[_i].kind);
    ck_assert_str_eq(change->database, told[_i].database);
    ck_assert_str_eq(change->ddl, told[_i].ddl);
    ck_assert_pstr_eq(change->table_name, told[_i].table);
    ck_assert_pstr_eq(change->previous_name, told[_i].previous);
    ck_assert_pstr_eq(change->tables, told[_i].tables);
}
END_TEST

START_TEST(names_are_compared_as_the_server_does)
{
    ck_assert(apply(TABLE) && apply("CREATE TABLE T (x INT)"));
    assert_table("T", "utf8mb4 []\n1 x INT jdbc=4 null default=NULL");
    assert_table("t", "utf8mb4 [id]\n" ID "\n2 " A "\n3 " B);
    teardown();
    setup();
    cdc_tables_ignore_case(tables, true);
    ck_assert(apply(TABLE) && apply("ALTER TABLE DB.T DROP a"));
    assert_table("t", "utf8mb4 [id]\n" ID "\n2 " B);
}
END_TEST

START_TEST(the_mode_of_the_session_says_what_a_backslash_is)
{
    ck_assert(!apply("CREATE TABLE t (a VARCHAR(9) DEFAULT 'x\\')"));
    cdc_tables_set_variable(tables, "sql_mode", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES");
    ck_assert_msg(apply("CREATE TABLE t (a VARCHAR(9) DEFAULT 'x\\')"), "%s", err.message);
    assert_table("t", "utf8mb4 []\n1 a VARCHAR jdbc=12 length=9 charset=utf8mb4 null default=x\\");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/ddl");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_server_s_own_text_is_read_with_all_its_types);
    tcase_add_loop_test(tcase, a_statement_changes_the_structure_as_the_server_does, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_loop_test(tcase, a_statement_that_is_not_understood_is_an_error_and_changes_nothing, 0,
                        sizeof(unreadable) / sizeof(*unreadable));
    tcase_add_loop_test(tcase, a_statement_without_structure_is_one_change_with_the_whole_text, 0, sizeof(neutral) / sizeof(*neutral));
    tcase_add_loop_test(tcase, a_change_shows_its_part_of_the_statement, 0, sizeof(told) / sizeof(*told));
    tcase_add_test(tcase, names_are_compared_as_the_server_does);
    tcase_add_test(tcase, the_mode_of_the_session_says_what_a_backslash_is);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
