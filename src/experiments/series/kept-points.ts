import type { ReadPoint } from '../../protocol/point-bytes.js';

/** What a point can be of a stretch. */
export const roles = { first: 0, last: 1, nonFinite: 2, least: 3, greatest: 4 } as const;
export const keptPerStretch = 5;

/** A point of a series. */
export interface SeriesPoint {
  readonly attempt: number;
  readonly step: number;
  readonly epoch: number;
  readonly value: number;
  readonly at: Date;
}

const numbersOfPoint = 5;
const [stepAt, attemptAt, valueAt, epochAt, momentAt] = [0, 1, 2, 3, 4];
const none = -1;

/**
 * The points that are kept of each stretch: first, last, least, greatest, and first that is not finite. Whatever is
 * offered, in any order; they are numbers in one list until all are known, as objects of all that is offered would take
 * longer than reading it.
 */
export class KeptPoints {
  private readonly numbers: Float64Array;

  constructor(private readonly stretches: number) {
    this.numbers = new Float64Array(stretches * keptPerStretch * numbersOfPoint).fill(none);
  }

  /** For one role, which the point has in some part of the stretch. */
  offer(stretch: number, role: number, attempt: number, { step, value, epoch, moment }: ReadPoint): void {
    const { numbers } = this;
    const at = (stretch * keptPerStretch + role) * numbersOfPoint;
    const kept = numbers[at]!;
    if (kept !== none && !isBefore(role, step, value, kept, numbers[at + valueAt]!)) return;
    numbers[at + stepAt] = step;
    numbers[at + attemptAt] = attempt;
    numbers[at + valueAt] = value;
    numbers[at + epochAt] = epoch;
    numbers[at + momentAt] = moment;
  }

  /** For every role that it can have. */
  offerAll(stretch: number, attempt: number, point: ReadPoint): void {
    this.offer(stretch, roles.first, attempt, point);
    this.offer(stretch, roles.last, attempt, point);
    if (Number.isFinite(point.value)) {
      this.offer(stretch, roles.least, attempt, point);
      this.offer(stretch, roles.greatest, attempt, point);
    } else this.offer(stretch, roles.nonFinite, attempt, point);
  }

  /**
   * By step, each once. Where the moment of a point is not known, the point is asked for.
   * @param find the point of a former summary
   */
  points(find: (step: number, attempt: number) => SeriesPoint | undefined): SeriesPoint[] {
    const { numbers } = this;
    const points: SeriesPoint[] = [];
    const places: number[] = [];
    // The points of one write have the same moment.
    let at = new Date(none);
    for (let stretch = 0; stretch < this.stretches; stretch += 1) {
      this.placesOf(stretch, places);
      for (const place of places) {
        const step = numbers[place + stepAt]!;
        const attempt = numbers[place + attemptAt]!;
        const moment = numbers[place + momentAt]!;
        if (Number.isNaN(moment)) {
          const found = find(step, attempt);
          if (found !== undefined) points.push(found);
          continue;
        }
        if (at.getTime() !== moment) at = new Date(moment);
        points.push({ attempt, step, epoch: numbers[place + epochAt]!, value: numbers[place + valueAt]!, at });
      }
    }
    return points;
  }

  /** The points whose moments are not known. */
  unknown(): { readonly step: number; readonly attempt: number }[] {
    const { numbers } = this;
    const unknown: { step: number; attempt: number }[] = [];
    const places: number[] = [];
    for (let stretch = 0; stretch < this.stretches; stretch += 1) {
      this.placesOf(stretch, places);
      for (const at of places) {
        if (Number.isNaN(numbers[at + momentAt]))
          unknown.push({ step: numbers[at + stepAt]!, attempt: numbers[at + attemptAt]! });
      }
    }
    return unknown;
  }

  /** Where the different points of a stretch are, by step. */
  private placesOf(stretch: number, places: number[]): void {
    const { numbers } = this;
    places.length = 0;
    const from = stretch * keptPerStretch * numbersOfPoint;
    for (let at = from; at < from + keptPerStretch * numbersOfPoint; at += numbersOfPoint) {
      const step = numbers[at]!;
      if (step === none) continue;
      let place = places.length;
      while (place > 0 && numbers[places[place - 1]!]! > step) place -= 1;
      if (place > 0 && numbers[places[place - 1]!] === step) continue;
      places.splice(place, 0, at);
    }
  }
}

/** Whether a point has the role rather than the one that is kept. Of equal values the earlier one is kept. */
function isBefore(role: number, step: number, value: number, keptStep: number, keptValue: number): boolean {
  switch (role) {
    case roles.last:
      return step > keptStep;
    case roles.least:
      return value < keptValue || (value === keptValue && step < keptStep);
    case roles.greatest:
      return value > keptValue || (value === keptValue && step < keptStep);
    default:
      return step < keptStep;
  }
}
