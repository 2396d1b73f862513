#pragma once
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLINUX_LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define CLINUX_IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)
#define CLINUX_ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (uint32_t)(what))
#define CLINUX_REFUSE(number) CLINUX_ANSWER(SECCOMP_RET_ERRNO | (number))
/* The low half of an argument: families, types and ioctl requests are ints. Both machines are little-endian. */
#define CLINUX_WORD(n) ((uint32_t)offsetof(struct seccomp_data, args[n]))

#if defined __x86_64__
#define CLINUX_NATIVE AUDIT_ARCH_X86_64
#define CLINUX_COMPAT AUDIT_ARCH_I386
#define CLINUX_COMPAT_SOCKET 359
#define CLINUX_COMPAT_CONNECT 362
#define CLINUX_COMPAT_SETSOCKOPT 366
#define CLINUX_COMPAT_SENDTO 369
#define CLINUX_COMPAT_SENDMSG 370
#define CLINUX_COMPAT_SENDMMSG 345
#elif defined __aarch64__
#define CLINUX_NATIVE AUDIT_ARCH_AARCH64
#define CLINUX_COMPAT AUDIT_ARCH_ARM
#define CLINUX_COMPAT_SOCKET 281
#define CLINUX_COMPAT_CONNECT 283
#define CLINUX_COMPAT_SETSOCKOPT 294
#define CLINUX_COMPAT_SENDTO 290
#define CLINUX_COMPAT_SENDMSG 296
#define CLINUX_COMPAT_SENDMMSG 374
#endif

/* Blocks that stand for themselves: the call's number is loaded before and after each. */
#define CLINUX_NUMBER CLINUX_LOAD(offsetof(struct seccomp_data, nr))
#define CLINUX_REFUSE_CALL(call, number) CLINUX_IF(call, 0, 1), CLINUX_REFUSE(number)
#define CLINUX_REFUSE_WORD(call, n, value, number)                                                                    \
    CLINUX_IF(call, 0, 4), CLINUX_LOAD(CLINUX_WORD(n)), CLINUX_IF(value, 0, 1), CLINUX_REFUSE(number), CLINUX_NUMBER

/* Installs the rules of our own machine and those of its older sister, of which programs may be left; no others. */
static inline int clinux_install_filter(
    const struct sock_filter *own, size_t own_count, const struct sock_filter *sister, size_t sister_count,
    unsigned flags
) {
    struct sock_filter steps[256];
    size_t count = 0;
    struct sock_filter head[] = {CLINUX_LOAD(offsetof(struct seccomp_data, arch)),
                                 CLINUX_IF(CLINUX_NATIVE, 0, own_count)};
    struct sock_filter middle[] = {CLINUX_IF(CLINUX_COMPAT, 1, 0), CLINUX_REFUSE(ENOSYS)};
    if (own_count > 250 || own_count + sister_count + 4 > sizeof steps / sizeof *steps) return -E2BIG;
    memcpy(steps, head, sizeof head);
    count += 2;
    memcpy(steps + count, own, own_count * sizeof *own);
    count += own_count;
    memcpy(steps + count, middle, sizeof middle);
    count += 2;
    memcpy(steps + count, sister, sister_count * sizeof *sister);
    count += sister_count;
    struct sock_fprog program = {(unsigned short)count, steps};
    long got = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return got < 0 ? -errno : (int)got;
}

#define CLINUX_REFUSE_BITS(call, n, bits, answer)                                                                     \
    CLINUX_IF(call, 0, 4), CLINUX_LOAD(CLINUX_WORD(n)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1),              \
        CLINUX_ANSWER(answer), CLINUX_NUMBER
#define CLINUX_ANSWER_WORD(call, n, value, answer)                                                                    \
    CLINUX_IF(call, 0, 4), CLINUX_LOAD(CLINUX_WORD(n)), CLINUX_IF(value, 0, 1), CLINUX_ANSWER(answer), CLINUX_NUMBER
#define CLINUX_LOW_BITS(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#ifdef __x86_64__
#define CLINUX_NO_X32 BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), CLINUX_REFUSE(ENOSYS),
#else
#define CLINUX_NO_X32
#endif
/* SPEC_ALLOW: what the machine guards against elsewhere need not slow down everything here. */
#define CLINUX_FILTER_FLAGS 4u
/* NEW_LISTENER, and WAIT_KILLABLE_RECV: a call that is being looked at is not begun again because of a signal. */
#define CLINUX_WATCH_FLAGS (8u | 32u)

/* With `watched`, some calls wait for an answer, and what comes back is the file to answer over. */
static inline int clinux_install_watched(
    const struct sock_filter *own, size_t own_count, const struct sock_filter *sister, size_t sister_count, int watched
) {
    unsigned flags = CLINUX_FILTER_FLAGS | (watched ? CLINUX_WATCH_FLAGS : 0);
    int got = clinux_install_filter(own, own_count, sister, sister_count, flags);
    /* Before Linux 5.19 the second flag is unknown. */
    if (got == -EINVAL && watched) got = clinux_install_filter(own, own_count, sister, sister_count, flags & ~32u);
    return got;
}

/* What namespaces do not hold back: sockets to the machine's host (vsock, and families that know no namespaces), rings
   whose operations no filter sees, the terminal's input, and i386's one door to all socket calls. With `watched`, who
   tries to leave is told of: connects, datagrams with an address and raw sockets wait until they were seen. */
static inline int clinux_filter_seal(int watched) {
#ifdef CLINUX_NATIVE
    const uint32_t seen = watched ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
    const uint32_t odd = watched ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | EAFNOSUPPORT;
    const struct sock_filter own[] = {
        CLINUX_NUMBER, CLINUX_NO_X32
        CLINUX_REFUSE_CALL(425 /* io_uring_setup */, ENOSYS),
        CLINUX_ANSWER_WORD(SYS_socket, 0, 40 /* AF_VSOCK */, odd),
        CLINUX_ANSWER_WORD(SYS_socket, 0, 42 /* AF_QIPCRTR */, odd),
        CLINUX_ANSWER_WORD(SYS_socket, 0, 21 /* AF_RDS */, odd),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x5412 /* TIOCSTI */, EPERM),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x541C /* TIOCLINUX */, EPERM),
        CLINUX_IF(SYS_connect, 0, 1), CLINUX_ANSWER(seen),
        /* sendto with an address */
        CLINUX_IF(SYS_sendto, 0, 6), CLINUX_LOAD(CLINUX_WORD(4)), CLINUX_IF(0, 0, 2), CLINUX_LOAD(CLINUX_WORD(4) + 4),
        CLINUX_IF(0, 1, 0), CLINUX_ANSWER(seen), CLINUX_NUMBER,
        /* raw sockets but netlink's, and packets */
        CLINUX_IF(SYS_socket, 0, 8), CLINUX_LOAD(CLINUX_WORD(0)), CLINUX_IF(17 /* AF_PACKET */, 4, 0),
        CLINUX_IF(16 /* AF_NETLINK */, 4, 0), CLINUX_LOAD(CLINUX_WORD(1)), CLINUX_LOW_BITS(0xF),
        CLINUX_IF(3 /* SOCK_RAW */, 0, 1), CLINUX_ANSWER(seen), CLINUX_NUMBER,
        CLINUX_ANSWER(SECCOMP_RET_ALLOW),
    };
    const struct sock_filter sister[] = {
        CLINUX_NUMBER,
        CLINUX_REFUSE_CALL(425, ENOSYS),
        CLINUX_REFUSE_CALL(102 /* socketcall of i386 */, ENOSYS),
        CLINUX_REFUSE_WORD(CLINUX_COMPAT_SOCKET, 0, 40, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(CLINUX_COMPAT_SOCKET, 0, 42, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(CLINUX_COMPAT_SOCKET, 0, 21, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(54 /* ioctl */, 1, 0x5412, EPERM),
        CLINUX_REFUSE_WORD(54, 1, 0x541C, EPERM),
        CLINUX_ANSWER(SECCOMP_RET_ALLOW),
    };
    return clinux_install_watched(own, sizeof own / sizeof *own, sister, sizeof sister / sizeof *sister, watched);
#else
    return -EOPNOTSUPP;
#endif
}

/* What a process without namespaces may do with the network: streams over TCP and unix sockets. With `watched`, each
   connect and each socket of another kind waits for an answer; else connects pass and the others are refused. */
static inline int clinux_filter_fence(int watched) {
#ifdef CLINUX_NATIVE
    const uint32_t asked = watched ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
    const uint32_t refused = watched ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | EACCES;
    const uint32_t fast = 0x20000000u; /* MSG_FASTOPEN: a connect that no hook of connect sees */
    const struct sock_filter own[] = {
        CLINUX_NUMBER, CLINUX_NO_X32
        CLINUX_REFUSE_CALL(425 /* io_uring_setup */, ENOSYS),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x5412 /* TIOCSTI */, EPERM),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x541C /* TIOCLINUX */, EPERM),
        CLINUX_IF(SYS_connect, 0, 1), CLINUX_ANSWER(asked),
        CLINUX_REFUSE_BITS(SYS_sendto, 3, fast, refused),
        CLINUX_REFUSE_BITS(SYS_sendmsg, 2, fast, refused),
        CLINUX_REFUSE_BITS(SYS_sendmmsg, 3, fast, refused),
        /* Routes through others, and devices: IP_OPTIONS, IP_UNICAST_IF; SO_BINDTODEVICE, SO_BINDTOIFINDEX; IPV6_RTHDR,
           its two older forms, IPV6_UNICAST_IF. What is connected to loopback could leave by them. */
        CLINUX_IF(SYS_setsockopt, 0, 17), CLINUX_LOAD(CLINUX_WORD(1)), CLINUX_IF(0, 2, 0), CLINUX_IF(1, 4, 0),
        CLINUX_IF(41, 6, 12), CLINUX_LOAD(CLINUX_WORD(2)), CLINUX_IF(4, 9, 0), CLINUX_IF(50, 8, 9),
        CLINUX_LOAD(CLINUX_WORD(2)), CLINUX_IF(25, 6, 0), CLINUX_IF(62, 5, 6), CLINUX_LOAD(CLINUX_WORD(2)),
        CLINUX_IF(57, 3, 0), CLINUX_IF(5, 2, 0), CLINUX_IF(6, 1, 0), CLINUX_IF(76, 0, 1), CLINUX_REFUSE(EPERM),
        CLINUX_NUMBER,
        /* Datagrams over IPv6 without a word: libcurl asks for such a socket each time it looks for IPv6. */
        CLINUX_IF(SYS_socket, 0, 7), CLINUX_LOAD(CLINUX_WORD(0)), CLINUX_IF(10 /* AF_INET6 */, 0, 4),
        CLINUX_LOAD(CLINUX_WORD(1)), CLINUX_LOW_BITS(0xF), CLINUX_IF(2 /* SOCK_DGRAM */, 0, 1), CLINUX_REFUSE(EACCES),
        CLINUX_NUMBER,
        /* Of sockets: TCP, streams and packets in order over unix sockets, and netlink's questions about routes. */
        CLINUX_IF(SYS_socket, 0, 20), CLINUX_LOAD(CLINUX_WORD(0)),
        CLINUX_IF(2 /* AF_INET */, 3, 0), CLINUX_IF(10 /* AF_INET6 */, 2, 0), CLINUX_IF(1 /* AF_UNIX */, 7, 0),
        CLINUX_IF(16 /* AF_NETLINK */, 10, 13),
        CLINUX_LOAD(CLINUX_WORD(1)), CLINUX_LOW_BITS(0xF), CLINUX_IF(1 /* SOCK_STREAM */, 0, 10),
        CLINUX_LOAD(CLINUX_WORD(2)), CLINUX_IF(0, 7, 0), CLINUX_IF(6 /* TCP */, 6, 7),
        CLINUX_LOAD(CLINUX_WORD(1)), CLINUX_LOW_BITS(0xF), CLINUX_IF(1, 3, 0), CLINUX_IF(5 /* SOCK_SEQPACKET */, 2, 3),
        CLINUX_LOAD(CLINUX_WORD(2)), CLINUX_IF(0 /* NETLINK_ROUTE */, 0, 2),
        CLINUX_ANSWER(SECCOMP_RET_ALLOW), CLINUX_ANSWER(refused), CLINUX_REFUSE(EPROTONOSUPPORT),
        CLINUX_ANSWER(SECCOMP_RET_ALLOW),
    };
    /* Programs of the sister machine have no network at all. */
    const struct sock_filter sister[] = {
        CLINUX_NUMBER,
        CLINUX_REFUSE_CALL(425, ENOSYS),
        CLINUX_REFUSE_CALL(102 /* socketcall of i386 */, ENOSYS),
        CLINUX_REFUSE_CALL(CLINUX_COMPAT_SOCKET, EACCES),
        CLINUX_REFUSE_CALL(CLINUX_COMPAT_CONNECT, EACCES),
        CLINUX_REFUSE_CALL(CLINUX_COMPAT_SETSOCKOPT, EPERM),
        CLINUX_REFUSE_BITS(CLINUX_COMPAT_SENDTO, 3, fast, SECCOMP_RET_ERRNO | EACCES),
        CLINUX_REFUSE_BITS(CLINUX_COMPAT_SENDMSG, 2, fast, SECCOMP_RET_ERRNO | EACCES),
        CLINUX_REFUSE_BITS(CLINUX_COMPAT_SENDMMSG, 3, fast, SECCOMP_RET_ERRNO | EACCES),
        CLINUX_REFUSE_WORD(54 /* ioctl */, 1, 0x5412, EPERM),
        CLINUX_REFUSE_WORD(54, 1, 0x541C, EPERM),
        CLINUX_ANSWER(SECCOMP_RET_ALLOW),
    };
    return clinux_install_watched(own, sizeof own / sizeof *own, sister, sizeof sister / sizeof *sister, watched);
#else
    return -EOPNOTSUPP;
#endif
}
#endif
