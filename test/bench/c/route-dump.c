// route-dump parse|skip N
// One dump of the IPv4 routes, every attribute into a struct of an array that grows; or only counted: what the kernel takes.
#include "bench.h"

struct entry {
  struct rtmsg header;
  struct in_addr destination, source, gateway, preferred;
  uint32_t out, in, priority, table, mark, flow;
  struct rta_cacheinfo cache;
  uint32_t metrics[RTAX_MAX + 1];
};

static int on_attribute(const struct nlattr *attribute, void *into) {
  struct entry *e = into;
  const struct nlattr *inner;
  switch (mnl_attr_get_type(attribute)) {
    case RTA_DST: e->destination.s_addr = mnl_attr_get_u32(attribute); break;
    case RTA_SRC: e->source.s_addr = mnl_attr_get_u32(attribute); break;
    case RTA_GATEWAY: e->gateway.s_addr = mnl_attr_get_u32(attribute); break;
    case RTA_PREFSRC: e->preferred.s_addr = mnl_attr_get_u32(attribute); break;
    case RTA_OIF: e->out = mnl_attr_get_u32(attribute); break;
    case RTA_IIF: e->in = mnl_attr_get_u32(attribute); break;
    case RTA_PRIORITY: e->priority = mnl_attr_get_u32(attribute); break;
    case RTA_TABLE: e->table = mnl_attr_get_u32(attribute); break;
    case RTA_MARK: e->mark = mnl_attr_get_u32(attribute); break;
    case RTA_FLOW: e->flow = mnl_attr_get_u32(attribute); break;
    case RTA_CACHEINFO: memcpy(&e->cache, mnl_attr_get_payload(attribute), sizeof e->cache); break;
    case RTA_METRICS:
      mnl_attr_for_each_nested(inner, attribute) {
        if (mnl_attr_get_type(inner) <= RTAX_MAX) e->metrics[mnl_attr_get_type(inner)] = mnl_attr_get_u32(inner);
      }
      break;
  }
  return MNL_CB_OK;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int parse = strcmp(argv[1], "parse") == 0;
  struct mnl_socket *nl = open_route();
  size_t room = 4096;
  struct entry *all = calloc(room, sizeof *all);
  static char bytes[32768];
  long count = 0;
  begin();
  struct nlmsghdr *message = start_message(bytes, RTM_GETROUTE, NLM_F_DUMP, 1);
  ((struct rtmsg *)mnl_nlmsg_put_extra_header(message, sizeof(struct rtmsg)))->rtm_family = AF_INET;
  if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0) fail("send");
  for (int done = 0; !done;) {
    int left = mnl_socket_recvfrom(nl, bytes, sizeof bytes);
    if (left < 0) fail("recv");
    for (message = (void *)bytes; !done && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_type == NLMSG_DONE) done = 1;
      else if (message->nlmsg_type != RTM_NEWROUTE) fail("a strange message");
      else if (!parse) count++;
      else {
        if ((size_t)count == room) {
          all = realloc(all, 2 * room * sizeof *all);
          memset(all + room, 0, room * sizeof *all);
          room *= 2;
        }
        struct entry *e = &all[count++];
        e->header = *(struct rtmsg *)mnl_nlmsg_get_payload(message);
        mnl_attr_parse(message, sizeof(struct rtmsg), on_attribute, e);
      }
    }
  }
  report(atol(argv[2]), count, 1);
  return 0;
}
