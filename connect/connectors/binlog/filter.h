/*
 * What is captured, and what becomes of single columns: the include and exclude lists, masks, propagated types and
 * message.key.columns of a configuration, compiled (Tables.TableFilter, ColumnNameFilter, ColumnMappers, KeyMapper).
 *
 * Expressions are matched in full and without case, against "database", "database.table", "database.table.column".
 * A cdc_filters never changes after it was made; any thread. The questions run regular expressions: ask once a table
 * structure, not once a row.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_FILTER_H
#define CONNECT_CONNECTORS_BINLOG_FILTER_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "connect/connectors/binlog/table.h"

#include <stdbool.h>

struct cdc_config;
struct cdc_filters;

/* The configuration must outlive it. NULL: ERROR_CONFIG, an expression is wrong. */
struct cdc_filters *cdc_filters_new(const struct cdc_config *config, struct error *err);
void cdc_filters_free(struct cdc_filters *filters); /* accepts NULL */

bool cdc_filters_has_database(const struct cdc_filters *filters, const char *database);
/* Captured: by database and table lists, not built in unless table.ignore.builtin is false. The signal table counts,
   see cdc_filters_is_signal. */
bool cdc_filters_has_table(const struct cdc_filters *filters, const char *database, const char *table);
/* Is the table's structure part of a snapshot? Tables that are not captured are, too, unless the history keeps only those
   of captured tables or databases. */
bool cdc_filters_in_schema(const struct cdc_filters *filters, const char *database, const char *table);
/* gtid.source.includes and gtid.source.excludes: are transactions of this source read (UUID; MariaDB: domain-server)? */
bool cdc_filters_has_gtid_source(const struct cdc_filters *filters, const char *source);
/* The table of signal.data.collection. */
bool cdc_filters_is_signal(const struct cdc_filters *filters, const char *database, const char *table);
/* snapshot.include.collection.list, for tables that are captured. */
bool cdc_filters_in_snapshot(const struct cdc_filters *filters, const char *database, const char *table);
/* Which expression of table.include.list names the table; their number if none does. */
size_t cdc_filters_table_rank(const struct cdc_filters *filters, const char *database, const char *table);
/* The statement of snapshot.select.statement.overrides for this table; NULL: none. */
const char *cdc_filters_select_override(const struct cdc_filters *filters, const char *database, const char *table);

/* column.include.list and column.exclude.list: is the column in the record? */
bool cdc_filters_has_column(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column);

enum cdc_mask_kind { CDC_MASK_CHARS, CDC_MASK_HASH, CDC_MASK_HASH_V2, CDC_MASK_TRUNCATE };

struct cdc_mask {
    enum cdc_mask_kind kind;
    int length;            /* CHARS: stars, TRUNCATE: characters kept */
    const char *algorithm; /* HASH: "SHA-256" */
    const char *salt;
};
/* The first mask of the configuration that names the column; NULL: none. Which types it applies to is the converter's
   business. */
const struct cdc_mask *cdc_filters_mask(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column);
/* column.propagate.source.type or datatype.propagate.source.type names it. */
bool cdc_filters_propagates(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column);

/* message.key.columns: the columns of the key in the order of the setting, else those of the table. Returns how many,
   and writes indexes of table->columns to `out` (room for column_count). 0: the table has no key. */
size_t cdc_filters_key(const struct cdc_filters *filters, const struct cdc_table *table, size_t *out);

/* A setting's list of expressions: commas separate, a comma behind a backslash belongs to its expression. */
void cdc_regex_split(const char *text, struct string_list *out);

#endif
