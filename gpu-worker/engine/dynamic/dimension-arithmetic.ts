import { elementData, type GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';
import { binary } from '../lowerings/elementwise.js';
import { cast, reshape } from '../lowerings/lowering.js';
import { concat } from '../lowerings/shape.js';
import { isConstant, type Polynomial } from './polynomial.js';

/** Builds nodes that compute sizes from the shapes of a graph's inputs, each size only once. */
export class DimensionArithmetic {
  readonly #builder: GraphBuilder;
  readonly #dimensions: readonly { readonly value: Value; readonly axis: number }[];
  readonly #known = new Map<string, Value>();

  constructor(builder: GraphBuilder, dimensions: readonly { readonly value: Value; readonly axis: number }[]) {
    this.#builder = builder;
    this.#dimensions = dimensions;
  }

  /** A tensor of rank 0 or 1 with the given elements. */
  vector(elements: readonly Polynomial[], shape: readonly number[], type: ElementType): Value {
    const key = `${type}[${shape}] ${elements.join(' ')}`;
    return this.#once(key, () => {
      const joined = concat(this.#builder, this.#parts(elements), 0);
      const typed = cast(this.#builder, joined, type);
      return shape.length === 0 ? reshape(this.#builder, typed, []) : typed;
    });
  }

  /** One int64 [n] value for each part; neighbouring constants form one part. */
  #parts(elements: readonly Polynomial[]): Value[] {
    const parts: Value[] = [];
    let constants: number[] = [];
    const flush = (): void => {
      if (constants.length > 0) parts.push(this.#builder.int64s(constants));
      constants = [];
    };
    for (const element of elements) {
      if (isConstant(element)) {
        constants.push(element[0]!);
        continue;
      }
      flush();
      parts.push(this.#number(element));
    }
    flush();
    return parts;
  }

  /** int64 [1] */
  #number(polynomial: Polynomial): Value {
    return this.#once(polynomial.join(), () => {
      const terms = polynomial.flatMap((coefficient, set) => (coefficient === 0 ? [] : [this.#term(coefficient, set)]));
      return terms.reduce((total, term) => binary(this.#builder, 'Add', total, term));
    });
  }

  #term(coefficient: number, set: number): Value {
    const dimensions = this.#dimensions.flatMap((_, index) => ((set >> index) & 1 ? [this.#dimension(index)] : []));
    const factors =
      coefficient === 1 && set !== 0 ? [] : [this.#builder.constant([1], 'int64', elementData('int64', [coefficient]))];
    return [...dimensions, ...factors].reduce((product, factor) => binary(this.#builder, 'Mul', product, factor));
  }

  #dimension(index: number): Value {
    const { value, axis } = this.#dimensions[index]!;
    return this.#once(`dimension ${index}`, () =>
      this.#builder.node('Shape', [value], {
        shape: [1],
        type: 'int64',
        attributes: { start: { int: axis }, end: { int: axis + 1 } },
      }),
    );
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }
}
