import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cos, exp, ln, log1p, pow } from '../../gpu-worker/portable-math.js';

/**
 * Expected values are correctly rounded, computed with 60 digits (Python’s decimal and mpmath). @stdlib promises less
 * than 1 ulp.
 */
test('values are within 1 ulp of the true ones', () => {
  const ulp = 2 ** -52;
  const near = (found: number, expected: number) => expect(Math.abs(found / expected - 1)).toBeLessThanOrEqual(ulp);
  near(exp(1), Math.E);
  near(exp(-20.5), 1.2501528663867426e-9);
  near(ln(10), Math.LN10);
  near(ln(0.3), -1.2039728043259361);
  near(cos(1), 0.5403023058681398);
  near(cos(2 * Math.PI * 0.3), -0.30901699437494734);
  near(log1p(1e-9), 9.999999995e-10);
  near(pow(0.999, 1234), 0.29094605365002846);
});

test.each(['gpu-worker', 'src/statistics'])('%s takes no function from Math in which versions of V8 differ', (room) => {
  const folder = join(import.meta.dirname, '../..', room);
  const varying = /Math\.(exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot|a?sinh?|a?cosh?|a?tanh?|atan2)\b/;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .flatMap((line, index) => (varying.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});

/** `**` is Math.pow. */
test('statistics write powers as products', () => {
  const folder = join(import.meta.dirname, '../../src/statistics');
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => /[\w)\]!] \*\* [\w(]/.test(readFileSync(join(folder, name), 'utf8')));
  expect(found).toEqual([]);
});
