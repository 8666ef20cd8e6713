SERVICES_SRC += marketing-service/suggestions.c
