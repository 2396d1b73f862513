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
#elif defined __aarch64__
#define CLINUX_NATIVE AUDIT_ARCH_AARCH64
#define CLINUX_COMPAT AUDIT_ARCH_ARM
#define CLINUX_COMPAT_SOCKET 281
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

/* What namespaces do not hold back: sockets to the machine's host (vsock, and families that know no namespaces), rings
   whose operations no filter sees, the terminal's input, and i386's one door to all socket calls. */
static inline int clinux_filter_seal(void) {
#ifdef CLINUX_NATIVE
    const struct sock_filter own[] = {
        CLINUX_NUMBER,
#ifdef __x86_64__
        /* x32 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), CLINUX_REFUSE(ENOSYS),
#endif
        CLINUX_REFUSE_CALL(425 /* io_uring_setup */, ENOSYS),
        CLINUX_REFUSE_WORD(SYS_socket, 0, 40 /* AF_VSOCK */, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(SYS_socket, 0, 42 /* AF_QIPCRTR */, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(SYS_socket, 0, 21 /* AF_RDS */, EAFNOSUPPORT),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x5412 /* TIOCSTI */, EPERM),
        CLINUX_REFUSE_WORD(SYS_ioctl, 1, 0x541C /* TIOCLINUX */, EPERM),
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
    return clinux_install_filter(own, sizeof own / sizeof *own, sister, sizeof sister / sizeof *sister, 4);
#else
    return -EOPNOTSUPP;
#endif
}
#endif
