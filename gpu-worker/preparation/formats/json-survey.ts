import { type CutValue, JsonFault, JsonValues, type ValueVisitor } from './json-values.js';

/** How the rows of a JSON document are laid out. */
type JsonLayout =
  /** A list of objects, or an object of them: each is a row. */
  | 'RECORDS'
  /** A list of lists: each is a row. */
  | 'ROWS'
  /** An object of lists of equal length, or of objects with the same keys, as pandas writes them: each is a column. */
  | 'COLUMNS';

/** A part of a JSON document that rows can be read from. */
export interface JsonTable {
  readonly path: readonly (string | number)[];
  readonly layout: JsonLayout;
  readonly rows: number;
}

/** What a container of a document holds. */
interface Contents {
  readonly path: readonly (string | number)[];
  readonly isList: boolean;
  /** Its place in the document, by depth and order. */
  members: number;
  objects: number;
  lists: number;
  scalars: number;
  /** Of the containers in it: how many members each of the first has. */
  readonly sizes: number[];
  /** Whether its keys are 0, 1, 2 and so on. */
  isCounted: boolean;
  /** Its first keys, as one text. */
  keys: string;
}

/** Deeper than this nobody puts a table. */
const maxDepth = 5;
/** Of an object with more members than this the others are counted only. */
const maxLooked = 20_000;
const keysCompared = 50;

/**
 * Finds the parts of a JSON document that rows can be read from, in one pass and in memory that does not grow with it.
 */
export class JsonSurvey implements ValueVisitor {
  private readonly open: Contents[] = [];
  private readonly closed: Contents[] = [];
  private readonly values = new JsonValues(this, 0);
  private root: 'LIST' | 'OBJECT' | null = null;

  /** @throws JsonFault */
  push(chunk: Uint8Array): void {
    this.values.push(chunk);
  }

  /** @throws JsonFault: the document is not JSON, or holds a single value */
  finish(): readonly JsonTable[] {
    this.values.finish();
    if (this.root === null) throw new JsonFault('the document is a single value');
    const tables = this.closed
      .flatMap((contents) => this.tableOf(contents))
      .sort((a, b) => a.path.length - b.path.length);
    // A list that stands alone in an object is a column only if nothing else is a table.
    const strong = tables.filter(({ isColumn }) => isColumn !== true);
    return (strong.length > 0 ? strong : tables).map(({ path, layout, rows }) => ({ path, layout, rows }));
  }

  begin(path: readonly (string | number)[], kind: 'LIST' | 'OBJECT'): 'ENTER' | 'SKIP' {
    this.root ??= kind;
    const parent = this.open.at(-1);
    if (parent !== undefined) {
      this.note(parent, path);
      if (kind === 'LIST') parent.lists++;
      else parent.objects++;
      // Items of a list are rows, whose insides are no tables of the document.
      if (parent.isList || path.length > maxDepth || parent.members > maxLooked) return 'SKIP';
    }
    this.open.push({
      path: [...path],
      isList: kind === 'LIST',
      members: 0,
      objects: 0,
      lists: 0,
      scalars: 0,
      sizes: [],
      isCounted: true,
      keys: '',
    });
    return 'ENTER';
  }

  value(path: readonly (string | number)[], _: CutValue): void {
    const parent = this.open.at(-1);
    if (parent === undefined) return;
    this.note(parent, path);
    parent.scalars++;
  }

  end(): void {
    const contents = this.open.pop()!;
    this.open.at(-1)?.sizes.push(contents.members);
    if (this.closed.length < maxLooked) this.closed.push(contents);
  }

  private note(parent: Contents, path: readonly (string | number)[]): void {
    const key = path.at(-1)!;
    if (!parent.isList && parent.members < keysCompared) {
      parent.isCounted &&= key === String(parent.members);
      parent.keys += `${JSON.stringify(key)},`;
    }
    parent.members++;
  }

  private tableOf(contents: Contents): (JsonTable & { readonly isColumn?: boolean })[] {
    const { path, isList, members, objects, lists, scalars, sizes } = contents;
    if (isList) {
      // What else stands among objects is rejected as a row.
      if (objects > 0 && objects >= lists) return [{ path, layout: 'RECORDS', rows: members }];
      return lists > 0 && lists > scalars ? [{ path, layout: 'ROWS', rows: members }] : [];
    }
    if (members === 0 || scalars > 0 || sizes.length !== members) return [];
    const [first] = sizes as [number];
    const isEven = sizes.every((size) => size === first) && first > 0;
    const inside = this.closed.filter(
      (each) => each.path.length === path.length + 1 && path.every((key, index) => each.path[index] === key),
    );
    const haveSameKeys = inside.every((each) => each.keys === inside[0]!.keys);
    if (lists === members) {
      const areRows = inside.some((each) => each.objects > 0) || inside.every((each) => each.lists === each.members);
      return isEven && !areRows ? [{ path, layout: 'COLUMNS', rows: first, isColumn: members === 1 }] : [];
    }
    if (objects < members || !isEven || !haveSameKeys) return [];
    if (inside.every((each) => each.isCounted)) return [{ path, layout: 'COLUMNS', rows: first }];
    return members > 1 ? [{ path, layout: 'RECORDS', rows: members }] : [];
  }
}

/** A path as people write it: `data.items`; as a JSON pointer (RFC 6901) where a key has a dot or is empty. */
export function writePath(path: readonly (string | number)[]): string {
  const keys = path.map(String);
  if (keys.every((key) => key !== '' && !/[./]/.test(key))) return keys.join('.');
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The table that is so much larger than all others that it is meant; null: none is. */
export function largestOf(tables: readonly JsonTable[]): JsonTable | null {
  const [first, second] = tables.toSorted((a, b) => b.rows - a.rows);
  if (first === undefined) return null;
  return second === undefined || first.rows >= clearlyMore * second.rows ? first : null;
}

const clearlyMore = 10;
