import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byStep,
  byValue,
  byValueDownwards,
  type ReadPoint,
  readByStep,
  readByValue,
  wholeNumber,
} from '../../../src/protocol/point-bytes.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const step = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const pointOf = (value: fc.Arbitrary<number>) => fc.record({ step, value, epoch: finite });

/** As the statement does that writes it. */
function at(bytes: Buffer, moment: number): DataView {
  const whole = Buffer.alloc(28);
  bytes.copy(whole);
  whole.writeBigInt64BE(BigInt(moment), 20);
  return new DataView(whole.buffer, whole.byteOffset, whole.length);
}

function read(bytes: Buffer, moment: number, reading: typeof readByStep): ReadPoint {
  const point = { step: 0, value: 0, epoch: 0, moment: 0 };
  reading(at(bytes, moment), 0, point);
  return point;
}

/** From before 1970, and from after 2^32 milliseconds. */
const moment = fc.integer({ min: -(2 ** 40), max: 2 ** 45 });

test('a point is read as it was written', () => {
  fc.assert(
    fc.property(pointOf(fc.double()), moment, (point, moment) => {
      expect(read(byStep(point), moment, readByStep)).toEqual({ ...point, moment });
    }),
  );
  fc.assert(
    fc.property(pointOf(finite), moment, (point, moment) => {
      const plain = { ...point, value: point.value === 0 ? 0 : point.value, moment };
      expect(read(byValue(point), moment, readByValue)).toEqual(plain);
      expect(read(byValueDownwards(point), moment, readByValue)).toEqual(plain);
    }),
  );
});

test('bytes sort as points do', () => {
  const few = fc.oneof(finite, fc.constantFrom(-1, -0, 0, 1, Number.MIN_VALUE, -Number.MIN_VALUE));
  fc.assert(
    fc.property(pointOf(few), pointOf(few), (a, b) => {
      fc.pre(a.step !== b.step);
      const steps = Math.sign(a.step - b.step);
      expect(Buffer.compare(byStep(a), byStep(b))).toBe(steps);
      const values = a.value === b.value ? 0 : a.value < b.value ? -1 : 1;
      expect(Buffer.compare(byValue(a), byValue(b))).toBe(values === 0 ? steps : values);
      // Of equal values the earlier one is the greater.
      expect(Buffer.compare(byValueDownwards(a), byValueDownwards(b))).toBe(values === 0 ? -steps : values);
    }),
  );
});

test('a moment of more than 32 bits is a whole number', () => {
  const now = 1_796_000_000_123;
  expect(wholeNumber(at(Buffer.alloc(20), now), 20)).toBe(now);
});
