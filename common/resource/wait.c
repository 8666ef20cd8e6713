/*
 * GET /syncOrders?after=ID&wait=10s: rows behind an id, and if there are none, the answer waits for them.
 *
 * Long polling rather than an event stream: it is a plain GET whose answer is the usual JSON, so every client,
 * gateway and proxy that the lab already has can use it, and after a lost connection the client goes on
 * with the last id it has. A waiting request holds no thread and no database connection; one thread asks for
 * the newest id of a table, only while somebody waits, and never more than a tenth of the time.
 */
#include "common/resource/coerce.h"
#include "common/resource/service_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/uri.h"

#include <stdlib.h>

LOGGER("common.resource.wait");

enum { WAIT_MAX_MS = 60000, LOOK_EVERY_MS = 50, PREPARE_EVERY_MS = 500 };

/* "10s", "500ms"; a number alone is seconds. */
static bool
duration_parse(const char *text, int64_t *ms_out)
{
    char *end;
    double number = strtod(text, &end);
    double unit = strcmp(end, "ms") == 0 ? 1 : strcmp(end, "s") == 0 || !*end ? 1000 : 0;
    if (end == text || unit == 0 || !(number >= 0 && number < 1e9))
        return false;
    *ms_out = number * unit > WAIT_MAX_MS ? WAIT_MAX_MS : (int64_t)(number * unit);
    return true;
}

static void
answer_rows(struct call *call, int64_t after, int64_t size, const struct row *rows, size_t count)
{
    if (!answer_label(call))
        return;
    int64_t last = count ? rows[count - 1].id : after;
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    write_embedded(call, &writer, rows, count);
    json_name(&writer, "_links");
    json_object_open(&writer);
    write_link(&writer, "self", arena_printf(&call->arena, "%s%s?%s", call->base, call->path, call->req->query), NULL);
    write_link(&writer, "next", arena_printf(&call->arena, "%s%s?after=%lld&size=%lld&wait=10s",
                                                 call->base, call->path, (long long)last, (long long)size), NULL);
    json_object_end(&writer);
    json_object_end(&writer);
}

/* True if it was answered: there are rows, or it went wrong, or `is_last`. */
static bool
try_answer(struct call *call, int64_t after, int64_t size, bool is_last)
{
    struct row *rows;
    size_t count;
    struct error err = ERROR_INIT;
    if (!store_after(call->store, &call->arena, after, size, &rows, &count, &err)) {
        answer_database(call, &err);
        return true;
    }
    if (count || is_last)
        answer_rows(call, after, size, rows, count);
    return count || is_last;
}

static void
defer(struct call *call, int64_t after, int64_t size, int64_t wait_ms)
{
    struct service *service = call->service;
    struct waiter *waiter = xcalloc(1, sizeof(*waiter));
    *waiter = (struct waiter){.request = call->req, .response = call->res, .store = call->store, .after = after,
                              .size = size, .deadline_ms = clock_now_ms() + wait_ms};
    http_defer(call->req);
    pthread_mutex_lock(&service->lock);
    waiter->next = service->waiters;
    service->waiters = waiter;
    if (service->is_stopping)
        waiter->deadline_ms = 0;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->lock);
}

void
wait_handle(struct call *call, const char *after_text)
{
    int64_t after, wait_ms = 0;
    struct strbuf text = STRBUF_INIT;
    bool is_fit = parse_java_integer(after_text, strlen(after_text), INT64_MIN, INT64_MAX, &after);
    if (is_fit && uri_query_value(call->req->query, "wait", &text))
        is_fit = duration_parse(text.data ? text.data : "", &wait_ms);
    strbuf_fini(&text);
    if (!is_fit) {
        answer_failure(call, 400, 0, "after takes an id, wait a duration like 10s or 500ms");
        return;
    }
    struct page page;
    page_parse(call->store->entity, call->req->query, &page);
    pthread_mutex_lock(&call->service->lock);
    bool may_wait = wait_ms > 0 && !call->service->is_stopping;
    pthread_mutex_unlock(&call->service->lock);
    if (!try_answer(call, after, page.size, !may_wait))
        defer(call, after, page.size, wait_ms);
}

/* ---- the watcher's thread ------------------------------------------------------------------------------------------ */

static void
answer(struct service *service, struct waiter *waiter)
{
    struct call call;
    call_init(&call, service, waiter->request, waiter->response);
    call.store = waiter->store;
    call.varies = true;
    answer_vary(&call);
    try_answer(&call, waiter->after, waiter->size, true);
    call_fini(&call);
    http_resume(waiter->request);
    free(waiter);
}

/* Take out of the list who can be answered now. */
static struct waiter *
ready_take(struct service *service, const int64_t *newest, int64_t now_ms)
{
    struct waiter *ready = NULL;
    pthread_mutex_lock(&service->lock);
    for (struct waiter **at = &service->waiters, *waiter; (waiter = *at);) {
        size_t store = (size_t)(waiter->store - service->stores);
        if (newest[store] > waiter->after || waiter->deadline_ms <= now_ms || service->is_stopping) {
            *at = waiter->next;
            waiter->next = ready;
            ready = waiter;
        } else {
            at = &waiter->next;
        }
    }
    pthread_mutex_unlock(&service->lock);
    return ready;
}

static void
look(struct service *service, const bool *is_awaited)
{
    int64_t newest[ENTITIES_MAX];
    struct error err;
    for (size_t i = 0; i < service->store_count; i++)
        if (!is_awaited[i] || !store_newest(&service->stores[i], &newest[i], &err))
            newest[i] = INT64_MIN;
    struct waiter *next;
    for (struct waiter *waiter = ready_take(service, newest, clock_now_ms()); waiter; waiter = next) {
        next = waiter->next;
        answer(service, waiter);
    }
}

static void
pause_ms(struct service *service, int64_t ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_cond_timedwait(&service->changed, &service->lock, &until);
}

/* Prepares the tables until that succeeded, then serves the waiting requests. */
void
wait_run(struct service *service)
{
    bool is_awaited[ENTITIES_MAX];
    pthread_mutex_lock(&service->lock);
    while (!service->is_stopping || service->waiters) {
        for (size_t i = 0; i < ENTITIES_MAX; i++)
            is_awaited[i] = false;
        for (struct waiter *waiter = service->waiters; waiter; waiter = waiter->next)
            is_awaited[waiter->store - service->stores] = true;
        bool has_waiters = service->waiters != NULL, is_prepared = atomic_load(&service->is_prepared);
        if (!has_waiters && is_prepared) {
            pthread_cond_wait(&service->changed, &service->lock);
            continue;
        }
        pthread_mutex_unlock(&service->lock);
        int64_t start_ms = clock_now_ms();
        struct error err = ERROR_INIT;
        if (!is_prepared && service_prepare(service, &err))
            log_info("the tables are ready");
        if (has_waiters)
            look(service, is_awaited);
        int64_t took_ms = clock_now_ms() - start_ms;
        pthread_mutex_lock(&service->lock);
        if (!service->is_stopping)
            pause_ms(service, is_prepared ? LOOK_EVERY_MS + 9 * took_ms : PREPARE_EVERY_MS);
    }
    pthread_mutex_unlock(&service->lock);
}

unsigned
wait_count(struct service *service)
{
    unsigned count = 0;
    pthread_mutex_lock(&service->lock);
    for (const struct waiter *waiter = service->waiters; waiter; waiter = waiter->next)
        count++;
    pthread_mutex_unlock(&service->lock);
    return count;
}
