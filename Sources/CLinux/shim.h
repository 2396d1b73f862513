#pragma once
/* Doors to the kernel. Each answers a count or descriptor, or the negated errno: Swift sees no variadics, no errno
   and no structures with platform layouts, and a call broken by a signal is made again here. */
#include "fence.h"
#include "files.h"
#include "local.h"
#include "namespaces.h"
#include "processes.h"
#include "seccomp.h"
#include "sockets.h"
