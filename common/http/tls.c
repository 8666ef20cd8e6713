/* Certificates of clients: libmicrohttpd asks for them, and leaves it to us to look at them. */
#include "common/http/http_priv.h"

#include <gnutls/gnutls.h>

LOGGER("common.http");

bool
tls_client_allowed(const struct http_listener *listener, struct MHD_Connection *connection)
{
    if (!listener->tls_trust)
        return true;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned problems = 0;
    int code = info ? gnutls_certificate_verify_peers2(info->tls_session, &problems) : GNUTLS_E_INTERNAL_ERROR;
    if (code == GNUTLS_E_NO_CERTIFICATE_FOUND && !listener->tls_client_required)
        return true;
    if (code == 0 && problems == 0)
        return true;
    log_warn("a client was refused: %s", code == GNUTLS_E_NO_CERTIFICATE_FOUND ? "it shows no certificate"
                                         : code ? gnutls_strerror(code) : "its certificate is not trusted");
    return false;
}
