/**
 * Whether a text stands for bytes, as the API server's decoder has it. Line ends are passed over, bits left over in the last digit are not
 * looked at. Source: Go 1.24, encoding/base64, StdEncoding.Decode.
 */

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PAD = 0x3d;

function isDigit(code: number): boolean {
  const letter = code | 0x20;
  // a to z in either case, 0 to 9 with the slash before them, plus
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x2f && code <= 0x39) || code === 0x2b;
}

function illegalAt(index: number): string {
  return `illegal base64 data at input byte ${index}`;
}

/** What the server says of a text that is no base64, null for one that is. */
export function base64Problem(text: string): string | null {
  // Digits of the group of four that is not full yet, and the signs that fill it up.
  let digits = 0;
  let pads = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) continue;
    if (pads === 0 && isDigit(code)) digits = (digits + 1) % 4;
    else if (pads === 0 && (code !== PAD || digits < 2)) return illegalAt(i);
    else if (pads === 0 || (pads === 1 && digits === 2 && code === PAD)) pads++;
    else return illegalAt(pads === 1 && digits === 2 ? i - 1 : i);
  }
  if (pads === 0) return digits === 0 ? null : illegalAt(text.length - digits);
  return digits + pads < 4 ? illegalAt(text.length) : null;
}
