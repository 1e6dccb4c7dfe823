import type { Term } from './terms.js';

/** What terms that may hold themselves come to. */

/** Whether a term has an end, where the named references have none that is known yet. */
export function canEnd({ shape, mayEnd }: Term, unknown: ReadonlySet<string>): boolean {
  switch (shape.kind) {
    case 'never':
      return false;
    case 'empty':
    case 'byte':
    case 'bytes':
    case 'numeral':
    case 'excluding':
      return true;
    case 'sequence':
      return canEnd(shape.head, unknown) && canEnd(shape.tail, unknown);
    case 'either':
      return mayEnd || shape.terms.some((term) => canEnd(term, unknown));
    case 'repeat':
      return shape.min === 0 || canEnd(shape.term, unknown);
    case 'reference':
      return !unknown.has(shape.name);
    default:
      return shape satisfies never;
  }
}

/** Whether the value of one name begins, without a byte before it, with that of another. */
export function beginsWithin(from: string, to: string, bodies: ReadonlyMap<string, Term>): boolean {
  const seen = new Set<string>();
  const open = [bodies.get(from)!];
  for (let term = open.pop(); term !== undefined; term = open.pop()) {
    const { shape } = term;
    if (shape.kind === 'either') open.push(...shape.terms);
    else if (shape.kind === 'sequence') open.push(shape.head, ...(shape.head.mayEnd ? [shape.tail] : []));
    else if (shape.kind === 'repeat') open.push(shape.term);
    else if (shape.kind === 'reference') {
      if (shape.name === to) return true;
      if (!seen.has(shape.name)) open.push(bodies.get(shape.name)!);
      seen.add(shape.name);
    }
  }
  return false;
}
