/* Settings become typed members. */
#include "connect/connectors/binlog/config.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order of the enums. */
static const char *const snapshot_words[] = {"always", "initial", "initial_only", "no_data", "recovery", "when_needed",
                                             "never", "configuration_based", "custom", NULL};
static const char *const locking_words[] = {"extended", "minimal", "minimal_percona", "minimal_percona_no_table_locks",
                                            "none", "custom", NULL};
static const char *const decimal_words[] = {"precise", "double", "string", NULL};
static const char *const bigint_words[] = {"long", "precise", NULL};
static const char *const time_words[] = {"adaptive_time_microseconds", "connect", "isostring", "microseconds",
                                         "nanoseconds", NULL};
static const char *const binary_words[] = {"bytes", "base64", "base64-url-safe", "hex", NULL};
static const char *const adjustment_words[] = {"none", "avro", "avro_unicode", NULL};
static const char *const failure_words[] = {"fail", "warn", "skip", "ignore", NULL};
static const char *const watermark_words[] = {"insert_insert", "insert_delete", NULL};
static const char *const row_count_words[] = {"disabled", "ascending", "descending", NULL};

/* Words of another dialect stand behind those that mean the same: two a mode. */
static const struct {
    const char *mysql, *mariadb;
    enum db_ssl_mode mode;
} ssl_modes[] = {
    {"disabled", "disable", DB_SSL_DISABLED}, {"preferred", NULL, DB_SSL_PREFERRED}, {"required", "trust", DB_SSL_REQUIRED},
    {"verify_ca", "verify-ca", DB_SSL_VERIFY_CA}, {"verify_identity", "verify-full", DB_SSL_VERIFY_IDENTITY},
};

/* A text that is none of the words was either refused before or means the first one, as in the original. */
static int
word_find(const char *const *words, const char *text)
{
    for (int i = 0; text && words[i]; i++)
        if (strcasecmp(words[i], text) == 0)
            return i;
    return 0;
}

static enum db_ssl_mode
ssl_mode_find(const char *text)
{
    for (size_t i = 0; i < sizeof(ssl_modes) / sizeof(*ssl_modes); i++)
        if (strcasecmp(ssl_modes[i].mysql, text) == 0 || (ssl_modes[i].mariadb && strcasecmp(ssl_modes[i].mariadb, text) == 0))
            return ssl_modes[i].mode;
    return DB_SSL_PREFERRED;
}

static enum cdc_failure_mode
failure_find(const char *text)
{
    int found = word_find(failure_words, text);
    return found > CDC_FAILURE_SKIP ? CDC_FAILURE_SKIP : (enum cdc_failure_mode)found; /* ignore is skip */
}

static void
find_modes(struct cdc_config *config)
{
    config->ssl_mode = ssl_mode_find(config->ssl_mode_text);
    config->snapshot_mode = (enum cdc_snapshot_mode)word_find(snapshot_words, config->snapshot_mode_text);
    config->locking_mode = (enum cdc_locking_mode)word_find(locking_words, config->locking_mode_text);
    config->row_count_order = (enum cdc_row_count_order)word_find(row_count_words, config->row_count_order_text);
    config->watermark_strategy = (enum cdc_watermark_strategy)word_find(watermark_words, config->watermark_text);
    config->decimal_mode = (enum cdc_decimal_mode)word_find(decimal_words, config->decimal_text);
    config->bigint_unsigned_mode = (enum cdc_bigint_unsigned_mode)word_find(bigint_words, config->bigint_unsigned_text);
    config->time_mode = (enum cdc_time_mode)word_find(time_words, config->time_text);
    config->binary_mode = (enum cdc_binary_mode)word_find(binary_words, config->binary_text);
    config->schema_name_adjustment = (enum cdc_adjustment_mode)word_find(adjustment_words, config->schema_name_text);
    config->field_name_adjustment = (enum cdc_adjustment_mode)word_find(adjustment_words, config->field_name_text);
    config->inconsistent_schema = failure_find(config->inconsistent_schema_text);
    config->event_failure = failure_find(config->event_failure_text);
}

static void
find_skipped(struct cdc_config *config)
{
    config->skips_create = string_list_has(&config->skipped_operations, "c");
    config->skips_update = string_list_has(&config->skipped_operations, "u");
    config->skips_delete = string_list_has(&config->skipped_operations, "d");
    config->skips_truncate = string_list_has(&config->skipped_operations, "t");
}

/* Semicolons separate, a doubled one stands for itself; blanks around a statement do not count. */
static void
split_statements(struct cdc_config *config)
{
    struct string_list list = STRING_LIST_INIT;
    struct strbuf statement = STRBUF_INIT;
    const char *at = config->initial_statements ? config->initial_statements : "";
    for (bool is_end = false; !is_end; at++) {
        is_end = !*at;
        if (*at == ';' && at[1] == ';')
            strbuf_putc(&statement, *at++);
        else if (*at && *at != ';')
            strbuf_putc(&statement, *at);
        else {
            const char *text = statement.data ? statement.data : "";
            text += strspn(text, " \t\r\n");
            if (*text)
                string_list_add(&list, text);
            strbuf_reset(&statement);
        }
    }
    strbuf_fini(&statement);
    if (list.count) {
        config->initial = xcalloc(list.count + 1, sizeof(*config->initial));
        memcpy(config->initial, list.items, list.count * sizeof(*config->initial));
        list.count = 0; /* the texts are the configuration's now */
    }
    string_list_fini(&list);
}

static void
keep_first_problem(void *arg, const char *setting, const char *problem)
{
    struct error *err = arg;
    if (err->code != ERROR_NONE)
        return;
    error_set(err, ERROR_CONFIG, "The '%s' value is invalid: %s", setting, problem);
    err->java_class = "io.debezium.DebeziumException";
}

bool
cdc_config_init(struct cdc_config *config, const struct config *cfg, const char *connector, struct error *err)
{
    *config = (struct cdc_config){.cfg = cfg, .dialect = cdc_dialect_find(connector)};
    struct error problem = ERROR_INIT;
    cdc_config_check(config->dialect->rows, cfg, keep_first_problem, &problem);
    if (problem.code != ERROR_NONE) {
        *err = problem;
        return false;
    }
    if (!config_parse(config->dialect->rows, cfg, config, err))
        return false;
    find_modes(config);
    find_skipped(config);
    split_statements(config);
    return true;
}

void
cdc_config_fini(struct cdc_config *config)
{
    for (size_t i = 0; config->initial && config->initial[i]; i++)
        free(config->initial[i]);
    free(config->initial);
    config->initial = NULL;
    config_parsed_free(config->dialect->rows, config);
}

struct db_params
cdc_config_connection(const struct cdc_config *config)
{
    return (struct db_params){
        .host = config->host,
        .port = (unsigned)config->port,
        .user = config->user,
        .password = config->password,
        .connect_timeout_ms = (unsigned)config->connect_timeout_ms,
        .read_timeout_ms = config->query_timeout_ms > 0 ? (unsigned)config->query_timeout_ms : 0,
        .ssl_mode = config->ssl_mode,
        .ssl_ca = config->ssl_truststore,
        .ssl_cert = config->ssl_keystore,
        .ssl_key = config->ssl_keystore,
        .get_server_public_key = true,
        .init = (const char *const *)config->initial,
    };
}
