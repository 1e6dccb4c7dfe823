import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType({ description: 'An object that can be fetched again by its id alone, with the query field `node`.' })
export abstract class Node {
  @Field(() => ID, { description: 'Opaque and globally unique; stable for the life of the object.' })
  id!: string;
}
