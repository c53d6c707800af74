// Text as programs get it: byte strings, one char a byte.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The UTF-8 bytes of a text, one char each. */
export function byteString(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');
}
/** The text of a byte string. */
export function textOf(bytes: string): string {
  return decoder.decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
}
/** Bytes as they are, text as UTF-8. */
export function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}
