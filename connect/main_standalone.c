/* connect-standalone: one worker; connectors from files on the command line and over REST, offsets in a file. */
#include "common/base/alloc.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/config/properties.h"
#include "connect/main.h"
#include "connect/rest/body.h"
#include "connect/runtime/validation.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.main");

enum { ASK_MS = 90000 };

static bool
open_local(void *arg, config_listener_fn *listener, void *listener_arg, const atomic_bool *stop, struct herder_stores *out,
           struct error *err)
{
    (void)arg;
    (void)stop;
    const struct worker_config *worker = program_worker();
    out->config = config_store_memory_new(listener, listener_arg);
    out->status = status_store_memory_new(worker);
    out->offsets = offset_store_file_open(worker->offset_storage_file_filename, err);
    return out->offsets != NULL;
}

static void
close_local(void *arg, struct herder_stores *stores)
{
    (void)arg;
    config_store_close(stores->config);
    status_store_close(stores->status);
    offset_store_close(stores->offsets);
}

/* ---- connector files --------------------------------------------------------------------------------------------------- */

struct connector_file {
    struct config config;
    bool has_initial;
    enum target_state initial;
};

static bool
read_state(const char *text, struct connector_file *file, struct error *err)
{
    static const char *const names[] = {"RUNNING", "PAUSED", "STOPPED"};
    static const enum target_state states[] = {TARGET_STARTED, TARGET_PAUSED, TARGET_STOPPED};
    for (size_t i = 0; text && i < 3; i++)
        if (strcasecmp(text, names[i]) == 0) {
            file->has_initial = true;
            file->initial = states[i];
            return true;
        }
    return !text || error_set(err, ERROR_CONFIG, "initial_state is RUNNING, PAUSED or STOPPED, not %.100s", text);
}

/* {"name", "config", "initial_state"}, where other members do not count, or a flat map. */
static bool
read_json(struct arena *arena, const char *text, size_t len, struct connector_file *file, struct error *err)
{
    const struct body_value *body = body_parse(arena, text, len, err);
    if (!body)
        return false;
    const struct body_value *config = body->kind == BODY_OBJECT ? body_member(body, "config") : NULL;
    if (!config || config->kind != BODY_OBJECT)
        return body_config(body, &file->config, err);
    const struct body_value *name = body_member(body, "name"), *state = body_member(body, "initial_state");
    const char *name_text = NULL, *state_text = NULL;
    if (!body_config(config, &file->config, err) || (name && !body_text(name, &name_text, err)) ||
        (state && !body_text(state, &state_text, err)) || !read_state(state_text, file, err))
        return false;
    const char *own = config_get(&file->config, "name");
    if (own && (!name_text || strcmp(own, name_text)))
        return error_set(err, ERROR_CONFIG, "Connector name configuration in 'config' doesn't match the one specified in 'name'");
    if (name_text)
        config_set(&file->config, "name", name_text);
    return true;
}

/* What is in the file decides, not how it is called. */
static bool
read_file(const char *path, struct connector_file *file, struct error *err)
{
    size_t len;
    char *text = file_read(path, &len, err);
    if (!text)
        return false;
    struct arena arena = ARENA_INIT;
    bool is_json = text[strspn(text, " \t\r\n")] == '{';
    bool ok = is_json ? read_json(&arena, text, len, file, err) || error_wrap(err, "%s", path)
                      : properties_load(path, &file->config, err);
    arena_fini(&arena);
    free(text);
    return ok && (config_get(&file->config, "name") ||
                  error_set(err, ERROR_CONFIG, "Connector configuration at '%s' is missing the mandatory 'name' configuration", path));
}

static bool
add_connector(const struct worker_config *worker, const struct config_providers *providers, struct herder *herder,
              const struct connector_file *file, struct error *err)
{
    struct validation validation;
    char *problem = NULL;
    bool ok = validation_run(&validation, worker, providers, &file->config, err);
    if (ok && !validation_passed(&validation, &problem))
        ok = error_set(err, ERROR_CONFIG, "%s", problem);
    validation_fini(&validation);
    free(problem);
    if (!ok)
        return false;
    struct herder_request *request = herder_request_new(HERDER_PUT_CONNECTOR, config_get(&file->config, "name"));
    request->config = config_dup(&file->config);
    request->must_be_new = true;
    request->has_initial = file->has_initial;
    request->initial = file->initial;
    ok = herder_ask(herder, request, ASK_MS, err) == HERDER_DONE;
    herder_request_free(request);
    return ok;
}

static int
add_connectors(const struct worker_config *worker, const struct config_providers *providers, struct herder *herder, char **files, int count)
{
    for (int i = 0; i < count; i++) {
        struct connector_file file = {.initial = TARGET_STARTED};
        struct error err = ERROR_INIT;
        bool ok = read_file(files[i], &file, &err) && add_connector(worker, providers, herder, &file, &err);
        if (ok)
            log_info("Created connector %s", config_get(&file.config, "name"));
        else if (herder_is_stopping(herder))
            log_info("%s is left out: the worker is shutting down", files[i]);
        else
            log_error("Failed to create connector for %s: %s", files[i], err.message);
        config_fini(&file.config);
        if (!ok)
            return EXIT_CONNECTOR;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .name = "connect-standalone",
        .arguments = "worker.properties [connector1.properties connector2.json ...]",
        .takes_connectors = true,
        .open = open_local,
        .close = close_local,
        .started = add_connectors,
    };
    return program_main(&program, argc, argv);
}
