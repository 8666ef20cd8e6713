/* The leader's chores: statuses of what does not exist any more, and the key that signs internal requests. */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/data/base64.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

LOGGER("connect.runtime.herder");

enum {
    LOOK_AGAIN_MS = 100,
    PATIENCE_EXTRA_MS = 2000, /* beyond the time for an orderly stop */
    KEY_BYTES = 32,
};

void
purge_soon(struct herder *herder)
{
    int64_t now = clock_now_ms();
    herder->purge_ms = now;
    herder->purge_patience_ms = now + herder->options.worker->task_shutdown_graceful_timeout_ms + PATIENCE_EXTRA_MS;
}

/* Somebody who lives may still be about to write UNASSIGNED, which would bring the status back to life. */
static bool
may_write_again(enum status_state state)
{
    return state == STATUS_RUNNING || state == STATUS_PAUSED || state == STATUS_RESTARTING || state == STATUS_STOPPED;
}

/* True: something of it is still waited for. */
static bool
purge_connector(struct herder *herder, const char *name, const struct config_connector *connector, bool is_late)
{
    struct status_list statuses = {0};
    bool waits = false;
    status_store_list(herder->stores.status, name, &statuses);
    for (size_t i = 0; i < statuses.count; i++) {
        struct status *status = &statuses.items[i];
        bool exists = connector && (status->task == STATUS_CONNECTOR || (size_t)status->task < connector->task_count);
        if (exists)
            continue;
        if (!is_late && may_write_again(status->state)) {
            waits = true;
            continue;
        }
        status->state = STATUS_DESTROYED;
        status_store_put(herder->stores.status, name, status, false);
    }
    status_list_fini(&statuses);
    if (!connector && !waits)
        status_store_topics_reset(herder->stores.status, name);
    return waits;
}

void
purge_statuses(struct herder *herder)
{
    herder->purge_ms = 0;
    if (!herder->is_leader)
        return;
    int64_t now = clock_now_ms();
    bool waits = false, is_late = now >= herder->purge_patience_ms;
    struct string_list names = STRING_LIST_INIT;
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    status_store_connectors(herder->stores.status, &names);
    for (size_t i = 0; i < names.count; i++)
        waits |= purge_connector(herder, names.items[i], config_snapshot_find(snapshot, names.items[i]), is_late);
    config_snapshot_release(snapshot);
    string_list_fini(&names);
    if (waits)
        herder->purge_ms = now + LOOK_AGAIN_MS;
}

/* ---- session key ------------------------------------------------------------------------------------------------ */

void
session_key_keep(struct herder *herder)
{
    const struct worker_config *worker = herder->options.worker;
    struct session_key key;
    if (!worker->is_distributed || !herder->is_leader)
        return;
    if (config_store_session_key(herder->stores.config, &key)) {
        bool is_young = clock_wall_ms() - key.created_ms < worker->inter_worker_key_ttl_ms;
        session_key_fini(&key);
        if (is_young)
            return;
    }
    unsigned char bytes[KEY_BYTES];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        log_error("no random bytes for a session key: %s", strerror(errno));
        return;
    }
    struct error err = ERROR_INIT;
    struct strbuf text = STRBUF_INIT;
    base64_encode(&text, bytes, sizeof(bytes));
    key = (struct session_key){.key = strbuf_take(&text), .algorithm = xstrdup("HmacSHA256"), .created_ms = clock_wall_ms()};
    stage_begin(herder, "writing a new session key to the config topic");
    if (!config_store_put_session_key(herder->stores.config, &key, &err))
        log_warn("the session key could not be written: %s", err.message);
    stage_end(herder);
    session_key_fini(&key);
}
