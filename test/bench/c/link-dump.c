// link-dump parse|skip N REPEATS
// Dumps of all links: what a program shows of a link into a struct of an array that grows; time of one dump.
#include "bench.h"

struct device {
  struct ifinfomsg header;
  char name[IFNAMSIZ], queue[IFNAMSIZ], kind[16];
  unsigned char address[8], broadcast[8], state, mode, carrier;
  uint32_t mtu, least, most, length, group, promiscuity, send, receive, link, master, id, changes;
  struct rtnl_link_stats64 stats;
};

static void copy(void *to, size_t room, const struct nlattr *attribute) {
  size_t length = mnl_attr_get_payload_len(attribute);
  memcpy(to, mnl_attr_get_payload(attribute), length < room ? length : room);
}

static int on_attribute(const struct nlattr *attribute, void *into) {
  struct device *d = into;
  const struct nlattr *inner;
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME: copy(d->name, sizeof d->name - 1, attribute); break;
    case IFLA_QDISC: copy(d->queue, sizeof d->queue - 1, attribute); break;
    case IFLA_ADDRESS: copy(d->address, sizeof d->address, attribute); break;
    case IFLA_BROADCAST: copy(d->broadcast, sizeof d->broadcast, attribute); break;
    case IFLA_OPERSTATE: d->state = mnl_attr_get_u8(attribute); break;
    case IFLA_LINKMODE: d->mode = mnl_attr_get_u8(attribute); break;
    case IFLA_CARRIER: d->carrier = mnl_attr_get_u8(attribute); break;
    case IFLA_CARRIER_CHANGES: d->changes = mnl_attr_get_u32(attribute); break;
    case IFLA_MTU: d->mtu = mnl_attr_get_u32(attribute); break;
    case IFLA_MIN_MTU: d->least = mnl_attr_get_u32(attribute); break;
    case IFLA_MAX_MTU: d->most = mnl_attr_get_u32(attribute); break;
    case IFLA_TXQLEN: d->length = mnl_attr_get_u32(attribute); break;
    case IFLA_GROUP: d->group = mnl_attr_get_u32(attribute); break;
    case IFLA_PROMISCUITY: d->promiscuity = mnl_attr_get_u32(attribute); break;
    case IFLA_NUM_TX_QUEUES: d->send = mnl_attr_get_u32(attribute); break;
    case IFLA_NUM_RX_QUEUES: d->receive = mnl_attr_get_u32(attribute); break;
    case IFLA_LINK: d->link = mnl_attr_get_u32(attribute); break;
    case IFLA_MASTER: d->master = mnl_attr_get_u32(attribute); break;
    case IFLA_LINK_NETNSID: d->id = mnl_attr_get_u32(attribute); break;
    case IFLA_STATS64: copy(&d->stats, sizeof d->stats, attribute); break;
    case IFLA_LINKINFO:
      mnl_attr_for_each_nested(inner, attribute) {
        if (mnl_attr_get_type(inner) == IFLA_INFO_KIND) copy(d->kind, sizeof d->kind - 1, inner);
      }
      break;
  }
  return MNL_CB_OK;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int parse = strcmp(argv[1], "parse") == 0;
  long repeats = atol(argv[3]), count = 0;
  struct mnl_socket *nl = open_route();
  static char bytes[32768];
  begin();
  for (long turn = 0; turn < repeats; turn++) {
    size_t room = 64;
    struct device *all = calloc(room, sizeof *all);
    struct nlmsghdr *message = start_message(bytes, RTM_GETLINK, NLM_F_DUMP, turn + 1);
    mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
    if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0) fail("send");
    count = 0;
    for (int done = 0; !done;) {
      int left = mnl_socket_recvfrom(nl, bytes, sizeof bytes);
      if (left < 0) fail("recv");
      for (message = (void *)bytes; !done && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        if (message->nlmsg_type == NLMSG_DONE) done = 1;
        else if (message->nlmsg_type != RTM_NEWLINK) fail("a strange message");
        else if (!parse) count++;
        else {
          if ((size_t)count == room) {
            all = realloc(all, 2 * room * sizeof *all);
            memset(all + room, 0, room * sizeof *all);
            room *= 2;
          }
          struct device *d = &all[count++];
          d->header = *(struct ifinfomsg *)mnl_nlmsg_get_payload(message);
          mnl_attr_parse(message, sizeof(struct ifinfomsg), on_attribute, d);
        }
      }
    }
    free(all);
  }
  report(atol(argv[2]), count, repeats);
  return 0;
}
