import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { globalId } from '../../graphql/global-id.js';
import type { ComparedSetting } from './compare-settings.js';
import type { SettingValue } from './setting.js';

@InterfaceType('SettingValue', { description: 'The value of a setting, by its kind.' })
export abstract class SettingValueType {
  @Field(() => String, { description: 'As a person would read it, whatever its kind.' })
  text!: string;
}

@ObjectType('NumberSetting', { description: 'A number.', implements: SettingValueType, simpleResolvers: true })
export class NumberSettingType extends SettingValueType {
  @Field(() => Number, { description: "In the setting's own unit." })
  number!: number;
}

@ObjectType('TextSetting', {
  description: 'A name, e.g. of a column or a split.',
  implements: SettingValueType,
  simpleResolvers: true,
})
export class TextSettingType extends SettingValueType {}

@ObjectType('SwitchSetting', {
  description: 'Something that is on or off.',
  implements: SettingValueType,
  simpleResolvers: true,
})
export class SwitchSettingType extends SettingValueType {
  @Field(() => Boolean, { description: 'Whether it is on.' })
  on!: boolean;
}

@ObjectType('ChoiceSetting', {
  description: 'One of several possibilities.',
  implements: SettingValueType,
  simpleResolvers: true,
})
export class ChoiceSettingType extends SettingValueType {
  @Field(() => String, { description: "Name of the value of the setting's enum, e.g. LINEAR of LearningRateSchedule." })
  choice!: string;
}

@ObjectType('ListSetting', { description: 'A list.', implements: SettingValueType, simpleResolvers: true })
export class ListSettingType extends SettingValueType {
  @Field(() => [String], { description: 'In their order, which counts.' })
  items!: readonly string[];
}

@ObjectType('ReferenceSetting', {
  description: 'A base model or a dataset version.',
  implements: SettingValueType,
  simpleResolvers: true,
})
export class ReferenceSettingType extends SettingValueType {
  @Field(() => ID, { description: 'Its id, for `node`. Not `id`: that would be taken for the id of the setting.' })
  nodeId!: string;
}

@ObjectType('ConfigurationDifference', {
  description: 'A setting of several experiments side by side.',
  simpleResolvers: true,
})
export class ConfigurationDifferenceType {
  @Field(() => String, {
    description:
      'Where it stands in an Experiment, e.g. `hyperparameters.learningRate`; those of a task under its name: `method.tasks.topic.weight`.',
  })
  path!: string;

  @Field(() => String, { description: 'Its name for a person, in English.' })
  label!: string;

  @Field(() => [SettingValueType], {
    nullable: 'items',
    description:
      'One an experiment, in the order they were asked for; null where it is not set, or does not exist under the method.',
  })
  values!: (SettingValueType | null)[];

  @Field(() => Boolean, { description: 'Whether the experiments differ in it.' })
  differs!: boolean;
}

export function toConfigurationDifferenceType({ values, ...rest }: ComparedSetting): ConfigurationDifferenceType {
  return Object.assign(new ConfigurationDifferenceType(), rest, {
    values: values.map((value) => (value === null ? null : toSettingValueType(value))),
  });
}

function toSettingValueType(value: SettingValue): SettingValueType {
  switch (value.kind) {
    case 'number':
      return Object.assign(new NumberSettingType(), { number: value.number, text: String(value.number) });
    case 'text':
      return Object.assign(new TextSettingType(), { text: value.text });
    case 'switch':
      return Object.assign(new SwitchSettingType(), { on: value.on, text: value.on ? 'yes' : 'no' });
    case 'choice':
      return Object.assign(new ChoiceSettingType(), { choice: value.choice, text: value.choice });
    case 'list':
      return Object.assign(new ListSettingType(), { items: value.items, text: value.items.join(', ') });
    case 'reference':
      return Object.assign(new ReferenceSettingType(), { nodeId: globalId(value.type, value.id), text: value.text });
    default:
      return value satisfies never;
  }
}
