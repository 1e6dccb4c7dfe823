import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionNode, type SelectionSetNode } from 'graphql';

type Asked = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** What an operation selects of a field's object; of a page, what it selects of the page and of its objects. */
export interface SelectedOfPage {
  readonly ofNodes: ReadonlySet<string>;
  /** Whether any cursor is selected. */
  readonly withCursors: boolean;
}

// A parsed document is kept for many operations, and so is what its fields select.
const ofObjects = new WeakMap<FieldNode, ReadonlySet<string>>();
const ofPages = new WeakMap<FieldNode, SelectedOfPage>();

/**
 * Names of the fields that an operation selects of the object that a field returns: at least those that will be
 * resolved, since fragments of other types and fields that a directive leaves out count as well.
 */
export function selectedFields({ fieldNodes, fragments }: Asked): ReadonlySet<string> {
  if (fieldNodes.length > 1) return namesIn(fieldNodes, fragments);
  return remembered(ofObjects, fieldNodes[0]!, () => namesIn(fieldNodes, fragments));
}

/** The same for a field that returns a connection. */
export function selectedOfPage({ fieldNodes, fragments }: Asked): SelectedOfPage {
  if (fieldNodes.length > 1) return pageIn(fieldNodes, fragments);
  return remembered(ofPages, fieldNodes[0]!, () => pageIn(fieldNodes, fragments));
}

function pageIn(fields: readonly FieldNode[], fragments: Asked['fragments']): SelectedOfPage {
  const ofPage = fieldsIn(fields, fragments);
  const edges = ofPage.filter(({ name }) => name.value === 'edges');
  const ofEdges = fieldsIn(edges, fragments);
  const nodes = [
    ...ofPage.filter(({ name }) => name.value === 'nodes'),
    ...ofEdges.filter(({ name }) => name.value === 'node'),
  ];
  const pageInfo = ofPage.filter(({ name }) => name.value === 'pageInfo');
  const cursors = [...ofEdges, ...fieldsIn(pageInfo, fragments)].filter(({ name }) => /cursor$/i.test(name.value));
  return { ofNodes: namesIn(nodes, fragments), withCursors: cursors.length > 0 };
}

function remembered<Value>(known: WeakMap<FieldNode, Value>, field: FieldNode, find: () => Value): Value {
  const found = known.get(field) ?? find();
  known.set(field, found);
  return found;
}

function namesIn(fields: readonly FieldNode[], fragments: Asked['fragments']): ReadonlySet<string> {
  return new Set(fieldsIn(fields, fragments).map(({ name }) => name.value));
}

/** The fields in the braces of these fields, those in fragments too. */
function fieldsIn(fields: readonly FieldNode[], fragments: Asked['fragments']): FieldNode[] {
  const spread = new Set<string>();
  const ofSet = (set: SelectionSetNode | undefined): FieldNode[] => (set?.selections ?? []).flatMap(ofSelection);
  const ofSelection = (selection: SelectionNode): FieldNode[] => {
    switch (selection.kind) {
      case Kind.FIELD:
        return [selection];
      case Kind.INLINE_FRAGMENT:
        return ofSet(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD: {
        const { value } = selection.name;
        if (spread.has(value)) return [];
        spread.add(value);
        return ofSet(fragments[value]?.selectionSet);
      }
      default:
        return selection satisfies never;
    }
  };
  return fields.flatMap(({ selectionSet }) => ofSet(selectionSet));
}
