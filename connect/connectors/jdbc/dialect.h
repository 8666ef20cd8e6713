/*
 * How MySQL writes names: quoting, and tables as the task's `tables` setting and the offsets spell them.
 * Pure text handling; any thread.
 */
#ifndef CONNECT_CONNECTORS_JDBC_DIALECT_H
#define CONNECT_CONNECTORS_JDBC_DIALECT_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/config/config_def.h"

#include <stdbool.h>

/* A table with its database; the strings are the struct's own. */
struct jdbc_table {
    char *database; /* NULL: the connection's */
    char *name;
};

void jdbc_table_fini(struct jdbc_table *table);
struct jdbc_table jdbc_table_dup(const struct jdbc_table *table);
/* Reads `db`.`t`, db.t, `t` and t; a doubled back-tick inside quotes stands for one. False: ERROR_CONFIG. */
bool jdbc_table_parse(const char *text, struct jdbc_table *out, struct error *err) MUST_CHECK;
/* `db`.`t`, or db.t without quotes. */
void jdbc_table_write(struct strbuf *out, const struct jdbc_table *table, bool with_quotes);
/* As jdbc_table_write, as a heap string. */
char *jdbc_table_text(const struct jdbc_table *table, bool with_quotes);
/* One name; a back-tick inside is doubled. Without quotes it is written as it is. */
void jdbc_name_write(struct strbuf *out, const char *name, bool with_quotes);
/* quote.sql.identifiers: always or never, in any case. False: "No matching QuoteMethod found
   for 'x'", ERROR_CONFIG. */
bool jdbc_quote_method_parse(const char *text, bool *with_quotes_out, struct error *err) MUST_CHECK;

/* dialect.name: what the Java connectors know is accepted and recommended, though here all mean MySQL's. */
config_check_fn jdbc_dialect_check;
config_recommend_fn jdbc_dialect_recommend;

#endif
