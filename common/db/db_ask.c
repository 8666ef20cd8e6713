/* What needs no more of a connection than db.h offers. */
#include "common/db/db.h"

#include <string.h>

bool
db_each_row(struct db *db, const char *sql, db_row_fn *take, void *arg, struct error *err)
{
    struct db_result *result = db_query(db, sql, strlen(sql), err);
    if (!result)
        return false;
    const char *const *values;
    const unsigned long *lengths;
    enum db_row_status status;
    while ((status = db_result_next(result, &values, &lengths, err)) == DB_ROW)
        take(arg, values);
    db_result_free(result);
    return status == DB_END;
}

void
db_quote_name(struct strbuf *out, const char *name)
{
    strbuf_putc(out, '`');
    for (; *name; name++) {
        if (*name == '`')
            strbuf_putc(out, '`');
        strbuf_putc(out, *name);
    }
    strbuf_putc(out, '`');
}
