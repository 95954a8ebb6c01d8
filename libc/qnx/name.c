/* SPDX-License-Identifier: MIT */
/* Names of channels: local/name/NAME at the name service leads to the layer that has the channel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>

#include <iris/object.h>

#include "dispatch_private.h"
#include "names.h"
#include "qnx.h"

#define NAME_PREFIX "local/name/"
#define NAME_PATH_MAX 120 /* of names.idl */

/* 0, or an error number. */
static int name_path(const char *name, char path[NAME_PATH_MAX + 1])
{
    if (name == NULL || *name == '\0' || *name == '/' || strstr(name, "..") != NULL)
        return EINVAL;
    int length = snprintf(path, NAME_PATH_MAX + 1, NAME_PREFIX "%s", name);
    return length > NAME_PATH_MAX ? ENAMETOOLONG : 0;
}

static int attach(struct name_place *place, dispatch_t *dpp, const char *name)
{
    int error = name_path(name, place->path);
    if (error != 0)
        return -error;
    int chid = dispatch_channel(dpp);
    if (chid < 0)
        return chid;
    int slot = qnx_service_portal(SERVICE_BADGE(SERVICE_CHANNEL, chid));
    if (slot < 0)
        return slot;
    place->portal = (uint32_t)slot;
    place->attach.chid = chid;
    return names_register(IRIS_SLOT_NAMES, place->path, place->portal);
}

name_attach_t *name_attach(dispatch_t *dpp, const char *name, unsigned flags)
{
    struct name_place *place = flags == 0 ? calloc(1, sizeof *place) : NULL;
    if (place == NULL) {
        errno = flags & NAME_FLAG_ATTACH_GLOBAL ? ENOTSUP : flags != 0 ? EINVAL : ENOMEM;
        return NULL;
    }
    dispatch_t *own = dpp == NULL ? dispatch_create() : NULL;
    place->attach.dpp = dpp != NULL ? dpp : own;
    int status = place->attach.dpp != NULL ? attach(place, place->attach.dpp, name) : -ENOMEM;
    if (status == 0)
        return &place->attach;
    qnx_portal_end(place->portal);
    if (own != NULL)
        dispatch_destroy(own);
    free(place);
    errno = -status;
    return NULL;
}

int name_detach(name_attach_t *attached, unsigned flags)
{
    struct name_place *place = (struct name_place *)attached;

    if (flags & ~(unsigned)NAME_FLAG_DETACH_SAVEDPP) {
        errno = EINVAL;
        return -1;
    }
    names_unregister(IRIS_SLOT_NAMES, place->path, place->portal);
    qnx_portal_end(place->portal);
    if (!(flags & NAME_FLAG_DETACH_SAVEDPP))
        dispatch_destroy(attached->dpp);
    free(place);
    return 0;
}

/* ---- Clients ---- */

/* The server is told that somebody opens it, and may refuse. */
static int introduce(int coid)
{
    const struct _io_connect message = {.type = _IO_CONNECT,
                                        .subtype = _IO_CONNECT_OPEN,
                                        .ioflag = _IO_FLAG_RD | _IO_FLAG_WR,
                                        .path_len = 1};
    int status = MsgSend_r(coid, &message, sizeof message, NULL, 0);
    return status < 0 ? status : 0;
}

static int open_name(const char *name)
{
    char path[NAME_PATH_MAX + 1];
    struct link *link;
    int error = name_path(name, path);
    int status = error != 0 ? -error : qnx_link_open_name(path, &link);
    if (status < 0)
        return status;
    int coid = qnx_coid_open(link, 0, 0);
    if (coid < 0) {
        qnx_link_drop(link);
        return coid;
    }
    status = introduce(coid);
    if (status < 0)
        ConnectDetach_r(coid);
    return status < 0 ? status : coid;
}

int name_open(const char *name, int flags)
{
    int coid = flags & NAME_FLAG_ATTACH_GLOBAL ? -ENOTSUP : open_name(name);
    if (coid >= 0)
        return coid;
    errno = -coid;
    return -1;
}

int name_close(int coid) { return ConnectDetach(coid); }
