COMMON_SRC += common/http/exchange.c common/http/lanes.c common/http/response.c common/http/server.c common/http/tls.c common/http/uri.c
