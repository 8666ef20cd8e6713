/*
 * Counting pairs over a million orders takes seconds, so orders are folded into a small table as they arrive:
 *
 *   SYNC_ORDER_TABLE  --new ids-->  SUGGESTION_BASIS (customerId, productId), each pair once
 *                                        | products that the customers of the new orders have bought
 *                                        v
 *                                   Suggestion_table: one row a product, three best first
 *
 * The basis is indexed both ways, so the suggestions of one product cost a look at its customers' other products.
 * It also holds how far the orders were read (customer '', see BASIS_MARK), in the same transaction as the pairs,
 * so a restart goes on where it was. A product with very many customers is judged by a sample of them. The
 * tables of the orders are left as they are: no index is added to what a sink connector owns.
 */
#include "marketing-service/suggestions.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    ORDERS_AT_ONCE = 5000,    /* ids looked at in one transaction */
    TAKE_IN_MS = 500,         /* of a call for new orders, */
    RENEW_MS = 500,           /* and for suggestions; what is left over has its turn in the next call */
    TAKE_TIMEOUT_MS = 2000,
    ERROR_NO_TABLE = 1146,
};

/* The row of the basis whose product is the last order id that was taken in. Orders without a customer are not
   counted, so no order has this one. */
#define BASIS_MARK "''"

static const char create_basis[] =
    "CREATE TABLE IF NOT EXISTS SUGGESTION_BASIS (customerId varchar(255) NOT NULL, productId bigint NOT NULL,"
    " PRIMARY KEY (customerId, productId), KEY (productId, customerId)) ENGINE=InnoDB";
static const char create_todo[] =
    "CREATE TABLE IF NOT EXISTS SUGGESTION_TODO (productId bigint NOT NULL, PRIMARY KEY (productId)) ENGINE=InnoDB";
static const char newest_order[] = "SELECT COALESCE(MAX(id), 0) FROM SYNC_ORDER_TABLE";
static const char read_mark[] = "SELECT COALESCE(MAX(productId), 0) FROM SUGGESTION_BASIS WHERE customerId = " BASIS_MARK;
static const char upper_bound[] =
    "SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM SYNC_ORDER_TABLE WHERE id > ? ORDER BY id LIMIT ?) AS part";
static const char add_pairs[] =
    "INSERT IGNORE INTO SUGGESTION_BASIS (customerId, productId)"
    " SELECT DISTINCT LEFT(customerId, 255), productId FROM SYNC_ORDER_TABLE"
    " WHERE id > ? AND id <= ? AND customerId <> '' AND productId IS NOT NULL";
static const char add_todo[] =
    "INSERT IGNORE INTO SUGGESTION_TODO (productId)"
    " SELECT DISTINCT bought.productId FROM (SELECT DISTINCT LEFT(customerId, 255) AS customerId FROM SYNC_ORDER_TABLE"
    " WHERE id > ? AND id <= ? AND customerId <> '' AND productId IS NOT NULL) AS came"
    " JOIN SUGGESTION_BASIS AS bought ON bought.customerId = came.customerId";
static const char forget_mark[] = "DELETE FROM SUGGESTION_BASIS WHERE customerId = " BASIS_MARK;
static const char write_mark[] = "INSERT INTO SUGGESTION_BASIS (customerId, productId) VALUES (" BASIS_MARK ", ?)";
static const char read_todo[] = "SELECT productId FROM SUGGESTION_TODO WHERE productId > ? ORDER BY productId LIMIT 1";
static const char done_todo[] = "DELETE FROM SUGGESTION_TODO WHERE productId = ?";
static const char best_three[] =
    "SELECT other.productId, COUNT(*) AS customers"
    " FROM (SELECT customerId FROM SUGGESTION_BASIS WHERE productId = ? AND customerId <> '' LIMIT 1000) AS buyers"
    " JOIN SUGGESTION_BASIS AS other ON other.customerId = buyers.customerId AND other.productId <> ?"
    " GROUP BY other.productId ORDER BY customers DESC, other.productId LIMIT 3";
static const char update_suggestion[] =
    "UPDATE Suggestion_table SET suggestProductId1 = ?, suggestProductId2 = ?, suggestProductId3 = ? WHERE productId = ?";
static const char insert_suggestion[] =
    "INSERT INTO Suggestion_table (suggestProductId1, suggestProductId2, suggestProductId3, productId) VALUES (?, ?, ?, ?)";

struct suggestions {
    int64_t mark;     /* orders up to this id are in the basis */
    int64_t renewed;  /* the last product that had its turn: those that are bought all the time must not take it from others */
    bool has_tables;
    bool has_todo;
};

static struct db_value
integer(int64_t number)
{
    return (struct db_value){.kind = DB_VALUE_INT, .integer = number};
}

static struct db_stmt *
run(struct db_lease *lease, const char *sql, const struct db_value *params, size_t count, struct error *err)
{
    struct db_stmt *stmt = db_lease_stmt(lease, sql, err);
    return stmt && db_stmt_run(stmt, params, count, err) ? stmt : NULL;
}

static bool
exec(struct db_lease *lease, const char *sql, struct error *err)
{
    return db_exec(db_lease_db(lease), sql, strlen(sql), NULL, err);
}

static bool
number(struct db_lease *lease, const char *sql, const struct db_value *params, size_t count, int64_t *out, struct error *err)
{
    struct db_stmt *stmt = run(lease, sql, params, count, err);
    const struct db_value *row;
    size_t n;
    if (!stmt || db_stmt_next(stmt, &row, &n, err) != DB_ROW)
        return false;
    *out = row[0].integer;
    return true;
}

/* ---- orders into the basis ------------------------------------------------------------------------------------- */

/* The tables are made when the first order comes: a lab without orders has none but its own. */
static bool
open_basis(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    if (self->has_tables)
        return true;
    if (!exec(lease, create_basis, err) || !exec(lease, create_todo, err) || !number(lease, read_mark, NULL, 0, &self->mark, err))
        return false;
    self->has_tables = self->has_todo = true;
    return true;
}

static bool
take_in(struct db_lease *lease, int64_t from, int64_t to, struct error *err)
{
    struct db_value range[] = {integer(from), integer(to)}, mark = integer(to);
    return run(lease, add_pairs, range, 2, err) && run(lease, add_todo, range, 2, err) && run(lease, forget_mark, NULL, 0, err) &&
           run(lease, write_mark, &mark, 1, err) && db_commit(db_lease_db(lease), err);
}

static bool
take_new_orders(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    int64_t to;
    struct db_value part[] = {integer(self->mark), integer(ORDERS_AT_ONCE)};
    if (!number(lease, upper_bound, part, 2, &to, err) || !exec(lease, "START TRANSACTION", err))
        return false;
    if (!take_in(lease, self->mark, to, err)) {
        struct error ignored;
        if (!db_rollback(db_lease_db(lease), &ignored))
            err->code = ERROR_UNAVAILABLE; /* the connection goes, and the transaction with it */
        return false;
    }
    self->mark = to;
    self->has_todo = true;
    return true;
}

/* Many at once, while there are many. */
static bool
catch_up(struct suggestions *self, struct db_lease *lease, int64_t newest, struct error *err)
{
    int64_t until_ms = clock_now_ms() + TAKE_IN_MS;
    if (newest < self->mark) /* the table was emptied: begin again */
        self->mark = 0;
    while (self->mark < newest) {
        if (!take_new_orders(self, lease, err))
            return false;
        if (clock_now_ms() >= until_ms)
            break;
    }
    return true;
}

/* ---- the basis into suggestions ----------------------------------------------------------------------------------- */

static bool
renew(struct db_lease *lease, int64_t product, struct error *err)
{
    struct db_value both[] = {integer(product), integer(product)}, values[4] = {{0}, {0}, {0}, integer(product)};
    struct db_stmt *stmt = run(lease, best_three, both, 2, err);
    const struct db_value *row;
    size_t n, count = 0;
    enum db_row_status status = DB_FAILED;
    while (stmt && count < 3 && (status = db_stmt_next(stmt, &row, &n, err)) == DB_ROW)
        values[count++] = integer(row[0].integer);
    if (status == DB_FAILED)
        return false;
    if (count > 0) {
        if (!(stmt = run(lease, update_suggestion, values, 4, err)))
            return false;
        if (db_stmt_affected(stmt) == 0 && !run(lease, insert_suggestion, values, 4, err))
            return false;
    }
    return run(lease, done_todo, both, 1, err) != NULL;
}

/* Round and round by number; has_todo becomes false when a whole round finds nothing. */
static bool
renew_some(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    int64_t until_ms = clock_now_ms() + RENEW_MS;
    while (self->has_todo && clock_now_ms() < until_ms) {
        struct db_value behind = integer(self->renewed);
        struct db_stmt *stmt = run(lease, read_todo, &behind, 1, err);
        const struct db_value *row;
        size_t n;
        enum db_row_status status = stmt ? db_stmt_next(stmt, &row, &n, err) : DB_FAILED;
        if (status == DB_FAILED)
            return false;
        bool is_whole_round = status == DB_END && self->renewed == INT64_MIN;
        self->has_todo = !is_whole_round;
        self->renewed = status == DB_ROW ? row[0].integer : INT64_MIN;
        if (status == DB_ROW && !renew(lease, self->renewed, err))
            return false;
    }
    return true;
}

static bool
refresh(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    int64_t newest;
    if (!number(lease, newest_order, NULL, 0, &newest, err))
        return false;
    if (newest == 0 && !self->has_tables)
        return true;
    if (open_basis(self, lease, err) && catch_up(self, lease, newest, err) && renew_some(self, lease, err))
        return true;
    if (err->cause == ERROR_NO_TABLE)
        self->has_tables = false;
    return false;
}

bool
suggestions_refresh(struct db_pool *pool, void **state, bool is_last, struct error *err)
{
    if (is_last) {
        free(*state);
        return true;
    }
    if (!*state)
        *(struct suggestions *)(*state = xcalloc(1, sizeof(struct suggestions))) = (struct suggestions){.renewed = INT64_MIN};
    struct db_lease *lease = db_pool_take(pool, TAKE_TIMEOUT_MS, err);
    if (!lease)
        return false;
    bool ok = refresh(*state, lease, err);
    db_pool_give(lease, ok ? NULL : err);
    return ok || error_wrap(err, "suggestions");
}
