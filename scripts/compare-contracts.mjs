import { ChangeType, CriticalityLevel, DiffRule, diff } from '@graphql-inspector/core';
import { buildSchema, isInterfaceType, isObjectType } from 'graphql';

/**
 * What changes between two contracts, each in GraphQL's own language: what breaks clients, what may surprise them (a
 * new member of a union, a new default), and what was taken away after it had been deprecated. Additions and
 * descriptions are none of these.
 */
export async function compareContracts(released, present) {
  const changes = await diff(buildSchema(released), buildSchema(present), [
    DiffRule.suppressRemovalOfDeprecatedField,
    allowRemovalOfDeprecatedArgument,
  ]);
  const ofLevel = (level) =>
    changes.filter(({ criticality }) => criticality.level === level).map(({ message }) => message);
  return { breaking: ofLevel(CriticalityLevel.Breaking), dangerous: ofLevel(CriticalityLevel.Dangerous) };
}

/** The library's rule leaves arguments out. */
function allowRemovalOfDeprecatedArgument({ changes, oldSchema }) {
  return changes.map((change) => {
    if (change.type !== ChangeType.FieldArgumentRemoved) return change;
    const { typeName, fieldName, removedFieldArgumentName } = change.meta;
    const type = oldSchema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return change;
    const argument = type.getFields()[fieldName]?.args.find(({ name }) => name === removedFieldArgumentName);
    if (argument?.deprecationReason == null) return change;
    return { ...change, criticality: { ...change.criticality, level: CriticalityLevel.Dangerous } };
  });
}
