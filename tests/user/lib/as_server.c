/* SPDX-License-Identifier: MIT */
#include "as_server.h"

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "console.h"
#include "serial.h"
#include "service.h"

int as_server_end(void)
{
    struct iris_message m;

    console_drain(IRIS_SLOT_STDOUT);
    serial_drain(AS_SERVER_SLOT_SERIAL);
    iris_port_bind(SERVER_SLOT_PORT);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
    return -error;
}
