/* libFuzzer: request bodies, paths and Accept headers of the REST API. Whatever comes, they are read or refused. */
#include "connect/rest/rest_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_body(const char *text, size_t len)
{
    struct arena arena = ARENA_INIT;
    struct error err = ERROR_INIT;
    struct config cfg = CONFIG_INIT;
    struct strbuf out = STRBUF_INIT;
    const struct body_value *value = body_parse(&arena, text, len, &err);
    if (value) {
        if (value->kind == BODY_OBJECT || value->kind == BODY_ARRAY)
            (void)!body_config(value, &cfg, &err);
        body_write(value, &out);
        if (value->kind != BODY_NONE) { /* what was written is read again */
            struct body_value *again = body_parse(&arena, out.data, out.len, &err);
            ensure(again && again->count == value->count, "not readable: %s", out.data);
        }
    } else {
        ensure(err.code == ERROR_INTERNAL && err.message[0], "refused without a word");
    }
    strbuf_fini(&out);
    config_fini(&cfg);
    arena_fini(&arena);
}

static void
find_route(const char *text)
{
    char *path = strdup(text), *query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    struct http_request request = {.method = "GET", .path = path, .query = query};
    struct call call = {.request = &request};
    const char *allow = NULL, *type = NULL;
    if (route_find(&call, true, true, &allow) == ROUTE_FOUND)
        ensure(call.route, "found nothing");
    call_param(&call, "expand");
    media_accepts_json(&call.arena, text, &type);
    arena_fini(&call.arena);
    free(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    read_body(text, size);
    find_route(text);
    free(text);
    return 0;
}
