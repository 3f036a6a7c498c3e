/** linux/netfilter/nf_tables.h: what concerns tables, chains, sets and objects. Each expression has its own constants beside it. */

export const NFT_TABLE_F = { NFT_TABLE_F_DORMANT: 1, NFT_TABLE_F_OWNER: 2, NFT_TABLE_F_PERSIST: 4 } as const

export const NFT_CHAIN = { NFT_CHAIN_BASE: 1, NFT_CHAIN_HW_OFFLOAD: 2, NFT_CHAIN_BINDING: 4 } as const

export const NFT_SET = {
  NFT_SET_ANONYMOUS: 0x1,
  NFT_SET_CONSTANT: 0x2,
  NFT_SET_INTERVAL: 0x4,
  NFT_SET_MAP: 0x8,
  NFT_SET_TIMEOUT: 0x10,
  NFT_SET_EVAL: 0x20,
  NFT_SET_OBJECT: 0x40,
  NFT_SET_CONCAT: 0x80,
  NFT_SET_EXPR: 0x100,
} as const

export const NFT_SET_POL = { NFT_SET_POL_PERFORMANCE: 0, NFT_SET_POL_MEMORY: 1 } as const

export const NFT_SET_ELEM = { NFT_SET_ELEM_INTERVAL_END: 1, NFT_SET_ELEM_CATCHALL: 2 } as const

/** A set's dataType where its elements are verdicts. */
export const NFT_DATA_VERDICT = 0xffffff00

/** Verdicts of nf_tables, in the space of netfilter's own: -1 and below. */
export const NFT_VERDICT = {
  NFT_CONTINUE: 0xffffffff,
  NFT_BREAK: 0xfffffffe,
  NFT_JUMP: 0xfffffffd,
  NFT_GOTO: 0xfffffffc,
  NFT_RETURN: 0xfffffffb,
} as const

/** Registers: the verdict, four of 16 bytes, and the same space as 16 of 4 bytes. */
export const NFT_REG = {
  NFT_REG_VERDICT: 0,
  NFT_REG_1: 1,
  NFT_REG_2: 2,
  NFT_REG_3: 3,
  NFT_REG_4: 4,
  NFT_REG32_00: 8,
  NFT_REG32_15: 23,
} as const

export const NFT_OBJECT = {
  NFT_OBJECT_UNSPEC: 0,
  NFT_OBJECT_COUNTER: 1,
  NFT_OBJECT_QUOTA: 2,
  NFT_OBJECT_CT_HELPER: 3,
  NFT_OBJECT_LIMIT: 4,
  NFT_OBJECT_CONNLIMIT: 5,
  NFT_OBJECT_TUNNEL: 6,
  NFT_OBJECT_CT_TIMEOUT: 7,
  NFT_OBJECT_SECMARK: 8,
  NFT_OBJECT_CT_EXPECT: 9,
  NFT_OBJECT_SYNPROXY: 10,
} as const

export const NFT_FLOWTABLE = { NFT_FLOWTABLE_HW_OFFLOAD: 1, NFT_FLOWTABLE_COUNTER: 2 } as const

export const NFT_TRACETYPE = {
  NFT_TRACETYPE_UNSPEC: 0,
  NFT_TRACETYPE_POLICY: 1,
  NFT_TRACETYPE_RETURN: 2,
  NFT_TRACETYPE_RULE: 3,
} as const

/** Longest name of a table, chain, set or object, with its NUL. */
export const NFT_NAME_MAXLEN = 256
export const NFT_USERDATA_MAXLEN = 256
/** Longest value of a register or set key. */
export const NFT_DATA_VALUE_MAXLEN = 64
