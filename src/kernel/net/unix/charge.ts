// What a message counts against its sender's buffer: the sizes the kernel's allocator would have made of it (truesize of an sk_buff).
const PAGE = 4096;
/** struct sk_buff, and struct skb_shared_info behind the bytes. */
const HEAD = 256;
const SHARED = 320;
/** The most bytes that lie in front of the shared part in one page, and in the largest piece that is tried. */
const IN_PAGE = PAGE - SHARED;
const IN_PIECE = 4 * PAGE - SHARED;
/** Bytes in pages of one piece of a stream. */
const FRAGMENTS = 32768;

/** A stream's bytes go in pieces of up to this length. */
export const piece = (sendBuffer: number): number => Math.min((sendBuffer >> 1) - 64, IN_PAGE + FRAGMENTS);

const pages = (n: number): number => Math.ceil(n / PAGE) * PAGE;
const allocated = (n: number): number => 2 ** Math.ceil(Math.log2(n + SHARED));
const charge = (n: number, inPages: number): number => HEAD + allocated(n - inPages) + pages(inPages);

export function streamCharge(n: number): number {
  return charge(n, Math.min(n, pages(Math.max(0, n - IN_PAGE))));
}
export function datagramCharge(n: number): number {
  return charge(n, n > IN_PIECE ? Math.min(n, pages(n - IN_PIECE)) : 0);
}
