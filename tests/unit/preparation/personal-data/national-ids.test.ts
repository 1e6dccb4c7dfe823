import { expect, test } from 'vitest';
import { nationalIds } from '../../../../gpu-worker/preparation/personal-data/national-ids/index.js';
import { digits, letters, seeded } from './draw.js';
import { endings, idPeers } from './id-peers.js';

const ruleOf = (name: string) => nationalIds.find((known) => known.name === name)!.isValid;

test.each(Object.entries(idPeers))('%s holds for the same numbers as in stdnum', (name, id) => {
  const isValid = ruleOf(name);
  const random = seeded(20);
  let valid = 0;
  for (let drawn = 0; drawn < 40; drawn++) {
    const body = id.body(random);
    for (const end of endings(id)) {
      const theirs = id.peer.validate(body + end).isValid;
      if (theirs) valid++;
      expect.soft(isValid((body + end).replace('-', '')), `${name} ${body}${end}`).toBe(theirs);
    }
  }
  expect(valid).toBeGreaterThan(10);
});

/** What stdnum does not have, with numbers that the offices publish as samples. */
test.each([
  ['GB NHS number', ['9434765919', '9434765870'], ['9434765918', '4505577103']],
  ['KR RRN', ['9001011234567'], ['9013011234567', '9001019234567']],
  ['SG NRIC/FIN', ['S1234567D', 'T1234567J', 'F1234567N', 'G1234567X'], ['S1234567E', 'A1234567D']],
  ['HK identity card', ['A1234563', 'G123456A'], ['A1234564']],
  ['AU Medicare', ['2123456701'], ['2123456711', '7123456701']],
  ['US ITIN', ['912701234'], ['912661234', '812701234']],
  ['IN PAN', ['ABCPE1234F'], ['ABCQE1234F', 'ABCPE0000F']],
  ['DK CPR', ['1110571234'], ['3202571234', '1113571234']],
])('%s tells samples from near misses', (name, right, wrong) => {
  const isValid = ruleOf(name);
  expect(right.filter((number) => !isValid(number))).toEqual([]);
  expect(wrong.filter(isValid)).toEqual([]);
});

test('a rule never throws, whatever letters and digits its forms let through', () => {
  const random = seeded(3);
  for (const { shapes, isValid } of nationalIds) {
    for (const shape of Object.keys(shapes)) {
      for (let drawn = 0; drawn < 50; drawn++) {
        const written = shape
          .replace(/[^ad\d]/g, '')
          .replace(/([ad])(\d+)/g, (_, kind: string, length: string) =>
            kind === 'd' ? digits(random, Number(length)) : letters(random, Number(length)),
          );
        expect(typeof isValid(written)).toBe('boolean');
      }
    }
  }
});
