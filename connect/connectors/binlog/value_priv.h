/* What the files of the value converters share. */
#ifndef CONNECT_CONNECTORS_BINLOG_VALUE_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_VALUE_PRIV_H

#include "connect/connectors/binlog/charset.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/table.h"
#include "connect/connectors/binlog/value.h"
#include "connect/connectors/binlog/value_mask.h"

enum cdc_outcome {
    CDC_VALUE,      /* *out is it */
    CDC_MISSING,    /* as NULL: null, or the field's default where NULL is not allowed */
    CDC_IMPOSSIBLE, /* *err: the field cannot express it */
};

typedef enum cdc_outcome cdc_text_fn(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena,
                                     struct value *out, struct error *err);
typedef enum cdc_outcome cdc_cell_fn(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena,
                                     struct value *out, struct error *err);

/* How columns of one kind become values. */
struct cdc_conversion {
    cdc_text_fn *from_text;
    cdc_cell_fn *from_cell;
    cdc_text_fn *from_default; /* the text behind DEFAULT */
    struct value fallback;     /* for NULL where it is not allowed and there is no default */
};

/* What a kind of column is in a record. */
struct cdc_kind {
    const struct cdc_conversion *conversion;
    enum schema_type type, unsigned_type;
    const char *name; /* of the schema; NULL: none */
};
extern const struct cdc_kind cdc_kind_boolean;
/* The kind of a column, with what the modes make of it. */
struct cdc_kind cdc_kind_of(const struct cdc_config *config, const struct cdc_column *column);

struct cdc_value_converter {
    const struct cdc_config *config;
    const struct cdc_column *column;
    const struct cdc_conversion *conversion;
    const struct schema *schema;
    struct value fallback;
    struct cdc_charset *charset;   /* of text columns */
    struct cdc_mask_hand *mask;    /* NULL: none */
    struct strbuf scratch;
    struct value *options;         /* of ENUM and SET: as a record shows them */
    size_t option_count;
    enum cdc_failure_mode on_failure;
    bool has_warned;
    char *label;                   /* "db.table.column" */
    struct arena arena;            /* options, fallback */
};

/* The value that a column has by default. False: none, or none that the field can express. */
bool cdc_value_default(struct cdc_value_converter *converter, struct value *out);

extern cdc_text_fn cdc_default_integer, cdc_default_boolean, cdc_default_bit, cdc_default_bits, cdc_default_decimal,
    cdc_default_real, cdc_default_text, cdc_default_date, cdc_default_time, cdc_default_datetime, cdc_default_timestamp,
    cdc_default_none;

/* Big-endian bits of a BIT column, most significant byte first. */
struct value cdc_value_bits(uint64_t bits, int width, struct arena *arena);

/* The text of a MariaDB UUID, INET4 or INET6 from its bytes. Returns the length. */
int cdc_address_text(enum cdc_type type, const unsigned char *bytes, char *out, size_t size);

#endif
