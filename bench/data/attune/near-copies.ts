import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eachGroupOfEqualKeys } from '../../../gpu-worker/preparation/duplicates/equal-keys.js';
import { clusterNearCopies } from '../../../gpu-worker/preparation/duplicates/near-clusters.js';
import { createNearIndex, type NearIndex } from '../../../gpu-worker/preparation/duplicates/near-index.js';
import type { SideResult, SideSettings } from '../settings.js';

const quiet = () => undefined;

/**
 * Sets of texts that hang together by near copies, as the step and the report find them, without comparing candidates:
 * text-dedup does not either. One thread, as a job has it.
 */
export async function findPairs({ texts, near }: SideSettings): Promise<Pick<SideResult, 'agreed' | 'figures'>> {
  const all = readFileSync(texts!.path, 'utf8').trimEnd().split('\n');
  const before = process.cpuUsage();
  const began = performance.now();
  const index = createNearIndex(all.length, {
    shingles: { unit: 'words', size: near!.size },
    threshold: near!.threshold,
    permutations: near!.factors.length,
    seed: near!.seed,
    verify: false,
  });
  for (const text of all) index.add(text);
  const clusters = clusterNearCopies(index, quiet);
  let stay = 0;
  for (let text = 0; text < index.count; text++) if (clusters.find(text) === text) stay++;
  const searchSeconds = (performance.now() - began) / 1e3;
  const { user, system } = process.cpuUsage(before);
  const pairs = pairsOf(index);
  const digest = createHash('sha256').update(Buffer.from(pairs.buffer)).digest('hex');
  return {
    agreed: { stay, pairs: pairs.length, pairsDigest: digest },
    figures: { searchSeconds, searchProcessorSeconds: (user + system) / 1e6 },
  };
}

/** All pairs that are equal in at least one band, as one number each, ascending. */
function pairsOf({ bands, count, hasShingles }: NearIndex): Float64Array {
  const pairs = new Set<number>();
  const texts = Uint32Array.from({ length: count }, (_, text) => text).filter(hasShingles);
  for (const { high, low } of bands) {
    eachGroupOfEqualKeys(texts, high, low, (group) => {
      for (const [i, one] of group.entries()) {
        for (const other of group.subarray(i + 1)) pairs.add(one * count + other);
      }
    });
  }
  return Float64Array.from(pairs).sort();
}
