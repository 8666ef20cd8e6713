/*
 * Counting pairs over a million orders takes seconds, so orders are folded into a small table as they arrive:
 *
 *   SYNC_ORDER_TABLE  --ranges of ids-->  SUGGESTION_BASIS (customerId, productId), each pair once
 *   what is left: SUGGESTION_UNREAD            | products that the customers of these orders have bought: SUGGESTION_DUE
 *                                              v
 *                                         Suggestion_table: one row a product, three best first
 *
 * SUGGESTION_UNREAD holds the ranges of ids that were not read yet. One of them has no end: it begins behind the newest order
 * that was seen. What is found there is read from its newest end, and if that is much, the rest becomes a range of its own, the
 * backlog. New orders always go first, so they are not held up by a backlog, and nothing is read twice after a restart.
 * Ids can be committed out of order, so those shortly before the newest are counted every time, and read again if some came late.
 *
 * The basis is indexed both ways, so the suggestions of one product cost a look at its customers' other products. A product with
 * very many customers is judged by a sample of them. Products that new orders concern are renewed first; those that a backlog
 * concerns, which are nearly all, once it is worked off. The table of the orders is left as it is: no index is added to what
 * a sink connector owns, and it is read without locks (READ COMMITTED), so a sink never waits for this.
 *
 * Several services may do this on one database: who works on a range or a product holds the lock on its row.
 */
#include "marketing-service/suggestions.h"

#include "common/base/clock.h"

#include <string.h>

enum {
    ORDERS_AT_ONCE = 10000, /* read in one transaction */
    LATE_IDS = 5000,        /* looked back on, for orders whose ids were committed out of order */
    PRODUCTS_AT_ONCE = 50,  /* renewed in one transaction */
    RENEW_MS = 500,         /* of a step, for the products of new orders, and as much for those of a backlog */
    TAKE_TIMEOUT_MS = 2000,
};

static const char *const create_tables[] = {
    "CREATE TABLE IF NOT EXISTS SUGGESTION_BASIS (customerId varchar(255) NOT NULL, productId bigint NOT NULL,"
    " PRIMARY KEY (customerId, productId), KEY (productId, customerId)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS SUGGESTION_DUE (productId bigint NOT NULL, isLater tinyint NOT NULL,"
    " PRIMARY KEY (productId), KEY (isLater, productId)) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS SUGGESTION_UNREAD (behind bigint NOT NULL, upTo bigint NOT NULL, PRIMARY KEY (behind)) ENGINE=InnoDB",
};
static const char find_index[] =
    "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'Suggestion_table'"
    " AND COLUMN_NAME = 'productId' AND SEQ_IN_INDEX = 1";
static const char create_index[] = "ALTER TABLE Suggestion_table ADD INDEX SUGGESTION_PRODUCT (productId)";

/* Orders, by id. What is counted is a pair, so neither orders without a customer nor those without a product. */
#define ORDERS_OF_RANGE " FROM SYNC_ORDER_TABLE WHERE id > ? AND id <= ? "
#define THAT_COUNT "AND customerId <> '' AND productId IS NOT NULL"
static const char newest_order[] = "SELECT COALESCE(MAX(id), 0) FROM SYNC_ORDER_TABLE";
static const char count_orders[] = "SELECT COUNT(*)" ORDERS_OF_RANGE;
static const char newest_of_range[] =
    "SELECT COALESCE(MIN(id), 1) - 1, COALESCE(MAX(id), 0), COUNT(*) FROM (SELECT id" ORDERS_OF_RANGE "ORDER BY id DESC LIMIT ?) AS newest";
static const char add_pairs[] = /* in the order of the index, which is how it grows fastest */
    "INSERT IGNORE INTO SUGGESTION_BASIS (customerId, productId)"
    " SELECT DISTINCT LEFT(customerId, 255), productId" ORDERS_OF_RANGE THAT_COUNT " ORDER BY 1, 2";

#define NO_END "9223372036854775807"
static const char begin_unread[] =
    "INSERT INTO SUGGESTION_UNREAD (behind, upTo) SELECT 0, " NO_END " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM SUGGESTION_UNREAD)";
static const char forget_unread[] = "DELETE FROM SUGGESTION_UNREAD";
static const char lock_news[] = "SELECT behind, upTo FROM SUGGESTION_UNREAD WHERE upTo = " NO_END " ORDER BY behind DESC LIMIT 1 FOR UPDATE";
static const char lock_backlog[] = "SELECT behind, upTo FROM SUGGESTION_UNREAD WHERE upTo < " NO_END " ORDER BY behind DESC LIMIT 1 FOR UPDATE";
static const char count_backlog[] = "SELECT COUNT(*) FROM SUGGESTION_UNREAD WHERE upTo < " NO_END;
static const char add_backlog[] = "INSERT INTO SUGGESTION_UNREAD (behind, upTo) VALUES (?, ?)";
static const char move_news[] = "UPDATE SUGGESTION_UNREAD SET behind = ? WHERE behind = ?";
static const char shorten_backlog[] = "UPDATE SUGGESTION_UNREAD SET upTo = ? WHERE behind = ?";
static const char remove_backlog[] = "DELETE FROM SUGGESTION_UNREAD WHERE behind = ?";

static const char add_due[] =
    "INSERT INTO SUGGESTION_DUE (productId, isLater)"
    " SELECT DISTINCT bought.productId, 0 FROM (SELECT DISTINCT LEFT(customerId, 255) AS customerId" ORDERS_OF_RANGE THAT_COUNT ") AS came"
    " JOIN SUGGESTION_BASIS AS bought ON bought.customerId = came.customerId ON DUPLICATE KEY UPDATE isLater = 0";
static const char add_due_all[] = "INSERT IGNORE INTO SUGGESTION_DUE (productId, isLater) SELECT DISTINCT productId, 1 FROM SUGGESTION_BASIS";
static const char read_due[] = "SELECT productId FROM SUGGESTION_DUE WHERE isLater = ? AND productId > ? ORDER BY productId LIMIT ?";
static const char remove_due[] = "DELETE FROM SUGGESTION_DUE WHERE productId = ?";
static const char best_three[] =
    "SELECT productId, COUNT(*) AS customers FROM (SELECT other.productId"
    " FROM (SELECT customerId FROM SUGGESTION_BASIS WHERE productId = ? LIMIT 1000) AS buyers"
    " JOIN SUGGESTION_BASIS AS other ON other.customerId = buyers.customerId AND other.productId <> ? LIMIT 50000) AS others"
    " GROUP BY productId ORDER BY customers DESC, productId LIMIT 3";
static const char update_suggestion[] =
    "UPDATE Suggestion_table SET suggestProductId1 = ?, suggestProductId2 = ?, suggestProductId3 = ? WHERE productId = ?";
static const char insert_suggestion[] =
    "INSERT INTO Suggestion_table (suggestProductId1, suggestProductId2, suggestProductId3, productId) VALUES (?, ?, ?, ?)";

struct range {
    int64_t behind, up_to; /* ids: the first is not in it, the last is */
};

enum due { DUE_NOW, DUE_LATER };

/* Zeroed at the start and after a failure: all that matters is in the database. */
struct suggestions {
    bool is_open;      /* the tables are there, and what follows is known */
    int64_t seen;      /* the newest order that was read */
    struct range last; /* the ids before it, and how many orders they had; -1: not counted yet */
    int64_t last_count;
    bool has_backlog, has_due[2];
    int64_t turn[2];   /* the product that had the last turn: those that are bought all the time must not take it from others */
};

/* ---- asking ------------------------------------------------------------------------------------------------------ */

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
run_on(struct db_lease *lease, const char *sql, int64_t first, int64_t second, struct error *err)
{
    struct db_value params[] = {integer(first), integer(second)};
    return run(lease, sql, params, 2, err) != NULL;
}

static bool
exec(struct db_lease *lease, const char *sql, struct error *err)
{
    return db_exec(db_lease_db(lease), sql, strlen(sql), NULL, err);
}

/* The `width` numbers of the first row, zeros without one; *found_out (may be NULL): is there one? False: it failed. */
static bool
ask(struct db_lease *lease, const char *sql, const struct db_value *params, size_t param_count, int64_t *numbers, size_t width,
    bool *found_out, struct error *err)
{
    struct db_stmt *stmt = run(lease, sql, params, param_count, err);
    const struct db_value *row;
    size_t count;
    enum db_row_status status = stmt ? db_stmt_next(stmt, &row, &count, err) : DB_FAILED;
    for (size_t i = 0; i < width; i++)
        numbers[i] = status == DB_ROW ? row[i].integer : 0;
    if (found_out)
        *found_out = status == DB_ROW;
    return status != DB_FAILED;
}

static bool
count_range(struct db_lease *lease, const struct range *range, int64_t *out, struct error *err)
{
    struct db_value params[] = {integer(range->behind), integer(range->up_to)};
    return ask(lease, count_orders, params, 2, out, 1, NULL, err);
}

typedef bool (*step_fn)(struct suggestions *self, struct db_lease *lease, struct error *err);

static bool
in_transaction(step_fn step, struct suggestions *self, struct db_lease *lease, struct error *err)
{
    if (!exec(lease, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", err) || !exec(lease, "START TRANSACTION", err))
        return false;
    if (step(self, lease, err))
        return db_commit(db_lease_db(lease), err);
    struct error ignored;
    if (!db_rollback(db_lease_db(lease), &ignored))
        err->code = ERROR_UNAVAILABLE; /* the connection goes, and the transaction with it */
    return false;
}

/* ---- orders into the basis ----------------------------------------------------------------------------------------- */

/* Most orders repeat what is known, and concern nobody. */
static bool
take_in(struct db_lease *lease, const struct range *range, bool is_due, struct error *err)
{
    struct db_value params[] = {integer(range->behind), integer(range->up_to)};
    struct db_stmt *stmt = run(lease, add_pairs, params, 2, err);
    if (!stmt)
        return false;
    return db_stmt_affected(stmt) == 0 || !is_due || run(lease, add_due, params, 2, err);
}

/* The newest orders of a range. False in *rest_out: those are all. An empty part is behind its own end. */
static bool
newest_part(struct db_lease *lease, const struct range *range, struct range *part, bool *rest_out, struct error *err)
{
    struct db_value params[] = {integer(range->behind), integer(range->up_to), integer(ORDERS_AT_ONCE)};
    int64_t numbers[3];
    if (!ask(lease, newest_of_range, params, 3, numbers, 3, NULL, err))
        return false;
    *part = (struct range){numbers[0], numbers[1]};
    *rest_out = numbers[2] == ORDERS_AT_ONCE;
    return true;
}

static struct range
range_before(int64_t newest)
{
    return (struct range){newest - LATE_IDS, newest};
}

/* First count what will be looked back on next time, then see whether something came late: what comes in between is found
   twice rather than never. */
static bool
look_back(struct suggestions *self, struct db_lease *lease, int64_t newest, struct error *err)
{
    struct range last = self->last, next = range_before(newest);
    int64_t next_count, count;
    if (!count_range(lease, &next, &next_count, err) || !count_range(lease, &last, &count, err))
        return false;
    bool has_late = count != self->last_count;
    self->last = next;
    self->last_count = next_count;
    self->has_due[DUE_NOW] |= has_late;
    return !has_late || take_in(lease, &last, true, err);
}

/* The newest orders. Some are read at once, and what they concern is due; of many the rest is left to the backlog, and what
   those concern too. */
static bool
read_news(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    int64_t locked[2];
    struct range part;
    bool has_range = false, has_rest;
    for (int i = 0; i < 2 && !has_range; i++) /* one that another service moved while we waited for its lock is seen by the next statement */
        if (!ask(lease, lock_news, NULL, 0, locked, 2, &has_range, err))
            return false;
    if (!has_range)
        return error_set(err, ERROR_INTERNAL, "SUGGESTION_UNREAD has lost its last row; empty it to begin again");
    struct range news = {locked[0], locked[1]};
    if (self->last_count < 0) /* what came late while nobody looked */
        self->last = range_before(news.behind);
    if (!newest_part(lease, &news, &part, &has_rest, err))
        return false;
    bool is_empty = part.up_to <= news.behind;
    self->seen = is_empty ? news.behind : part.up_to;
    if (!look_back(self, lease, self->seen, err))
        return false;
    if (is_empty)
        return true;
    self->has_due[DUE_NOW] = true;
    self->has_backlog |= has_rest;
    return take_in(lease, &part, !has_rest, err) && run_on(lease, move_news, part.up_to, news.behind, err) &&
           (!has_rest || run_on(lease, add_backlog, news.behind, part.behind, err));
}

/* When all is read, everything is due: new orders of one customer concern all that he ever bought. */
static bool
end_backlog(struct suggestions *self, struct db_lease *lease, const struct range *backlog, struct error *err)
{
    struct db_value behind = integer(backlog->behind);
    int64_t others;
    if (!run(lease, remove_backlog, &behind, 1, err) || !ask(lease, count_backlog, NULL, 0, &others, 1, NULL, err))
        return false;
    self->has_backlog = others > 0;
    self->has_due[DUE_LATER] = true;
    return others > 0 || run(lease, add_due_all, NULL, 0, err);
}

static bool
read_backlog(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    int64_t locked[2];
    struct range part;
    bool has_rest;
    if (!ask(lease, lock_backlog, NULL, 0, locked, 2, &self->has_backlog, err))
        return false;
    if (!self->has_backlog)
        return true;
    struct range backlog = {locked[0], locked[1]};
    if (!newest_part(lease, &backlog, &part, &has_rest, err) || !take_in(lease, &part, false, err))
        return false;
    return has_rest ? run_on(lease, shorten_backlog, part.behind, backlog.behind, err) : end_backlog(self, lease, &backlog, err);
}

/* ---- the basis into suggestions ----------------------------------------------------------------------------------- */

/* The product is no longer due first, so that an order that comes meanwhile makes it due again. */
static bool
renew(struct db_lease *lease, int64_t product, struct error *err)
{
    struct db_value both[] = {integer(product), integer(product)}, values[4] = {{0}, {0}, {0}, integer(product)};
    struct db_stmt *stmt = run(lease, remove_due, both, 1, err);
    if (!stmt || db_stmt_affected(stmt) == 0) /* another service has */
        return stmt != NULL;
    const struct db_value *row;
    size_t n, count = 0;
    enum db_row_status status = DB_FAILED;
    stmt = run(lease, best_three, both, 2, err);
    while (stmt && count < 3 && (status = db_stmt_next(stmt, &row, &n, err)) == DB_ROW)
        values[count++] = integer(row[0].integer);
    if (status == DB_FAILED || count == 0)
        return status != DB_FAILED;
    stmt = run(lease, update_suggestion, values, 4, err);
    return stmt && (db_stmt_affected(stmt) > 0 || run(lease, insert_suggestion, values, 4, err));
}

/* Round and round by number; has_due becomes false when a whole round finds nothing. */
static bool
renew_some(struct suggestions *self, struct db_lease *lease, enum due due, struct error *err)
{
    int64_t products[PRODUCTS_AT_ONCE], *turn = &self->turn[due];
    struct db_value params[] = {integer(due), integer(*turn), integer(PRODUCTS_AT_ONCE)};
    struct db_stmt *stmt = run(lease, read_due, params, 3, err);
    const struct db_value *row;
    size_t n, count = 0;
    enum db_row_status status = DB_FAILED;
    while (stmt && (status = db_stmt_next(stmt, &row, &n, err)) == DB_ROW && count < PRODUCTS_AT_ONCE)
        products[count++] = row[0].integer;
    if (status == DB_FAILED)
        return false;
    self->has_due[due] = count > 0 || *turn != INT64_MIN;
    *turn = count > 0 ? products[count - 1] : INT64_MIN;
    for (size_t i = 0; i < count; i++)
        if (!renew(lease, products[i], err))
            return false;
    return true;
}

static bool
renew_now(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    return renew_some(self, lease, DUE_NOW, err);
}

static bool
renew_later(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    return renew_some(self, lease, DUE_LATER, err);
}

static bool
renew_for_a_while(struct suggestions *self, struct db_lease *lease, enum due due, struct error *err)
{
    for (int64_t until_ms = clock_now_ms() + RENEW_MS; self->has_due[due] && clock_now_ms() < until_ms;)
        if (!in_transaction(due == DUE_NOW ? renew_now : renew_later, self, lease, err))
            return false;
    return true;
}

/* ---- a step -------------------------------------------------------------------------------------------------------- */

/* The tables are made when the first order comes: a lab without orders has none but its own. */
static bool
open_tables(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    for (size_t i = 0; i < sizeof(create_tables) / sizeof(*create_tables); i++)
        if (!exec(lease, create_tables[i], err))
            return false;
    int64_t indices;
    if (!ask(lease, find_index, NULL, 0, &indices, 1, NULL, err) || (indices == 0 && !exec(lease, create_index, err)))
        return false;
    *self = (struct suggestions){.is_open = true, .has_backlog = true, .has_due = {true, true}, .turn = {INT64_MIN, INT64_MIN}, .seen = -1, .last_count = -1};
    return exec(lease, begin_unread, err);
}

/* Has anything come since the last step? Costs two short questions, and mostly that is all. */
static bool
look_for_news(struct suggestions *self, struct db_lease *lease, bool *found_out, struct error *err)
{
    int64_t newest, count = 0;
    if (!ask(lease, newest_order, NULL, 0, &newest, 1, NULL, err))
        return false;
    *found_out = newest > self->seen;
    if (*found_out || !self->is_open)
        return true;
    if (newest <= self->last.behind) { /* the table was emptied: begin again */
        *found_out = true;
        return exec(lease, forget_unread, err) && exec(lease, begin_unread, err);
    }
    bool ok = count_range(lease, &self->last, &count, err);
    *found_out = count != self->last_count;
    return ok;
}

static bool
refresh(struct suggestions *self, struct db_lease *lease, struct error *err)
{
    bool has_news;
    if (!look_for_news(self, lease, &has_news, err))
        return false;
    if (has_news && !self->is_open && !open_tables(self, lease, err))
        return false;
    return (!has_news || in_transaction(read_news, self, lease, err)) &&
           (!self->has_backlog || in_transaction(read_backlog, self, lease, err)) && renew_for_a_while(self, lease, DUE_NOW, err) &&
           (self->has_backlog || renew_for_a_while(self, lease, DUE_LATER, err));
}

static bool
step(void *state, struct db_pool *pool, bool *has_more_out, struct error *err)
{
    struct suggestions *self = state;
    struct db_lease *lease = db_pool_take(pool, TAKE_TIMEOUT_MS, err);
    if (!lease)
        return error_wrap(err, "suggestions");
    bool ok = refresh(self, lease, err);
    db_pool_give(lease, ok ? NULL : err);
    *has_more_out = self->has_backlog || self->has_due[DUE_NOW] || self->has_due[DUE_LATER];
    if (ok)
        return true;
    *self = (struct suggestions){0};
    return error_wrap(err, "suggestions");
}

const struct service_task suggestions_task = {.state_size = sizeof(struct suggestions), .step = step};
