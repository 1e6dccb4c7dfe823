/**
 * Release 0.1 had one kind of head, whose fields stood in the spec or task itself: `{ labelColumn, labels, classWeights
 * }` in place of `head`. Jobs and experiments of that release hold such specs.
 */

/** A spec of any release in today's form. A value that is no spec comes back as it is, for the parser to refuse. */
export function upgradeSpec(spec: unknown): unknown {
  if (!isRecord(spec)) return spec;
  if (Array.isArray(spec.tasks)) return { ...spec, tasks: spec.tasks.map(withHead) };
  return withHead(spec);
}

function withHead(value: unknown): unknown {
  if (!isRecord(value) || 'head' in value || !('labelColumn' in value)) return value;
  const { labelColumn, labels, classWeights, ...rest } = value;
  return { ...rest, head: { kind: 'classification', labelColumn, labels, classWeights } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
