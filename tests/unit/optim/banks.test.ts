import { expect, test } from 'vitest';
import { bytesPerPage, planBanks } from '../../../gpu-worker/engine/banks.js';

const matrix = (name: string, floats: number, trainable = true) => ({ name, shape: [floats], trainable, decay: true });

test('a parameter takes four aligned arrays in one memory; frozen ones take none', () => {
  const { placements, bankBytes } = planBanks([matrix('a', 17), matrix('frozen', 1000, false), matrix('b', 16)]);
  expect(placements.get('a')).toEqual({ bank: 0, length: 17, value: 0, gradient: 128, m: 256, v: 384 });
  expect(placements.get('b')).toEqual({ bank: 0, length: 16, value: 512, gradient: 576, m: 640, v: 704 });
  expect(placements.has('frozen')).toBe(false);
  expect(bankBytes).toEqual([bytesPerPage]);
});

test('a memory that is full is followed by another', () => {
  const half = bytesPerPage / 4 / 4 / 2;
  const { placements, bankBytes } = planBanks([matrix('a', half), matrix('b', half), matrix('c', half)], bytesPerPage);
  expect([...placements.values()].map(({ bank, value }) => [bank, value])).toEqual([
    [0, 0],
    [0, bytesPerPage / 2],
    [1, 0],
  ]);
  expect(bankBytes).toEqual([bytesPerPage, bytesPerPage]);
});

test('268 million parameters in one array fill a memory of 4 GiB; one more is refused with the way out', () => {
  expect(planBanks([matrix('table', 2 ** 28)]).bankBytes).toEqual([2 ** 32]);
  expect(() => planBanks([matrix('table', 2 ** 28 + 1)])).toThrow(/table .*too large to train.*Freeze it/);
});
