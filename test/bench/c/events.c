// events [BUFFER]
// Prints 'ready', then counts new routes until there was none for a second; BUFFER (32 MiB) is the receive buffer's size.
#include "bench.h"
#include <poll.h>

static int collect(const struct nlattr *attribute, void *into) {
  ((const struct nlattr **)into)[mnl_attr_get_type(attribute)] = attribute;
  return MNL_CB_OK;
}

int main(int argc, char **argv) {
  int size = argc > 1 ? atoi(argv[1]) : 32 << 20, group = RTNLGRP_IPV4_ROUTE;
  struct mnl_socket *nl = open_route();
  int fd = mnl_socket_get_fd(nl);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0) fail("SO_RCVBUFFORCE");
  if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) fail("NETLINK_ADD_MEMBERSHIP");
  puts("ready");
  fflush(stdout);
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  static char bytes[8192];
  long seen = 0, overruns = 0;
  uint32_t sum = 0;
  double first = 0, last = 0;
  while (poll(&waiting, 1, seen > 0 ? 1000 : 20000) > 0) {
    ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length < 0 && errno == ENOBUFS) overruns++;
    else if (length < 0 && errno != EAGAIN) fail("recv");
    if (length < 0) continue;
    const struct nlmsghdr *message = (void *)bytes;
    const struct nlattr *attributes[RTA_MAX + 1] = {0};
    mnl_attr_parse(message, sizeof(struct rtmsg), collect, attributes);
    if (attributes[RTA_DST] != NULL) sum += mnl_attr_get_u32(attributes[RTA_DST]);
    if (message->nlmsg_type == RTM_NEWROUTE) seen++;
    last = wall();
    if (first == 0) first = last;
  }
  printf("{\"t\":%.9f,\"cpu\":%.9f,\"n\":%ld,\"count\":%ld,\"enobufs\":%ld,\"sum\":%u}\n", last - first, cpu(), seen, seen, overruns, sum);
  return 0;
}
