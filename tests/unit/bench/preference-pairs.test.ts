import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawPairs, readPairs } from '../../../bench/preference/pairs.js';
import { works } from '../../../bench/preference/works.js';

const reward = works.find((work) => work.name === 'reward')!;
const dpo = works.find((work) => work.name === 'dpo')!;

const dialogue = (question: number, answer: string) => `\n\nHuman: question ${question}?\n\nAssistant: ${answer}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-pairs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('pairs about one prompt are all learned from, or all measured on; equal sides are left out', () => {
  // Each of 12 questions twice, and one whose two answers are the same.
  const rows = Array.from({ length: 24 }, (_, i) => ({
    chosen: dialogue(i % 12, `good ${i}`),
    rejected: dialogue(i % 12, `bad ${i}`),
  }));
  rows.push({ chosen: dialogue(99, 'same'), rejected: dialogue(99, 'same') });
  const path = join(folder, 'pairs.jsonl.gz');
  writeFileSync(path, gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));

  const { train, heldOut } = readPairs(path, { ...reward, pairs: { train: 16, heldOut: 7 } });
  const questions = (pairs: typeof train) => new Set(pairs.map(({ chosen }) => /question (\d+)/.exec(chosen)![1]));
  expect(train).toHaveLength(16);
  // Whole prompts: the eighth pair is the second about the fourth of them.
  expect(heldOut).toHaveLength(8);
  expect([...questions(train)].filter((question) => questions(heldOut).has(question))).toEqual([]);
  expect([...train, ...heldOut].some(({ chosen }) => chosen.includes('same'))).toBe(false);
  expect(() => readPairs(path, { ...reward, pairs: { train: 20, heldOut: 7 } })).toThrow('too few');
});

test('drawn pairs have a prompt of the wanted words and answers that fill the rest but for the token that ends them', () => {
  const [pair] = drawPairs({ ...dpo, tokens: { prompt: 3, answer: 5 } }, 1);
  const words = (text: string) => text.trim().split(' ').length;
  expect([words(pair!.prompt!), words(pair!.chosen), words(pair!.rejected)]).toEqual([3, 4, 4]);
  expect(pair!.chosen).not.toBe(pair!.rejected);
  expect(drawPairs({ ...dpo, tokens: { prompt: 3, answer: 5 } }, 1)).toEqual([pair]);
});
