import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { globalId } from '../../graphql/global-id.js';
import type { SettingValue } from '../setting.js';
import type { ComparedSetting } from './compare-settings.js';

@InterfaceType('SettingValue', { description: 'The value of a setting, by its kind.' })
export abstract class SettingValueType {
  @Field(() => String, { description: 'The value as text for people, whatever its kind.' })
  text!: string;
}

@ObjectType('NumberSetting', { description: 'A number.', implements: SettingValueType, simpleResolvers: true })
class NumberSettingType extends SettingValueType {
  @Field(() => Number, { description: "The number, in the setting's own unit." })
  number!: number;
}

@ObjectType('TextSetting', {
  description: 'A name, e.g. of a column or a split.',
  implements: SettingValueType,
  simpleResolvers: true,
})
class TextSettingType extends SettingValueType {}

@ObjectType('SwitchSetting', {
  description: 'A setting that is on or off.',
  implements: SettingValueType,
  simpleResolvers: true,
})
class SwitchSettingType extends SettingValueType {
  @Field(() => Boolean, { description: 'Whether the setting is on.' })
  on!: boolean;
}

@ObjectType('ChoiceSetting', {
  description: 'One of several choices.',
  implements: SettingValueType,
  simpleResolvers: true,
})
class ChoiceSettingType extends SettingValueType {
  @Field(() => String, { description: "Name of the value of the setting's enum, e.g. LINEAR of LearningRateSchedule." })
  choice!: string;
}

@ObjectType('ListSetting', { description: 'A list.', implements: SettingValueType, simpleResolvers: true })
class ListSettingType extends SettingValueType {
  @Field(() => [String], { description: 'The items; their order counts.' })
  items!: readonly string[];
}

@ObjectType('ReferenceSetting', {
  description: 'A base model or a dataset version.',
  implements: SettingValueType,
  simpleResolvers: true,
})
class ReferenceSettingType extends SettingValueType {
  @Field(() => ID, { description: 'Its id, for `node`. Not named `id`, which would look like the id of the setting.' })
  nodeId!: string;
}

@ObjectType('ConfigurationDifference', {
  description: 'A setting of several experiments side by side.',
  simpleResolvers: true,
})
export class ConfigurationDifferenceType {
  @Field(() => String, {
    description:
      "The setting's path in an Experiment, e.g. `hyperparameters.learningRate`; a task's settings are under the task's name: `method.tasks.topic.weight`.",
  })
  path!: string;

  @Field(() => String, { description: "The setting's name for people, in English." })
  label!: string;

  @Field(() => [SettingValueType], {
    nullable: 'items',
    description:
      'One value for each experiment, in the order of the request; null where the setting is not set, or the method does not have it.',
  })
  values!: (SettingValueType | null)[];

  @Field(() => Boolean, { description: 'Whether the experiments differ in this setting.' })
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
