/*
 * Where signals come from but the table: a file and a topic (signal.enabled.channels). They are asked every
 * signal.poll.interval.ms. Task thread only.
 *
 *   file    each line is {"id":..,"type":..,"data":{..}}; the file is emptied when it is read
 *   kafka   a record whose key is topic.prefix has such an object. The place in the topic is part of the source's offset, beside what
 *           the signal began: so a start obeys none twice, and leaves none out. It moves over records of other connectors, too. The
 *           consumer group's offset, for Debezium and for a start without a place, is behind the last signal carried out: over
 *           records of others alone it does not move, as they may have the same group, and no place yet.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_CHANNELS_H
#define CONNECT_CONNECTORS_BINLOG_CHANNELS_H

#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/signal.h"

struct cdc_channels;

/* `extra`: further members of the stored offset, the place in the topic among them; NULL: none. NULL: ERROR_CONFIG, a setting of
   the topic is missing or wrong. */
struct cdc_channels *cdc_channels_new(const struct cdc_config *config, const char *extra, struct error *err);
void cdc_channels_free(struct cdc_channels *channels); /* accepts NULL */
/* Would cdc_channels_new succeed? For whoever needs them only after long work. False: as there. */
bool cdc_channels_check(const struct cdc_config *config, struct error *err) MUST_CHECK;

/* Is it time to look for signals? Then cdc_channels_next gives them until it returns false. */
bool cdc_channels_is_due(struct cdc_channels *channels);
/* The next signal, which the caller frees; what cannot be read is logged and passed over. Does not block. */
bool cdc_channels_next(struct cdc_channels *channels, struct cdc_signal *out);
/* The signal given out last is carried out: from now on the place is behind it. */
void cdc_channels_done(struct cdc_channels *channels);

/* The place in the topic, which what cdc_channels_extra gives depends on; it moves over records of others, too. Negative: none yet. */
int64_t cdc_channels_place(const struct cdc_channels *channels);
/* Members for the offset; heap, NULL: none. */
char *cdc_channels_extra(const struct cdc_channels *channels);
/* A record with these members was given out; and all such are stored. */
void cdc_channels_told(struct cdc_channels *channels);
void cdc_channels_stored(struct cdc_channels *channels);

#endif
