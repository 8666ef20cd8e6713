/* The order of start and stop, and nothing else: settings, REST, herder; then a signal, and back. */
#include "connect/main.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/config/properties.h"
#include "connect/document.h"
#include "connect/plugins.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

LOGGER("connect.main");

static struct worker_config worker;
static atomic_int failed_status; /* what a failure of the herder or of the start ends the process with */

const struct worker_config *
program_worker(void)
{
    return &worker;
}

/* ---- command line --------------------------------------------------------------------------------------------------- */

static void
usage(FILE *out, const struct program *program)
{
    fprintf(out,
            "Usage: %s [-daemon] %s\n"
            "\n"
            "  -daemon               run in the background; output goes to logs/%s.out\n"
            "  --help                this text\n"
            "  --version             the version\n"
            "  --document-settings   all settings, as the page docs/CONFIGURATION.md\n"
            "\n"
            "The properties are those of Kafka Connect. Without a file, variables CONNECT_BOOTSTRAP_SERVERS,\n"
            "CONNECT_GROUP_ID and so on are read: lower-cased, ___ is _, __ is -, _ is a dot.\n",
            program->name, program->arguments, program->name);
}

struct arguments {
    bool is_daemon;
    const char *file;
    char **connectors;
    int connector_count;
};

/* -1: go on; else the exit status. */
static int
parse_arguments(const struct program *program, int argc, char **argv, struct arguments *out)
{
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            usage(stdout, program);
            return 0;
        }
        if (strcmp(argv[at], "--version") == 0) {
            printf("%s %s (Kafka Connect %s)\n", program->name, PROJECT_VERSION, CONNECT_VERSION);
            return 0;
        }
        if (strcmp(argv[at], "--document-settings") == 0) {
            document_settings(stdout);
            return 0;
        }
        if (strcmp(argv[at], "-daemon") && strcmp(argv[at], "--daemon")) {
            fprintf(stderr, "%s: unknown option %s\n", program->name, argv[at]);
            usage(stderr, program);
            return EXIT_USAGE;
        }
        out->is_daemon = true;
    }
    out->file = at < argc ? argv[at++] : NULL;
    out->connectors = argv + at;
    out->connector_count = argc - at;
    bool has_variables = getenv("CONNECT_BOOTSTRAP_SERVERS") != NULL;
    if ((!out->file && !has_variables) || (out->connector_count && !program->takes_connectors)) {
        usage(stderr, program);
        return EXIT_USAGE;
    }
    return -1;
}

/* ---- settings --------------------------------------------------------------------------------------------------------- */

/* CONNECT_KEY_CONVERTER=... becomes key.converter: ___ is _, __ is -, _ is a dot. */
static void
read_variables(struct config *out)
{
    extern char **environ;
    for (char **at = environ; *at; at++) {
        const char *value = strchr(*at, '=');
        if (strncmp(*at, "CONNECT_", 8) || !value)
            continue;
        char *key = xcalloc(strlen(*at), 1), *to = key;
        for (const char *from = *at + 8; from < value;) {
            size_t bars = strspn(from, "_");
            if (bars) {
                *to++ = bars >= 3 ? '_' : bars == 2 ? '-' : '.';
                from += bars >= 3 ? 3 : bars;
            } else {
                *to++ = (char)(*from >= 'A' && *from <= 'Z' ? *from | 32 : *from);
                from++;
            }
        }
        config_set(out, key, value + 1);
        free(key);
    }
}

/* "file:line: " in front of an error about a setting that the file has. */
static void
locate(const char *path, const struct config *given, struct error *err)
{
    const char *longest = NULL;
    for (size_t i = 0; i < given->count; i++) {
        const char *key = given->entries[i].key;
        if (strstr(err->message, key) && (!longest || strlen(key) > strlen(longest)))
            longest = key;
    }
    int line = path && longest ? properties_line_of(path, longest) : 0;
    if (line)
        error_wrap(err, "%s:%d", path, line);
    else if (path)
        error_wrap(err, "%s", path);
}

static bool
read_settings(const struct program *program, const char *path, struct config_providers **providers_out, struct error *err)
{
    struct config raw = CONFIG_INIT;
    *providers_out = NULL;
    if (path ? !properties_load(path, &raw, err) : (read_variables(&raw), false)) {
        config_fini(&raw);
        return false;
    }
    struct config *resolved = NULL;
    *providers_out = config_providers_new(&raw, err);
    if (*providers_out)
        resolved = config_providers_resolve(*providers_out, &raw, err);
    bool ok = resolved && worker_config_parse(&worker, resolved, program->is_distributed, err);
    if (!ok)
        locate(path, &raw, err);
    config_free(resolved);
    config_fini(&raw);
    return ok;
}

static void
apply_log_settings(void)
{
    const char *format = config_get(&worker.raw, "log.format"), *level = config_get(&worker.raw, "log.level");
    enum log_level parsed;
    if (format && strcmp(format, "json") == 0)
        log_format_set(LOG_JSON);
    if (level && log_level_parse(level, &parsed))
        log_level_set("root", parsed);
    struct string_list unknown = STRING_LIST_INIT;
    worker_config_unknown(&worker, &unknown);
    for (size_t i = 0; i < unknown.count; i++)
        log_warn("The configuration '%s' was supplied but isn't a known config.", unknown.items[i]);
    string_list_fini(&unknown);
}

/* ---- running ------------------------------------------------------------------------------------------------------------ */

static void
worker_failed(void *arg, const struct error *err)
{
    (void)arg;
    (void)err;
    failed_status = EXIT_USAGE;
    kill(getpid(), SIGTERM);
}

static bool
send_tasks(void *arg, const char *leader_url, const char *connector, const struct config_list *tasks,
           bool (*gives_up)(void *gives_up_arg), void *gives_up_arg, struct error *err)
{
    struct rest **rest = arg;
    return rest_send_tasks(*rest, leader_url, connector, tasks, gives_up, gives_up_arg, err);
}

static bool
send_fence(void *arg, const char *leader_url, const char *connector, bool (*gives_up)(void *gives_up_arg), void *gives_up_arg,
           struct error *err)
{
    struct rest **rest = arg;
    return rest_send_fence(*rest, leader_url, connector, gives_up, gives_up_arg, err);
}

/* What the command line asks for beyond the settings is done on a thread of its own: it may wait for connectors, and a
   signal is answered meanwhile. */
struct starter {
    const struct program *program;
    const struct arguments *arguments;
    const struct config_providers *providers;
    struct herder *herder;
    pthread_t thread;
};

static void *
starter_main(void *arg)
{
    const struct starter *starter = arg;
    const struct arguments *arguments = starter->arguments;
    int status = starter->program->started(&worker, starter->providers, starter->herder, arguments->connectors, arguments->connector_count);
    if (status) {
        failed_status = status;
        kill(getpid(), SIGTERM);
    }
    return NULL;
}

static void
starter_start(struct starter *starter)
{
    int failed = starter->program->started ? pthread_create(&starter->thread, NULL, starter_main, starter) : 0;
    ensure(!failed, "no thread for the start: %s", strerror(failed));
}

/* The herder has refused what it waited for; a connector's own checks may take longer. False: it still runs. */
static bool
starter_join(struct starter *starter)
{
    struct timespec until = clock_deadline(worker.task_shutdown_graceful_timeout_ms);
    return !starter->program->started || !pthread_clockjoin_np(starter->thread, NULL, CLOCK_MONOTONIC, &until);
}

/* Threads that did not end in time still use what would be freed now: the process takes them along. */
_Noreturn static void
end_with_stragglers(const struct program *program, int status)
{
    if (program->settle)
        program->settle();
    log_warn("Kafka Connect stopped, without waiting for connectors and tasks that did not end in time");
    _exit(status);
}

static int
run(const struct program *program, const struct arguments *arguments, struct config_providers *providers, const sigset_t *signals,
    int64_t began_ms)
{
    struct error err = ERROR_INIT;
    struct metrics *metrics = metrics_new();
    struct rest *rest = rest_start(&worker, providers, metrics, &err);
    if (!rest) {
        log_error("Stopping due to error: %s", err.message);
        metrics_free(metrics);
        return EXIT_STARTUP;
    }
    worker_config_advertise(&worker, rest_port(rest));
    log_info("Kafka Connect worker initialization took %lldms", (long long)(clock_now_ms() - began_ms));
    for (size_t i = 0; i < worker.listeners.count; i++)
        log_info("REST server listening at %s, advertising URL %s", worker.listeners.items[i], worker.advertised_url);
    struct herder_options options = {
        .worker = &worker,
        .providers = providers,
        .metrics = metrics,
        .open = program->open,
        .close = program->close,
        .send_tasks = send_tasks,
        .send_fence = send_fence,
        .failed = worker_failed,
        .arg = &rest,
    };
    struct herder *herder = herder_start(&options);
    rest_attach(rest, herder);
    log_info("Kafka Connect started");
    struct starter starter = {program, arguments, providers, herder, 0};
    starter_start(&starter);
    int signal_number = 0;
    sigwait(signals, &signal_number);
    int status = failed_status;
    log_info("Kafka Connect stopping%s%s", status ? "" : ": ", status ? "" : strsignal(signal_number));
    rest_close(rest);
    herder_stop(herder);
    rest_stop(rest);
    if (!starter_join(&starter) || herder_has_stragglers())
        end_with_stragglers(program, status);
    herder_free(herder);
    metrics_free(metrics);
    log_info("Kafka Connect stopped");
    return status;
}

/* As Kafka's scripts: nohup, output into a file of the folder LOG_DIR or logs. */
static bool
go_background(const struct program *program)
{
    const char *asked = getenv("LOG_DIR"), *folder = asked ? asked : "logs";
    char *path = xasprintf("%s/%s.out", folder, program->name);
    mkdir(folder, 0755);
    int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (out < 0 || in < 0) {
        fprintf(stderr, "%s: %s: %s\n", program->name, path, strerror(errno));
        free(path);
        return false;
    }
    free(path);
    pid_t child = fork();
    if (child != 0)
        _exit(child < 0 ? EXIT_STARTUP : 0);
    setsid();
    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    close(in);
    close(out);
    return true;
}

int
program_main(const struct program *program, int argc, char **argv)
{
    alloc_bound_heaps();
    int64_t began_ms = clock_now_ms();
    struct arguments arguments = {0};
    int status = parse_arguments(program, argc, argv, &arguments);
    if (status >= 0)
        return status;
    if (arguments.is_daemon && !go_background(program))
        return EXIT_STARTUP;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* every thread inherits it: only main takes them */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    struct error err = ERROR_INIT;
    struct config_providers *providers = NULL;
    if (!read_settings(program, arguments.file, &providers, &err)) {
        log_error("Stopping due to error: %s", err.message);
        config_providers_free(providers);
        return EXIT_STARTUP;
    }
    apply_log_settings();
    log_info("Kafka Connect worker initializing, %s %s", program->name, PROJECT_VERSION);
    status = run(program, &arguments, providers, &signals, began_ms);
    config_providers_free(providers);
    worker_config_fini(&worker);
    return status;
}
