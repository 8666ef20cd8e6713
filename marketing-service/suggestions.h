/* Suggestions made from the orders that arrive: for a product, the three others that most customers of it bought. */
#ifndef MARKETING_SERVICE_SUGGESTIONS_H
#define MARKETING_SERVICE_SUGGESTIONS_H

#include "common/resource/service.h"

/* A step takes in the orders that are new since the last one, then a part of the backlog, and renews the suggestions of
   products they concern, for about a second altogether. What fails leaves nothing half: the next step goes on. */
extern const struct service_task suggestions_task;

#endif
