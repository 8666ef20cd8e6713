/* The forms of answers: JSON for the client's taste, and the three error bodies of the original. */
#include "common/resource/service_priv.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <time.h>

LOGGER("common.resource");

void
answer_vary(struct call *call)
{
    http_add(call->res, "Vary", "Origin");
    http_add(call->res, "Vary", "Access-Control-Request-Method");
    http_add(call->res, "Vary", "Access-Control-Request-Headers");
}

static void
start_over(struct call *call, int status)
{
    http_reset(call->res, status);
    if (call->varies)
        answer_vary(call);
    call->res->close = status == 400 || status == 500 || status == 503;
    if (status >= 500)
        http_set(call->res, "X-Request-Id", call->req->id);
}

void
answer_empty(struct call *call, int status)
{
    start_over(call, status);
}

struct json_writer
answer_json(struct call *call, bool is_pretty)
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
    struct json_writer writer = answer_json(call, false);
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
    http_set(call->res, "Content-Language", "en");
    strbuf_printf(&call->res->body,
                  "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error, so you are "
                  "seeing this as a fallback.</p><div id='created'>%s</div><div>There was an unexpected error (type=%s, status=%d)."
                  "</div><div></div></body></html>",
                  when, http_reason(status), status);
}

/* Does a client that wants a page say so before it says that anything will do? */
static bool
wants_page(const struct call *call)
{
    static const struct media_offer offers[] = {{"*/*", false}, {"text/html", false}};
    char label[MEDIA_LABEL_SIZE];
    return media_choose(call->accept, offers, 2, label) == 1;
}

/* Start an error in the form its client can read. True: JSON shall follow; else there is a page, or no body. */
static bool
error_begin(struct call *call, int status, bool may_be_page)
{
    static const struct media_offer offers[] = {MEDIA_JSON, {"+json", false}};
    char label[MEDIA_LABEL_SIZE];
    bool is_json = media_choose(call->accept, offers, 2, label) != MEDIA_NONE;
    start_over(call, status);
    if ((may_be_page || !is_json) && wants_page(call)) {
        error_html(call, status);
        return false;
    }
    if (is_json)
        http_set(call->res, "Content-Type", label);
    return is_json;
}

void
answer_error(struct call *call, int status, const char *message)
{
    if (error_begin(call, status, true))
        error_json(call, status, message);
}

void
answer_failure(struct call *call, int status, unsigned causes, const char *message)
{
    if (!error_begin(call, status, false))
        return;
    const char *text = arena_printf(&call->arena, "%s%s", call->place ? call->place : "", message);
    struct json_writer writer = answer_json(call, false);
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
answer_database(struct call *call, const struct error *err)
{
    if (err->code == ERROR_DATA) {
        answer_failure(call, 409, 2, err->message);
        return;
    }
    bool is_away = err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT || err->code == ERROR_UNCERTAIN || err->code == ERROR_CONFIG;
    log_warn("%s %s: %s", call->req->method, call->req->path, err->message);
    answer_error(call, is_away ? 503 : 500, !is_away ? "" : err->code == ERROR_TIMEOUT ? "the database is too busy" : "the database cannot be reached");
    if (is_away)
        http_set(call->res, "Retry-After", "1");
}

void
answer_refused_target(struct call *call)
{
    start_over(call, 400);
    http_set(call->res, "Content-Type", "text/html;charset=utf-8");
    strbuf_puts(&call->res->body, "<html><body><h1>400 Bad Request</h1><p>The request target holds a character or an escape that is "
                                  "not allowed there.</p></body></html>");
}

/* ---- bodies ---------------------------------------------------------------------------------------------------- */

int
answer_choose(struct call *call, const struct media_offer *offers, size_t count)
{
    char label[MEDIA_LABEL_SIZE];
    int choice = media_choose(call->accept, offers, count, label);
    if (choice == MEDIA_NONE)
        answer_error(call, 406, "");
    else
        http_set(call->res, "Content-Type", label);
    return choice;
}

bool
answer_label(struct call *call)
{
    static const struct media_offer offers[] = {MEDIA_HAL, MEDIA_JSON};
    return answer_choose(call, offers, 2) != MEDIA_NONE;
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

void
write_any_link(struct json_writer *writer, const char *name, const char *href, bool is_hal)
{
    if (is_hal) {
        write_link(writer, name, href, NULL);
        return;
    }
    json_object_open(writer);
    json_text_member(writer, "rel", name);
    json_text_member(writer, "href", href);
    json_object_end(writer);
}
