/*
 * The REST API of Kafka Connect over common/http: bind first, answer reads as soon as the stores are open.
 */
#ifndef CONNECT_REST_REST_H
#define CONNECT_REST_REST_H

#include "connect/runtime/herder.h"

struct rest;

/* Bind all listeners; requests wait until a herder is attached. `worker` must have been parsed; its port-0 addresses
   are known afterwards (rest_port). NULL: *err. */
struct rest *rest_start(const struct worker_config *worker, const struct config_providers *providers, struct metrics *metrics,
                        struct error *err);
/* Port of the first listener. */
int rest_port(const struct rest *rest);
void rest_attach(struct rest *rest, struct herder *herder);
/* Take no new requests. */
void rest_close(struct rest *rest);
/* Wait until those under way are answered (bounded), then free. The herder should refuse them by now. Accepts NULL. */
void rest_stop(struct rest *rest);

/* herder_options.send_tasks and .send_fence; `arg` is the rest. */
bool rest_send_tasks(void *arg, const char *leader_url, const char *connector, const struct config_list *tasks,
                     bool (*gives_up)(void *gives_up_arg), void *gives_up_arg, struct error *err);
bool rest_send_fence(void *arg, const char *leader_url, const char *connector, bool (*gives_up)(void *gives_up_arg),
                     void *gives_up_arg, struct error *err);

#endif
