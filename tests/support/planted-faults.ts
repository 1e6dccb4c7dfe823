import { createRandom, type Random, uniform } from '../../gpu-worker/data/random.js';
import type { PlainRow } from './report-file.js';

/** What was planted, by row. */
export interface PlantedFaults {
  readonly rows: readonly PlainRow[];
  /** Rows of the test split that copy one of the training. */
  readonly leaks: ReadonlySet<number>;
  /** Rows of the training that copy one before them with other case and white space. */
  readonly copies: ReadonlySet<number>;
  /** Rows whose text is that of another training row but for a word. */
  readonly nearCopies: ReadonlySet<number>;
  readonly flippedLabels: ReadonlySet<number>;
  readonly personalData: ReadonlySet<number>;
  readonly mojibake: ReadonlySet<number>;
  readonly labelVariants: ReadonlySet<number>;
}

const topics = {
  weather: 'rain cloud storm sunny forecast humid wind thunder frost degrees barometer drizzle snowfall heatwave',
  cooking: 'flour simmer oven recipe garlic whisk butter pastry roast seasoning dough skillet marinade broth',
  travel: 'airport luggage hostel itinerary passport train harbour museum ticket border beach guide ferry visa',
  music: 'melody chord violin tempo orchestra rehearsal drummer lyrics concert piano harmony soprano choir encore',
} as const;
const common =
  'we they you often today yesterday really maybe after before with without some many another little great new old ' +
  'said asked wrote found made took gave left kept about under over through because while during since until both';
const accented = ['café', 'naïve', 'über', 'señor', 'crème', 'façade', 'garçon', 'Zürich', 'jalapeño', 'déjà'];

/**
 * Texts of four topics, in which a known number of faults is planted, each in rows of its own.
 * @param of each fault, so many; 10 at most are all shown as examples
 */
export function plantFaults(seed: number, size: number, each: number): PlantedFaults {
  const random = createRandom(seed);
  const names = Object.keys(topics) as (keyof typeof topics)[];
  const commonWords = common.split(' ');
  const rows = Array.from({ length: size }, (_, i) => {
    const label = names[i % names.length]!;
    const words = Array.from({ length: 16 + pick(random, 12) }, () =>
      uniform(random) < 0.35 ? oneOf(random, topics[label].split(' ')) : oneOf(random, commonWords),
    );
    // A number makes each text one of its kind.
    words.splice(pick(random, words.length), 0, `no${i}`);
    return {
      text: words.join(' '),
      label: label as string,
      // The folder of the file that a row came from, which somebody named after the label.
      folder: uniform(random) < 0.01 ? `in/${oneOf(random, names)}` : `in/${label}`,
      hour: pick(random, 24),
      split: i % 5 === 4 ? 'test' : 'train',
    };
  });
  const free = { train: order(random, rows, 'train'), test: order(random, rows, 'test') };
  const take = (split: 'train' | 'test') => Array.from({ length: each }, () => free[split].pop()!);
  const sources = take('train');
  const leaks = take('test');
  for (const [i, row] of leaks.entries()) Object.assign(rows[row]!, alike(rows[sources[i]!]!, 'toUpperCase'));
  const copies: number[] = [];
  for (const row of take('train')) {
    const other = free.train.pop()!;
    const [first, second] = row < other ? [row, other] : [other, row];
    Object.assign(rows[second]!, alike(rows[first]!, 'toLowerCase'), {
      text: ` ${rows[first]!.text.replace(' ', '  ')}`,
    });
    copies.push(second);
  }
  const nearCopies: number[] = [];
  for (const row of take('train')) {
    const other = free.train.pop()!;
    const [first, second] = row < other ? [row, other] : [other, row];
    const words = rows[first]!.text.split(' ');
    words[words.length - 1] = 'changed';
    Object.assign(rows[second]!, { label: rows[first]!.label, folder: rows[first]!.folder, text: words.join(' ') });
    nearCopies.push(second);
  }
  const flipped = take('train');
  for (const row of flipped) {
    const label = rows[row]!.label;
    rows[row]!.label = names[(names.indexOf(label as keyof typeof topics) + 1 + pick(random, 3)) % 4]!;
  }
  const personal = take('train');
  for (const [i, row] of personal.entries()) {
    const what = [
      `anna.lind${i}@lindgren-bygg.se`,
      '4111 1111 1111 1111',
      'DE89 3704 0044 0532 0130 00',
      '93.184.216.34',
    ];
    rows[row]!.text += ` write to ${what[i % what.length]}`;
  }
  const damaged = take('train');
  for (const row of damaged) rows[row]!.text += ` ${Buffer.from(oneOf(random, accented)).toString('latin1')}`;
  // Sound texts have accented words, too.
  for (const row of take('train')) rows[row]!.text += ` ${oneOf(random, accented)}`;
  const variants = take('train');
  for (const [i, row] of variants.entries()) {
    const { label } = rows[row]!;
    rows[row]!.label = i % 2 === 0 ? label.toUpperCase() : ` ${label}`;
  }
  return {
    rows,
    leaks: new Set(leaks),
    copies: new Set(copies),
    nearCopies: new Set(nearCopies),
    flippedLabels: new Set(flipped),
    personalData: new Set(personal),
    mojibake: new Set(damaged),
    labelVariants: new Set(variants),
  };
}

function alike(row: { text: string; label: string; folder: string }, change: 'toUpperCase' | 'toLowerCase') {
  return { text: row.text[change](), label: row.label, folder: row.folder };
}

function pick(random: Random, below: number): number {
  return Math.floor(uniform(random) * below);
}

function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[pick(random, items.length)]!;
}

/** The rows of a split in a random order. */
function order(random: Random, rows: readonly { readonly split: string }[], split: string): number[] {
  return [...rows.keys()]
    .filter((row) => rows[row]!.split === split)
    .map((row) => ({ row, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}
