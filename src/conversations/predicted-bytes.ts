import { byteCharacters, type Encoding, type Tokenizer } from '../tokenizer/index.js';
import type { TextSpan } from './chat-template.js';

/**
 * Bytes in UTF-8 of what is predicted of a text: of the targets, as far as tokens of them were kept and have a token
 * before them. Where a cut divides a character, whose bytes are several tokens, the bytes of the kept tokens count.
 *
 * @param targets in UTF-16 units of the text
 */
export function predictedBytes(
  tokenizer: Pick<Tokenizer, 'encode' | 'token'>,
  text: string,
  targets: readonly TextSpan[],
  { ids, offsets, sequence, truncated }: Encoding,
): number {
  // The first token of all has none before it that could foretell it.
  const kept = ids.flatMap((id, token) =>
    token === 0 || sequence[token] === null ? [] : [{ id, offset: offsets[token]! }],
  );
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const isWhole = !truncated && (sequence[0] === null || offsets[0]![1] <= (targets[0]?.[0] ?? 0));
  if (isWhole) return bytesBetween(text, targets, 0, text.length);
  const bytesOf = byteReader(tokenizer);
  const tokens = kept.map(({ id }) => bytesOf(id));
  const start = startOf(text, first.offset, tokens[0]!);
  const end = truncated ? endOf(text, last.offset, tokens.at(-1)!) : text.length;
  const isTarget = (place: number) => targets.some(([from, to]) => place >= from && place < to);
  return (
    bytesBetween(text, targets, start, end) -
    (isTarget(start) ? bytesBefore(text, start, tokens) : 0) -
    (isTarget(end - 1) ? bytesAfter(tokens) : 0)
  );
}

function bytesBetween(text: string, targets: readonly TextSpan[], start: number, end: number): number {
  return targets.reduce(
    (sum, [from, to]) => sum + Buffer.byteLength(text.slice(Math.max(from, start), Math.max(start, Math.min(to, end)))),
    0,
  );
}

/** The bytes that a token stands for; null of one that stands for whole characters. */
type Bytes = readonly number[] | null;

const namedByte = /^<0x([0-9A-F]{2})>$/;
const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** Reads tokens of bytes: those that SentencePiece falls back to, `<0xE2>`, and those of a vocabulary of bytes. */
function byteReader(tokenizer: Pick<Tokenizer, 'encode' | 'token'>): (id: number) => Bytes {
  const options = { maxLength: 64, truncationSide: 'right', addSpecialTokens: false } as const;
  const probe = tokenizer.encode('é', null, options).ids.map((id) => tokenizer.token(id));
  const isOfBytes = probe.join('').includes(byteCharacters[0xc3]! + byteCharacters[0xa9]!);
  return (id) => {
    const token = tokenizer.token(id);
    const named = namedByte.exec(token);
    if (named !== null) return [Number.parseInt(named[1]!, 16)];
    if (!isOfBytes) return null;
    const bytes = Array.from(token, (character) => byteOf.get(character) ?? -1);
    return bytes.includes(-1) ? null : bytes;
  };
}

const isWhiteSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Where a token begins, with the white space that its offsets leave out (`trim_offsets`). */
function startOf(text: string, [start]: TextSpan, bytes: Bytes): number {
  if (bytes === null || isWhiteSpace(text.charCodeAt(start))) return start;
  const spaces = bytes.findIndex((byte) => !isWhiteSpace(byte));
  let [place, left] = [start, spaces === -1 ? bytes.length : spaces];
  while (left > 0 && place > 0 && text.charCodeAt(place - 1) === bytes[left - 1]) [place, left] = [place - 1, left - 1];
  return place;
}

/** Where a token ends, with the white space that its offsets leave out. */
function endOf(text: string, [start, end]: TextSpan, bytes: Bytes): number {
  if (bytes === null || (end > start && isWhiteSpace(text.charCodeAt(end - 1)))) return end;
  let [place, next] = [end, bytes.findLastIndex((byte) => !isWhiteSpace(byte)) + 1];
  while (next < bytes.length && text.charCodeAt(place) === bytes[next]) [place, next] = [place + 1, next + 1];
  return place;
}

/** The most bytes of a character. */
const longest = 4;
const continues = (byte: number) => (byte & 0xc0) === 0x80;

/** Bytes of the character at `start` that tokens before the first one stand for. */
function bytesBefore(text: string, start: number, tokens: readonly Bytes[]): number {
  const first: number[] = [];
  for (const bytes of tokens) {
    if (bytes === null || first.length >= longest) break;
    first.push(...bytes);
  }
  const lead = first.findIndex((byte) => !continues(byte));
  const held = lead === -1 ? first.length : lead;
  return held === 0 ? 0 : Buffer.byteLength(String.fromCodePoint(text.codePointAt(start)!)) - held;
}

/** Bytes that the last kept character lacks, since later tokens stand for them. */
function bytesAfter(tokens: readonly Bytes[]): number {
  let last: number[] = [];
  for (const bytes of tokens.toReversed()) {
    if (bytes === null || last.length >= longest) break;
    last = [...bytes, ...last];
  }
  const lead = last.findLastIndex((byte) => !continues(byte));
  if (lead === -1) return 0;
  return lengthOfCharacter(last[lead]!) - (last.length - lead);
}

/** Bytes of a character, by the first of them. */
function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
