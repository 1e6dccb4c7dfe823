/**
 * What is divided: units, which are single rows, or rows that have to stay together. Units with the same number of rows
 * and the same labels are of one kind, and are counted rather than listed: a million rows often come in a few hundred
 * kinds. `[K]` kinds, `[E]` entries, which are labels of kinds.
 */
export interface UnitKinds {
  /** How many units are of the kind. `[K]` */
  readonly units: Int32Array;
  /** How many rows a unit of the kind has. `[K]` */
  readonly rows: Int32Array;
  /** Kind i has the entries from `starts[i]` up to `starts[i + 1]`. `[K + 1]` */
  readonly starts: Int32Array;
  /** A number from 0 up to `labelCount`, at most once in a kind. `[E]` */
  readonly labels: Int32Array;
  /** How many rows of a unit have the label: at least one. `[E]` */
  readonly occurrences: Int32Array;
  readonly labelCount: number;
}

/**
 * The kinds of each label: those of label l are `kinds[starts[l]]` up to `kinds[starts[l + 1]]`, in the given order.
 */
export interface KindsOfLabels {
  readonly starts: Int32Array;
  readonly kinds: Int32Array;
}

/** @param order all kinds, each once */
export function kindsOfLabels({ starts, labels, labelCount }: UnitKinds, order: Int32Array): KindsOfLabels {
  const ends = new Int32Array(labelCount + 1);
  for (const label of labels) ends[label + 1]!++;
  for (let label = 0; label < labelCount; label++) ends[label + 1]! += ends[label]!;
  const next = ends.slice();
  const kinds = new Int32Array(labels.length);
  for (const kind of order) {
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) kinds[next[labels[at]!]!++] = kind;
  }
  return { starts: ends, kinds };
}

/** In how many units each label occurs. `[labels]` */
export function unitsOfLabels({ units, starts, labels, labelCount }: UnitKinds): Int32Array {
  const counts = new Int32Array(labelCount);
  for (const [kind, count] of units.entries()) {
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) counts[labels[at]!]! += count;
  }
  return counts;
}

/** In how many rows each label occurs. `[labels]` */
export function rowsOfLabels({ units, starts, labels, occurrences, labelCount }: UnitKinds): Int32Array {
  const counts = new Int32Array(labelCount);
  for (const [kind, count] of units.entries()) {
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) counts[labels[at]!]! += count * occurrences[at]!;
  }
  return counts;
}
