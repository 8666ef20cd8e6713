/* Writes every table of settings as a page. */
#include "connect/document.h"

#include "common/kafka/client_settings.h"
#include "connect/converters/converter.h"
#include "connect/plugins.h"
#include "connect/runtime/connector_config.h"
#include "connect/transforms/transform.h"

#include <string.h>

/* A cell of a table: bars would end it. */
static void
cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
}

static void
write_default(FILE *out, const struct config_row *row)
{
    if (row->default_value == config_no_default) {
        fputs("**required**", out);
    } else if (!row->default_value) {
        fputs("none", out);
    } else {
        fputc('`', out);
        cell(out, *row->default_value ? row->default_value : "\"\"");
        fputc('`', out);
    }
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        fprintf(out, "%s`%s`", choice == row->choices ? "; one of " : ", ", *choice);
    if (row->has_min)
        fprintf(out, "; at least %lld", (long long)row->min);
}

static void
write_rows(FILE *out, const struct config_row *rows)
{
    if (!rows || !rows->name) {
        fputs("No settings.\n\n", out);
        return;
    }
    fputs("| Setting | Type | Default | Meaning |\n|---|---|---|---|\n", out);
    for (const struct config_row *row = rows; row->name; row++) {
        if (row->is_internal && !row->doc)
            continue;
        fprintf(out, "| `%s` | %s | ", row->name, config_type_name(row->type));
        write_default(out, row);
        fputs(" | ", out);
        cell(out, row->doc ? row->doc : "");
        fputs(" |\n", out);
    }
    fputc('\n', out);
}

static void
section(FILE *out, const char *title, const struct config_row *rows)
{
    fprintf(out, "## %s\n\n", title);
    write_rows(out, rows);
}

/* A name that clients describe differently stands in several rows of the table, one behind the other. */
static void
client_settings(FILE *out)
{
    fputs("# Kafka clients\n\nBehind `producer.`, `consumer.` and `admin.` in the worker's file, behind `producer.override.` and so on in a "
          "connector's settings. librdkafka's own names are taken, too.\n\n"
          "| Java's setting | P | C | A | librdkafka |\n|---|---|---|---|---|\n", out);
    int kinds = 0, more = 0;
    size_t i = 0;
    for (const char *name = kafka_client_setting_name(i, &kinds), *next; name; name = next) {
        while ((next = kafka_client_setting_name(++i, &more)) && strcmp(next, name) == 0)
            kinds |= more;
        fprintf(out, "| `%s` | %s | %s | %s | %s |\n", name, kinds & 1 << KAFKA_PRODUCER ? "x" : "", kinds & 1 << KAFKA_CONSUMER ? "x" : "",
                kinds & 1 << KAFKA_ADMIN ? "x" : "", kafka_client_setting_fate(name));
        kinds = more;
    }
    fputc('\n', out);
}

void
document_settings(FILE *out)
{
    fputs("# Configuration\n\nGenerated from the tables that the programs use: `make docs`.\n\n", out);
    section(out, "Worker: connect-distributed", worker_config_distributed_rows);
    section(out, "Worker: connect-standalone", worker_config_standalone_rows);
    section(out, "Every connector", connector_config_common_rows);
    section(out, "Source connectors", connector_config_source_rows);
    section(out, "Sink connectors", connector_config_sink_rows);
    for (const struct connector_plugin *const *plugin = connector_plugins; *plugin; plugin++)
        section(out, (*plugin)->class_name, (*plugin)->rows);
    fputs("# Converters\n\n", out);
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        section(out, (*plugin)->class_name, (*plugin)->rows);
    fputs("# Transforms\n\n", out);
    for (const struct transform_plugin *const *plugin = transform_plugins; *plugin; plugin++)
        section(out, (*plugin)->class_name, (*plugin)->rows);
    fputs("# Predicates\n\n", out);
    for (const struct predicate_plugin *const *plugin = predicate_plugins; *plugin; plugin++)
        section(out, (*plugin)->class_name, (*plugin)->rows);
    client_settings(out);
}
