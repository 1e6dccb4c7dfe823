import { requireCount, requireNumber, StatisticsError } from '../statistics-error.js';

/**
 * Units that cover the others: each next one is farthest from all before it (Gonzalez 1985; as core sets, Sener &
 * Savarese 2018, arXiv:1708.00489). The greatest distance of a unit to a chosen one is at most twice the least that is
 * possible with so many. Without units to start from, the first is the one nearest to the mean, and no outlier. Of
 * several as far the first is taken. Time O(units · count · width).
 *
 * @param embeddings [units, width] row by row; for a distance by angle, of length 1
 * @param count how many to choose, at most as many as there are besides `chosen`
 * @param chosen places of units that were asked before
 * @returns places, in the order of choice
 */
export function kCenter(
  embeddings: Float32Array | Float64Array,
  width: number,
  count: number,
  chosen: readonly number[] = [],
): number[] {
  requireCount('width', width, 1);
  requireCount('count', count, 0);
  const units = embeddings.length / width;
  if (!Number.isInteger(units)) {
    throw new StatisticsError('UNEQUAL_LENGTHS', 'embeddings', `${embeddings.length} numbers are no rows of ${width}.`);
  }
  for (const [index, place] of chosen.entries()) requireNumber(`chosen[${index}]`, place, 0, units - 1);
  const distances = new Float64Array(units).fill(Number.POSITIVE_INFINITY);
  const isChosen = new Uint8Array(units);
  const take = (place: number) => {
    isChosen[place] = 1;
    const center = embeddings.subarray(place * width, (place + 1) * width);
    for (let unit = 0; unit < units; unit++) {
      distances[unit] = Math.min(distances[unit]!, squaredDistance(embeddings, unit * width, center));
    }
  };
  for (const place of chosen) take(place);
  const found: number[] = [];
  let left = isChosen.reduce((sum, taken) => sum - taken, units);
  while (found.length < count && left > 0) {
    const place = left === units ? nearestToMean(embeddings, width) : farthest(distances, isChosen);
    found.push(place);
    take(place);
    left--;
  }
  return found;
}

function farthest(distances: Float64Array, isChosen: Uint8Array): number {
  let place = -1;
  for (let unit = 0; unit < distances.length; unit++) {
    if (isChosen[unit] === 0 && (place < 0 || distances[unit]! > distances[place]!)) place = unit;
  }
  return place;
}

function nearestToMean(embeddings: Float32Array | Float64Array, width: number): number {
  const mean = new Float64Array(width);
  const units = embeddings.length / width;
  for (let index = 0; index < embeddings.length; index++) mean[index % width]! += embeddings[index]! / units;
  let [place, least] = [0, Number.POSITIVE_INFINITY];
  for (let unit = 0; unit < units; unit++) {
    const distance = squaredDistance(embeddings, unit * width, mean);
    if (distance < least) [place, least] = [unit, distance];
  }
  return place;
}

function squaredDistance(rows: ArrayLike<number>, start: number, center: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < center.length; i++) {
    const difference = rows[start + i]! - center[i]!;
    sum += difference * difference;
  }
  return sum;
}
