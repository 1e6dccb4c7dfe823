import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toy } from './scale.js';

/** Writes data of the three works as the real ones lie, of words that the toy model knows: see bench/train/toy.ts. */
export function writeToyData(folder: string): void {
  const words = ['ban', 'ber', 'dis', 'don', 'fun', 'gar', 'kes', 'lin', 'mor', 'nus'];
  const word = (index: number) => words[index % words.length]!;
  const [sick, snips, goemotions] = [toy.works.sick.rows, toy.works.snips.rows, toy.works.goemotions.rows];
  const write = (path: readonly string[], lines: readonly string[]) => {
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(folder, ...path), `${lines.join('\n')}\n`);
  };
  const rows = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));

  const pairs = rows(sick.train + sick.validation + sick.test, (i) => {
    const isSame = i % 2 === 0;
    const texts = [`${word(i)} ${word(i + 3)}`, `${word(isSame ? i : i + 1)} ${word(i + 5)}`];
    return [i, ...texts, isSame ? 4.2 + (i % 5) / 10 : 1 + (i % 7) / 10, isSame ? 'ENTAILMENT' : 'NEUTRAL'].join('\t');
  });
  write(['sick', 'train.tsv'], ['pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment', ...pairs]);

  for (const [split, count] of [
    ['train', snips.train],
    ['valid', snips.validation],
    ['test', snips.test],
  ] as const) {
    write(
      ['snips', split, 'seq.in'],
      rows(count, (i) => `ban ${word(i + 1)} ${word(i + 2)} `),
    );
    write(
      ['snips', split, 'seq.out'],
      rows(count, () => 'O B-name I-name '),
    );
    write(
      ['snips', split, 'label'],
      rows(count, (i) => (i % 2 === 0 ? 'Ask' : 'Tell')),
    );
  }

  const comment = (i: number) => `${word(i)} ${word(i + 4)}\t${i % 3 === 0 ? '0,2' : i % 3}\tid${i}`;
  write(['goemotions', 'labels.txt'], ['joy', 'anger', 'neutral']);
  write(['goemotions', 'train.tsv'], rows(goemotions.train + goemotions.validation, comment));
  write(['goemotions', 'dev.tsv'], rows(goemotions.test, comment));
}
