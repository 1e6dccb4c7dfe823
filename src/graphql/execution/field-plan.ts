import type {
  FieldNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLFieldResolver,
  GraphQLLeafType,
  GraphQLObjectType,
} from 'graphql';
import type { ResolveForAll } from './for-all.js';
import type { LeafText } from './leaf-text.js';

/** The JSON text of a value whose parts are all there; null: the execution has to look at it. */
export type PlainText = (value: unknown) => string | null;

/** A field of an operation at one place of it, with all of it that is the same for each object. */
export interface FieldPlan {
  readonly responseName: string;
  /** Its place among the fields of its selection. */
  readonly at: number;
  /** What stands before its value in JSON: the comma after another field, its name and a colon. */
  readonly prefix: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
  /** Null: the value is the property of the field's name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  /** Resolves it for many objects at once; null: object by object. */
  readonly resolveForAll: ResolveForAll<unknown, unknown, unknown> | null;
  readonly value: ValuePlan;
}

/** How a value of a field, or an item of a list, becomes a part of the answer. */
export type ValuePlan = { readonly isNullable: boolean; readonly plain: () => PlainText | null } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType; readonly text: LeafText }
  | { readonly kind: 'list'; readonly item: ValuePlan }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType; readonly selection: () => SelectionPlan }
  | {
      readonly kind: 'abstract';
      readonly type: GraphQLAbstractType;
      readonly selectionOf: (type: GraphQLObjectType) => SelectionPlan;
    }
);

/** The fields of an object type that an operation selects at one place, in the answer's order. */
export type SelectionPlan = readonly FieldPlan[];
