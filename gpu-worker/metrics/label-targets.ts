/** The labels of N examples. */
export interface LabelTargets {
  /** [N,C] of 0 and 1. */
  readonly values: Float32Array;
  /** [N] 1, or 0 for an example whose labels are not known, which is left out. */
  readonly present: Float32Array;
  /** By example, the different labels it has that the task does not. */
  readonly unknown?: ReadonlyMap<number, readonly string[]>;
}

/** One label over the examples whose labels are known. */
export interface LabelColumn {
  /** [M] logits. */
  readonly scores: Float64Array;
  /** [M] of 0 and 1. */
  readonly targets: Uint8Array;
}

/** Logits and targets of one label over the examples whose labels are known. */
export function columnOf(logits: Float32Array, targets: LabelTargets, labelCount: number, c: number): LabelColumn {
  const rows = presentRows(targets);
  return {
    scores: Float64Array.from(rows, (row) => logits[row * labelCount + c] ?? Number.NaN),
    targets: Uint8Array.from(rows, (row) => targets.values[row * labelCount + c] ?? 0),
  };
}

/** The rows of the examples whose labels are known. */
export function presentRows({ present }: LabelTargets): number[] {
  const rows: number[] = [];
  for (const [row, isPresent] of present.entries()) if (isPresent !== 0) rows.push(row);
  return rows;
}
