import { EngineError } from '../errors.js';
import { elementData } from '../graph/builder.js';
import { type Constant, type ElementType, firstFreeId, type Graph, type Node, type Value } from '../graph/graph.js';
import { codesTogether, type ProductCodes, zeroCode } from '../held/product-codes.js';

/** ONNX Runtime rounds what is multiplied to 8 bits too, in blocks of its own rows. */
const roundsInputs = 4;

/**
 * Lets products with matrices of codes go by ONNX Runtime's `MatMulNBits`, x [N,K] · W, and makes numbers of the rows
 * that are looked up in them. The codes become constants, which ONNX Runtime repacks. As the last pass, it keeps the
 * ids of all values.
 *
 * @param codesOf those behind a graph's input; undefined for inputs that are what they were
 * @throws EngineError UNSUPPORTED_KERNEL where such a matrix is read in another way
 */
export function multiplyByCodes(graph: Graph, codesOf: (input: string) => ProductCodes | undefined): Graph {
  const coded = new Map<number, ProductCodes>();
  for (const { name, value } of graph.inputs) {
    const codes = codesOf(name);
    if (codes !== undefined) coded.set(value.id, codes);
  }
  if (coded.size === 0) return graph;
  let nextId = firstFreeId(graph);
  const nodes: Node[] = [];
  const added: Constant[] = [];
  const parts = new Map<ProductCodes, { readonly codes: Value; readonly scales: Value }>();

  const newValue = (shape: readonly number[], type: ElementType): Value => ({ id: nextId++, shape, type });
  function constant(shape: readonly number[], type: ElementType, data: Constant['data']): Value {
    const value = newValue(shape, type);
    added.push({ value, data });
    return value;
  }
  function partsOf(matrix: ProductCodes) {
    const { outputs: N, codes, scales } = matrix;
    const M = scales.length / N;
    const known = parts.get(matrix) ?? {
      codes: constant([N, M, codesTogether], 'uint8', codes),
      scales: constant([N, M], 'float32', scales),
    };
    parts.set(matrix, known);
    return known;
  }
  function node(op: string, inputs: readonly Value[], output: Value, attributes: Node['attributes'] = {}): Value {
    nodes.push({ op, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** x · W, or x · Wᵀ where outputs come first. */
  function multiply({ inputs, outputs }: Node, matrix: ProductCodes): void {
    const { outputs: N, inputs: K } = matrix;
    const { codes, scales } = partsOf(matrix);
    const attributes = {
      K: { int: K },
      N: { int: N },
      bits: { int: 8 },
      block_size: { int: codesTogether },
      accuracy_level: { int: roundsInputs },
    };
    nodes.push({
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      inputs: [inputs[0]!, codes, scales],
      outputs,
      attributes,
    });
  }

  /** Rows of W at ids [R] → [R,K]. */
  function lookUp({ inputs, outputs: [output] }: Node, matrix: ProductCodes): void {
    const { codes, scales } = partsOf(matrix);
    const [, M = 0] = scales.shape;
    const [R = 0, K = 0] = output!.shape;
    const ids = inputs[1]!;
    const long = (values: readonly number[]) => constant([values.length], 'int64', elementData('int64', values));
    const whole = node('Gather', [codes, ids], newValue([R, M, codesTogether], 'uint8'), { axis: { int: 0 } });
    const numbers = node('Cast', [whole], newValue(whole.shape, 'float32'), { to: { type: 'float32' } });
    const zero = constant([], 'float32', elementData('float32', [zeroCode]));
    const shifted = node('Sub', [numbers, zero], newValue(whole.shape, 'float32'));
    const ofRows = node('Gather', [scales, ids], newValue([R, M], 'float32'), { axis: { int: 0 } });
    const ofBlocks = node('Reshape', [ofRows, long([-1, M, 1])], newValue([R, M, 1], 'float32'));
    const scaled = node('Mul', [shifted, ofBlocks], newValue(whole.shape, 'float32'));
    const rows = node('Reshape', [scaled, long([-1, M * codesTogether])], newValue([R, M * codesTogether], 'float32'));
    nodes.push({
      op: 'Slice',
      domain: '',
      inputs: [rows, long([0]), long([K]), long([1])],
      outputs: [output!],
      attributes: {},
    });
  }

  for (const original of graph.nodes) {
    const places = original.inputs.flatMap(({ id }, place) => (coded.has(id) ? [place] : []));
    const matrix = coded.get(original.inputs[places[0] ?? -1]?.id ?? -1);
    if (matrix === undefined) nodes.push(original);
    else if (isProduct(original) && places.join() === '1') multiply(original, matrix);
    else if (original.op === 'Gather' && places.join() === '0' && original.inputs[1]!.shape.length === 1)
      lookUp(original, matrix);
    else throw new EngineError('UNSUPPORTED_KERNEL', `${original.op} does not read matrices of codes.`);
  }
  return {
    inputs: graph.inputs.filter(({ value }) => !coded.has(value.id)),
    constants: [...graph.constants, ...added],
    nodes,
    outputs: graph.outputs,
  };
}

/** Whether it multiplies rows [N,K] with a matrix, and does nothing more. */
function isProduct({ op, attributes, inputs }: Node): boolean {
  const { transA, alpha } = attributes;
  const isPlain =
    (transA === undefined || ('int' in transA && transA.int === 0)) &&
    (alpha === undefined || ('float' in alpha && alpha.float === 1));
  return (op === 'MatMul' || op === 'FusedMatMul') && isPlain && inputs[0]!.shape.length === 2;
}
