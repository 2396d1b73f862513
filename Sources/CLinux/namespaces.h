#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <grp.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#endif

/* Messages with descriptors, between processes of ours over a socket pair. */
#define CLINUX_MOST_FILES 250

static inline int clinux_socket_pair(int *ends) {
#ifdef __linux__
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    /* Never in the place of a stream that was closed: what is said there would be an order. */
    for (int i = 0; i < 2; i++) {
        if (ends[i] > 2) continue;
        int other = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
        int failed = errno;
        close(ends[i]);
        if (other < 0) {
            close(ends[1 - i]);
            return -failed;
        }
        ends[i] = other;
    }
    return 0;
#else
    (void)ends;
    return -EOPNOTSUPP;
#endif
}
static inline int64_t clinux_send(int channel, const void *bytes, size_t count, const int *files, int number) {
#ifdef __linux__
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int) * CLINUX_MOST_FILES)];
    } control;
    struct iovec part = {(void *)bytes, count};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&control, 0, sizeof control);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (number < 0 || number > CLINUX_MOST_FILES) return -EINVAL;
    if (number > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)number);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)number);
        memcpy(CMSG_DATA(head), files, sizeof(int) * (size_t)number);
    }
    ssize_t got;
    do got = sendmsg(channel, &message, MSG_NOSIGNAL);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
#else
    (void)channel, (void)bytes, (void)count, (void)files, (void)number;
    return -EOPNOTSUPP;
#endif
}
/* `number` is the room in `files` and becomes how many came. */
static inline int64_t clinux_receive(int channel, void *space, size_t count, int *files, int *number) {
#ifdef __linux__
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int) * CLINUX_MOST_FILES)];
    } control;
    struct iovec part = {space, count};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    int room = *number;
    *number = 0;
    ssize_t got;
    do got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        int came = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < came; i++) {
            int file;
            memcpy(&file, CMSG_DATA(head) + (size_t)i * sizeof file, sizeof file);
            if (*number < room) files[(*number)++] = file;
            else close(file);
        }
    }
    return got;
#else
    (void)channel, (void)space, (void)count, (void)files, (void)number;
    return -EOPNOTSUPP;
#endif
}
static inline int clinux_set_patience(int channel, int seconds) {
    struct timeval patience = {seconds, 0};
    return setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ? -errno : 0;
}

#ifdef __linux__
/* Namespaces. A child of ours in new ones, 0 in the child itself: like fork, without what the library does around it,
   so nothing else may be running in this process. */
static inline int clinux_clone(int user, int mount, int processes, int network, int ipc) {
    unsigned long flags = SIGCHLD | (user ? CLONE_NEWUSER : 0) | (mount ? CLONE_NEWNS : 0)
                          | (processes ? CLONE_NEWPID : 0) | (network ? CLONE_NEWNET : 0) | (ipc ? CLONE_NEWIPC : 0);
    long got = syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
    return got < 0 ? -errno : (int)got;
}
static inline int clinux_join(int file, int kind) {
    static const int kinds[5] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC};
    if (kind < 0 || kind > 4) return -EINVAL;
    return syscall(SYS_setns, file, kinds[kind]) < 0 ? -errno : 0;
}
/* We end with our parent. */
static inline int clinux_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0; }

/* Mounts */
static inline int clinux_private_mounts(void) {
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}
static inline int clinux_mount_new(const char *type, const char *target, const char *options, int executable) {
    unsigned long flags = MS_NOSUID | (executable ? 0 : MS_NOEXEC) | (strcmp(type, "devpts") ? MS_NODEV : 0);
    return mount(type, target, type, flags, options) < 0 ? -errno : 0;
}
static inline int clinux_mount_bind(const char *source, const char *target, int whole) {
    return mount(source, target, NULL, MS_BIND | (whole ? MS_REC : 0), NULL) < 0 ? -errno : 0;
}
/* Nobody may write below this mount any more. */
static inline int clinux_mount_read_only(const char *target, int whole) {
    struct {
        uint64_t set, clear, propagation, user;
    } wanted = {1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
    if (syscall(SYS_mount_setattr, AT_FDCWD, target, whole ? 0x8000 /* AT_RECURSIVE */ : 0, &wanted, sizeof wanted) == 0)
        return 0;
    if (errno != ENOSYS) return -errno;
    /* Before 5.12: flags that are set must be named again, or the kernel takes it for an attempt to clear them. */
    struct statvfs now;
    if (statvfs(target, &now) < 0) return -errno;
    unsigned long kept = now.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME);
    return mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | kept, NULL) < 0 ? -errno : 0;
}
static inline int clinux_open_place(const char *path) {
    int got = open(path, 010000000 /* O_PATH */ | O_CLOEXEC);
    return got < 0 ? -errno : got;
}

/* Sockets of the namespace we are in */
static inline int clinux_loopback_up(void) {
    struct ifreq request;
    int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (channel < 0) return -errno;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    int status = ioctl(channel, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    close(channel);
    return status;
}
/* One more address of the loopback device, so that a declared service is found where the build looks for it. */
static inline int clinux_loopback_alias(int number, uint32_t address) {
    struct ifreq request;
    int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (channel < 0) return -errno;
    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "lo:%d", number);
    struct sockaddr_in *place = (struct sockaddr_in *)&request.ifr_addr;
    place->sin_family = AF_INET;
    place->sin_addr.s_addr = htonl(address);
    int status = ioctl(channel, SIOCSIFADDR, &request) < 0 ? -errno : 0;
    if (status == 0) {
        place->sin_addr.s_addr = htonl(0xffffffffu);
        status = ioctl(channel, SIOCSIFNETMASK, &request) < 0 ? -errno : 0;
    }
    close(channel);
    return status;
}
static inline int clinux_socket(int six, int datagrams) {
    int got = socket(six ? AF_INET6 : AF_INET, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return got < 0 ? -errno : got;
}
static inline int clinux_bind_four(int channel, uint32_t address, uint16_t port) {
    struct sockaddr_in place;
    int yes = 1;
    memset(&place, 0, sizeof place);
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(address);
    place.sin_port = htons(port);
    setsockopt(channel, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(channel, (struct sockaddr *)&place, sizeof place) < 0 ? -errno : 0;
}
static inline int clinux_bind_six(int channel, uint16_t port) {
    struct sockaddr_in6 place;
    int yes = 1;
    memset(&place, 0, sizeof place);
    place.sin6_family = AF_INET6;
    place.sin6_addr.s6_addr[15] = 1;
    place.sin6_port = htons(port);
    setsockopt(channel, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(channel, IPPROTO_IPV6, 26 /* IPV6_V6ONLY */, &yes, sizeof yes);
    return bind(channel, (struct sockaddr *)&place, sizeof place) < 0 ? -errno : 0;
}
/* Whether this namespace knows a way to an address. Asking sends nothing: a datagram socket is only given its peer. */
static inline int clinux_has_way(uint32_t address) {
    struct sockaddr_in place;
    int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (channel < 0) return -errno;
    memset(&place, 0, sizeof place);
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(address);
    place.sin_port = htons(53);
    int got = connect(channel, (struct sockaddr *)&place, sizeof place) < 0 ? -errno : 1;
    close(channel);
    return got == -ENETUNREACH ? 0 : got;
}
static inline int clinux_listen(int channel) { return listen(channel, 512) < 0 ? -errno : 0; }

/* Signals as a file. They are blocked from now on, here and in children that do not say otherwise; a blocked signal
   reaches even the first process of a namespace. */
static inline int clinux_signal_file(void) {
    static const int wanted[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGTTIN,
                                 SIGTTOU};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) sigaddset(&set, wanted[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
    int got = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return got < 0 ? -errno : got;
}
/* The number of the next signal, 0 for none. `sender` is the process that sent it, 0 for one outside our namespace, -1
   for the kernel (a terminal, which tells everybody itself). */
static inline int clinux_next_signal(int file, int *sender) {
    struct signalfd_siginfo found;
    ssize_t got;
    do got = read(file, &found, sizeof found);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno == EAGAIN ? 0 : -errno;
    if (got != (ssize_t)sizeof found) return -EIO;
    *sender = found.ssi_code == SI_USER || found.ssi_code == SI_QUEUE ? (int)found.ssi_pid : -1;
    return (int)found.ssi_signo;
}
/* A child that has ended and how, as clinux_reap says it; 0 when none has. */
static inline int clinux_reap_any(int *how) {
    int status = 0;
    pid_t got;
    do got = waitpid(-1, &status, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return got < 0 && errno != ECHILD ? -errno : 0;
    *how = WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
    return (int)got;
}

/* What a process inside is to become, besides its program. */
typedef struct {
    int nested;              /* in a user and mount namespace of its own, in which our mounts are locked */
    int changes_user;
    uint32_t uid, gid;
    const gid_t *groups;
    int group_count;
    int files[3];            /* its three streams */
} clinux_inner;

/* What a new process inside is given: no blocked signal, its streams, its user, its folder. Only system calls. */
static inline int clinux_settle_inside(const clinux_inner *how, const char *folder) {
    int copies[3];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* Above the three, so that none is written over before it is used. */
    for (int i = 0; i < 3; i++)
        if ((copies[i] = fcntl(how->files[i], F_DUPFD_CLOEXEC, 3)) < 0) return -errno;
    for (int i = 0; i < 3; i++) {
        if (dup2(copies[i], i) < 0) return -errno;
        close(copies[i]);
    }
    if (how->changes_user
        && (setgroups((size_t)how->group_count, how->groups) < 0 || setgid(how->gid) < 0 || setuid(how->uid) < 0))
        return -errno;
    return folder && chdir(folder) < 0 ? -errno : 0;
}
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
/* Closes all but the three streams. */
static inline void clinux_close_others(void) {
    if (syscall(SYS_close_range, 3u, ~0u, 0u) < 0)
        for (int file = 3; file < 65536; file++) close(file);
}
/* A copy of this process, which must have one thread: 0 in the copy. There all three streams are open, so that no file
   that it is given takes the place of one. */
static inline int clinux_copy(void) {
    pid_t got = fork();
    if (got) return got < 0 ? -errno : (int)got;
    for (int file = open("/dev/null", O_RDWR); file >= 0; file = open("/dev/null", O_RDWR)) {
        if (file < 3) continue;
        close(file);
        break;
    }
    return 0;
}

/* Starts a program; it waits until the write end of `gate` is closed. Only system calls happen in the child. */
static inline int clinux_spawn_inside(
    const char *path, char *const *arguments, char *const *environment, const char *folder, const clinux_inner *how,
    const int *gate
) {
    unsigned long flags = SIGCHLD | (how->nested ? CLONE_NEWUSER | CLONE_NEWNS : 0);
    long got = syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
    if (got != 0) return got < 0 ? -errno : (int)got;
    char byte;
    close(gate[1]);
    while (read(gate[0], &byte, 1) < 0 && errno == EINTR) {}
    if (clinux_settle_inside(how, folder) < 0) _exit(126);
    clinux_close_others();
    execve(path, arguments, environment);
    _exit(errno == ENOENT ? 127 : 126);
}
static inline _Noreturn void clinux_exit(int status) { _exit(status); }
#else
/* Other systems have nothing of the kind: every door says so. */
typedef struct {
    int nested, changes_user, group_count, files[3];
    uint32_t uid, gid;
    const gid_t *groups;
} clinux_inner;
#define CLINUX_NONE(declaration) static inline int declaration { return -EOPNOTSUPP; }
CLINUX_NONE(clinux_clone(int a, int b, int c, int d, int e))
CLINUX_NONE(clinux_join(int a, int b))
CLINUX_NONE(clinux_copy(void))
CLINUX_NONE(clinux_settle_inside(const clinux_inner *a, const char *b))
static inline void clinux_close_others(void) {}
CLINUX_NONE(clinux_end_with_parent(void))
CLINUX_NONE(clinux_private_mounts(void))
CLINUX_NONE(clinux_mount_new(const char *a, const char *b, const char *c, int d))
CLINUX_NONE(clinux_mount_bind(const char *a, const char *b, int c))
CLINUX_NONE(clinux_mount_read_only(const char *a, int b))
CLINUX_NONE(clinux_open_place(const char *a))
CLINUX_NONE(clinux_loopback_up(void))
CLINUX_NONE(clinux_loopback_alias(int a, uint32_t b))
CLINUX_NONE(clinux_socket(int a, int b))
CLINUX_NONE(clinux_bind_four(int a, uint32_t b, uint16_t c))
CLINUX_NONE(clinux_bind_six(int a, uint16_t b))
CLINUX_NONE(clinux_has_way(uint32_t a))
CLINUX_NONE(clinux_listen(int a))
CLINUX_NONE(clinux_signal_file(void))
CLINUX_NONE(clinux_next_signal(int a, int *b))
CLINUX_NONE(clinux_reap_any(int *a))
CLINUX_NONE(clinux_filter_seal(int a))
CLINUX_NONE(clinux_spawn_inside(
    const char *a, char *const *b, char *const *c, const char *d, const clinux_inner *e, const int *f
))
static inline _Noreturn void clinux_exit(int status) { _exit(status); }
#endif
