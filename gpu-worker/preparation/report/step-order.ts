import type { ReportFinding, SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';

/**
 * Kinds of steps, each with the kinds that have to be applied before it, so that all suggested steps can be applied in
 * their order and each still does what its finding says: labels are voted on before the copies that vote are dropped;
 * masked texts may be equal that were not; splits are drawn of the rows that stay, and rows are copied at the very end.
 */
const afterKinds: Readonly<Record<string, readonly string[]>> = {
  filterLength: ['repairMojibake'],
  resolveLabelConflicts: ['repairMojibake', 'mapLabels'],
  dropDuplicates: ['repairMojibake', 'resolveLabelConflicts'],
  maskPersonalData: [
    ...['repairMojibake', 'filterLength', 'filterLanguage', 'dropMissing'],
    ...['resolveLabelConflicts', 'dropDuplicates'],
  ],
  drawSplits: [
    ...['mapLabels', 'filterLength', 'filterLanguage', 'filterRows', 'dropMissing'],
    ...['resolveLabelConflicts', 'dropDuplicates'],
  ],
  balanceLabels: [
    ...['mapLabels', 'filterLength', 'filterLanguage', 'filterRows', 'dropMissing'],
    ...['resolveLabelConflicts', 'dropDuplicates', 'drawSplits'],
  ],
};

/** Findings in their order, but for those whose steps have to be applied before that of another one before them. */
export function stepsInOrder(findings: readonly ReportFinding[]): ReportFinding[] {
  const ordered = new Set<ReportFinding>();
  const withSteps = findings.filter(({ suggestedStep }) => suggestedStep !== null);
  const take = (finding: ReportFinding): void => {
    if (ordered.has(finding)) return;
    for (const other of withSteps) if (isBefore(other, finding)) take(other);
    ordered.add(finding);
  };
  for (const finding of findings) take(finding);
  return [...ordered];
}

function isBefore(one: ReportFinding, other: ReportFinding): boolean {
  const { suggestedStep: first, columns } = one;
  const { suggestedStep: second } = other;
  if (first === null || second === null) return false;
  // A step can not name a column that was dropped.
  if (second.kind === 'dropColumns') {
    const dropped = second.columns as readonly string[];
    return first.kind !== 'dropColumns' && columns.some((column) => dropped.includes(column));
  }
  // The later of two draws counts: one that keeps groups together, and stratifies too.
  if (first.kind === 'drawSplits' && second.kind === 'drawSplits') return !drawsGroups(first) && drawsGroups(second);
  return (afterKinds[second.kind] ?? []).includes(first.kind);
}

function drawsGroups({ groupBy }: SuggestedStep): boolean {
  return (groupBy as readonly string[]).length > 0;
}
