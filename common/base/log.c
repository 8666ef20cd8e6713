/*
 * Lines are formatted on the caller's stack and written with one write(2), so that lines of several
 * threads never mix. The level table is small and guarded by a lock; each logger caches its effective
 * level with the table's generation, so a disabled line costs two loads.
 */
#include "common/base/log.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE = 8192, LOG_LINE_END = 128 /* room behind the message */, LOG_CONTEXT = 128 };

struct log_setting {
    struct log_setting *next;
    enum log_level level;
    int64_t modified_ms;
    char name[];
};

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the next three */
static struct log_setting *log_settings;
static struct logger *log_loggers;
static enum log_level log_root = LOG_INFO;
static int64_t log_root_modified_ms = -1;

static atomic_uint log_generation = 1;
static atomic_int log_chosen_format = LOG_TEXT;
static _Thread_local char log_thread_context[LOG_CONTEXT];

static const char *const log_names[] = {"ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"};

/* Longest setting that is the name or a dotted parent of it. Lock held. */
static const struct log_setting *
log_find(const char *name)
{
    const struct log_setting *best = NULL;
    for (const struct log_setting *s = log_settings; s; s = s->next) {
        size_t len = strlen(s->name);
        bool covers = strncmp(name, s->name, len) == 0 && (name[len] == '\0' || name[len] == '.');
        if (covers && (!best || len > strlen(best->name)))
            best = s;
    }
    return best;
}

static void
log_register_locked(struct logger *logger)
{
    for (struct logger *known = log_loggers; known; known = known->next)
        if (known == logger)
            return;
    logger->next = log_loggers;
    log_loggers = logger;
}

void
log_register(struct logger *logger)
{
    pthread_mutex_lock(&log_lock);
    log_register_locked(logger);
    pthread_mutex_unlock(&log_lock);
}

void
log_forget(struct logger *logger)
{
    pthread_mutex_lock(&log_lock);
    struct logger **at = &log_loggers;
    while (*at && *at != logger)
        at = &(*at)->next;
    if (*at)
        *at = logger->next;
    pthread_mutex_unlock(&log_lock);
}

static void
log_refresh(struct logger *logger, unsigned generation)
{
    pthread_mutex_lock(&log_lock);
    log_register_locked(logger);
    const struct log_setting *setting = log_find(logger->name);
    __atomic_store_n(&logger->level, setting ? setting->level : log_root, __ATOMIC_RELAXED);
    __atomic_store_n(&logger->generation, generation, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&log_lock);
}

bool
log_enabled(struct logger *logger, enum log_level level)
{
    unsigned generation = atomic_load_explicit(&log_generation, memory_order_acquire);
    if (__atomic_load_n(&logger->generation, __ATOMIC_ACQUIRE) != generation)
        log_refresh(logger, generation);
    return (int)level >= __atomic_load_n(&logger->level, __ATOMIC_RELAXED);
}

/* Append text to the line as a JSON string body, or with line ends made visible. */
static size_t
log_escape(char *line, size_t at, const char *text, bool json)
{
    for (; *text && at < LOG_LINE - 16; text++) {
        unsigned char c = (unsigned char)*text;
        if (json && (c == '"' || c == '\\'))
            line[at++] = '\\';
        if (c == '\n' && json) {
            line[at++] = '\\';
            line[at++] = 'n';
        } else if (c < 0x20 && c != '\n' && c != '\t') {
            at += (size_t)snprintf(line + at, 8, "\\u%04x", c);
        } else if (c == '\t' && json) {
            line[at++] = '\\';
            line[at++] = 't';
        } else {
            line[at++] = (char)c;
        }
    }
    return at;
}

static size_t
log_text_line(char *line, const struct logger *logger, enum log_level level, const char *when,
              int ms, const char *message)
{
    const char *context = log_thread_context;
    size_t at = (size_t)snprintf(line, LOG_LINE, "[%s,%03d] %s %s%s%s", when, ms, log_names[level],
                                 *context ? "[" : "", context, *context ? "] " : "");
    at = log_escape(line, at, message, false);
    return at + (size_t)snprintf(line + at, LOG_LINE + LOG_LINE_END - at, " (%.*s)\n", 64, logger->name);
}

static size_t
log_json_line(char *line, const struct logger *logger, enum log_level level, const char *when,
              int ms, const char *message)
{
    size_t at = (size_t)snprintf(line, LOG_LINE, "{\"time\":\"%.10sT%s.%03dZ\",\"level\":\"%s\",\"logger\":\"%s\",",
                                 when, when + 11, ms, log_names[level], logger->name);
    if (*log_thread_context) {
        at += (size_t)snprintf(line + at, LOG_LINE - at, "\"context\":\"");
        at = log_escape(line, at, log_thread_context, true);
        at += (size_t)snprintf(line + at, LOG_LINE - at, "\",");
    }
    at += (size_t)snprintf(line + at, LOG_LINE - at, "\"message\":\"");
    at = log_escape(line, at, message, true);
    memcpy(line + at, "\"}\n", 3);
    return at + 3;
}

void
log_write(struct logger *logger, enum log_level level, const char *format, ...)
{
    char message[LOG_LINE - 512], line[LOG_LINE + LOG_LINE_END], when[32];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);

    bool json = atomic_load(&log_chosen_format) == LOG_JSON;
    int64_t wall_ms = clock_wall_ms();
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    if (json)
        gmtime_r(&seconds, &tm);
    else
        localtime_r(&seconds, &tm);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
    size_t len = (json ? log_json_line : log_text_line)(line, logger, level, when,
                                                        (int)(wall_ms % 1000), message);
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* nobody is left to tell */
}

void
log_format_set(enum log_format format)
{
    atomic_store(&log_chosen_format, format);
}

void
log_context_set(const char *context)
{
    snprintf(log_thread_context, sizeof(log_thread_context), "%s", context ? context : "");
}

const char *
log_context(void)
{
    return log_thread_context;
}

/* The parent's new level replaces what was set below it, as Connect's admin endpoint does. Lock held. True: the
   name itself was among them. */
static bool
log_change_below(const char *name, enum log_level level, int64_t now_ms)
{
    bool is_known = false;
    size_t len = strcmp(name, "root") ? strlen(name) : 0;
    for (struct log_setting *s = log_settings; s; s = s->next)
        if (len == 0 || (strncmp(s->name, name, len) == 0 && (s->name[len] == '\0' || s->name[len] == '.'))) {
            s->level = level;
            s->modified_ms = now_ms;
            is_known = is_known || s->name[len] == '\0';
        }
    return is_known;
}

/* True: the setting has no effect on any logger. Lock held. */
static bool
log_is_stranger(const struct log_setting *setting)
{
    size_t len = strlen(setting->name);
    for (const struct logger *logger = log_loggers; logger; logger = logger->next)
        if (strncmp(logger->name, setting->name, len) == 0 && (logger->name[len] == '\0' || logger->name[len] == '.'))
            return false;
    return true;
}

/* The list is in the order of the settings, the last one first. Lock held. */
static void
log_drop_strangers(void)
{
    size_t count = 0;
    for (struct log_setting **at = &log_settings; *at;) {
        struct log_setting *setting = *at;
        if (log_is_stranger(setting) && ++count > LOG_STRANGERS_MAX) {
            *at = setting->next;
            free(setting);
        } else {
            at = &setting->next;
        }
    }
}

void
log_level_set(const char *name, enum log_level level)
{
    int64_t now_ms = clock_wall_ms();
    pthread_mutex_lock(&log_lock);
    bool is_known = log_change_below(name, level, now_ms);
    if (strcmp(name, "root") == 0) {
        log_root = level;
        log_root_modified_ms = now_ms;
    } else if (!is_known) {
        struct log_setting *s = xmalloc(sizeof(*s) + strlen(name) + 1);
        memcpy(s->name, name, strlen(name) + 1);
        s->level = level;
        s->modified_ms = now_ms;
        s->next = log_settings;
        log_settings = s;
        log_drop_strangers();
    }
    atomic_fetch_add(&log_generation, 1);
    pthread_mutex_unlock(&log_lock);
}

enum log_level
log_level_of(const char *name, int64_t *modified_ms_out)
{
    pthread_mutex_lock(&log_lock);
    const struct log_setting *setting = strcmp(name, "root") ? log_find(name) : NULL;
    enum log_level level = setting ? setting->level : log_root;
    *modified_ms_out = setting ? setting->modified_ms : strcmp(name, "root") ? -1 : log_root_modified_ms;
    pthread_mutex_unlock(&log_lock);
    return level;
}

void
log_each_logger(void (*each)(void *arg, const char *name, enum log_level level, int64_t modified_ms), void *arg)
{
    pthread_mutex_lock(&log_lock);
    for (struct logger *logger = log_loggers; logger; logger = logger->next) {
        const struct log_setting *s = log_find(logger->name);
        each(arg, logger->name, s ? s->level : log_root, s ? s->modified_ms : -1);
    }
    for (struct log_setting *s = log_settings; s; s = s->next) {
        struct logger *known = log_loggers;
        while (known && strcmp(known->name, s->name))
            known = known->next;
        if (!known)
            each(arg, s->name, s->level, s->modified_ms);
    }
    pthread_mutex_unlock(&log_lock);
}

const char *
log_level_name(enum log_level level)
{
    return log_names[level];
}

bool
log_level_parse(const char *text, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(log_names) / sizeof(log_names[0]); i++)
        if (strcasecmp(text, log_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}
