import { maxLabelLength } from '../../src/protocol/heads.js';
import { unsupported } from './problems.js';

/** The task of an imported head whose file names none. */
export const importedTask = 'label';

/** Far more than any classifier has: every name is in memory, and in each of the model's manifests. */
const maxClasses = 100_000;

/**
 * Labels of a configuration's `id2label` in the order of the logits. Null where there are none, or ids do not count
 * from 0 without gap. A number or a truth value is a name too, as JSON writes it and as cells of data with such labels
 * read; a value that names nothing (null, a list) leaves its class alone with the default name. A bare `num_labels`
 * names nothing: its classes get the names of `defaultLabels` once a head is seen to have that many. Errors:
 * ProblemError UNSUPPORTED_MODEL.
 */
export function labelsOf({ id2label }: Readonly<Record<string, unknown>>): string[] | null {
  if (typeof id2label !== 'object' || id2label === null) return null;
  const byId: Record<string, unknown> = { ...id2label };
  const ids = Object.keys(byId).map((_, id) => id);
  if (ids.length === 0 || !ids.every((id) => Object.hasOwn(byId, id))) return null;
  const labels = ids.map((id) => nameOf(byId[id]) ?? defaultLabel(id));
  for (const [id, label] of labels.entries()) refuseLabel(label, id);
  return labels;
}

function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/**
 * Refuses a label that cannot be stored, or that no list can be filtered by. Errors: ProblemError UNSUPPORTED_MODEL.
 */
function refuseLabel(label: string, id: number): void {
  if (label.length > maxLabelLength) {
    throw unsupported(
      `id2label has a name of ${label.length} characters for class ${id}; supported: at most ${maxLabelLength}`,
    );
  }
  if (/[\0\p{Surrogate}]/u.test(label)) {
    throw unsupported(`id2label has a name with a NUL, or with half a surrogate pair, for class ${id}`);
  }
}

/**
 * What transformers calls the classes of a head without names. `count` is one that `refuseTooManyClasses` lets pass.
 */
export function defaultLabels(count: number): string[] {
  return Array.from({ length: count }, (_, id) => defaultLabel(id));
}

export function defaultLabel(id: number): string {
  return `LABEL_${id}`;
}

/**
 * Refuses more classes than any classifier has: a file of a hundred bytes can claim any number. Errors: ProblemError
 * UNSUPPORTED_MODEL, by the tensor's name.
 */
export function refuseTooManyClasses(tensor: string, classes: number): void {
  if (classes > maxClasses) {
    throw unsupported(`${tensor} is a head of ${classes} classes; supported: at most ${maxClasses}`);
  }
}
