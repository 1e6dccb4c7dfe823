import type { Finding } from './finding.js';

/**
 * Leaves of finds that overlap the most certain one, of equally certain ones the longest, of equally long ones the
 * first. The result is in the order of the text.
 */
export function withoutOverlaps(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  const sorted = [...findings].sort((one, other) => one.start - other.start || other.end - one.end);
  const kept: Finding[] = [];
  let first = 0;
  // Finds that touch in a chain are settled among themselves, so that a text with many finds is not compared in pairs.
  for (let index = 1, end = sorted[0]!.end; index <= sorted.length; index++) {
    if (index < sorted.length && sorted[index]!.start < end) {
      end = Math.max(end, sorted[index]!.end);
      continue;
    }
    keepBest(sorted.slice(first, index), kept);
    first = index;
    end = sorted[index]?.end ?? 0;
  }
  return kept;
}

function keepBest(chain: Finding[], kept: Finding[]): void {
  if (chain.length === 1) {
    kept.push(chain[0]!);
    return;
  }
  const best: Finding[] = [];
  for (const finding of chain.sort(byCertainty)) {
    if (best.every((other) => finding.end <= other.start || finding.start >= other.end)) best.push(finding);
  }
  kept.push(...best.sort((one, other) => one.start - other.start));
}

const byCertainty = (one: Finding, other: Finding): number =>
  other.confidence - one.confidence || other.end - other.start - (one.end - one.start) || one.start - other.start;
