/* Masks of text columns at work: stars, digests, cut texts (column.mask.*, column.truncate.*). Task thread only. */
#ifndef CONNECT_CONNECTORS_BINLOG_VALUE_MASK_H
#define CONNECT_CONNECTORS_BINLOG_VALUE_MASK_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

struct cdc_mask_hand;

/* What the mask adds to the field's schema, whatever the column's type. */
void cdc_mask_describe(const struct cdc_mask *mask, const struct cdc_column *column, struct schema_builder *builder);
/* *out is NULL for a column that masks do not apply to. False: a digest that is not known. */
bool cdc_mask_hand_new(const struct cdc_mask *mask, const struct cdc_column *column, struct cdc_mask_hand **out,
                       struct error *err) MUST_CHECK;
void cdc_mask_hand_free(struct cdc_mask_hand *hand); /* accepts NULL */
/* Replaces the value. */
void cdc_mask_apply(struct cdc_mask_hand *hand, struct value *value, struct arena *arena);

#endif
