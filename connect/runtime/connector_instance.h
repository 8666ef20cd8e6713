/*
 * One running connector instance (WorkerConnector): a thread that starts the connector, asks it for task
 * configurations, watches the outside world and asks again. It decides nothing: what it finds goes to the
 * herder through the listener, which is called on the instance's thread and must only post to a mailbox.
 */
#ifndef CONNECT_RUNTIME_CONNECTOR_INSTANCE_H
#define CONNECT_RUNTIME_CONNECTOR_INSTANCE_H

#include "connect/connector.h"

enum instance_event {
    INSTANCE_STARTED, /* init is through */
    INSTANCE_FAILED,  /* *err says why; nothing else comes from this instance */
    INSTANCE_TASKS,   /* `tasks` is what the connector wants, its items are the listener's */
};

/* `serial` is the one given at start, so that what an old instance says can be told apart. */
typedef void instance_listener_fn(void *arg, const char *connector, unsigned serial, enum instance_event event,
                                  struct config_list *tasks, const struct error *err);

struct instance_spec {
    const char *connector;
    const struct connector_plugin *plugin;
    const struct config *config; /* references resolved; copied */
    unsigned serial;
    instance_listener_fn *listener;
    void *arg;
};

struct connector_instance;

/* Starts the thread and returns at once. */
struct connector_instance *connector_instance_start(const struct instance_spec *spec);
/* Any thread, none of these blocks. */
void connector_instance_ask(struct connector_instance *instance); /* ask for task configurations again */
void connector_instance_close(struct connector_instance *instance);
/* Wait for the end, then free. False when deadline_ms (clock_now_ms) has passed: its listener is not called
   any more, and it frees itself when its thread gets there. */
bool connector_instance_join(struct connector_instance *instance, int64_t deadline_ms);
/* Instances that were given up so and have not ended yet; their listener may be called once more. Any thread. */
int connector_instance_given_up_count(void);

#endif
