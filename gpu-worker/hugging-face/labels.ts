/** The task that an imported classification head gets, whose file names none. */
export const importedTask = 'label';

/**
 * Labels of a configuration's `id2label` in the order of the logits; transformers' own names for a bare `num_labels`. Null where there
 * is neither, or ids do not count from 0 without gap.
 */
export function labelsOf(config: Readonly<Record<string, unknown>>): string[] | null {
  const { id2label, num_labels: count } = config;
  if (typeof id2label === 'object' && id2label !== null) {
    const byId: Record<string, unknown> = { ...id2label };
    const labels = Array.from(Object.keys(byId), (_, id) => byId[id]);
    return labels.every((label) => typeof label === 'string') ? labels : null;
  }
  return typeof count === 'number' && Number.isInteger(count) && count > 0 ? defaultLabels(count) : null;
}

/** What transformers calls the classes of a head without names. */
export function defaultLabels(count: number): string[] {
  return Array.from({ length: count }, (_, id) => `LABEL_${id}`);
}
