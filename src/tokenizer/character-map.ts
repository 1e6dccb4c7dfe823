import { type AlignedText, alignedWriter, spanOf } from './aligned-text.js';
import { TokenizerError } from './tokenizer-error.js';

const place = 'normalizer.precompiled_charsmap';

/** Longer clusters, in bytes of UTF-8, are mapped character by character. */
const longestCluster = 5;

const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * SentencePiece's compiled normalization rules, as XLM-R and T5 have them: base64 of a byte count, a double-array trie
 * (darts-clone) over UTF-8, and the replacements, each ended by a zero byte. Each grapheme cluster is looked up, else
 * each of its characters; the shortest key that begins it decides, as in Hugging Face's `tokenizers` (precompiled.rs).
 * @throws TokenizerError
 */
export function createCharacterMap(base64: string): (aligned: AlignedText) => AlignedText {
  const bytes = Buffer.from(base64, 'base64');
  const trieBytes = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (trieBytes === 0 || trieBytes % 4 !== 0 || trieBytes + 4 > bytes.length) {
    throw new TokenizerError('INVALID_TOKENIZER', place, 'is truncated, or not a character map');
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, unit) => bytes.readUInt32LE(4 + 4 * unit));
  const replacements = bytes.subarray(4 + trieBytes);

  /**
   * Units of darts-clone: label in bits 0–7 and 31, leaf in 8, offset in 10–30 (shifted by 8 when bit 9 is set), or a
   * value.
   */
  function lookUp(key: Uint8Array): string | null {
    let node = offsetOf(units[0] ?? 0);
    for (const byte of key) {
      if (byte === 0) return null;
      node ^= byte;
      const unit = units[node] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return null;
      node ^= offsetOf(unit);
      if (((unit >>> 8) & 1) === 1) {
        const start = (units[node] ?? 0) & 0x7fffffff;
        const end = replacements.indexOf(0, start);
        return replacements.toString('utf8', start, end === -1 ? replacements.length : end);
      }
    }
    return null;
  }

  return (aligned) => {
    const writer = alignedWriter();
    let changed = false;
    const replace = (start: number, part: string, replacement: string) => {
      changed = true;
      writeReplacement(writer, aligned, { start, part, replacement });
    };
    for (const { segment, index } of clusters.segment(aligned.text)) {
      const key = Buffer.from(segment, 'utf8');
      const whole = key.length <= longestCluster ? lookUp(key) : null;
      if (whole !== null) {
        replace(index, segment, whole);
        continue;
      }
      let at = index;
      for (const character of segment) {
        const mapped = lookUp(Buffer.from(character, 'utf8'));
        if (mapped === null) writer.write(character, spanOf(aligned, at, at + character.length));
        else replace(at, character, mapped);
        at += character.length;
      }
    }
    return changed ? writer.done() : aligned;
  };
}

/** Character i comes from character i of the part; characters beyond the part's end come from its last one. */
function writeReplacement(
  writer: ReturnType<typeof alignedWriter>,
  aligned: AlignedText,
  { start, part, replacement }: { readonly start: number; readonly part: string; readonly replacement: string },
): void {
  let at = start;
  const sources = Array.from(part, (character) => {
    at += character.length;
    return spanOf(aligned, at - character.length, at);
  });
  for (const [position, character] of Array.from(replacement).entries()) {
    writer.write(character, sources[Math.min(position, sources.length - 1)] ?? [0, 0]);
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
}
