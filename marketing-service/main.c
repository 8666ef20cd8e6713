/* marketing-service: the orders that arrive in SYNC_ORDER_TABLE, and suggestions made from them. */
#include "common/resource/service.h"
#include "marketing-service/suggestions.h"

static const struct entity sync_order = {
    .rel = "syncOrders",
    .item_rel = "syncOrder",
    .table = "SYNC_ORDER_TABLE",
    .fields = {
        {"customerId", "customerId", FIELD_TEXT},
        {"qty", "qty", FIELD_INT},
        {"price", "price", FIELD_DOUBLE},
        {"productId", "productId", FIELD_LONG},
    },
};

static const struct entity suggestion = {
    .rel = "suggestions",
    .item_rel = "suggestion",
    .table = "Suggestion_table",
    .fields = {
        {"productId", "productId", FIELD_LONG},
        {"suggestProductId1", "suggestProductId1", FIELD_LONG},
        {"suggestProductId2", "suggestProductId2", FIELD_LONG},
        {"suggestProductId3", "suggestProductId3", FIELD_LONG},
    },
};

int
main(int argc, char **argv)
{
    static const struct entity *const entities[] = {&sync_order, &suggestion, NULL};
    static const struct service_definition definition = {
        .name = "marketing-service", .port = "8082", .entities = entities, .task = &suggestions_task,
    };
    return service_main(&definition, argc, argv);
}
