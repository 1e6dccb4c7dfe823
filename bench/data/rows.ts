import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createRandom, type Random } from '../../gpu-worker/data/random.js';
import type { WriteText } from './corpus.js';

/** Of so many texts one is as said. */
const oneIn = { copy: 50, variant: 100, near: 100, personal: 50, missingLabel: 200 } as const;
/** Texts that copies are made of. */
const kept = 4096;
const labels = ['complaint', 'question', 'question', 'praise', 'praise', 'praise', 'order', 'order', 'other'];
const personal = [
  (n: number) => `write to ada.k${n % 9973}@mail-${n % 89}.org`,
  (n: number) => `call +44 20 7946 ${String(n % 10_000).padStart(4, '0')}`,
  (n: number) => `the host 10.${n % 256}.${(n >> 8) % 256}.7 is down`,
  () => 'my card is 4242 4242 4242 4242',
];

/** A text after another, always the same for a seed. Some are copies, in whole or nearly, of an earlier one. */
function createTexts(write: WriteText, seed: number, words: { readonly least: number; readonly most: number }) {
  const random = createRandom(seed);
  const earlier: string[] = [];
  return (): string => {
    const text = next(random, write, words, earlier);
    if (earlier.length < kept) earlier.push(text);
    else earlier[random() % kept] = text;
    return text;
  };
}

function next(
  random: Random,
  write: WriteText,
  { least, most }: { readonly least: number; readonly most: number },
  earlier: readonly string[],
): string {
  const text = write(random, least + (random() % (most - least + 1)));
  const n = random();
  if (n % oneIn.personal === 0) return `${text} ${personal[(n >>> 8) % personal.length]!(random())}`;
  const former = earlier[random() % kept];
  if (former === undefined) return text;
  if (n % oneIn.copy === 1) return former;
  if (n % oneIn.variant === 2) return `${former.toUpperCase()}  `;
  if (n % oneIn.near !== 3) return text;
  const changed = former.split(' ');
  changed[random() % changed.length] = 'changed';
  return changed.join(' ');
}

/**
 * Writes a CSV file with the columns id, text, label, created, amount and channel, as an export of messages may look:
 * of 300 to 600 bytes a row, with quotes and commas in texts, and some labels missing.
 */
export async function writeCsv(path: string, rows: number, write: WriteText, seed = 1): Promise<void> {
  const random = createRandom(seed, 1);
  const text = createTexts(write, seed, { least: 45, most: 75 });
  await writeLines(path, rows + 1, (i) => {
    if (i === 0) return 'id,text,label,created,amount,channel';
    const n = random();
    const label = n % oneIn.missingLabel === 0 ? '' : labels[(n >>> 4) % labels.length]!;
    const created = `20${10 + (n % 15)}-${two(1 + ((n >>> 3) % 12))}-${two(1 + ((n >>> 7) % 28))} ${two(n % 24)}:${two((n >>> 5) % 60)}:00`;
    const id = `m-${hex(i * 2_654_435_761)}-${hex(n)}`;
    return `${id},${quoted(text())},${label},${created},${(random() % 1_000_000) / 100},${n % 3 === 0 ? 'mail' : 'chat'}`;
  });
}

/** Writes texts of so many words, one a line. @param change what is done to each */
export async function writeTexts(
  path: string,
  rows: number,
  write: WriteText,
  words: { readonly least: number; readonly most: number },
  change: (text: string) => string = (text) => text,
): Promise<void> {
  const text = createTexts(write, 2, words);
  await writeLines(path, rows, () => change(text()));
}

async function writeLines(path: string, lines: number, line: (index: number) => string): Promise<void> {
  const file = createWriteStream(path);
  let part: string[] = [];
  for (let i = 0; i < lines; i++) {
    part.push(line(i));
    if (part.length < 4096 && i < lines - 1) continue;
    if (!file.write(`${part.join('\n')}\n`)) await once(file, 'drain');
    part = [];
  }
  file.end();
  await once(file, 'close');
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const two = (n: number): string => String(n).padStart(2, '0');
const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
