#pragma once
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifdef __linux__
/* Asking for them by _GNU_SOURCE would lay structures out otherwise than the Swift module of the C library has them. */
extern ssize_t copy_file_range(int, __off64_t *, int, __off64_t *, size_t, unsigned);
#if !defined O_TMPFILE && defined __O_TMPFILE
#define O_TMPFILE (__O_TMPFILE | O_DIRECTORY)
#endif
#endif

#define CLINUX_AGAIN(TYPE, call)                                                                                      \
    TYPE got;                                                                                                         \
    do got = (call);                                                                                                  \
    while (got < 0 && errno == EINTR);                                                                                \
    return got < 0 ? -(TYPE)errno : got

/* Opening */
static inline int clinux_open_read(const char *path, int follow) {
    CLINUX_AGAIN(int, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW)));
}
static inline int clinux_create(const char *path, unsigned mode) {
    CLINUX_AGAIN(int, open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode));
}
static inline int clinux_open_append(const char *path, unsigned mode) {
    CLINUX_AGAIN(int, open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode));
}
static inline int clinux_open_lock(const char *path) {
    CLINUX_AGAIN(int, open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}
/* A file of the kernel's own that is there already and takes what is written as an order. */
static inline int clinux_open_setting(const char *path) { CLINUX_AGAIN(int, open(path, O_WRONLY | O_CLOEXEC)); }
static inline int clinux_open_folder(const char *path) {
    CLINUX_AGAIN(int, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}
/* A file without a name; -EOPNOTSUPP where there is no such thing. */
static inline int clinux_open_nameless(const char *folder, unsigned mode) {
#ifdef O_TMPFILE
    CLINUX_AGAIN(int, open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, (mode_t)mode));
#else
    (void)folder, (void)mode;
    return -EOPNOTSUPP;
#endif
}
static inline int clinux_duplicate(int descriptor) {
    CLINUX_AGAIN(int, fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
}
static inline void clinux_close(int descriptor) { close(descriptor); }

/* Bytes */
static inline int64_t clinux_read_at(int f, void *space, size_t count, int64_t offset) {
    CLINUX_AGAIN(int64_t, pread(f, space, count, (off_t)offset));
}
static inline int64_t clinux_read(int f, void *space, size_t count) { CLINUX_AGAIN(int64_t, read(f, space, count)); }
static inline int64_t clinux_write_at(int f, const void *bytes, size_t count, int64_t offset) {
    CLINUX_AGAIN(int64_t, pwrite(f, bytes, count, (off_t)offset));
}
static inline int64_t clinux_write(int f, const void *bytes, size_t count) {
    CLINUX_AGAIN(int64_t, write(f, bytes, count));
}
static inline int64_t clinux_copy_range(int from, int64_t at, int to, int64_t place, size_t count) {
#ifdef __linux__
    __off64_t in = at, out = place;
    CLINUX_AGAIN(int64_t, copy_file_range(from, &in, to, &out, count, 0));
#else
    (void)from, (void)at, (void)to, (void)place, (void)count;
    return -EOPNOTSUPP;
#endif
}
static inline int clinux_sync(int f) { CLINUX_AGAIN(int, fsync(f)); }
static inline int clinux_sync_bytes(int f) {
#ifdef __linux__
    CLINUX_AGAIN(int, fdatasync(f));
#else
    CLINUX_AGAIN(int, fsync(f));
#endif
}
static inline int clinux_truncate(int f, int64_t size) { CLINUX_AGAIN(int, ftruncate(f, (off_t)size)); }

/* What a file is */
typedef struct {
    uint64_t device, inode, links;
    int64_t size, modified, changed;
    uint32_t mode, uid, gid;
} clinux_status;

static inline void clinux_fill_status(const struct stat *found, clinux_status *out) {
    out->device = (uint64_t)found->st_dev;
    out->inode = (uint64_t)found->st_ino;
    out->links = (uint64_t)found->st_nlink;
    out->size = (int64_t)found->st_size;
#ifdef __APPLE__
    out->modified = (int64_t)found->st_mtimespec.tv_sec * 1000000000 + found->st_mtimespec.tv_nsec;
    out->changed = (int64_t)found->st_ctimespec.tv_sec * 1000000000 + found->st_ctimespec.tv_nsec;
#else
    out->modified = (int64_t)((uint64_t)found->st_mtim.tv_sec * 1000000000u + (uint64_t)found->st_mtim.tv_nsec);
    out->changed = (int64_t)((uint64_t)found->st_ctim.tv_sec * 1000000000u + (uint64_t)found->st_ctim.tv_nsec);
#endif
    out->mode = (uint32_t)found->st_mode;
    out->uid = (uint32_t)found->st_uid;
    out->gid = (uint32_t)found->st_gid;
}
static inline int clinux_stat_file(int f, clinux_status *out) {
    struct stat found;
    if (fstat(f, &found) < 0) return -errno;
    clinux_fill_status(&found, out);
    return 0;
}
static inline int clinux_stat_path(const char *path, int follow, clinux_status *out) {
    struct stat found;
    if ((follow ? stat(path, &found) : lstat(path, &found)) < 0) return -errno;
    clinux_fill_status(&found, out);
    return 0;
}

/* Names */
static inline int clinux_rename(const char *from, const char *to) { CLINUX_AGAIN(int, rename(from, to)); }
static inline int clinux_unlink(const char *path) { CLINUX_AGAIN(int, unlink(path)); }
static inline int clinux_make_folder(const char *path, unsigned mode) { CLINUX_AGAIN(int, mkdir(path, (mode_t)mode)); }
static inline int clinux_remove_folder(const char *path) { CLINUX_AGAIN(int, rmdir(path)); }
static inline int clinux_symlink(const char *target, const char *path) { CLINUX_AGAIN(int, symlink(target, path)); }
static inline int64_t clinux_readlink(const char *path, char *out, size_t capacity) {
    CLINUX_AGAIN(int64_t, readlink(path, out, capacity));
}
static inline int clinux_chmod(const char *path, unsigned mode) { CLINUX_AGAIN(int, chmod(path, (mode_t)mode)); }
static inline int clinux_chmod_file(int f, unsigned mode) { CLINUX_AGAIN(int, fchmod(f, (mode_t)mode)); }
static inline int clinux_may_execute(const char *path) { CLINUX_AGAIN(int, access(path, X_OK)); }
/* Gives a nameless file its name; the descriptor's own entry in /proc needs no privilege, AT_EMPTY_PATH does. */
static inline int clinux_link_file(int f, const char *path) {
    char own[64];
    snprintf(own, sizeof own, "/proc/self/fd/%d", f);
    CLINUX_AGAIN(int, linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}
static inline char *clinux_real_path(const char *path, int *status) {
    char *found = realpath(path, NULL);
    *status = found ? 0 : -errno;
    return found;
}

/* Folders */
static inline DIR *clinux_open_list(const char *path, int *status) {
    DIR *list = opendir(path);
    *status = list ? 0 : -errno;
    return list;
}
/* The next name but . and ..; NULL with status 0 at the end. */
static inline const char *clinux_next_name(DIR *list, int *status) {
    while (1) {
        errno = 0;
        struct dirent *entry = readdir(list);
        *status = entry ? 0 : -errno;
        if (!entry) return NULL;
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) return entry->d_name;
    }
}
/* Removes a tree without ever walking through a symbolic link; read-only folders (Go's module cache) are opened up. */
static inline int clinux_remove_at(int parent, const char *name, int64_t *budget, int depth) {
    if (--*budget < 0) return -E2BIG;
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM && errno != EACCES) return -errno;
    int refused = errno;
    if (depth <= 0) return -ELOOP;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0)
        folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return errno == ENOTDIR || errno == ELOOP ? -refused : -errno;
    fchmod(folder, 0700);
    DIR *list = fdopendir(folder);
    if (!list) {
        int status = -errno;
        close(folder);
        return status;
    }
    int status = 0;
    const char *entry;
    while (status == 0 && (entry = clinux_next_name(list, &status)))
        status = clinux_remove_at(folder, entry, budget, depth - 1);
    closedir(list);
    if (status == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT) status = -errno;
    return status;
}
static inline int clinux_remove_tree(const char *path, int64_t limit, int depth) {
    return clinux_remove_at(AT_FDCWD, path, &limit, depth);
}
static inline int clinux_free_space(const char *path, uint64_t *available, uint64_t *total) {
    struct statvfs found;
    if (statvfs(path, &found) < 0) return -errno;
    *available = (uint64_t)found.f_bavail * (uint64_t)found.f_frsize;
    *total = (uint64_t)found.f_blocks * (uint64_t)found.f_frsize;
    return 0;
}

/* Locks and maps */
static inline int clinux_try_lock(int f) { CLINUX_AGAIN(int, flock(f, LOCK_EX | LOCK_NB)); }
static inline void *clinux_map(int f, size_t count, int *status) {
    void *found = mmap(NULL, count, PROT_READ, MAP_PRIVATE, f, 0);
    *status = found == MAP_FAILED ? -errno : 0;
    return found == MAP_FAILED ? NULL : found;
}
static inline void clinux_unmap(void *bytes, size_t count) { munmap(bytes, count); }

/* Pages of a file that were only read leave this process; whoever touches one again gets it again. */
static inline void clinux_give_back(uintptr_t start, size_t count) {
#ifdef MADV_DONTNEED
    madvise((void *)start, count, MADV_DONTNEED);
#else
    (void)start, (void)count;
#endif
}
