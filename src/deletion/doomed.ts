import type { ObjectRow } from '../graphql/object-kinds.js';
import type { Query } from '../protocol/sql/query.js';
import { type DeletableKind, type DoomedKind, tableOf, usersOf } from './lineage.js';

/** Objects that are to go, by kind: row ids. */
export class Doomed {
  private readonly byKind = new Map<DoomedKind, Set<string>>();

  ids(kind: DoomedKind): readonly string[] {
    return [...(this.byKind.get(kind) ?? [])];
  }

  all(): readonly string[] {
    return [...this.byKind.values()].flatMap((ids) => [...ids]);
  }

  entries(): readonly (readonly [DoomedKind, readonly string[]])[] {
    return [...this.byKind].map(([kind, ids]) => [kind, [...ids]] as const);
  }

  /** Adds objects; returns the ids of those that are new. */
  add(kind: DoomedKind, ids: readonly string[]): readonly string[] {
    const known = this.byKind.get(kind) ?? new Set();
    const added = ids.filter((id) => !known.has(id));
    this.byKind.set(kind, new Set([...known, ...added]));
    return added;
  }
}

export interface Collected {
  readonly doomed: Doomed;
  /** Without `cascade`: what uses the object, and stands in its way. */
  readonly users: readonly ObjectRow[];
}

/**
 * What goes with an object: its parts and, with `cascade`, all that uses it or came out of it, and so on.
 *
 * With `lock` each row is locked before its users are looked for. A row that begins to refer to a locked one waits for
 * the transaction, and then finds it gone; so what is found is all there is, until COMMIT. What went while its lock was
 * waited for is left out, and so is an alias that was moved to another model meanwhile.
 */
export async function collect(
  query: Query,
  root: { readonly kind: DeletableKind; readonly id: string },
  { cascade, lock }: { readonly cascade: boolean; readonly lock: boolean },
): Promise<Collected> {
  const doomed = new Doomed();
  const take = async (kind: DoomedKind, ids: readonly string[]): Promise<readonly string[]> => {
    const found = lock ? await lockThose(query, kind, ids, doomed.ids('BaseModel')) : ids;
    return doomed.add(kind, found);
  };

  if (root.kind === 'FeedbackTask' && lock) await query(lockItemsOfTask, [root.id]);
  let frontier = [...(await take(root.kind, [root.id]))];
  if (root.kind === 'Dataset') {
    const versions = await query<{ id: string }>('SELECT id FROM dataset_versions WHERE dataset_id = $1', [root.id]);
    frontier = [
      ...(await take(
        'DatasetVersion',
        versions.map(({ id }) => id),
      )),
    ];
  }
  if (root.kind === 'FeedbackTask') {
    // What people said is in them, too.
    const files = await query<{ id: string }>('SELECT id FROM dataset_exports WHERE feedback_task_id = $1', [root.id]);
    await take(
      'DatasetExport',
      files.map(({ id }) => id),
    );
  }
  let users = await usersOf(query, frontier);
  if (!cascade) return { doomed, users };
  while (users.length > 0) {
    frontier = [];
    for (const [kind, ids] of groupByKind(users)) frontier.push(...(await take(kind, ids)));
    users = frontier.length === 0 ? [] : await usersOf(query, frontier);
  }
  return { doomed, users: [] };
}

/** Before their task's lock, as answers take them: whoever answers meanwhile is waited for, or finds the item gone. */
const lockItemsOfTask = 'SELECT 1 FROM feedback_items WHERE task_id = $1 ORDER BY id FOR UPDATE';

/** Locks the rows that are there, and returns their ids: of aliases, those that still stand for one of the models. */
async function lockThose(
  query: Query,
  kind: DoomedKind,
  ids: readonly string[],
  modelIds: readonly string[],
): Promise<readonly string[]> {
  const [stillUses, models] = kind === 'ModelAlias' ? [' AND base_model_id = ANY($2::uuid[])', [modelIds]] : ['', []];
  // PostgreSQL checks the condition again on a row that it waited for.
  const rows = await query<{ id: string }>(
    `SELECT id FROM ${tableOf[kind]} WHERE id = ANY($1::uuid[])${stillUses} ORDER BY id FOR UPDATE`,
    [ids, ...models],
  );
  return rows.map(({ id }) => id);
}

function groupByKind(rows: readonly ObjectRow[]): ReadonlyMap<DoomedKind, readonly string[]> {
  const groups = new Map<DoomedKind, string[]>();
  for (const { kind, id } of rows) {
    const known = kind as DoomedKind;
    groups.set(known, [...(groups.get(known) ?? []), id]);
  }
  return groups;
}
