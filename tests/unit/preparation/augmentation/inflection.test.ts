import { describe, expect, test } from 'vitest';
import { basesOf, inflect } from '../../../../gpu-worker/preparation/augmentation/inflection.js';

describe('a regular ending', () => {
  test.each([
    ['card', 's', 'noun', 'cards'],
    ['city', 's', 'noun', 'cities'],
    ['day', 's', 'noun', 'days'],
    ['box', 's', 'noun', 'boxes'],
    ['church', 's', 'noun', 'churches'],
    ['loss', 's', 'noun', 'losses'],
    ['walk', 'ed', 'verb', 'walked'],
    ['stop', 'ed', 'verb', 'stopped'],
    ['stop', 'ing', 'verb', 'stopping'],
    ['try', 'ed', 'verb', 'tried'],
    ['try', 'ing', 'verb', 'trying'],
    ['play', 'ed', 'verb', 'played'],
    ['love', 'ing', 'verb', 'loving'],
    ['agree', 'ing', 'verb', 'agreeing'],
    ['die', 'ing', 'verb', 'dying'],
    ['die', 'ed', 'verb', 'died'],
    ['panic', 'ed', 'verb', 'panicked'],
    ['need', 'ing', 'verb', 'needing'],
    ['fix', 'ed', 'verb', 'fixed'],
    ['quit', 'ing', 'verb', 'quitting'],
    ['run', 'ing', 'verb', 'running'],
  ] as const)('%s + %s of a %s is %s', (base, ending, partOfSpeech, expected) => {
    expect(inflect(base, ending, partOfSpeech)).toBe(expected);
  });

  test.each([
    ['go', 'ed', 'verb'],
    ['overcome', 'ed', 'verb'],
    ['child', 's', 'noun'],
    ['knife', 's', 'noun'],
    ['crisis', 's', 'noun'],
    ['have', 's', 'verb'],
    // The stress decides: visited, preferred.
    ['visit', 'ed', 'verb'],
    ['prefer', 'ing', 'verb'],
    // Heroes, but pianos.
    ['hero', 's', 'noun'],
    ['New York', 's', 'noun'],
  ] as const)('%s has no %s that letters tell', (base, ending, partOfSpeech) => {
    expect(inflect(base, ending, partOfSpeech)).toBeNull();
  });

  test.each([
    ['cards', 'card'],
    ['cities', 'city'],
    ['losses', 'loss'],
    ['stopped', 'stop'],
    ['loving', 'love'],
    ['tried', 'try'],
  ])('of %s leads to %s', (word, base) => {
    expect(basesOf(word).map((each) => each.base)).toContain(base);
  });

  test('is none in glass, is, red and sing', () => {
    for (const word of ['glass', 'is', 'red']) expect(basesOf(word)).toEqual([]);
    expect(basesOf('sing').map(({ base }) => base)).not.toContain('s');
  });
});
