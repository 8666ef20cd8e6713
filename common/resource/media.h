/* Media types: what a client accepts, what it sends. No state; any thread. */
#ifndef COMMON_RESOURCE_MEDIA_H
#define COMMON_RESOURCE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

struct media_offer {
    const char *type;  /* "application/json"; without a slash an ending: "+json" is any type that ends so, "" any type */
    bool not_by_range; /* application/ followed by * does not mean it, only * / *, * +json and its own name do */
};

/* The two names of the usual form. */
#define MEDIA_HAL {"application/hal+json", true}
#define MEDIA_JSON {"application/json", false}

enum { MEDIA_NONE = -1, MEDIA_LABEL_SIZE = 192 };

/* Can an Accept header be understood? NULL and "" can. */
bool media_is_sound(const char *accept);
/* The index of the offer a client gets: its highest q, then its order, then ours. NULL or "" accepts the first. What
   Content-Type the client then expects goes to `label`: what it named itself, with its parameters, or the offer's type. */
int media_choose(const char *accept, const struct media_offer *offers, size_t count, char label[MEDIA_LABEL_SIZE]);

enum media_body { MEDIA_BODY_JSON, MEDIA_BODY_JSON_PATCH, MEDIA_BODY_URI_LIST, MEDIA_BODY_OTHER, MEDIA_BODY_MALFORMED };
/* What a Content-Type says; NULL is JSON. */
enum media_body media_body(const char *content_type);

#endif
