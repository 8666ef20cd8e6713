/* The forms of answers: JSON for the client's taste, and the three error bodies of the original. */
#include "common/resource/service_priv.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <time.h>

LOGGER("common.resource");

void
reply_vary(struct call *call)
{
    http_add(call->res, "Vary", "Origin");
    http_add(call->res, "Vary", "Access-Control-Request-Method");
    http_add(call->res, "Vary", "Access-Control-Request-Headers");
}

static void
start_over(struct call *call, int status)
{
    bool varies = http_get(call->res, "Vary") != NULL;
    http_reset(call->res, status);
    if (varies)
        reply_vary(call);
    call->res->close = status == 400 || status == 500 || status == 503;
    if (status >= 500)
        http_set(call->res, "X-Request-Id", call->req->id);
}

void
reply_empty(struct call *call, int status)
{
    start_over(call, status);
}

struct json_writer
reply_json(struct call *call, bool is_pretty)
{
    return (struct json_writer){.out = &call->res->body, .is_pretty = is_pretty};
}

/* ---- errors -------------------------------------------------------------------------------------------------- */

static void
error_json(struct call *call, int status, const char *message)
{
    char when[64];
    int64_t now_ms = clock_wall_ms();
    time_t seconds = now_ms / 1000;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t len = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(when + len, sizeof(when) - len, ".%03d+00:00", (int)(now_ms % 1000));
    struct json_writer writer = reply_json(call, false);
    json_object_open(&writer);
    json_text_member(&writer, "timestamp", when);
    json_name(&writer, "status");
    json_int(&writer, status);
    json_text_member(&writer, "error", http_reason(status));
    json_text_member(&writer, "message", message);
    json_text_member(&writer, "path", call->req->path);
    json_object_end(&writer);
}

static void
error_html(struct call *call, int status)
{
    char when[64];
    time_t now = clock_wall_ms() / 1000;
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(when, sizeof(when), "%a %b %d %H:%M:%S UTC %Y", &tm);
    http_set(call->res, "Content-Type", "text/html;charset=UTF-8");
    strbuf_printf(&call->res->body,
                  "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error, so you are "
                  "seeing this as a fallback.</p><div id='created'>%s</div><div>There was an unexpected error (type=%s, status=%d)."
                  "</div><div></div></body></html>",
                  when, http_reason(status), status);
}

void
reply_error(struct call *call, int status, const char *message)
{
    start_over(call, status);
    char type[96];
    switch (media_error(call->accept, type, sizeof(type))) {
    case MEDIA_ERROR_JSON:
        http_set(call->res, "Content-Type", type);
        error_json(call, status, message);
        break;
    case MEDIA_ERROR_HTML:
        error_html(call, status);
        break;
    case MEDIA_ERROR_NONE:
        break;
    }
}

void
reply_failure(struct call *call, int status, unsigned causes, const char *message)
{
    start_over(call, status);
    http_set(call->res, "Content-Type", "application/json");
    const char *text = arena_printf(&call->arena, "%s%s", call->place ? call->place : "", message);
    struct json_writer writer = reply_json(call, false);
    for (unsigned i = 0; i <= causes; i++) {
        json_object_open(&writer);
        json_name(&writer, "cause");
    }
    json_raw(&writer, "null");
    for (unsigned i = 0; i <= causes; i++) {
        json_text_member(&writer, "message", text);
        json_object_end(&writer);
    }
}

void
reply_database(struct call *call, const struct error *err)
{
    if (err->code == ERROR_DATA) {
        reply_failure(call, 409, 2, err->message);
        return;
    }
    bool is_away = err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT || err->code == ERROR_UNCERTAIN || err->code == ERROR_CONFIG;
    log_warn("%s %s: %s", call->req->method, call->req->path, err->message);
    reply_error(call, is_away ? 503 : 500, !is_away ? "" : err->code == ERROR_TIMEOUT ? "the database is too busy" : "the database cannot be reached");
    if (is_away)
        http_set(call->res, "Retry-After", "1");
}

void
reply_refused_target(struct call *call)
{
    start_over(call, 400);
    http_set(call->res, "Content-Type", "text/html;charset=utf-8");
    strbuf_puts(&call->res->body, "<html><body><h1>400 Bad Request</h1><p>The request target holds a character or an escape that is "
                                  "not allowed there.</p></body></html>");
}

/* ---- bodies ---------------------------------------------------------------------------------------------------- */

bool
reply_label(struct call *call)
{
    static const struct media_offer offers[] = {{"application/hal+json", true}, {"application/json", false}};
    int choice = media_choose(call->accept, offers, 2);
    if (choice >= 0) {
        bool names_charset = choice == 1 && call->accept && strcasestr(call->accept, "application/json;charset=utf-8");
        http_set(call->res, "Content-Type", names_charset ? "application/json;charset=UTF-8" : offers[choice].type);
        return true;
    }
    if (choice == MEDIA_MALFORMED)
        reply_empty(call, 406);
    else
        reply_error(call, 406, "");
    return false;
}

void
write_link(struct json_writer *writer, const char *name, const char *href, const char *templated)
{
    json_name(writer, name);
    json_object_open(writer);
    json_text_member(writer, "href", href);
    if (templated) {
        json_name(writer, "templated");
        json_raw(writer, templated);
    }
    json_object_end(writer);
}
