#pragma once
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Swift cannot call C variadics, so each kind of value curl takes gets one typed door. */
static inline CURLcode ccurl_set_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_large(CURL *h, CURLoption o, int64_t v) {
    return curl_easy_setopt(h, o, (curl_off_t)v);
}
static inline CURLcode ccurl_set_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_list(CURL *h, CURLoption o, struct curl_slist *v) {
    return curl_easy_setopt(h, o, v);
}
static inline CURLcode ccurl_get_long(CURL *h, CURLINFO i, long *out) { return curl_easy_getinfo(h, i, out); }
static inline CURLcode ccurl_get_string(CURL *h, CURLINFO i, char **out) { return curl_easy_getinfo(h, i, out); }

/* One door per callback: the function and the pointer it is given are set together. */
typedef size_t (*ccurl_bytes)(char *, size_t, size_t, void *);
typedef int (*ccurl_seek)(void *, curl_off_t, int);
typedef curl_socket_t (*ccurl_dial)(void *, curlsocktype, struct curl_sockaddr *);
typedef int (*ccurl_ready)(void *, char *, char *, int, int);

static inline CURLcode ccurl_on_body(CURL *h, ccurl_bytes f, void *context) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, f);
    return code ? code : curl_easy_setopt(h, CURLOPT_WRITEDATA, context);
}
static inline CURLcode ccurl_on_header(CURL *h, ccurl_bytes f, void *context) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, f);
    return code ? code : curl_easy_setopt(h, CURLOPT_HEADERDATA, context);
}
static inline CURLcode ccurl_on_upload(CURL *h, ccurl_bytes f, ccurl_seek seek, void *context) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_READFUNCTION, f);
    if (!code) code = curl_easy_setopt(h, CURLOPT_READDATA, context);
    if (!code) code = curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, seek);
    return code ? code : curl_easy_setopt(h, CURLOPT_SEEKDATA, context);
}
static inline CURLcode ccurl_on_dial(CURL *h, ccurl_dial f, void *context) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, f);
    return code ? code : curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, context);
}
static inline CURLcode ccurl_on_ready(CURL *h, ccurl_ready f, void *context) {
    CURLcode code = curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, f);
    return code ? code : curl_easy_setopt(h, CURLOPT_PREREQDATA, context);
}

/* Sessions are shared by the handles of one engine, which all live on one thread: no lock functions. */
static inline CURLSHcode ccurl_share_sessions(CURLSH *share) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}
static inline CURLMcode ccurl_multi_set_long(CURLM *m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }

/* The next finished transfer; 0 when there is none. */
static inline int ccurl_next_finished(CURLM *m, CURL **easy, CURLcode *code) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(m, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        *easy = message->easy_handle;
        *code = message->data.result;
        return 1;
    }
    return 0;
}
static inline CURLcode ccurl_unpause(CURL *h) { return curl_easy_pause(h, CURLPAUSE_CONT); }
static inline size_t ccurl_pause_body(void) { return CURL_WRITEFUNC_PAUSE; }
static inline size_t ccurl_abort_upload(void) { return CURL_READFUNC_ABORT; }

/* The text and port of an address about to be dialled; the port is -1 when it is no IP address. */
static inline int ccurl_numeric_address(const struct curl_sockaddr *address, char *out, size_t capacity) {
    if (address->family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)&address->addr;
        return inet_ntop(AF_INET, &four->sin_addr, out, (socklen_t)capacity) ? ntohs(four->sin_port) : -1;
    }
    if (address->family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)&address->addr;
        return inet_ntop(AF_INET6, &six->sin6_addr, out, (socklen_t)capacity) ? ntohs(six->sin6_port) : -1;
    }
    return -1;
}
static inline curl_socket_t ccurl_open_socket(const struct curl_sockaddr *address) {
#ifdef SOCK_CLOEXEC
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    curl_socket_t made = socket(address->family, address->socktype, address->protocol);
    if (made >= 0) fcntl(made, F_SETFD, FD_CLOEXEC);
    return made;
#endif
}
/* 4 or 16 bytes of a literal address into `out`; 0 when `text` is none. */
static inline int ccurl_parse_address(const char *text, uint8_t *out) {
    if (inet_pton(AF_INET, text, out) == 1) return 4;
    if (inet_pton(AF_INET6, text, out) == 1) return 16;
    return 0;
}

static inline int64_t ccurl_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
/* -1 when the file cannot be opened. */
static inline int ccurl_open_file(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
static inline ssize_t ccurl_read_file(int descriptor, void *space, size_t count, int64_t offset) {
    ssize_t got;
    do got = pread(descriptor, space, count, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Starts a detached thread with every signal blocked: OpenSSL writes to sockets that peers have closed, and
   the SIGPIPE of that belongs to the thread that wrote. */
static inline int ccurl_start_thread(void *(*body)(void *), void *context) {
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    sigfillset(&all);
    int status = pthread_attr_init(&attributes);
    if (status) return status;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&thread, &attributes, body, context);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    pthread_attr_destroy(&attributes);
    return status;
}
