// start-up: a dump of the links, and nothing else.
#include "bench.h"

int main(void) {
  static char bytes[32768];
  struct mnl_socket *nl = open_route();
  struct nlmsghdr *message = start_message(bytes, RTM_GETLINK, NLM_F_DUMP, 1);
  mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
  if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0) fail("send");
  for (;;) {
    int left = mnl_socket_recvfrom(nl, bytes, sizeof bytes);
    if (left < 0) fail("recv");
    for (message = (void *)bytes; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
      if (message->nlmsg_type == NLMSG_DONE) return 0;
  }
}
