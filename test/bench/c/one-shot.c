// one-shot N
// The median of N round trips: RTM_GETROUTE of 127.0.0.1, whose reply is small and takes no lock.
#include "bench.h"

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  long n = atol(argv[1]);
  double *took = calloc(n, sizeof *took);
  struct mnl_socket *nl = open_route();
  char bytes[8192];
  begin();
  for (long i = 0; i < n; i++) {
    double start = wall();
    struct nlmsghdr *message = start_message(bytes, RTM_GETROUTE, 0, i + 1);
    struct rtmsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
    header->rtm_family = AF_INET;
    header->rtm_dst_len = 32;
    mnl_attr_put_u32(message, RTA_DST, htonl(INADDR_LOOPBACK));
    if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0) fail("send");
    if (mnl_socket_recvfrom(nl, bytes, sizeof bytes) < 0) fail("recv");
    message = (void *)bytes;
    if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_seq != (uint32_t)(i + 1)) fail("a strange message");
    took[i] = wall() - start;
  }
  double used = cpu() - cpu_start;
  qsort(took, n, sizeof *took, ascending);
  printf("{\"t\":%.9f,\"cpu\":%.9f,\"n\":1,\"count\":1,\"p99\":%.9f}\n", took[n / 2], used / n, took[n * 99 / 100]);
  return 0;
}
