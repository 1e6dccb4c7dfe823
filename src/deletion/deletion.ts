import type { ObjectKind, ObjectRow } from '../graphql/object-kinds.js';

/** What a deletion did, or what it would do. */
export interface Deletion {
  readonly kind: ObjectKind;
  /** Row id. */
  readonly id: string;
  readonly name: string;
  readonly isDryRun: boolean;
  /** How many objects of each kind went, the object itself included; none are left out, and kinds of none are. */
  readonly counts: Readonly<Partial<Record<ObjectKind, number>>>;
  /** Bytes by which the project's storage fell. */
  readonly freedBytes: number;
  /** The first of the objects that went. */
  readonly objects: readonly Pick<ObjectRow, 'kind' | 'id'>[];
}

/** How many objects a deletion, and the event that tells of it, names; `counts` counts all. */
export const maxNamedObjects = 1000;
