import { shortened } from '../../src/protocol/findings.js';
import { storableText } from '../../src/protocol/storable-text.js';

/** A number with its noun: `1 row`, `12,000 rows`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** An integer with commas between thousands. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A share in percent with one decimal; shares that would be rounded to nothing are `less than 0.1 %`. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return 'less than 0.1 %';
  return `${(100 * share).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}

/** Names as a sentence holds them: the first five, then how many others there are. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `“${shortened(name)}”`);
  const others = names.length - shown.length;
  if (others > 0) return `${shown.join(', ')} and ${counted(others, 'other')}`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

const excerptCharacters = 200;

/** The beginning of a text, as an example shows it. */
export function excerptOf(text: string): string {
  const characters = Array.from(text.slice(0, 2 * excerptCharacters));
  const first = characters.slice(0, excerptCharacters).join('');
  return storableText(first.length < text.length ? `${first}…` : first);
}
