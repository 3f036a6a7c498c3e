// lab long|short setup|teardown N
// N named namespaces, each with a veth pair: eth0 inside (address, up, default route), the other end a port of the bridge br0.
//   long   pair made here, end moved, renamed, brought up, other end put into the bridge; the teardown removes link by link
//   short  the end is born inside as eth0 and the other end up and in the bridge; the teardown drops the namespaces
#include "bench.h"
#include <fcntl.h>
#include <linux/veth.h>
#include <sched.h>
#include <sys/mount.h>

static char bytes[4096];
static struct mnl_socket *home;

static struct nlmsghdr *link_message(int type, int flags, int index) {
  struct nlmsghdr *message = start_message(bytes, type, NLM_F_ACK | flags, 1);
  struct ifinfomsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifi_index = index;
  return message;
}

static void set_up(struct nlmsghdr *message) {
  struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
  header->ifi_flags |= IFF_UP;
  header->ifi_change |= IFF_UP;
}

static void run(struct mnl_socket *nl, struct nlmsghdr *message) {
  if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0) fail("send");
  expect_ack(nl);
}

static void address(struct mnl_socket *nl, int index, uint32_t ip) {
  struct nlmsghdr *message = start_message(bytes, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1);
  struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifa_family = AF_INET;
  header->ifa_prefixlen = 16;
  header->ifa_index = index;
  mnl_attr_put_u32(message, IFA_LOCAL, htonl(ip));
  mnl_attr_put_u32(message, IFA_ADDRESS, htonl(ip));
  run(nl, message);
}

static void default_route(struct mnl_socket *nl, int index, uint32_t gateway) {
  struct nlmsghdr *message = start_message(bytes, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1);
  struct rtmsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->rtm_family = AF_INET;
  header->rtm_table = RT_TABLE_MAIN;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(message, RTA_GATEWAY, htonl(gateway));
  mnl_attr_put_u32(message, RTA_OIF, index);
  run(nl, message);
}

static void bridge(void) {
  struct nlmsghdr *message = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  set_up(message);
  mnl_attr_put_strz(message, IFLA_IFNAME, "br0");
  struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message, info);
  run(home, message);
}

// `space` and `master` are of the short way: -1 and 0 otherwise.
static void pair(const char *name, const char *peer, int space, int master) {
  struct nlmsghdr *message = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name);
  if (master) {
    set_up(message);
    mnl_attr_put_u32(message, IFLA_MASTER, master);
  }
  struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  struct nlattr *end = mnl_attr_nest_start(message, VETH_INFO_PEER);
  // IFF_UP is refused in here (ENOTCONN).
  mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
  mnl_attr_put_strz(message, IFLA_IFNAME, peer);
  if (space >= 0) mnl_attr_put_u32(message, IFLA_NET_NS_FD, space);
  mnl_attr_nest_end(message, end);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
  run(home, message);
}

static void change(struct mnl_socket *nl, int index, int up, const char *name, int master, int space) {
  struct nlmsghdr *message = link_message(RTM_NEWLINK, 0, index);
  if (up) set_up(message);
  if (name) mnl_attr_put_strz(message, IFLA_IFNAME, name);
  if (master) mnl_attr_put_u32(message, IFLA_MASTER, master);
  if (space >= 0) mnl_attr_put_u32(message, IFLA_NET_NS_FD, space);
  run(nl, message);
}

static void setup(long n, int is_short) {
  int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  bridge();
  int master = if_nametoindex("br0");
  address(home, master, 0x0ac80001);
  for (long i = 0; i < n; i++) {
    char path[64], here[32], there[32];
    snprintf(path, sizeof path, "/run/netns/lab%ld", i);
    snprintf(here, sizeof here, "h%ld", i);
    snprintf(there, sizeof there, "p%ld", i);
    close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
    if (unshare(CLONE_NEWNET)) fail("unshare");
    if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL)) fail("mount");
    struct mnl_socket *inside = open_route();
    int space = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (setns(back, CLONE_NEWNET)) fail("setns");
    // The first device behind lo.
    int index = 2;
    if (is_short) pair(here, "eth0", space, master);
    else {
      pair(here, there, -1, 0);
      index = if_nametoindex(there);
      change(home, index, 0, NULL, 0, space);
      change(inside, index, 0, "eth0", 0, -1);
    }
    change(inside, index, 1, NULL, 0, -1);
    address(inside, index, 0x0ac80000 + i / 250 * 256 + i % 250 + 2);
    default_route(inside, index, 0x0ac80001);
    if (!is_short) change(home, if_nametoindex(here), 1, NULL, master, -1);
    mnl_socket_close(inside);
    close(space);
  }
}

static void delete(const char *name) {
  run(home, link_message(RTM_DELLINK, 0, if_nametoindex(name)));
}

static void teardown(long n, int is_short) {
  char path[64], here[32];
  for (long i = 0; i < n; i++) {
    snprintf(path, sizeof path, "/run/netns/lab%ld", i);
    snprintf(here, sizeof here, "h%ld", i);
    if (!is_short) delete(here);
    if (umount2(path, MNT_DETACH) || unlink(path)) fail(path);
  }
  delete("br0");
  // The kernel takes the pairs down later, in bulk.
  for (long i = 0; is_short && i < n; i++) {
    snprintf(here, sizeof here, "h%ld", i);
    while (if_nametoindex(here)) usleep(500);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  long n = atol(argv[3]);
  int is_short = strcmp(argv[1], "short") == 0;
  home = open_route();
  begin();
  if (strcmp(argv[2], "setup") == 0) setup(n, is_short);
  else teardown(n, is_short);
  report(n, n, 1);
  return 0;
}
