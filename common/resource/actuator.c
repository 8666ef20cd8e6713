/* What an operator asks: /actuator, /actuator/health, /actuator/info, and /metrics for Prometheus. */
#include "common/resource/service_priv.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { HEALTH_TIMEOUT_MS = 2000 };

static const char ANY[] = "*"; /* any name in a path */

static bool
label(struct call *call)
{
    static const struct media_offer offers[] = {
        {"application/vnd.spring-boot.actuator.v3+json", true}, {"application/vnd.spring-boot.actuator.v2+json", true}, MEDIA_JSON,
    };
    return answer_choose(call, offers, 3) != MEDIA_NONE;
}

static bool
database_answers(struct service *service)
{
    struct error err = ERROR_INIT;
    struct db_lease *lease = db_pool_take(service->pool, HEALTH_TIMEOUT_MS, &err);
    if (!lease)
        return err.code == ERROR_TIMEOUT; /* all connections are at work: it does answer */
    bool ok = db_ping(db_lease_db(lease), &err);
    db_pool_give(lease, ok ? NULL : &err);
    return ok;
}

static void
health(struct call *call)
{
    bool is_up = database_answers(call->service);
    if (!is_up)
        answer_empty(call, 503);
    if (label(call))
        strbuf_puts(&call->res->body, is_up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}");
}

/* The process runs, whatever the database does. */
static void
liveness(struct call *call)
{
    if (label(call))
        strbuf_puts(&call->res->body, "{\"status\":\"UP\"}");
}

/* Components are not shown. */
static void
component(struct call *call)
{
    answer_empty(call, 404);
}

static void
info(struct call *call)
{
    if (label(call))
        strbuf_puts(&call->res->body, "{}");
}

static void
links(struct call *call)
{
    static const struct {
        const char *name, *path, *templated;
    } all[] = {
        {"self", "", "false"}, {"health", "/health", "false"}, {"health-path", "/health/{*path}", "true"}, {"info", "/info", "false"},
    };
    if (!label(call))
        return;
    struct json_writer writer = answer_json(call, false);
    json_object_open(&writer);
    json_name(&writer, "_links");
    json_object_open(&writer);
    for (size_t i = 0; i < 4; i++)
        write_link(&writer, all[i].name, arena_printf(&call->arena, "%s/actuator%s", call->base, all[i].path), all[i].templated);
    json_object_end(&writer);
    json_object_end(&writer);
}

void
actuator_handle(struct call *call)
{
    static const struct {
        const char *second, *third;
        void (*handle)(struct call *call);
    } routes[] = {{"", "", links}, {"health", "", health}, {"health", "liveness", liveness}, {"health", "readiness", health},
                {"health", ANY, component}, {"info", "", info}};
    const char *second = call->segment_count > 1 ? call->segments[1] : "", *third = call->segment_count > 2 ? call->segments[2] : "";
    for (size_t i = 0; call->segment_count <= 3 && i < sizeof(routes) / sizeof(*routes); i++) {
        if (strcmp(routes[i].second, second) != 0 || (strcmp(routes[i].third, third) != 0 && (routes[i].third != ANY || !*third)))
            continue;
        if (method_is(call, "GET") || method_is(call, "HEAD")) {
            routes[i].handle(call);
        } else if (method_is(call, "OPTIONS")) {
            answer_empty(call, 200);
            http_set(call->res, "Allow", "GET,HEAD,OPTIONS");
        } else {
            answer_error(call, 405, "");
            http_set(call->res, "Allow", "GET");
        }
        return;
    }
    call->varies = true;
    answer_error(call, 404, "");
}

/* ---- metrics ------------------------------------------------------------------------------------------------------------- */

static const char *const counted[METHODS_COUNTED] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "other"};
static const double bucket_ms[BUCKETS] = {0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000};

void
metrics_observe(void *arg, const struct http_request *request, int status, size_t bytes, int64_t took_us)
{
    (void)bytes;
    struct service *service = arg;
    size_t method = 0, bucket = 0;
    while (method < METHODS_COUNTED - 1 && (!request->method || strcmp(request->method, counted[method]) != 0))
        method++;
    while (bucket < BUCKETS && (double)took_us > bucket_ms[bucket] * 1000)
        bucket++;
    atomic_fetch_add_explicit(&service->answers[method][status / 100 < 6 ? status / 100 : 5], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&service->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&service->took_us, (unsigned long long)took_us, memory_order_relaxed);
}

static void
write_requests(struct service *service, struct strbuf *out)
{
    strbuf_puts(out, "# HELP http_server_requests_total Requests answered, by method and class of status; none: the client left.\n"
                     "# TYPE http_server_requests_total counter\n");
    for (size_t method = 0; method < METHODS_COUNTED; method++) {
        for (size_t status = 0; status < 6; status++) {
            unsigned long long n = atomic_load(&service->answers[method][status]);
            if (n && status)
                strbuf_printf(out, "http_server_requests_total{method=\"%s\",status=\"%zuxx\"} %llu\n", counted[method], status, n);
            else if (n)
                strbuf_printf(out, "http_server_requests_total{method=\"%s\",status=\"none\"} %llu\n", counted[method], n);
        }
    }
    strbuf_puts(out, "# HELP http_server_request_duration_seconds From the end of the header to the end of the answer.\n"
                     "# TYPE http_server_request_duration_seconds histogram\n");
    unsigned long long sum = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        strbuf_printf(out, "http_server_request_duration_seconds_bucket{le=\"%g\"} %llu\n", bucket_ms[i] / 1000, sum += atomic_load(&service->buckets[i]));
    sum += atomic_load(&service->buckets[BUCKETS]);
    strbuf_printf(out, "http_server_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n", sum);
    strbuf_printf(out, "http_server_request_duration_seconds_sum %.6f\n", (double)atomic_load(&service->took_us) / 1e6);
    strbuf_printf(out, "http_server_request_duration_seconds_count %llu\n", sum);
}

static long
resident_bytes(void)
{
    long size = 0, resident = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in && fscanf(in, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (in)
        fclose(in);
    return resident * sysconf(_SC_PAGESIZE);
}

void
metrics_handle(struct call *call)
{
    if (!method_is(call, "GET") && !method_is(call, "HEAD")) {
        answer_error(call, 405, "");
        http_set(call->res, "Allow", "GET");
        return;
    }
    struct strbuf *out = &call->res->body;
    struct db_pool_stats pool = db_pool_stats(call->service->pool);
    http_set(call->res, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    write_requests(call->service, out);
    const struct {
        const char *name, *type, *help;
        double value;
    } values[] = {
        {"database_connections_max", "gauge", "Bound of the connection pool.", pool.size},
        {"database_connections_open", "gauge", "Connections to the database now.", pool.open},
        {"database_connections_in_use", "gauge", "Connections with a request.", pool.leased},
        {"database_connections_awaited", "gauge", "Requests that wait for a connection.", pool.waiting},
        {"database_connects_total", "counter", "Connections made.", (double)pool.connects},
        {"database_connect_failures_total", "counter", "Attempts to connect that failed.", (double)pool.failures},
        {"http_waiting_requests", "gauge", "Requests that wait for rows.", wait_count(call->service)},
        {"process_resident_memory_bytes", "gauge", "Resident memory.", (double)resident_bytes()},
        {"process_uptime_seconds", "gauge", "Time since the start.", (double)(clock_now_ms() - call->service->start_ms) / 1000},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        strbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", values[i].name,
                      values[i].help, values[i].name, values[i].type, values[i].name, values[i].value);
}
