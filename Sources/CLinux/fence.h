#pragma once
#include "namespaces.h"
#include "seccomp.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* A call of a confined process that waits for our answer. */
typedef struct {
    uint64_t id;
    int32_t process;
    /* 1 connect, 2 sendto, 3 sendmsg, 4 sendmmsg, 5 socket, 0 another */
    int32_t kind;
    uint64_t arguments[6];
} clinux_call;

#ifdef __linux__
#include <sys/uio.h>

/* Landlock, as far as it is about the network. Its numbers are written out: older headers lack them. */
static inline int clinux_landlock_version(void) {
    long got = syscall(444 /* landlock_create_ruleset */, NULL, (size_t)0, 1u /* VERSION */);
    return got < 0 ? -errno : (int)got;
}
/* From here on TCP connects to these ports alone; from version 6 on, no abstract socket and no signal leads out. Any
   such ruleset also keeps processes outside from being traced. Answers the version. */
static inline int clinux_landlock_ports(const uint16_t *ports, int count) {
    struct {
        uint64_t files, network, scopes;
    } wanted = {0, 2 /* CONNECT_TCP */, 0};
    int version = clinux_landlock_version();
    if (version < 0) return version;
    if (version < 4) return -EOPNOTSUPP;
    if (version >= 6) wanted.scopes = 3 /* ABSTRACT_UNIX_SOCKET, SIGNAL */;
    long rules = syscall(444, &wanted, version >= 6 ? (size_t)24 : (size_t)16, 0u);
    if (rules < 0) return -errno;
    int status = 0;
    for (int i = 0; i < count && status == 0; i++) {
        struct {
            uint64_t access, port;
        } rule = {2, ports[i]};
        if (syscall(445 /* landlock_add_rule */, (int)rules, 2 /* NET_PORT */, &rule, 0u) < 0) status = -errno;
    }
    if (status == 0 && syscall(446 /* landlock_restrict_self */, (int)rules, 0u) < 0) status = -errno;
    close((int)rules);
    return status < 0 ? status : version;
}
static inline int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0; }
/* Root's powers over networks, disks, other processes and the kernel, for this process and all below it. */
static inline void clinux_drop_powers(void) {
    static const int dropped[] = {12 /* NET_ADMIN */, 13 /* NET_RAW */, 16 /* SYS_MODULE */, 17 /* SYS_RAWIO */,
                                  19 /* SYS_PTRACE */, 21 /* SYS_ADMIN */, 22 /* SYS_BOOT */, 27 /* MKNOD */,
                                  34 /* SYSLOG */, 38 /* PERFMON */, 39 /* BPF */, 40 /* CHECKPOINT_RESTORE */};
    struct {
        uint32_t version;
        int process;
    } head = {0x20080522u, 0};
    struct {
        uint32_t effective, permitted, inheritable;
    } sets[2];
    if (syscall(SYS_capget, &head, sets) < 0) return;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        uint32_t bit = ~(1u << (dropped[i] & 31));
        prctl(PR_CAPBSET_DROP, dropped[i], 0, 0, 0);
        sets[dropped[i] >> 5].effective &= bit;
        sets[dropped[i] >> 5].permitted &= bit;
        sets[dropped[i] >> 5].inheritable &= bit;
    }
    prctl(47 /* PR_CAP_AMBIENT */, 4 /* CLEAR_ALL */, 0, 0, 0);
    syscall(SYS_capset, &head, sets);
}
/* Whoever loses its parent below us becomes our child. */
static inline int clinux_adopt_orphans(void) {
    return prctl(36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0) < 0 ? -errno : 0;
}
/* Waits for a child to end, at most this long; 0 when there is none at all. */
static inline int clinux_has_children(int milliseconds) {
    siginfo_t found;
    if (waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD) return 0;
    if (milliseconds > 0) poll(NULL, 0, milliseconds);
    return 1;
}

/* Waiting calls. 1 with the next one, 0 when there was none after all, -EPIPE when nobody is left who could call. */
static inline int clinux_next_call(int file, clinux_call *call) {
    struct pollfd place = {file, POLLIN, 0};
    union {
        struct seccomp_notif notice;
        char room[1024];
    } found;
    if (poll(&place, 1, -1) < 0) return errno == EINTR ? 0 : -errno;
    if (!(place.revents & POLLIN)) return place.revents & (POLLHUP | POLLERR | POLLNVAL) ? -EPIPE : 0;
    memset(&found, 0, sizeof found);
    if (ioctl(file, SECCOMP_IOCTL_NOTIF_RECV, &found) < 0) return errno == ENOENT || errno == EINTR ? 0 : -errno;
    call->id = found.notice.id;
    call->process = (int32_t)found.notice.pid;
    for (int i = 0; i < 6; i++) call->arguments[i] = found.notice.data.args[i];
    switch (found.notice.data.nr) {
    case SYS_connect: call->kind = 1; break;
    case SYS_sendto: call->kind = 2; break;
    case SYS_sendmsg: call->kind = 3; break;
    case SYS_sendmmsg: call->kind = 4; break;
    case SYS_socket: call->kind = 5; break;
    default: call->kind = 0;
    }
    return 1;
}
/* Whether the caller still waits: what was read of its number until now was its own. */
static inline int clinux_call_waits(int file, uint64_t id) { return ioctl(file, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }
/* With `passes` the kernel makes the call as if we were not here: never for a call that is to be held back. */
static inline int clinux_answer_call(int file, uint64_t id, int error, int passes) {
    union {
        struct seccomp_notif_resp answer;
        char room[1024];
    } said;
    memset(&said, 0, sizeof said);
    said.answer.id = id;
    said.answer.error = passes ? 0 : -error;
    said.answer.flags = passes ? 1 /* CONTINUE */ : 0;
    return ioctl(file, SECCOMP_IOCTL_NOTIF_SEND, &said) < 0 ? -errno : 0;
}
static inline int64_t clinux_read_memory(int process, uint64_t address, void *space, size_t count) {
    struct iovec ours = {space, count};
    struct iovec theirs = {(void *)(uintptr_t)address, count};
    ssize_t got = syscall(SYS_process_vm_readv, process, &ours, 1UL, &theirs, 1UL, 0UL);
    return got < 0 ? -errno : got;
}
/* The process that a thread belongs to. */
static inline int clinux_process_of(int thread) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t got = read(file, text, sizeof text - 1);
    close(file);
    if (got <= 0) return -EIO;
    text[got] = 0;
    const char *line = strstr(text, "\nTgid:");
    return line ? atoi(line + 6) : -EIO;
}
/* One of its open files, as ours. */
static inline int clinux_take_file(int process, int number) {
    long other = syscall(434 /* pidfd_open */, process, 0u);
    if (other < 0 && errno != EPERM) {
        int owner = clinux_process_of(process);
        if (owner < 0) return owner;
        other = syscall(434, owner, 0u);
    }
    if (other < 0) return -errno;
    long got = syscall(438 /* pidfd_getfd */, (int)other, number, 0u);
    int status = got < 0 ? -errno : (int)got;
    close((int)other);
    return status;
}
/* Puts a socket of ours where its own is. */
static inline int clinux_put_file(int file, uint64_t id, int ours, int number, int closes) {
    struct seccomp_notif_addfd wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.id = id;
    wanted.flags = SECCOMP_ADDFD_FLAG_SETFD;
    wanted.srcfd = (uint32_t)ours;
    wanted.newfd = (uint32_t)number;
    wanted.newfd_flags = closes ? O_CLOEXEC : 0;
    return ioctl(file, SECCOMP_IOCTL_NOTIF_ADDFD, &wanted) < 0 ? -errno : 0;
}
static inline int clinux_stream_socket(int family, int waits) {
    int yes = 1;
    int got = socket(family, SOCK_STREAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);
    if (got < 0) return -errno;
    if (family != AF_UNIX) setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return got;
}
static inline int clinux_connect_raw(int channel, const void *address, uint32_t count) {
    return connect(channel, (const struct sockaddr *)address, count) < 0 ? -errno : 0;
}
static inline int clinux_waits(int file) {
    int flags = fcntl(file, F_GETFL);
    return flags < 0 ? -errno : (flags & O_NONBLOCK) == 0;
}
/* The process at the other end of a unix stream, as it was when it began to listen. */
static inline int clinux_peer_process(int channel) {
    struct {
        int pid;
        uint32_t uid, gid;
    } found = {0, 0, 0};
    socklen_t count = sizeof found;
    if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &found, &count) < 0) return -errno;
    return found.pid;
}
static inline void clinux_break(int channel) { shutdown(channel, SHUT_RDWR); }
/* 1 where a stream to this address may be begun; the negated errno where it may not. */
static inline int clinux_may_connect(uint32_t address, uint16_t port) {
    struct sockaddr_in place;
    int channel = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (channel < 0) return -errno;
    memset(&place, 0, sizeof place);
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(address);
    place.sin_port = htons(port);
    int got = connect(channel, (struct sockaddr *)&place, sizeof place) < 0 && errno != EINPROGRESS ? -errno : 1;
    close(channel);
    return got;
}
#else
CLINUX_NONE(clinux_filter_fence(int a))
CLINUX_NONE(clinux_landlock_version(void))
CLINUX_NONE(clinux_landlock_ports(const uint16_t *a, int b))
CLINUX_NONE(clinux_no_new_privileges(void))
static inline void clinux_drop_powers(void) {}
CLINUX_NONE(clinux_adopt_orphans(void))
CLINUX_NONE(clinux_has_children(int a))
CLINUX_NONE(clinux_next_call(int a, clinux_call *b))
static inline int clinux_call_waits(int file, uint64_t id) { return 0; }
CLINUX_NONE(clinux_answer_call(int a, uint64_t b, int c, int d))
static inline int64_t clinux_read_memory(int a, uint64_t b, void *c, size_t d) { return -EOPNOTSUPP; }
CLINUX_NONE(clinux_take_file(int a, int b))
CLINUX_NONE(clinux_put_file(int a, uint64_t b, int c, int d, int e))
CLINUX_NONE(clinux_stream_socket(int a, int b))
CLINUX_NONE(clinux_connect_raw(int a, const void *b, uint32_t c))
CLINUX_NONE(clinux_waits(int a))
CLINUX_NONE(clinux_peer_process(int a))
static inline void clinux_break(int channel) {}
CLINUX_NONE(clinux_may_connect(uint32_t a, uint16_t b))
#endif

/* The port that a socket is bound to. */
static inline int clinux_bound_port(int channel) {
    struct sockaddr_storage place;
    socklen_t count = sizeof place;
    if (getsockname(channel, (struct sockaddr *)&place, &count) < 0) return -errno;
    if (place.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&place)->sin_port);
    if (place.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&place)->sin6_port);
    return -EAFNOSUPPORT;
}
/* Up to `room` IPv4 addresses of a name, as the machine knows it; how many. */
static inline int clinux_addresses(const char *name, uint32_t *addresses, int room) {
    struct addrinfo wanted, *found = NULL;
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(name, NULL, &wanted, &found) != 0) return -ENOENT;
    int count = 0;
    for (struct addrinfo *one = found; one && count < room; one = one->ai_next)
        addresses[count++] = ntohl(((struct sockaddr_in *)one->ai_addr)->sin_addr.s_addr);
    freeaddrinfo(found);
    return count;
}
