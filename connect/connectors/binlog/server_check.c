/* Questions to information_schema and variables; none changes anything. */
#include "connect/connectors/binlog/server_check.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
add_first(void *arg, const char *const *values)
{
    string_list_add(arg, values[0] ? values[0] : "");
}

static bool
list_of(struct db *db, const char *sql, struct string_list *out, struct error *err)
{
    return db_each_row(db, sql, add_first, out, err);
}

/* ---- rights ---------------------------------------------------------------------------------------------------------------- */

/* One of the names is enough; the first is what GRANT is told. */
static const struct {
    const char *names[4];
    bool is_for_locks;
} rights[] = {
    {{"SELECT"}, false},
    {{"REPLICATION SLAVE", "REPLICATION REPLICA"}, false},
    {{"REPLICATION CLIENT", "BINLOG MONITOR", "SUPER"}, false},
    {{"RELOAD", "FLUSH_TABLES", "LOCK TABLES"}, true},
};

#define GRANTEE "CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')"

static bool
has_role(struct db *db)
{
    struct string_list role = STRING_LIST_INIT;
    struct error unused = ERROR_INIT;
    bool has = list_of(db, "SELECT CURRENT_ROLE()", &role, &unused) && role.count == 1 && *role.items[0] &&
               strcasecmp(role.items[0], "NONE") != 0;
    string_list_fini(&role);
    return has;
}

static bool
has_right(const struct string_list *granted, size_t right)
{
    for (size_t i = 0; i < 4 && rights[right].names[i]; i++)
        if (string_list_has(granted, rights[right].names[i]))
            return true;
    return false;
}

bool
cdc_server_missing_rights(struct db *db, bool locks, struct string_list *out, struct error *err)
{
    /* SELECT and LOCK TABLES may be given for single databases or tables: which ones shows when they are read. */
    static const char sql[] =
        "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = " GRANTEE
        " UNION SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = " GRANTEE
        " UNION SELECT PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = " GRANTEE;
    if (has_role(db))
        return true;
    struct string_list granted = STRING_LIST_INIT;
    bool ok = list_of(db, sql, &granted, err) || error_wrap(err, "looking at the account's rights");
    for (size_t i = 0; i < sizeof(rights) / sizeof(*rights) && ok; i++)
        if ((locks || !rights[i].is_for_locks) && !has_right(&granted, i))
            string_list_add(out, rights[i].names[0]);
    string_list_fini(&granted);
    return ok;
}

void
cdc_server_rights_text(struct db *db, const struct string_list *missing, struct strbuf *out)
{
    struct strbuf names = STRBUF_INIT;
    struct string_list account = STRING_LIST_INIT;
    struct error unused = ERROR_INIT;
    for (size_t i = 0; i < missing->count; i++)
        strbuf_printf(&names, "%s%s", i ? ", " : "", missing->items[i]);
    bool is_known = list_of(db, "SELECT " GRANTEE, &account, &unused) && account.count == 1;
    const char *name = is_known ? account.items[0] : "the account";
    strbuf_printf(out, "%s lacks %s: GRANT %s ON *.* TO %s", name, names.data, names.data, name);
    string_list_fini(&account);
    strbuf_fini(&names);
}

/* ---- cascades ---------------------------------------------------------------------------------------------------------------- */

struct cascades {
    const struct cdc_filters *filters;
    struct string_list *out;
};

static void
add_cascade(void *arg, const char *const *values)
{
    struct cascades *cascades = arg;
    if (!values[0] || !values[1] || !values[2] || !cdc_filters_has_table(cascades->filters, values[0], values[1]))
        return;
    char *text = xasprintf("%s.%s (%s)", values[0], values[1], values[2]);
    string_list_add(cascades->out, text);
    free(text);
}

/* MySQL 9.6 and later do foreign keys above the storage engine, and then log what they change. */
static bool
logs_cascades(struct db *db)
{
    struct string_list value = STRING_LIST_INIT;
    struct error unused = ERROR_INIT;
    bool does = list_of(db, "SELECT @@GLOBAL.innodb_native_foreign_keys", &value, &unused) && value.count == 1 &&
                strcmp(value.items[0], "0") == 0;
    string_list_fini(&value);
    return does;
}

bool
cdc_server_silent_cascades(struct db *db, const struct cdc_filters *filters, struct string_list *out, struct error *err)
{
    static const char sql[] =
        "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS"
        " WHERE DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')";
    struct cascades cascades = {filters, out};
    return logs_cascades(db) || db_each_row(db, sql, add_cascade, &cascades, err) || error_wrap(err, "looking at foreign keys");
}
