/* What the files of the herder share. All of this belongs to its thread, unless said otherwise.
 *
 *   herder.c          the thread, its mailbox, what other threads may call
 *   herder_requests.c changes that somebody asked for
 *   herder_work.c     connector instances and tasks that run here
 *   fencer.c          a thread that shuts out producers of earlier exactly-once tasks
 *   herder_purge.c    statuses of what does not exist any more, the session key: the leader's chores
 */
#ifndef CONNECT_RUNTIME_HERDER_PRIV_H
#define CONNECT_RUNTIME_HERDER_PRIV_H

#include "connect/runtime/connector_instance.h"
#include "connect/runtime/herder.h"
#include "connect/runtime/member.h"
#include "connect/runtime/slots.h"
#include "connect/runtime/task.h"

#include <pthread.h>
#include <stdatomic.h>

struct work_task {
    int id;
    struct task *task; /* NULL: could not be started, its status says why */
};

/* What runs here of one connector. */
struct work {
    char *name;
    bool owns_connector;      /* the instance is ours, running or not */
    bool is_failed;           /* the instance failed; only a restart helps */
    bool is_lost;             /* its slots were lost, so others say what becomes of it */
    unsigned serial;          /* of the instance's events that count */
    struct connector_instance *instance;
    enum target_state target; /* that was applied */
    struct work_task *tasks;
    size_t task_count;
    int64_t ask_again_ms;     /* when to ask for task configurations again; 0: no */
};

enum mail_kind { MAIL_REQUEST, MAIL_CHANGE, MAIL_GAINED, MAIL_REVOKED, MAIL_INSTANCE, MAIL_SENT, MAIL_REFUSED, MAIL_STOP };

/* Requests are mails of their own (struct herder_request); all others are these. */
struct herder_mail {
    struct mail mail;
    enum mail_kind kind;
    struct config_change change; /* CHANGE: its texts are ours */
    int32_t *slots;              /* GAINED, REVOKED */
    size_t slot_count;
    bool are_lost;               /* REVOKED */
    int slots_in_all;
    struct herder_waiter *waiter; /* REVOKED: tells the member that all is stopped */
    char *connector;              /* INSTANCE, SENT */
    unsigned serial;
    enum instance_event event;
    struct config_list tasks;
    struct error err;             /* INSTANCE, SENT, REFUSED */
    bool ok;                      /* SENT */
};

struct herder_waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
};

struct courier;
struct fencer;

struct herder {
    struct herder_options options;
    struct mailbox box;      /* any thread -> herder: struct herder_mail */
    struct mailbox requests; /* any thread -> herder: struct herder_request; a MAIL_REQUEST in `box` announces it */
    pthread_t thread;
    atomic_bool stop; /* read by whoever blocks for us */
    atomic_bool is_stopping;
    struct herder_stores stores;
    struct task_env env;
    struct member *member; /* lock; the herder's thread alone changes it */
    struct courier *courier;
    struct fencer *fencer; /* NULL: no exactly-once */

    bool *held; /* by slot; changed with the lock held, other threads read with it */
    int slots;  /* in all; 0 before the first assignment */
    struct work **works;
    size_t work_count;
    unsigned serial;
    struct herder_request **settling; /* standalone: connectors that are to start before their request is answered */
    size_t settling_count;
    int64_t purge_ms; /* when to look at statuses again; 0: no */
    int64_t purge_patience_ms; /* until then states of the living are waited for */

    pthread_mutex_t lock; /* guards what other threads read */
    pthread_cond_t changed;
    bool is_open, has_joined, is_leader;
    char stage[512];
    int64_t stage_began_ms, stage_ended_ms; /* wall clock; ended 0: still on */
    struct herder_counts counts;
    int64_t rebalance_began_ms;
};

/* herder.c */
void stage_begin(struct herder *herder, const char *format, ...) __attribute__((format(printf, 2, 3)));
void stage_end(struct herder *herder);
bool holds(const struct herder *herder, const struct config_connector *connector, int task);
void post(struct herder *herder, struct herder_mail *mail);

/* herder_requests.c */
void request_answer(struct herder_request *request, enum herder_answer answer);
/* Waits for the answer; HERDER_WAITING: none in that time. */
enum herder_answer request_wait(struct herder_request *request, int64_t timeout_ms, struct error *err);
void request_handle(struct herder *herder, struct herder_request *request);
/* A connector has started, or will not (err not NULL): answer whoever waits for that. name NULL: all. */
void requests_settle(struct herder *herder, const char *name, const struct error *err);
/* Write task configurations if they differ from what is stored. False: *err, and it should be tried again. */
bool tasks_publish(struct herder *herder, const char *connector, unsigned serial, struct config_list *tasks, struct error *err);

/* herder_work.c */
struct work *work_find(struct herder *herder, const char *name);
void work_connector_changed(struct herder *herder, const char *name);
void work_tasks_changed(struct herder *herder, const char *name);
void work_target_changed(struct herder *herder, const char *name);
void work_instance_event(struct herder *herder, struct herder_mail *mail);
void work_restart_planned(struct herder *herder, const char *name, bool include_tasks, bool only_failed);
bool work_restart_connector(struct herder *herder, const char *name);
bool work_restart_task(struct herder *herder, const char *name, int task);
void work_slots_gained(struct herder *herder);
/* After `held` was updated: stop what is not ours any more. */
void work_slots_revoked(struct herder *herder, bool are_lost);
void work_stop_all(struct herder *herder);
void work_timers(struct herder *herder, int64_t now_ms);
int64_t work_next_timer(const struct herder *herder); /* clock_now_ms, or INT64_MAX */

/* herder_purge.c */
void purge_soon(struct herder *herder);
void purge_statuses(struct herder *herder);
void session_key_keep(struct herder *herder); /* make one if there is none that can be used */

/* courier.c: a thread that hands task configurations to the leader, since that may take long. */
struct courier *courier_start(struct herder *herder);
void courier_send(struct courier *courier, const char *connector, unsigned serial, const struct config_list *tasks);
void courier_stop(struct courier *courier); /* accepts NULL */

/* fencer.c */
struct fencer *fencer_start(struct herder *herder);
/* Takes over one count of a HERDER_FENCE request and answers it, sooner or later. Any thread. */
void fencer_post(struct fencer *fencer, struct herder_request *request);
void fencer_stop(struct fencer *fencer); /* accepts NULL */
/* task_env.fence and .is_current; `arg` is the herder. */
bool fencer_ask(void *arg, const char *connector, bool (*gives_up)(void *arg), void *gives_up_arg, struct error *err);
bool fencer_is_current(void *arg, const char *connector, int task, unsigned task_generation, struct error *err);

#endif
