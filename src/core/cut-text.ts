/**
 * A string that every store accepts, cut to at most `maxBytes` bytes of UTF-8 without splitting a character. Lone
 * surrogates and U+0000 become U+FFFD. The cost does not grow with what is cut away.
 */
export function cutText(text: string, maxBytes: number): string {
  // No character has fewer bytes than UTF-16 units, so that what is cut away here would not fit anyway.
  const clean = text.slice(0, maxBytes).replaceAll("\0", "\uFFFD");
  if (clean.length === text.length && clean.length * 3 <= maxBytes) return clean.toWellFormed();
  const bytes = new Uint8Array(maxBytes);
  const { written } = encoder.encodeInto(clean, bytes);
  return decoder.decode(bytes.subarray(0, written));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
