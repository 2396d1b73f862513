#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Unix sockets. On Linux the name is reached through the open folder, so that no path is too long for an address. */
static inline int clinux_local_address(struct sockaddr_un *address, int folder, const char *path, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
#ifdef __linux__
    (void)path;
    int count = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", folder, name);
#else
    (void)folder;
    int count = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", path, name);
#endif
    return count < 0 || (size_t)count >= sizeof address->sun_path ? -ENAMETOOLONG : 0;
}
static inline int clinux_local_socket(void) {
    int got = socket(AF_UNIX, SOCK_STREAM, 0);
    if (got < 0) return -errno;
    fcntl(got, F_SETFD, FD_CLOEXEC);
    return got;
}
/* A listener; the folder's mode says who may come. */
static inline int clinux_local_listen(int folder, const char *path, const char *name) {
    struct sockaddr_un address;
    int status = clinux_local_address(&address, folder, path, name);
    if (status < 0) return status;
    int listener = clinux_local_socket();
    if (listener < 0) return listener;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0) {
        status = -errno;
        close(listener);
        return status;
    }
    return listener;
}
static inline int clinux_local_connect(int folder, const char *path, const char *name) {
    struct sockaddr_un address;
    int status = clinux_local_address(&address, folder, path, name);
    if (status < 0) return status;
    int peer = clinux_local_socket();
    if (peer < 0) return peer;
    do status = connect(peer, (struct sockaddr *)&address, sizeof address);
    while (status < 0 && errno == EINTR);
    if (status < 0) {
        status = -errno;
        close(peer);
        return status;
    }
    return peer;
}
/* The next peer; -EINVAL once the listener is shut. */
static inline int clinux_local_accept(int listener) {
    int got;
    do got = accept(listener, NULL, NULL);
    while (got < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (got < 0) return -errno;
    fcntl(got, F_SETFD, FD_CLOEXEC);
    return got;
}
static inline void clinux_local_shut(int descriptor) { shutdown(descriptor, SHUT_RDWR); }
static inline void clinux_local_end_of_writing(int descriptor) { shutdown(descriptor, SHUT_WR); }
/* The user at the other end, or a negated errno. */
static inline int64_t clinux_local_peer(int descriptor) {
#ifdef __linux__
    struct {
        pid_t pid;
        uid_t uid;
        gid_t gid;
    } told;
    socklen_t size = sizeof told;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &told, &size) < 0 ? -errno : (int64_t)told.uid;
#else
    uid_t uid;
    gid_t gid;
    return getpeereid(descriptor, &uid, &gid) < 0 ? -errno : (int64_t)uid;
#endif
}
/* What is there within so many milliseconds; 0 at the end, -ETIMEDOUT for nothing. */
static inline int64_t clinux_local_receive(int descriptor, void *space, size_t count, int milliseconds) {
    struct pollfd place = {descriptor, POLLIN, 0};
    int ready = poll(&place, 1, milliseconds);
    if (ready < 0) return errno == EINTR ? -EAGAIN : -errno;
    if (ready == 0) return -ETIMEDOUT;
    ssize_t got;
    do got = recv(descriptor, space, count, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}
/* How much was taken within so many milliseconds; -ETIMEDOUT for nothing. */
static inline int64_t clinux_local_send(int descriptor, const void *bytes, size_t count, int milliseconds) {
    struct pollfd place = {descriptor, POLLOUT, 0};
    int ready = poll(&place, 1, milliseconds);
    if (ready < 0) return errno == EINTR ? -EAGAIN : -errno;
    if (ready == 0) return -ETIMEDOUT;
    ssize_t got;
    do got = send(descriptor, bytes, count, MSG_DONTWAIT
#ifdef MSG_NOSIGNAL
                      | MSG_NOSIGNAL
#endif
    );
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}
