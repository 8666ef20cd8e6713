/* Responses: a status, header fields and a body, turned into libmicrohttpd's form when they are sent. */
#include "common/http/http_priv.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_STEP = 8 }; /* the array grows by so many at a time */

static void
field_free(struct http_field *field)
{
    free(field->name);
    free(field->value);
}

void
http_response_fini(struct http_response *response)
{
    for (size_t i = 0; i < response->field_count; i++)
        field_free(&response->fields[i]);
    free(response->fields);
    strbuf_fini(&response->body);
    *response = HTTP_RESPONSE_INIT;
}

void
http_reset(struct http_response *response, int status)
{
    struct strbuf body = response->body;
    response->body = STRBUF_INIT;
    http_response_fini(response);
    strbuf_reset(&body);
    response->body = body;
    response->status = status;
}

void
http_add(struct http_response *response, const char *name, const char *value)
{
    size_t count = response->field_count;
    if (count % FIELDS_STEP == 0)
        response->fields = xrealloc(response->fields, (count + FIELDS_STEP) * sizeof(*response->fields));
    struct http_field *field = &response->fields[response->field_count++];
    field->name = xstrdup(name);
    field->value = xstrdup(value);
    for (unsigned char *c = (unsigned char *)field->value; *c; c++)
        if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
            *c = '?';
}

void
http_set(struct http_response *response, const char *name, const char *value)
{
    if (!http_get(response, name)) {
        http_add(response, name, value);
        return;
    }
    struct http_field *old = response->fields;
    size_t count = response->field_count;
    response->fields = NULL;
    response->field_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(old[i].name, name) != 0)
            http_add(response, old[i].name, old[i].value);
        field_free(&old[i]);
    }
    free(old);
    http_add(response, name, value);
}

const char *
http_get(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->field_count; i++)
        if (strcasecmp(response->fields[i].name, name) == 0)
            return response->fields[i].value;
    return NULL;
}

void
http_reply(struct http_response *response, int status, const char *content_type, const char *text)
{
    http_reset(response, status);
    http_set(response, "Content-Type", content_type);
    strbuf_puts(&response->body, text);
}

const char *
http_reason(int status)
{
    const char *reason = MHD_get_reason_phrase_for((unsigned)status);
    return reason && strcmp(reason, "Unknown") != 0 ? reason : "";
}

/* Takes the body's memory. */
struct MHD_Response *
response_build(struct http_response *response, bool keep_alive)
{
    size_t len = response->body.len;
    struct MHD_Response *out =
        len ? MHD_create_response_from_buffer(len, strbuf_take(&response->body), MHD_RESPMEM_MUST_FREE)
            : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    ensure(out, "MHD_create_response: out of memory");
    for (size_t i = 0; i < response->field_count; i++)
        MHD_add_response_header(out, response->fields[i].name, response->fields[i].value);
    if (response->close)
        MHD_add_response_header(out, "Connection", "close");
    else if (keep_alive) /* libmicrohttpd says it to HTTP/1.0 clients only, unless told */
        MHD_set_response_options(out, MHD_RF_SEND_KEEP_ALIVE_HEADER, MHD_RO_END);
    return out;
}
