import {
  type DocumentNode,
  defaultFieldResolver,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isUnionType,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { answersEvent } from '../../graphql/answers-event.js';

/** What the answers to a subscription's events depend on, beside the event. */
export interface AnswerScope {
  /** The document without the subscription's own arguments. */
  readonly text: string;
  /** The variables that are used elsewhere than in those arguments. */
  readonly variables: readonly string[];
  /**
   * `event`: on nothing more, now and later. `viewer`: on who asks, and on the state of the moment. `subscriber`: on
   * the arguments as well.
   */
  readonly dependsOn: 'event' | 'viewer' | 'subscriber';
}

/** Reads off a document what its answers depend on. A field with a resolver of its own may ask who is there. */
export function answerScope(schema: GraphQLSchema, document: DocumentNode): AnswerScope {
  const variables = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  let isOfEvent = false;
  let followsFromEvent = true;
  const stripped = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Variable: ({ name }) => {
        variables.add(name.value);
      },
      Field: (node) => {
        const parent = typeInfo.getParentType();
        if (parent != null && parent === schema.getSubscriptionType()) {
          isOfEvent ||= typeInfo.getFieldDef()?.extensions.answersEvent === answersEvent.answersEvent;
          return isOfEvent ? { ...node, arguments: [] } : undefined;
        }
        if (parent == null || !isReadOff(schema, parent, node.name.value)) followsFromEvent = false;
        return undefined;
      },
    }),
  );
  return {
    text: print(stripped),
    variables: [...variables].sort(),
    dependsOn: !isOfEvent ? 'subscriber' : followsFromEvent ? 'event' : 'viewer',
  };
}

/** Whether a field's value is a property of its object, whatever the object's type. */
function isReadOff(schema: GraphQLSchema, parent: GraphQLCompositeType, field: string): boolean {
  if (field === '__typename') return true;
  if (isUnionType(parent)) return false;
  const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
  return types.every((type) => {
    const resolve = type.getFields()[field]?.resolve;
    return resolve === undefined || resolve === defaultFieldResolver;
  });
}
