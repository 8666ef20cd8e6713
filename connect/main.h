/* What connect-distributed and connect-standalone have in common: command line, configuration, start and stop. */
#ifndef CONNECT_MAIN_H
#define CONNECT_MAIN_H

#include "connect/rest/rest.h"
#include "connect/runtime/herder.h"

/* As Kafka's: 1 usage, or the worker could not go on; 2 start failed; 3 a connector file failed. */
enum { EXIT_USAGE = 1, EXIT_STARTUP = 2, EXIT_CONNECTOR = 3 };

struct program {
    const char *name;     /* "connect-distributed" */
    const char *arguments; /* "worker.properties" */
    bool is_distributed;
    bool takes_connectors; /* connector files may follow */
    bool (*open)(void *arg, config_listener_fn *listener, void *listener_arg, const atomic_bool *stop, struct herder_stores *out,
                 struct error *err);
    void (*close)(void *arg, struct herder_stores *stores);
    void (*settle)(void); /* instead of close, when the process must end without it: what is under way arrives. Or NULL */
    /* Once the worker runs: the rest of the command line. NULL: nothing to do. Gives the exit status, 0 to go on. On a thread of its
       own, may block; when the worker stops meanwhile the herder refuses what it asks for. */
    int (*started)(const struct worker_config *worker, const struct config_providers *providers, struct herder *herder, char **files,
                   int count);
};

/* The parsed settings, for `open`. */
const struct worker_config *program_worker(void);
int program_main(const struct program *program, int argc, char **argv);

#endif
