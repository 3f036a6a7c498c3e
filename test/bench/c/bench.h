// What the C programs of the benchmark share. Each prints one line of JSON: seconds of wall time and of CPU time (user and
// system) for the work alone, and how many operations that was.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double wall_start, cpu_start;

static inline double wall(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec * 1e-9;
}

static inline double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static inline void begin(void) {
  cpu_start = cpu();
  wall_start = wall();
}

// What was done `repeats` times is told for one.
static inline void report(long operations, long count, long repeats) {
  double t = (wall() - wall_start) / repeats, used = (cpu() - cpu_start) / repeats;
  printf("{\"t\":%.9f,\"cpu\":%.9f,\"n\":%ld,\"count\":%ld}\n", t, used, operations, count);
}

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

static inline struct mnl_socket *open_route(void) {
  struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) fail("netlink socket");
  return nl;
}

static inline struct nlmsghdr *start_message(void *at, int type, int flags, unsigned int seq) {
  struct nlmsghdr *message = mnl_nlmsg_put_header(at);
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | flags;
  message->nlmsg_seq = seq;
  return message;
}

// The error of an acknowledgement; anything else ends the program.
static inline int verdict(const void *bytes, ssize_t length) {
  const struct nlmsghdr *message = bytes;
  if (length < (ssize_t)(NLMSG_HDRLEN + sizeof(int)) || message->nlmsg_type != NLMSG_ERROR) {
    fprintf(stderr, "no acknowledgement\n");
    exit(1);
  }
  return -((const struct nlmsgerr *)mnl_nlmsg_get_payload(message))->error;
}

static inline void expect_ack(struct mnl_socket *nl) {
  char bytes[4096];
  ssize_t length = mnl_socket_recvfrom(nl, bytes, sizeof bytes);
  if (length < 0) fail("recv");
  if ((errno = verdict(bytes, length)) != 0) fail("refused");
}

// One of a row of host routes, 10.0.0.0 + i by way of a device: the 52 bytes that `ip route add` sends.
static inline size_t host_route(void *at, int flags, unsigned int seq, uint32_t i, uint32_t device) {
  struct nlmsghdr *message = start_message(at, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | flags, seq);
  struct rtmsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->rtm_family = AF_INET;
  header->rtm_dst_len = 32;
  header->rtm_table = RT_TABLE_MAIN;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_scope = RT_SCOPE_LINK;
  header->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(message, RTA_DST, htonl(0x0a000000u + i));
  mnl_attr_put_u32(message, RTA_OIF, device);
  return message->nlmsg_len;
}
