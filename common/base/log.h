/*
 * Logging to stderr: one line an event, or one JSON object a line.
 *
 *   [2026-11-24 10:00:00,123] INFO [orders|task-0] polled 3000 rows (connect.runtime.source_task)
 *
 * The context in brackets belongs to the thread (log_context_set), so call sites never repeat it.
 * Levels are set for a logger name and what lies below it, at run time, from any thread. Names are the
 * module's path with dots: "connect.runtime.herder". Secrets never reach this module.
 */
#ifndef COMMON_BASE_LOG_H
#define COMMON_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ALL, LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, LOG_OFF };
enum log_format { LOG_TEXT, LOG_JSON };

/* One a .c file: LOGGER("connect.runtime.herder"); then log_info("..."). */
struct logger {
    const char *name;
    struct logger *next;       /* all known loggers, linked at first use */
    int level;                 /* cached effective level; atomics in log.c */
    unsigned generation;       /* of the level table it was computed from */
};
#define LOGGER(logger_name) static struct logger log_here = {.name = logger_name}

#define log_trace(...) log_at(LOG_TRACE, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_at(level, ...) \
    (log_enabled(&log_here, level) ? log_write(&log_here, level, __VA_ARGS__) : (void)0)

bool log_enabled(struct logger *logger, enum log_level level);
void log_write(struct logger *logger, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Make the logger known to log_each_logger before its first line. */
void log_register(struct logger *logger);
/* The end of a logger that is not static: nothing is logged with it any more, and its memory may be freed. */
void log_forget(struct logger *logger);

void log_format_set(enum log_format format);
/* What this thread works on, e.g. "orders|task-0"; copied, cut at 127 bytes. "" or NULL: nothing. */
void log_context_set(const char *context);
const char *log_context(void);

/* Set the level of `name` ("root" is all) and of every logger below it; wall-clock ms of the change is kept. Any name may be
   set, but only the last LOG_STRANGERS_MAX of those that no registered logger has or lies below are kept. */
enum { LOG_STRANGERS_MAX = 256 };
void log_level_set(const char *name, enum log_level level);
/* Effective level of a name; *modified_ms_out is when it was last set explicitly, or -1. */
enum log_level log_level_of(const char *name, int64_t *modified_ms_out);
/* Calls `each` for every registered logger and every name a level was set for; order is not defined. */
void log_each_logger(void (*each)(void *arg, const char *name, enum log_level level, int64_t modified_ms),
                     void *arg);
const char *log_level_name(enum log_level level);            /* "INFO" */
bool log_level_parse(const char *text, enum log_level *out); /* any case */

#endif
