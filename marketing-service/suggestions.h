/* Suggestions made from the orders that arrive: for a product, the three others that most customers of it bought. */
#ifndef MARKETING_SERVICE_SUGGESTIONS_H
#define MARKETING_SERVICE_SUGGESTIONS_H

#include "common/db/pool.h"

/* Take in the orders that are new since the last call and renew the suggestions of the products they concern, a
   bounded number at a time. Blocks on the database. *state is NULL at first and freed by the call with is_last.
   ERROR_UNAVAILABLE and the like: nothing is lost, the next call goes on. */
bool suggestions_refresh(struct db_pool *pool, void **state, bool is_last, struct error *err) MUST_CHECK;

#endif
