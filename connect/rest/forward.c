/* Requests that another worker must answer, over libcurl, as RestClient and HerderRequestHandler do it. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/sha256.h"
#include "common/http/uri.h"
#include "connect/data/base64.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.rest.forward");

enum { ANSWER_MAX = 64 << 20 };

static void
init_once(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void
forward_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_once);
}

/* ---- one exchange with another worker ---------------------------------------------------------------------------- */

struct exchange {
    const char *method, *url, *body, *authorization, *signature;
    size_t body_len;
    const struct worker_config *worker;
    bool (*gives_up)(void *arg); /* or NULL */
    void *gives_up_arg;
    /* answer */
    long status;
    struct strbuf answer;
    char *type;
};

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct strbuf *answer = arg;
    if (answer->len + size * count > ANSWER_MAX)
        return 0;
    strbuf_add(answer, bytes, size * count);
    return size * count;
}

/* Called by libcurl about once a second, and whenever something moves. */
static int
go_on(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    (void)down_all, (void)down, (void)up_all, (void)up;
    const struct exchange *exchange = arg;
    return exchange->gives_up(exchange->gives_up_arg);
}

static struct curl_slist *
add_header(struct curl_slist *headers, const char *name, const char *value)
{
    if (!value)
        return headers;
    char *line = xasprintf("%s: %s", name, value);
    headers = curl_slist_append(headers, line);
    free(line);
    return headers;
}

/* What the https listeners use is also what their clients trust. */
static void
set_tls(CURL *curl, const struct worker_config *worker)
{
    const char *ca = config_get(&worker->raw, "listeners.https.ssl.truststore.location");
    if (!ca)
        ca = config_get(&worker->raw, "ssl.truststore.location");
    if (ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    const char *check = config_get(&worker->raw, "listeners.https.ssl.endpoint.identification.algorithm");
    if (!check)
        check = config_get(&worker->raw, "ssl.endpoint.identification.algorithm");
    if (check && !*check)
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

static bool
exchange_run(struct exchange *exchange, struct error *err)
{
    forward_init();
    CURL *curl = curl_easy_init();
    if (!curl)
        return error_set(err, ERROR_INTERNAL, "IO Error trying to forward REST request: no HTTP client");
    struct curl_slist *headers = add_header(NULL, "Content-Type", "application/json");
    headers = add_header(headers, "Accept", "application/json");
    headers = add_header(headers, "Authorization", exchange->authorization);
    headers = add_header(headers, "X-Connect-Authorization", exchange->signature);
    headers = add_header(headers, "X-Connect-Request-Signature-Algorithm", exchange->signature ? "HmacSHA256" : NULL);
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, exchange->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kafka-connect");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REST_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange->answer);
    if (exchange->body_len || strcmp(exchange->method, "POST") == 0 || strcmp(exchange->method, "PUT") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)exchange->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->body ? exchange->body : "");
    }
    if (exchange->gives_up) {
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    }
    set_tls(curl, exchange->worker);
    CURLcode code = curl_easy_perform(curl);
    bool ok = code == CURLE_OK;
    if (ok) {
        char *type = NULL;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange->status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        exchange->type = xstrdup(type);
    } else {
        error_set(err, ERROR_INTERNAL, "IO Error trying to forward REST request: %s", curl_easy_strerror(code));
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return ok;
}

static void
exchange_fini(struct exchange *exchange)
{
    strbuf_fini(&exchange->answer);
    free(exchange->type);
}

/* ---- handing a request on ------------------------------------------------------------------------------------------- */

static bool
conflict(struct error *err, const char *text)
{
    return error_set(err, ERROR_CONFLICT, "%s", text);
}

/* First hop: forward=true is added; second: forward=false; then there is none. */
static char *
target_url(struct call *call, const char *worker_url, const char *path)
{
    const char *hop = call_param(call, "forward");
    struct strbuf url = STRBUF_INIT;
    strbuf_printf(&url, "%s%s?forward=%s", worker_url, path, hop ? "false" : "true");
    const char *at = call->request->query;
    struct uri_param param;
    while (uri_param_next(&at, &param)) {
        if (param.name_len == 7 && memcmp(param.name, "forward", 7) == 0)
            continue;
        strbuf_putc(&url, '&');
        strbuf_add(&url, param.text, param.len);
    }
    return strbuf_take(&url);
}

/* Whoever is asked may hang; a worker that stops does not wait for it. */
static bool
is_stopping(void *herder)
{
    return herder_is_stopping(herder);
}

static bool
hand_on(struct call *call, const char *worker_url, const char *path, const char *body, struct error *err)
{
    char *url = target_url(call, worker_url, path);
    struct exchange exchange = {
        .method = call->request->method,
        .url = url,
        .body = body ? body : call->request->body,
        .body_len = body ? strlen(body) : call->request->body_len,
        .authorization = http_header(call->request, "Authorization"),
        .signature = http_header(call->request, "X-Connect-Authorization"),
        .worker = call->worker,
        .gives_up = is_stopping,
        .gives_up_arg = call->herder,
    };
    log_debug("forwarding %s to %s", exchange.method, url);
    bool ok = exchange_run(&exchange, err);
    bool is_json = ok && (!exchange.answer.len || (exchange.type && media_is_json(&call->arena, exchange.type, true) == MEDIA_FITS) || exchange.status < 400);
    if (ok && !is_json)
        ok = error_set(err, ERROR_INTERNAL, "IO Error trying to forward REST request: the answer is not JSON");
    if (ok) {
        http_reset(call->response, (int)exchange.status);
        strbuf_add(&call->response->body, exchange.answer.data ? exchange.answer.data : "", exchange.answer.len);
        if (exchange.answer.len)
            http_set(call->response, "Content-Type", call->media_type);
    }
    exchange_fini(&exchange);
    free(url);
    return ok;
}

static bool
forward(struct call *call, const struct herder_request *request, enum herder_answer answer, const char *path, const char *body,
        struct error *err)
{
    const char *hop = call_param(call, "forward");
    if (hop && strcasecmp(hop, "true"))
        return conflict(err, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)");
    struct error why = ERROR_INIT;
    int unit = request->op == HERDER_RESTART_TASK ? request->task : -1;
    char *url = answer == HERDER_ASK_LEADER ? herder_leader(call->herder, &why) : herder_holder(call->herder, request->name, unit, &why);
    bool ok;
    if (!url)
        ok = conflict(err, "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.");
    else if (strcmp(url, call->worker->advertised_url) == 0)
        ok = conflict(err, "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)");
    else
        ok = hand_on(call, url, path, body, err);
    free(url);
    return ok;
}

bool
ask_or_forward(struct call *call, struct herder_request *request, const char *path, const char *body, bool *is_forwarded_out,
               struct error *err)
{
    enum herder_answer answer = herder_ask(call->herder, request, REST_TIMEOUT_MS, err);
    *is_forwarded_out = false;
    switch (answer) {
    case HERDER_DONE:
        return true;
    case HERDER_ASK_LEADER:
    case HERDER_ASK_HOLDER:
        *is_forwarded_out = true;
        return forward(call, request, answer, path, body, err);
    default:
        break;
    }
    if (err->code == ERROR_TIMEOUT && strcmp(err->message, "Request timed out.") == 0) {
        char *stage = herder_stage(call->herder);
        error_set(err, ERROR_TIMEOUT, "Request timed out. %s", stage);
        free(stage);
    }
    return false;
}

/* ---- signatures --------------------------------------------------------------------------------------------------------- */

static bool
sign(const struct session_key *key, const char *body, size_t len, unsigned char out[SHA256_SIZE])
{
    size_t text_len = strlen(key->key);
    unsigned char *bytes = xmalloc(text_len + 1);
    long key_len = base64_decode(key->key, text_len, bytes);
    if (key_len >= 0)
        hmac_sha256(bytes, (size_t)key_len, body, len, out);
    free(bytes);
    return key_len >= 0;
}

static bool
refuse(struct error *err, int status, const char *text)
{
    error_set(err, ERROR_CONFIG, "%s", text);
    err->cause = status;
    return false;
}

bool
signature_check(struct call *call, struct error *err)
{
    if (!call->worker->is_distributed)
        return true;
    const char *given = http_header(call->request, "X-Connect-Authorization");
    const char *algorithm = http_header(call->request, "X-Connect-Request-Signature-Algorithm");
    if (!given || !algorithm)
        return refuse(err, 400, "Internal request missing required signature");
    if (strcmp(algorithm, "HmacSHA256"))
        return refuse(err, 400, "This worker does not support the signature algorithm of the request");
    struct session_key key;
    if (!config_store_session_key(call->stores->config, &key))
        return refuse(err, 503, "This worker is still starting up and has not been able to read a session key from the config topic yet");
    unsigned char expected[SHA256_SIZE], *bytes = xmalloc(strlen(given) + 1);
    bool ok = base64_decode(given, strlen(given), bytes) == SHA256_SIZE && sign(&key, call->request->body, call->request->body_len, expected) &&
              bytes_equal(bytes, expected, SHA256_SIZE);
    free(bytes);
    session_key_fini(&key);
    return ok || refuse(err, 403, "Internal request contained invalid signature.");
}

/* Sign and send; anything but success is an error. `path` is what stands behind /connectors/X. */
static bool
call_leader(const struct internal_call *to, const char *method, const char *path, const struct strbuf *body, struct error *err)
{
    struct session_key key;
    if (!config_store_session_key(to->stores->config, &key))
        return error_set_retriable(err, ERROR_UNAVAILABLE, "no session key is known yet");
    struct strbuf url = STRBUF_INIT, signature = STRBUF_INIT;
    strbuf_printf(&url, "%sconnectors/", to->leader_url);
    view_path_name(&url, to->connector);
    strbuf_printf(&url, "%s?forward=false", path);
    unsigned char digest[SHA256_SIZE];
    bool ok = sign(&key, body->data ? body->data : "", body->len, digest) || error_set(err, ERROR_INTERNAL, "the session key is not base64");
    if (ok)
        base64_encode(&signature, digest, sizeof(digest));
    struct exchange exchange = {.method = method, .url = url.data, .body = body->data, .body_len = body->len, .signature = signature.data,
                                .worker = to->worker, .gives_up = to->gives_up, .gives_up_arg = to->gives_up_arg};
    ok = ok && exchange_run(&exchange, err);
    if (ok && exchange.status >= 300) {
        enum error_code code = exchange.status == 404 ? ERROR_NOT_FOUND : exchange.status == 400 ? ERROR_CONFIG : ERROR_UNAVAILABLE;
        ok = error_set(err, code, "%s answered %ld: %.300s", to->leader_url, exchange.status,
                       exchange.answer.data ? exchange.answer.data : "");
    }
    exchange_fini(&exchange);
    strbuf_fini(&signature);
    strbuf_fini(&url);
    session_key_fini(&key);
    return ok;
}

bool
forward_tasks(const struct internal_call *to, const struct config_list *tasks, struct error *err)
{
    struct strbuf body = STRBUF_INIT;
    strbuf_putc(&body, '[');
    for (size_t i = 0; i < tasks->count; i++) {
        if (i)
            strbuf_putc(&body, ',');
        view_config(&body, tasks->items[i]);
    }
    strbuf_putc(&body, ']');
    bool ok = call_leader(to, "POST", "/tasks", &body, err);
    strbuf_fini(&body);
    return ok;
}

bool
forward_fence(const struct internal_call *to, struct error *err)
{
    struct strbuf none = STRBUF_INIT;
    return call_leader(to, "PUT", "/fence", &none, err);
}
