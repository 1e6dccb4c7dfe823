import type { ChildList, ChildPageArgs, Listing } from './child-list.js';
import { isAfter, orderBy } from './order.js';
import { joinSql, type Sql, sourceText, sql, toStatement, wholeNumber } from './sql.js';
import { termsCondition, walkFirst } from './walk.js';

/** How many statements of a list are kept; clients can make up any number of arguments. */
const maxKept = 100;
const maxKeyLength = 2_000;

/** The statement of a page, for any parents. */
export interface PageStatement {
  readonly text: string;
  /** One parent, or several: as the statement was asked for. */
  parametersFor(parents: readonly string[]): readonly unknown[];
}

const kept = new WeakMap<ChildList, Map<string, PageStatement>>();

/**
 * The statement that reads a page of each parent: its columns, `key0`… where keys are asked for, and `parentId` where
 * there are several parents. It is the same for all parents, so it is put together once for the same arguments.
 *
 * @param argsKey what tells the arguments from others
 */
export function pageStatement(
  list: ChildList,
  args: ChildPageArgs,
  ofOneParent: boolean,
  argsKey: string,
): PageStatement {
  const ofList = kept.get(list) ?? new Map<string, PageStatement>();
  kept.set(list, ofList);
  const key = `${ofOneParent} ${argsKey}`;
  const known = ofList.get(key);
  if (known !== undefined) return known;
  const made = makeStatement(list, args, ofOneParent);
  if (key.length > maxKeyLength) return made;
  const [oldest] = ofList.keys();
  if (ofList.size >= maxKept && oldest !== undefined) ofList.delete(oldest);
  ofList.set(key, made);
  return made;
}

/** Stands among parameters for the parents, or the one parent. */
const ids = Symbol('parents');

function makeStatement(list: ChildList, args: ChildPageArgs, ofOneParent: boolean): PageStatement {
  const direct = ofOneParent ? statementOfOne(list, args) : null;
  const { text, parameters } = toStatement(direct ?? statementOfAll(list, args));
  const takesOne = direct !== null;
  return {
    text,
    parametersFor: (parents) => parameters.map((value) => (value !== ids ? value : takesOne ? parents[0] : parents)),
  };
}

/**
 * A page of one parent, read as it comes: without the columns that it is sorted by, and without its parent. Null: the
 * page is found in two steps, or refers to its parent by name.
 */
function statementOfOne(list: ChildList, args: ChildPageArgs): Sql | null {
  const { first, after, order = list, select = null, withKeys = true } = args;
  const { isFound, where, walk, key } = wayOf(list, args);
  if (walk !== null || isFound.length > 0 || key !== undefined) return null;
  const { column, type } = list.parent;
  const isOfParent = sql`${sourceText(column)} = ${ids}::${sourceText(type)}`;
  const conditions = [isOfParent, ...where, ...(after === null ? [] : [isAfter(order, after)])];
  const keys = withKeys ? order.sort.map(({ column: sorted }, i) => `, (${sorted})::text AS key${i}`).join('') : '';
  return sql`
    SELECT ${sourceText(`${select ?? list.select}${keys}`)}
     FROM ${sourceText(list.from)} ${order.join ?? sourceText('')}
     WHERE ${joinSql(conditions, ' AND ')}
     ORDER BY ${orderBy(order, ({ column: sorted }) => sorted)}
     LIMIT ${wholeNumber(first + 1)}`;
}

/** Pages of several parents: the index scan with its LIMIT runs once for each parent, inside the server. */
function statementOfAll(list: ChildList, args: ChildPageArgs): Sql {
  const { first, after, order = list, select = null, withKeys = true } = args;
  const { isFound, where, walk, key } = wayOf(list, args);
  const isOfParent = sql`${sourceText(list.parent.column)} = parents.id`;
  const conditions = [isOfParent, ...where, ...isFound, ...(after === null ? [] : [isAfter(order, after)])];
  const page = sql`
       SELECT ${sourceText(key === undefined ? (select ?? list.select) : `${key} AS "pageKey"`)},
         ${sourceText(order.sort.map(({ column }, i) => `${column} AS sort${i}`).join(', '))}
       FROM ${sourceText(list.from)} ${order.join ?? sourceText('')}
       WHERE ${joinSql(conditions, ' AND ')}
       ORDER BY ${orderBy(order, ({ column }) => column)}
       LIMIT ${wholeNumber(first + 1)}`;
  const pageRows =
    walk !== null && key !== undefined
      ? walkFirst({ list: { ...list, key }, isOfParent, where, order, after, first, walk, otherwise: page })
      : page;
  const children =
    key === undefined
      ? page
      : sql`SELECT ${sourceText(select ?? list.select)}, page.* FROM ${sourceText(list.from)}
              JOIN (${pageRows}) AS page ON page."pageKey" = ${sourceText(key)}`;
  const keys = withKeys ? order.sort.map((_, i) => `, children.sort${i}::text AS key${i}`).join('') : '';
  return sql`
    SELECT parents.id AS "parentId", children.*${sourceText(keys)}
     FROM unnest(${ids}::${sourceText(list.parent.type)}[]) AS parents(id)
     CROSS JOIN LATERAL (${children}) AS children
     ORDER BY ${orderBy(order, (_, i) => `children.sort${i}`)}`;
}

/** How the rows of a page are found. */
function wayOf(list: ChildList, args: ChildPageArgs) {
  const { after, order = list, select = null } = args;
  const { where, isFound } = conditionsOf(list, args);
  const walk = order.walk?.(order, after, list.parent.column) ?? null;
  const walks = list.key !== undefined && walk !== null && (walk.from !== null || isFound.length > 0);
  // Few columns are read at once; all of them only for the rows of the page.
  return { where, isFound, walk: walks ? walk : null, key: select === null || walks ? list.key : undefined };
}

/** Conditions of a list, and what finds its rows by the index of terms, if the list has one and the filter any. */
export function conditionsOf(
  { terms, key }: ChildList,
  { where = [], search }: Pick<Listing, 'where' | 'search'>,
): { where: readonly Sql[]; isFound: readonly Sql[] } {
  const inBrackets = (conditions: readonly Sql[]): Sql[] => conditions.map((condition) => sql`(${condition})`);
  if (terms === undefined || key === undefined || search === undefined) {
    return { where: inBrackets(where), isFound: [] };
  }
  return { where: inBrackets(search.where), isFound: [termsCondition(terms, key, search)] };
}
