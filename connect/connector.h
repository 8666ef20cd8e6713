/*
 * The contract for connector authors.
 *
 * A connector is one `const struct connector_plugin` that plugins.c lists. The runtime allocates a task's
 * state (`size` bytes, zeroed) and calls its operations in this order, all on the task's own thread but
 * close: init, then poll or put again and again, then fini. A failed init is followed by fini too, so fini
 * accepts half-built state. A connector sees this header, data/ and common/, never runtime/.
 */
#ifndef CONNECT_CONNECTOR_H
#define CONNECT_CONNECTOR_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "common/config/config_def.h"
#include "connect/data/record.h"

/* ---- source tasks -------------------------------------------------------------------------------------- */

/* What the runtime offers to a source task; valid until fini. Task thread only. */
struct source_task_context {
    const char *connector; /* connector name */
    int task;              /* number of the task */
    void *runtime;
    /* The stored offset of a partition as the JSON text of an object (heap, caller frees), or NULL when
       there is none. Blocks while the offsets topic is read up to its end. False: cannot be read. */
    bool (*offset_get)(const struct source_task_context *ctx, const char *partition_json, char **offset_json_out,
                       struct error *err);
    /* Numbers for metrics that only the connector knows, by name ("rows-left-estimate"); kept until the
       next call with that name; `name` is a literal. */
    void (*gauge)(const struct source_task_context *ctx, const char *name, double value);
};

enum poll_result {
    POLL_RECORDS, /* the batch has at least one record */
    POLL_IDLE,    /* nothing yet */
    POLL_RETRY,   /* *err is filled: logged as a warning, poll is called again after a back-off */
    POLL_FAILED,  /* *err is filled: the task is FAILED until somebody restarts it */
};

struct source_task_ops {
    size_t size;
    /* Prepare. May connect, may fail. A failure is the task's FAILED trace. */
    bool (*init)(void *task, const struct source_task_context *ctx, const struct config *cfg, struct error *err);
    /* Append records to the empty `out`. May wait up to timeout_ms when there is nothing to give; a slow
       query may take longer, but must end soon after close. Records and what they point to may live in
       out->arena, or in task memory that stays unchanged until the next poll. */
    enum poll_result (*poll)(void *task, struct record_batch *out, int timeout_ms, struct error *err);
    /* The task is paused: poll is not called for a while, so let go of what would be a burden to others meanwhile, such
       as a result that is half read. What poll has given counts. Optional. */
    void (*pause)(void *task);
    /* Every record of earlier polls is acknowledged, and their offsets are stored. Optional. */
    void (*committed)(void *task);
    /* Any thread, never blocks for long, may be called more than once and before init has returned: make
       a running or later init or poll return soon. */
    void (*close)(void *task);
    void (*fini)(void *task);
};

/* ---- sink tasks ------------------------------------------------------------------------------------------ */

struct sink_task_context {
    const char *connector;
    int task;
    void *runtime;
    /* Give one record up, with a reason (ErrantRecordReporter). NULL when neither a dead letter queue nor
       errors.log.enable is configured. True: it is reported and tolerated, leave it out and go on. False
       (*err filled): errors.tolerance is none, return PUT_FAILED with that error. */
    bool (*report)(const struct sink_task_context *ctx, const struct record *record, const struct error *reason,
                   struct error *err);
    /* Continue reading a partition at this offset instead of the group's; only inside open. */
    bool (*seek)(const struct sink_task_context *ctx, const char *topic, int32_t partition, int64_t offset,
                 struct error *err);
    void (*gauge)(const struct sink_task_context *ctx, const char *name, double value);
    /* With sink_task_ops.takes_parts, inside put: convert the next records of the batch and append them to it, while
       the target works on the first. *more_out: there were some. False: a record could not be converted and that is
       not tolerated; return PUT_FAILED, nothing of the batch written. */
    bool (*more)(const struct sink_task_context *ctx, bool *more_out, struct error *err);
};

enum put_result {
    PUT_DONE,
    PUT_RETRY,  /* *err is filled: nothing of the batch counts; the same batch comes again after retry_ms */
    PUT_FAILED, /* *err is filled: the task is FAILED */
};

struct topic_partition {
    const char *topic;
    int32_t partition;
    int64_t offset; /* of the next record to read, or -1 */
};

struct sink_task_ops {
    size_t size;
    bool (*init)(void *task, const struct sink_task_context *ctx, const struct config *cfg, struct error *err);
    /* Partitions were assigned; optional. */
    bool (*open)(void *task, const struct topic_partition *partitions, size_t count, struct error *err);
    /* Write the records, in order within a partition. On PUT_DONE everything is as durable as the target
       makes it, and the offsets may be committed. The batch may be empty. *retry_ms_out matters with PUT_RETRY. */
    enum put_result (*put)(void *task, const struct record_batch *batch, int64_t *retry_ms_out, struct error *err);
    /* Partitions were taken away, after their offsets were committed; optional. */
    void (*close_partitions)(void *task, const struct topic_partition *partitions, size_t count);
    void (*close)(void *task); /* as in source_task_ops */
    void (*fini)(void *task);
    /* Records that one put should hold at most for this configuration (NULL: the runtime's default). */
    size_t (*batch_max)(const void *task);
    /* put gets the first part of a batch and asks for the others with ctx->more until there are none. A batch that
       comes again has all the parts that were asked for. */
    bool takes_parts;
};

/* ---- connectors -------------------------------------------------------------------------------------------- */

/* One connector instance, for those that watch the outside world (new tables). The instance has a thread
   of its own; same order of calls: init, task_configs and watch alternately, fini. Connectors whose tasks
   follow from the settings alone leave `watch` out and give `task_configs` only. */
struct connector_context {
    const char *connector;
    void *runtime;
};

struct connector_ops {
    size_t size;
    /* A failure makes the connector FAILED; its old tasks go on. */
    bool (*init)(void *connector, const struct connector_context *ctx, const struct config *cfg, struct error *err);
    /* Up to max_tasks configurations; the runtime adds task.class. May block. */
    bool (*task_configs)(void *connector, int max_tasks, struct config_list *out, struct error *err);
    /* Wait up to timeout_ms; true: task_configs should be asked again. Optional. */
    bool (*watch)(void *connector, int timeout_ms);
    void (*close)(void *connector); /* as in source_task_ops */
    void (*fini)(void *connector);
};

enum connector_type { CONNECTOR_SOURCE, CONNECTOR_SINK };

struct connector_plugin {
    const char *class_name;         /* what users write in connector.class */
    const char *task_class;         /* what Java's task configs carry in task.class */
    const char *version;            /* shown by GET /connector-plugins */
    enum connector_type type;
    const struct config_row *rows;  /* the connector's own settings */
    /* Rules across settings and checks against the outside (connect to the database): attach errors and
       recommended values. `values` has the result of `rows` already. Bounded in time. Optional. */
    void (*validate)(const struct config *cfg, struct config_values *values);
    const struct connector_ops *connector;
    const struct source_task_ops *source; /* exactly one of these two is set */
    const struct sink_task_ops *sink;
    /* Source, exactly.once.support: may this configuration run in transactions? Sink: does it write each record once?
       Its consumer then leaves out what producers aborted, unless consumer settings say otherwise. NULL: no. */
    bool (*exactly_once)(const struct config *cfg);
    /* PATCH/DELETE offsets of a source: check one partition/offset pair given as JSON texts (offset NULL:
       remove). NULL: everything is accepted. */
    bool (*alter_offsets)(const struct config *cfg, const char *partition_json, const char *offset_json, struct error *err);
};

#endif
