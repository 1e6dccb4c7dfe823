import type { UnitKinds } from '../../gpu-worker/preparation/splits/unit-kinds.js';

/** One kind, as a list; see `UnitKinds`. */
export interface UnitKind {
  readonly units: number;
  readonly rows: number;
  readonly labels: readonly number[];
  readonly occurrences: readonly number[];
}

/** Packs kinds into arrays. */
export function packKinds(kinds: Iterable<UnitKind>, labelCount: number): UnitKinds {
  const units: number[] = [];
  const rows: number[] = [];
  const starts: number[] = [0];
  const labels: number[] = [];
  const occurrences: number[] = [];
  for (const kind of kinds) {
    units.push(kind.units);
    rows.push(kind.rows);
    for (const [i, label] of kind.labels.entries()) {
      labels.push(label);
      occurrences.push(kind.occurrences[i]!);
    }
    starts.push(labels.length);
  }
  return {
    units: Int32Array.from(units),
    rows: Int32Array.from(rows),
    starts: Int32Array.from(starts),
    labels: Int32Array.from(labels),
    occurrences: Int32Array.from(occurrences),
    labelCount,
  };
}
