import type { IncomingMessage } from 'node:http';

/** The values of two operations whose variables are as large as allowed. */
const maxValues = 100_000;
/** Twice the depth that variables may have. */
const maxDepth = 64;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether JSON has more values, or is nested deeper, than any operation needs. Parsing 30 MB of brackets takes ten
 * seconds, and nothing else is answered meanwhile; 30 MB of quoted text, which this scan skips, take a tenth of a
 * second.
 * @param text UTF-8, not yet known to be JSON
 */
export function isHeavyJson(text: Buffer): boolean {
  let [depth, values] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case quote:
        at = endOfText(text, at);
        break;
      case openList:
      case openObject:
        depth++;
        values++;
        break;
      case closeList:
      case closeObject:
        depth--;
        break;
      case comma:
        values++;
        break;
    }
    if (depth > maxDepth || values > maxValues) return true;
  }
  return false;
}

/** Index of the quote that ends the text beginning at `start`; the length of all bytes when no quote ends it. */
function endOfText(text: Buffer, start: number): number {
  let end = start;
  while (true) {
    end = text.indexOf(quote, end + 1);
    if (end === -1) return text.length;
    let escapes = 0;
    while (text[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
}

/** A body that is refused before it is parsed, with the status of the answer. */
export class RefusedBodyError extends Error {
  override readonly name = 'RefusedBodyError';
  readonly type = 'entity.refused';

  constructor(
    readonly status: number,
    message: string,
    readonly code = 'BAD_REQUEST',
  ) {
    super(message);
  }
}

/** A `verify` function for express.json. Throws RefusedBodyError. */
export function checkJsonBody(_request: IncomingMessage, _response: unknown, body: Buffer, encoding: string): void {
  // The scan reads UTF-8; bytes of another encoding could mean anything.
  if (encoding !== 'utf-8') throw new RefusedBodyError(415, 'The body must be JSON in UTF-8.');
  if (!isHeavyJson(body)) return;
  throw new RefusedBodyError(400, `The body has more than ${maxValues} values, or is nested deeper than ${maxDepth}.`);
}
