/* order-service: orders, kept in ORDER_TABLE. Everything but the table of fields is in common/resource. */
#include "common/resource/service.h"

static const struct entity order = {
    .rel = "orders",
    .item_rel = "order",
    .table = "ORDER_TABLE",
    .fields = {
        {"customerId", "customerId", FIELD_TEXT},
        {"qty", "qty", FIELD_INT},
        {"price", "price", FIELD_DOUBLE},
        {"productId", "productId", FIELD_LONG},
    },
};

int
main(int argc, char **argv)
{
    static const struct entity *const entities[] = {&order, NULL};
    static const struct service_definition definition = {.name = "order-service", .port = "8081", .entities = entities};
    return service_main(&definition, argc, argv);
}
