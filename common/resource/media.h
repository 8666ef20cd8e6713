/* Media types: what a client accepts, what it sends. No state; any thread. */
#ifndef COMMON_RESOURCE_MEDIA_H
#define COMMON_RESOURCE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

struct media_offer {
    const char *type;          /* "application/json" */
    bool not_by_range;         /* application/ followed by * does not mean it, only * / * and its own name do */
};

enum { MEDIA_MALFORMED = -2, MEDIA_NONE = -1 };

/* The index of the offer a client gets: its highest q, then its order, then ours. NULL or "" accepts the first. */
int media_choose(const char *accept, const struct media_offer *offers, size_t count);

enum media_error_form { MEDIA_ERROR_JSON, MEDIA_ERROR_HTML, MEDIA_ERROR_NONE };
/* How an error is shown to a client. For JSON the type to label it with goes to `type` (of `size` bytes). */
enum media_error_form media_error(const char *accept, char *type, size_t size);

enum media_body { MEDIA_BODY_JSON, MEDIA_BODY_JSON_PATCH, MEDIA_BODY_URI_LIST, MEDIA_BODY_OTHER, MEDIA_BODY_MALFORMED };
/* What a Content-Type says; NULL is JSON. */
enum media_body media_body(const char *content_type);

#endif
