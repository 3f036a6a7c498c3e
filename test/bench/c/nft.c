// nft rules|set N
// N rules `ip saddr ADDRESS counter accept`, in two chains by turns, or a set of N addresses: one transaction, sent at once, only its last
// command acknowledged.
#include "bench.h"
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#define TABLE "t"

static char *at;
static uint32_t sequence;

static struct nlmsghdr *message(int type, int flags) {
  return nftnl_nlmsg_build_hdr(at, type, NFPROTO_IPV4, NLM_F_CREATE | flags, ++sequence);
}

static void ended(const struct nlmsghdr *message) { at += NLMSG_ALIGN(message->nlmsg_len); }

static void table(void) {
  struct nftnl_table *table = nftnl_table_alloc();
  struct nlmsghdr *head = message(NFT_MSG_NEWTABLE, 0);
  nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE);
  nftnl_table_nlmsg_build_payload(head, table);
  nftnl_table_free(table);
  ended(head);
}

static void chain(const char *name) {
  struct nftnl_chain *chain = nftnl_chain_alloc();
  struct nlmsghdr *head = message(NFT_MSG_NEWCHAIN, 0);
  nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, TABLE);
  nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
  nftnl_chain_nlmsg_build_payload(head, chain);
  nftnl_chain_free(chain);
  ended(head);
}

static struct nftnl_expr *expression(struct nftnl_rule *rule, const char *name) {
  struct nftnl_expr *made = nftnl_expr_alloc(name);
  nftnl_rule_add_expr(rule, made);
  return made;
}

static void rule(const char *chain, uint32_t source, int flags) {
  struct nftnl_rule *rule = nftnl_rule_alloc();
  nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE);
  nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
  struct nftnl_expr *payload = expression(rule, "payload");
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, 12);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, sizeof source);
  struct nftnl_expr *compare = expression(rule, "cmp");
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
  nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, &source, sizeof source);
  expression(rule, "counter");
  struct nftnl_expr *accept = expression(rule, "immediate");
  nftnl_expr_set_u32(accept, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
  nftnl_expr_set_u32(accept, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
  struct nlmsghdr *head = message(NFT_MSG_NEWRULE, NLM_F_APPEND | flags);
  nftnl_rule_nlmsg_build_payload(head, rule);
  nftnl_rule_free(rule);
  ended(head);
}

static void set(long n) {
  struct nftnl_set *set = nftnl_set_alloc();
  nftnl_set_set_str(set, NFTNL_SET_TABLE, TABLE);
  nftnl_set_set_str(set, NFTNL_SET_NAME, "s");
  nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, 7); // ipv4_addr of nft
  nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, 4);
  nftnl_set_set_u32(set, NFTNL_SET_ID, 1);
  struct nlmsghdr *head = message(NFT_MSG_NEWSET, 0);
  nftnl_set_nlmsg_build_payload(head, set);
  ended(head);
  for (long i = 0; i < n; i++) {
    uint32_t address = htonl(0x0a000000u + i);
    struct nftnl_set_elem *element = nftnl_set_elem_alloc();
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &address, sizeof address);
    nftnl_set_elem_add(set, element);
  }
  // As many in a message as a nest holds.
  struct nftnl_set_elems_iter *left = nftnl_set_elems_iter_create(set);
  for (int more = 1; more; ended(head)) {
    head = message(NFT_MSG_NEWSETELEM, 0);
    more = nftnl_set_elems_nlmsg_build_payload_iter(head, left);
    if (!more) head->nlmsg_flags |= NLM_F_ACK;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  long n = atol(argv[2]);
  struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
  if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) fail("netlink socket");
  begin();
  char *bytes = at = malloc((1 << 17) + (size_t)n * 256);
  nftnl_batch_begin(at, ++sequence);
  ended((struct nlmsghdr *)at);
  table();
  if (strcmp(argv[1], "rules") == 0) {
    chain("a");
    chain("b");
    for (long i = 0; i < n; i++) rule(i & 1 ? "b" : "a", htonl(0x0a000000u + i), i == n - 1 ? NLM_F_ACK : 0);
  } else set(n);
  nftnl_batch_end(at, ++sequence);
  ended((struct nlmsghdr *)at);
  int room = 2 * (at - bytes);
  if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) < 0) fail("SO_SNDBUFFORCE");
  if (mnl_socket_sendto(nl, bytes, at - bytes) < 0) fail("send");
  expect_ack(nl);
  report(n, n, 1);
  return 0;
}
