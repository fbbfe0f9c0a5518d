// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Learns the constant that turns a struct page into the address of its bytes
 * (memory/page.bpf.h), from kernel symbols or, where kallsyms hides them, by
 * looking for a page of known content. Run once, before the taps are loaded.
 */
#include "bpf/page_address.h"
#include "bpf/memory/pipe_buffer.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern const void page_offset_base __ksym __weak;
extern const void vmemmap_base __ksym __weak;

enum pageflags { PG_hwpoison };

#define GIB (1ULL << 30)
#define PRESENT 1ULL
#define HUGE (1ULL << 7)

/* Random bytes that no other page begins with. Only a page that holds them is ever recognised. */
const volatile u64 cookie[SLUICE_COOKIE / 8];

struct search {
	u64 base; /* candidate for the start of the direct map */
	u64 pgd;
	u64 address; /* user address of the cookie */
	u64 limit; /* physical memory ends below; also masks what memory encryption adds to an entry */
	u64 page;
	u64 found; /* address of the cookie in the direct map, or 0 */
	u32 offset;
	u32 tries;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct search);
} searches SEC(".maps");

static __always_inline bool holds_cookie(u64 at)
{
	u64 bytes[SLUICE_COOKIE / 8];
	int i;

	if (bpf_probe_read_kernel(bytes, sizeof(bytes), (void *)at))
		return false;
	for (i = 0; i < SLUICE_COOKIE / 8; i++)
		if (bytes[i] != cookie[i])
			return false;
	return true;
}

/* Multiplying by 4096 / sizeof(struct page) must be a shift. */
static __always_inline int shift_of_page(void)
{
	switch (bpf_core_type_size(struct page)) {
	case 32:
		return 7;
	case 64:
		return 6;
	case 128:
		return 5;
	default:
		return -1;
	}
}

static __always_inline u64 poisoned_mask(void)
{
	if (!bpf_core_enum_value_exists(enum pageflags, PG_hwpoison))
		return 0;
	return 1ULL << bpf_core_enum_value(enum pageflags, PG_hwpoison);
}

/* The pipe's first buffer must be the cookie's page. */
static __always_inline int first_buffer(s32 fd, struct page_run *first)
{
	struct pipe_inode_info *pipe = pipe_of(file_of(fd));
	u32 tail;

	if (!pipe)
		return -1;
	tail = BPF_CORE_READ(pipe, tail) & (BPF_CORE_READ(pipe, ring_size) - 1);
	return pipe_buffer_run((u64)BPF_CORE_READ(pipe, bufs), tail, first);
}

SEC("syscall")
int by_symbols(struct sluice_page_address *c)
{
	struct page_run first;
	u64 direct_map, vmemmap;
	int shift = shift_of_page();

	if (shift < 0 || first_buffer(c->fd, &first))
		return 1;
	if (bpf_probe_read_kernel(&direct_map, sizeof(direct_map), &page_offset_base) ||
	    bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), &vmemmap_base))
		return 2;
	c->bias = direct_map - (vmemmap << shift);
	c->shift = shift;
	c->poisoned_mask = poisoned_mask();
	return holds_cookie((first.page << shift) + c->bias + first.offset) ? 0 : 3;
}

/* One step down a page table that lies at physical address `table`: the next table, or 0. */
static __always_inline u64 next_table(struct search *s, u64 table, u32 level_shift)
{
	u64 entry, at = s->base + table + ((s->address >> level_shift) & 511) * 8;

	if (bpf_probe_read_kernel(&entry, sizeof(entry), (void *)at))
		return 0;
	if (!(entry & PRESENT) || (level_shift < 39 && level_shift > 12 && (entry & HUGE)))
		return 0;
	return entry & (s->limit - 1) & ~(u64)(PAGE_SIZE - 1);
}

/* The cookie's page if the direct map began at s->base and the tables had `levels` levels. */
static __always_inline bool try_levels(struct search *s, bool five)
{
	u64 table = s->pgd - s->base, at;

	if (five && !(table = next_table(s, table, 48)))
		return false;
	if (!(table = next_table(s, table, 39)) || !(table = next_table(s, table, 30)) ||
	    !(table = next_table(s, table, 21)) || !(table = next_table(s, table, 12)))
		return false;
	at = s->base + table;
	if (!holds_cookie(at + s->offset))
		return false;
	s->found = at;
	return true;
}

static long try_base(u64 i, void *unused)
{
	u32 zero = 0;
	struct search *s = bpf_map_lookup_elem(&searches, &zero);

	if (!s)
		return 1;
	s->tries++;
	if (try_levels(s, false) || try_levels(s, true))
		return 1;
	s->base -= GIB;
	return 0;
}

/*
 * Without symbols: the direct map begins at a multiple of 1 GiB at or below
 * the page table of this process, which lies in it. For each candidate the
 * table is walked to the frame behind the cookie's user address; only the
 * right one leads to the cookie. The page table gives the frame, so
 * /proc/self/pagemap (CAP_SYS_ADMIN) is not needed. Addresses tried stay
 * within the machine's memory beyond a candidate, so no device is touched.
 */
SEC("syscall")
int by_search(struct sluice_page_address *c)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct page_run first;
	struct search *s;
	u64 limit = PAGE_SIZE;
	u32 zero = 0;
	int i, shift = shift_of_page();

	if (shift < 0 || first_buffer(c->fd, &first))
		return 1;
	s = bpf_map_lookup_elem(&searches, &zero);
	if (!s)
		return 1;
	for (i = 0; i < 40 && limit < c->frames * PAGE_SIZE; i++)
		limit <<= 1;
	s->pgd = (u64)BPF_CORE_READ(task, mm, pgd);
	s->base = s->pgd & ~(GIB - 1);
	s->address = c->address;
	s->limit = limit;
	s->page = first.page;
	s->offset = first.offset;
	s->found = 0;
	s->tries = 0;
	bpf_loop((u32)(c->frames * PAGE_SIZE / GIB) + 2, try_base, NULL, 0);
	c->tries = s->tries;
	if (!s->found)
		return 3;
	c->bias = s->found - (s->page << shift);
	c->shift = shift;
	c->poisoned_mask = poisoned_mask();
	return 0;
}
