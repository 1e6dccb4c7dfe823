import Negotiator from 'negotiator';

/** Clients have few headers `accept`; any can be made up. */
const maxKept = 100;
const maxKeptLength = 300;

/**
 * Which of these media types a client prefers, by its header `accept`: of several that it likes equally, the first;
 * null: none. What a header says is read once.
 */
export function preferredMediaType<Type extends string>(
  types: readonly Type[],
): (accept: string | undefined) => Type | null {
  const known = new Map<string | undefined, Type | null>();
  return (accept) => {
    const found = known.get(accept);
    if (found !== undefined) return found;
    const headers = accept === undefined ? {} : { accept };
    const preferred = (new Negotiator({ headers }).mediaType([...types]) as Type | undefined) ?? null;
    if (known.size < maxKept && (accept?.length ?? 0) <= maxKeptLength) known.set(accept, preferred);
    return preferred;
  };
}
