#include "connect/connectors/binlog/resume.h"

#include "common/base/log.h"
#include "connect/connectors/binlog/gtid.h"
#include "connect/connectors/binlog/server.h"

#include <stdlib.h>

LOGGER("io.debezium.connector.binlog.jdbc.BinlogConnectorConnection");

/* ---- GTIDs ------------------------------------------------------------------------------------------------------------ */

struct choice {
    const struct cdc_filters *filters;
    const struct binlog_gtids *own;
    bool is_wanted;
};

/* A domain of MariaDB is one sequence, whoever wrote it, so one that was followed is wanted whole. */
static bool
is_chosen(const char *source, void *arg)
{
    const struct choice *choice = arg;
    bool is_followed = binlog_gtids_is_mariadb(choice->own) && binlog_gtids_has_source(choice->own, source);
    return (is_followed || cdc_filters_has_gtid_source(choice->filters, source)) == choice->is_wanted;
}

static struct binlog_gtids *
choose(const struct binlog_gtids *set, const struct binlog_gtids *own, const struct cdc_filters *filters, bool is_wanted)
{
    struct choice choice = {filters, own, is_wanted};
    struct binlog_gtids *copy = binlog_gtids_dup(set);
    binlog_gtids_retain(copy, is_chosen, &choice);
    return copy;
}

/* Of the sources that are wanted, nothing that is still to come may have been purged, and the server must have all that was
   seen. */
static bool
is_available(const struct binlog_gtids *own, const struct binlog_gtids *executed, const struct binlog_gtids *purged,
             const struct cdc_filters *filters)
{
    struct binlog_gtids *wanted = choose(own, own, filters, true), *gone = choose(purged, own, filters, true);
    bool is_there = binlog_gtids_contains(executed, wanted) && binlog_gtids_contains(own, gone);
    binlog_gtids_free(wanted);
    binlog_gtids_free(gone);
    return is_there;
}

static void
take_unwanted(struct binlog_gtids *own, const struct binlog_gtids *purged, const struct cdc_filters *filters, struct cdc_offset *position)
{
    struct binlog_gtids *gone = choose(purged, own, filters, false);
    if (!binlog_gtids_contains(own, gone)) {
        struct strbuf text = STRBUF_INIT;
        binlog_gtids_union(own, gone);
        binlog_gtids_text(own, &text);
        free(position->gtids);
        position->gtids = strbuf_take(&text);
    }
    binlog_gtids_free(gone);
}

static bool
check_gtids(struct db *db, const struct cdc_filters *filters, struct cdc_offset *position, bool *is_available_out, struct error *err)
{
    char *executed_text, *purged_text;
    if (!cdc_server_gtids(db, &executed_text, &purged_text, err))
        return false;
    struct binlog_gtids *own = binlog_gtids_parse(position->gtids, err), *executed = binlog_gtids_parse(executed_text ? executed_text : "", err),
                        *purged = binlog_gtids_parse(purged_text ? purged_text : "", err);
    bool ok = own && executed && purged;
    if (ok) {
        *is_available_out = executed_text && is_available(own, executed, purged, filters);
        if (*is_available_out)
            take_unwanted(own, purged, filters, position);
        else
            log_warn("GTIDs known to the connector are %s, the server has %s and purged %s", position->gtids,
                     executed_text ? executed_text : "none", purged_text ? purged_text : "none");
    }
    binlog_gtids_free(own);
    binlog_gtids_free(executed);
    binlog_gtids_free(purged);
    free(executed_text);
    free(purged_text);
    return ok;
}

/* ---- the position ----------------------------------------------------------------------------------------------------- */

bool
cdc_resume_check(struct db *db, const struct cdc_filters *filters, struct cdc_offset *position, bool *is_available_out, struct error *err)
{
    *is_available_out = true;
    if (!position->file || !*position->file)
        return true;
    if (!position->gtids && !cdc_server_gtids_at(db, position->file, position->pos, &position->gtids, err))
        return false;
    if (position->gtids && *position->gtids)
        return check_gtids(db, filters, position, is_available_out, err);
    return cdc_server_has_file(db, position->file, is_available_out, err);
}

bool
cdc_resume_refuse(const struct cdc_offset *position, struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    cdc_offset_write(position, &text);
    error_set(err, ERROR_NOT_FOUND, "The connector is trying to read change stream starting at %s, but this is no longer available on the "
                                    "server. Reconfigure the connector to use a snapshot mode when needed.", text.data);
    strbuf_fini(&text);
    return false;
}
