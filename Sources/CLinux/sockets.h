#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#endif

/* Over this the kernel is asked for sockets of the network namespace that we are in now. */
static inline int clinux_owner_inquiry(void) {
#ifdef __linux__
    int channel = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (channel < 0) return -errno;
    struct timeval patience = {1, 0};
    setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return channel;
#else
    return -EOPNOTSUPP;
#endif
}

/* Asks the kernel for the owner of the loopback TCP socket whose own port is `port` and whose peer is `address` at
   `other`: the uid, and the socket's number among open files; or a negated errno (-ENOENT: there is none). */
static inline int64_t clinux_ask_owner(
    int channel, int six, uint16_t port, uint32_t address, uint16_t other, uint32_t *number
) {
    *number = 0;
#ifdef __linux__
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 asked;
    } message;
    memset(&message, 0, sizeof message);
    message.head.nlmsg_len = sizeof message;
    message.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.head.nlmsg_flags = NLM_F_REQUEST;
    message.asked.sdiag_family = six ? AF_INET6 : AF_INET;
    message.asked.sdiag_protocol = IPPROTO_TCP;
    message.asked.idiag_states = ~0u;
    message.asked.id.idiag_sport = htons(port);
    message.asked.id.idiag_dport = htons(other);
    message.asked.id.idiag_cookie[0] = message.asked.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (six) {
        message.asked.id.idiag_src[3] = message.asked.id.idiag_dst[3] = htonl(1);
    } else {
        message.asked.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
        message.asked.id.idiag_dst[0] = htonl(address);
    }
    union {
        struct nlmsghdr head;
        char bytes[4096];
    } answer;
    int64_t found = -EIO;
    ssize_t count = -1;
    if (send(channel, &message, sizeof message, 0) == (ssize_t)sizeof message)
        do count = recv(channel, &answer, sizeof answer, 0);
        while (count < 0 && errno == EINTR);
    if (count < 0) {
        found = -errno;
    } else if (NLMSG_OK(&answer.head, (unsigned)count)) {
        if (answer.head.nlmsg_type == NLMSG_ERROR) {
            struct nlmsgerr *refusal = (struct nlmsgerr *)NLMSG_DATA(&answer.head);
            found = refusal->error < 0 ? refusal->error : -EIO;
        } else if (answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY
                   && answer.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
            struct inet_diag_msg *told = (struct inet_diag_msg *)NLMSG_DATA(&answer.head);
            /* Established or half closed: what lingers in other states has lost its owner. */
            int lives = told->idiag_state == 1 || told->idiag_state == 4 || told->idiag_state == 8;
            found = lives ? (int64_t)told->idiag_uid : -ENOENT;
            /* What answers an earlier question, of which we tired. */
            if (told->id.idiag_sport != htons(port) || told->id.idiag_dport != htons(other)) found = -EIO;
            else if (lives) *number = told->idiag_inode;
        }
    }
    return found;
#else
    (void)channel, (void)six, (void)port, (void)address, (void)other;
    return -EOPNOTSUPP;
#endif
}
/* The same for 127.0.0.1 and ::1 here. */
static inline int64_t clinux_socket_owner(int six, uint16_t port, uint16_t other, uint32_t *number) {
    *number = 0;
    int channel = clinux_owner_inquiry();
    if (channel < 0) return channel;
    int64_t found = clinux_ask_owner(channel, six, port, 0x7F000001u, other, number);
    close(channel);
    return found;
}
