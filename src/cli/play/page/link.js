// A link that holds the whole text: behind its `#`, which no browser sends anywhere. Compressed, and no
// longer than what mail and chat programs leave whole.

const PREFIX = "#z=";
/** Longer links are not made, in characters. */
export const LINK_CHARS_MAX = 16_000;

async function through(stream, bytes, max) {
  const writer = stream.writable.getWriter();
  // What goes wrong shows where it is read.
  writer.write(bytes).then(() => writer.close()).catch(() => {});
  const chunks = [];
  let length = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    // A few letters can be made of megabytes.
    if (length > max) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The part of an address that holds a text; `null` where it would be too long. */
export async function fragmentOf(text) {
  const packed = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text), Infinity);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const fragment = PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return fragment.length <= LINK_CHARS_MAX ? fragment : null;
}

/** The text that an address holds; `null` where it holds none. Throws where it is broken. */
export async function textOf(fragment, bytesMax) {
  if (!fragment.startsWith(PREFIX)) return null;
  const binary = atob(fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const bytes = await through(new DecompressionStream("deflate-raw"), packed, bytesMax);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
}
