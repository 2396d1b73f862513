#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/random.h>
#endif

extern char **environ;
#ifdef __linux__
/* See files.h for why these are not asked for by _GNU_SOURCE. */
extern int pipe2(int *, int);
#ifndef POSIX_SPAWN_SETSID
#define POSIX_SPAWN_SETSID 0x80
#endif
#endif

/* Starts a program. descriptors[i] becomes the child's i; -1 leaves ours, -2 opens /dev/null. */
static inline int clinux_spawn(
    const char *path, char *const *arguments, char *const *environment, const char *folder, int session,
    int close_others, const int *descriptors, pid_t *child
) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    int copies[3] = {-1, -1, -1};
    int status = posix_spawn_file_actions_init(&actions);
    if (status) return -status;
    if ((status = posix_spawnattr_init(&attributes))) {
        posix_spawn_file_actions_destroy(&actions);
        return -status;
    }
    sigemptyset(&none);
    sigemptyset(&usual);
    /* Ignored by us, not by the program; what our own parent ignores (nohup) stays ignored. */
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
#ifdef POSIX_SPAWN_SETSID
    if (session) flags |= POSIX_SPAWN_SETSID;
#endif
    if (folder) status = posix_spawn_file_actions_addchdir_np(&actions, folder);
    for (int i = 0; i < 3 && !status; i++) {
        int source = descriptors[i];
        if (source == -2)
            status = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
        if (source < 0) continue;
        /* Out of the way of the three numbers that are being filled. */
        copies[i] = fcntl(source, F_DUPFD_CLOEXEC, 3);
        status = copies[i] < 0 ? errno : posix_spawn_file_actions_adddup2(&actions, copies[i], i);
    }
#ifdef __APPLE__
    if (close_others) flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
    for (int i = 0; close_others && i < 3 && !status; i++)
        if (descriptors[i] == -1) status = posix_spawn_file_actions_addinherit_np(&actions, i);
#else
    if (close_others && !status) status = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
    posix_spawnattr_setflags(&attributes, flags);
    if (!status) status = posix_spawn(child, path, &actions, &attributes, arguments, environment);
    for (int i = 0; i < 3; i++)
        if (copies[i] >= 0) close(copies[i]);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return -status;
}
/* Waits until the child has ended but leaves it there, so that its number is not given to another. */
static inline int clinux_await_end(pid_t child) {
    siginfo_t found;
    int got;
    do got = waitid(P_PID, (id_t)child, &found, WEXITED | WNOWAIT);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : 0;
}
/* Its exit status, or its signal plus 1000. */
static inline int clinux_reap(pid_t child) {
    int status = 0;
    pid_t got;
    do got = waitpid(child, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}
static inline int clinux_kill(pid_t child, int signal) { return kill(child, signal) < 0 ? -errno : 0; }
static inline int clinux_pipe(int *ends) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;
#else
    if (pipe(ends) < 0) return -errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}
/* One bit for each of up to three descriptors that can be used; -1 leaves a place out. */
static inline int clinux_poll(const int *reading, int writing, int milliseconds) {
    struct pollfd places[3] = {{reading[0], POLLIN, 0}, {reading[1], POLLIN, 0}, {writing, POLLOUT, 0}};
    int got = poll(places, 3, milliseconds);
    if (got < 0) return errno == EINTR ? 0 : -errno;
    return (places[0].revents != 0) | (places[1].revents != 0) << 1 | (places[2].revents != 0) << 2;
}

/* A detached thread with every signal blocked, so that signals and SIGPIPE go elsewhere. */
static inline int clinux_start_thread(void *(*body)(void *), void *context) {
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    sigfillset(&all);
    int status = pthread_attr_init(&attributes);
    if (status) return -status;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 512 << 10);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&thread, &attributes, body, context);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    pthread_attr_destroy(&attributes);
    return -status;
}

/* Signals: the handler writes the number into the pipe it was installed with. Used from one Swift file only, because
   each object file that uses these gets a number of its own. */
static volatile int clinux_signal_pipe = -1;
static inline void clinux_signal_came(int signal) {
    int before = errno;
    unsigned char number = (unsigned char)signal;
    if (write(clinux_signal_pipe, &number, 1) < 0) errno = before;
    errno = before;
}
static inline void clinux_signals_into(int pipe) {
    fcntl(pipe, F_SETFL, O_NONBLOCK);
    clinux_signal_pipe = pipe;
}
/* 1 when the signal is now caught; 0 when our parent wants it ignored. */
static inline int clinux_catch(int signal) {
    struct sigaction before, wanted;
    if (sigaction(signal, NULL, &before) < 0) return -errno;
    if (before.sa_handler == SIG_IGN) return 0;
    memset(&wanted, 0, sizeof wanted);
    wanted.sa_handler = clinux_signal_came;
    wanted.sa_flags = SA_RESTART;
    sigfillset(&wanted.sa_mask);
    return sigaction(signal, &wanted, NULL) < 0 ? -errno : 1;
}
static inline int clinux_set_usual(int signal_number) {
    return signal(signal_number, SIG_DFL) == SIG_ERR ? -errno : 0;
}
static inline int clinux_ignore(int signal_number) { return signal(signal_number, SIG_IGN) == SIG_ERR ? -errno : 0; }
static inline int clinux_raise(int signal_number) { return kill(getpid(), signal_number) < 0 ? -errno : 0; }

/* Ourselves */
static inline int clinux_set_undumpable(void) {
#ifdef __linux__
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
#else
    return -EOPNOTSUPP;
#endif
}
static inline int64_t clinux_random(void *space, size_t count) {
#ifdef __linux__
    ssize_t got;
    do got = getrandom(space, count, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
#else
    arc4random_buf(space, count);
    return (int64_t)count;
#endif
}
static inline uint64_t clinux_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline void clinux_wall_clock(int64_t *seconds, int32_t *nanoseconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *seconds = now.tv_sec;
    *nanoseconds = (int32_t)now.tv_nsec;
}
static inline int clinux_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}
static inline int clinux_rows(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_row;
}
static inline int clinux_groups(gid_t *space, int count) {
    int got = getgroups(count, space);
    return got < 0 ? -errno : got;
}
static inline int clinux_host_name(char *out, size_t capacity) {
    return gethostname(out, capacity) < 0 ? -errno : 0;
}
static inline int clinux_system(char *name, char *release, char *machine, size_t capacity) {
    struct utsname found;
    if (uname(&found) < 0) return -errno;
    strncpy(name, found.sysname, capacity - 1);
    strncpy(release, found.release, capacity - 1);
    strncpy(machine, found.machine, capacity - 1);
    return 0;
}
/* Raises the soft limit of open files towards `wanted`, within the hard one; what is allowed then. */
static inline int64_t clinux_raise_open_files(uint64_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur >= wanted) return (int64_t)(limit.rlim_cur > INT64_MAX ? INT64_MAX : limit.rlim_cur);
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : (int64_t)limit.rlim_cur;
}
/* The next entry of the environment, or NULL. */
static inline const char *clinux_environment(size_t index) { return environ ? environ[index] : NULL; }
/* Until a signal comes. */
static inline void clinux_pause(void) { pause(); }
/* Wipes the whole environment where it stands; from here on it is `variables`, which must stay. */
static inline void clinux_replace_environment(char **variables) {
    for (char **entry = environ; entry && *entry; entry++)
        for (volatile char *place = *entry; *place; place++) *place = 0;
    environ = variables;
}
/* Wipes the value where it stands (what /proc shows of it too), then takes the name away. */
static inline int clinux_wipe_variable(const char *name) {
    char *value = getenv(name);
    if (!value) return 0;
    size_t count = strlen(value);
    for (volatile char *place = value; count > 0; count--) *place++ = 0;
    return unsetenv(name) < 0 ? -errno : 1;
}
