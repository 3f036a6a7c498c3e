// route-add N DEVICE each|last [BATCH [RATE]]
// N host routes, BATCH (128) in a send; each of them acknowledged, or only the last of each send. RATE: so many a second at most.
#include "bench.h"

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  long n = atol(argv[1]);
  uint32_t device = atoi(argv[2]);
  int each = strcmp(argv[3], "each") == 0;
  int batch = argc > 4 ? atoi(argv[4]) : 128;
  double rate = argc > 5 ? atof(argv[5]) : 0;
  struct mnl_socket *nl = open_route();
  char *bytes = malloc((size_t)batch * 64);
  begin();
  for (long i = 0; i < n;) {
    size_t length = 0;
    int acks = 0;
    for (int k = 0; k < batch && i < n; k++, i++) {
      int last = k == batch - 1 || i == n - 1;
      int flags = each || last ? NLM_F_ACK : 0;
      acks += flags != 0;
      length += host_route(bytes + length, flags, i + 1, i, device);
    }
    if (mnl_socket_sendto(nl, bytes, length) < 0) fail("send");
    while (acks-- > 0) expect_ack(nl);
    // Sleeping is too coarse.
    while (rate > 0 && wall() - wall_start < i / rate) continue;
  }
  report(n, n, 1);
  return 0;
}
