/* Hands task configurations to the leader, which may take long or fail; says to the herder how it went. */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* herder -> courier */
struct parcel {
    struct mail mail;
    char *connector;
    unsigned serial;
    struct config_list tasks;
};

struct courier {
    struct herder *herder;
    struct mailbox box;
    pthread_t thread;
};

static void
parcel_free(struct parcel *parcel)
{
    free(parcel->connector);
    config_list_fini(&parcel->tasks);
    free(parcel);
}

static bool
gives_up(void *arg)
{
    struct herder *herder = arg;
    return atomic_load(&herder->is_stopping);
}

static void
deliver(struct courier *courier, const struct parcel *parcel)
{
    struct herder *herder = courier->herder;
    struct herder_mail *report = xcalloc(1, sizeof(*report));
    report->kind = MAIL_SENT;
    report->connector = xstrdup(parcel->connector);
    report->serial = parcel->serial;
    char *leader = herder_leader(herder, &report->err);
    report->ok = leader && herder->options.send_tasks(herder->options.arg, leader, parcel->connector, &parcel->tasks, gives_up, herder, &report->err);
    free(leader);
    post(herder, report);
}

static void *
courier_thread(void *arg)
{
    struct courier *courier = arg;
    struct mail *mail;
    while ((mail = mailbox_take(&courier->box, -1))) {
        struct parcel *parcel = (struct parcel *)mail;
        if (!atomic_load(&courier->herder->is_stopping))
            deliver(courier, parcel);
        parcel_free(parcel);
    }
    return NULL;
}

struct courier *
courier_start(struct herder *herder)
{
    struct courier *courier = xcalloc(1, sizeof(*courier));
    courier->herder = herder;
    mailbox_init(&courier->box);
    int failed = pthread_create(&courier->thread, NULL, courier_thread, courier);
    ensure(!failed, "no thread for the courier: %s", strerror(failed));
    return courier;
}

void
courier_send(struct courier *courier, const char *connector, unsigned serial, const struct config_list *tasks)
{
    struct parcel *parcel = xcalloc(1, sizeof(*parcel));
    parcel->connector = xstrdup(connector);
    parcel->serial = serial;
    for (size_t i = 0; i < tasks->count; i++)
        config_list_add(&parcel->tasks, config_dup(tasks->items[i]));
    if (!mailbox_post(&courier->box, &parcel->mail))
        parcel_free(parcel);
}

void
courier_stop(struct courier *courier)
{
    if (!courier)
        return;
    mailbox_close(&courier->box);
    pthread_join(courier->thread, NULL);
    mailbox_fini(&courier->box);
    free(courier);
}
