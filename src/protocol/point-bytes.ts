import type { MetricPoint } from './metric-spans.js';

/**
 * A point in bytes, whose order (PostgreSQL compares bytea from the first byte on) is one of points: then `least` and
 * `greatest` of PostgreSQL merge what two writes say of a span, and keep the epoch and the moment of the point that
 * they choose. Numbers are big-endian.
 *
 *   by step                        step, value, epoch, moment
 *   by value, then by step         value, step, epoch, moment
 *   by value, then by step, down   value, −step, epoch, moment: of equal values the earlier one is the greater
 *
 * A writer leaves the moment out, which the statement appends (sql/moment-bytes.ts).
 */
export const pointBytes = 28;
const momentAt = 20;

type RecordedPoint = Pick<MetricPoint, 'step' | 'value' | 'epoch'>;

export function byStep({ step, value, epoch }: RecordedPoint): Buffer {
  const bytes = Buffer.allocUnsafe(momentAt);
  bytes.writeInt32BE(step, 0);
  bytes.writeDoubleBE(value, 4);
  bytes.writeDoubleBE(epoch, 12);
  return bytes;
}

export const byValue = (point: RecordedPoint): Buffer => orderedBy(point.value, point.step, point.epoch);
export const byValueDownwards = (point: RecordedPoint): Buffer => orderedBy(point.value, ~point.step, point.epoch);

function orderedBy(value: number, step: number, epoch: number): Buffer {
  const bytes = Buffer.allocUnsafe(momentAt);
  // 0 and −0 are equal, but not their bits.
  bytes.writeDoubleBE(value === 0 ? 0 : value, 0);
  turnValue(bytes);
  bytes.writeInt32BE(step, 8);
  bytes.writeDoubleBE(epoch, 12);
  return bytes;
}

/** Bits of floats sort as they are when the sign is turned, and those of negative ones when all are. */
function turnValue(bytes: Buffer): void {
  const isNegative = bytes[0]! >= 0x80;
  bytes[0]! ^= 0x80;
  if (!isNegative) return;
  bytes[0]! ^= 0x7f;
  for (let i = 1; i < 8; i += 1) bytes[i]! ^= 0xff;
}

/** What is read of bytes from `at` on. */
export interface ReadPoint {
  step: number;
  value: number;
  epoch: number;
  /** Milliseconds since 1970. */
  moment: number;
}

export function readByStep(view: DataView, at: number, into: ReadPoint): void {
  into.step = view.getInt32(at);
  into.value = view.getFloat64(at + 4);
  into.epoch = view.getFloat64(at + 12);
  into.moment = wholeNumber(view, at + momentAt);
}

const turned = new DataView(new ArrayBuffer(8));

/** Of either order by value. */
export function readByValue(view: DataView, at: number, into: ReadPoint): void {
  const high = view.getUint32(at);
  const isNegative = high < 0x80000000;
  turned.setUint32(0, isNegative ? ~high : high ^ 0x80000000);
  turned.setUint32(4, isNegative ? ~view.getUint32(at + 4) : view.getUint32(at + 4));
  into.value = turned.getFloat64(0);
  const step = view.getInt32(at + 8);
  into.step = step < 0 ? ~step : step;
  into.epoch = view.getFloat64(at + 12);
  into.moment = wholeNumber(view, at + momentAt);
}

/** Of eight bytes, up to 2^53. A BigInt for each point would take longer than all else. */
export function wholeNumber(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
}
