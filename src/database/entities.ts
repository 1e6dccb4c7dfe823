/** Every slice's entity classes; a new one is added here. */
export const entities: (new () => object)[] = [];
