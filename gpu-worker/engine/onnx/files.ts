import protobuf from 'protobufjs/minimal.js';
import type { ElementData, ElementType, Graph } from '../graph/graph.js';
import { onnx } from './generated/onnx.js';
import { bytesOf, modelProto, type StatedSizes, tensorProto } from './model.js';
import { graphBytes, maxModelBytes } from './write.js';

/** One file of an export. */
export interface OnnxFile {
  readonly name: string;
  readonly byteLength: number;
  /**
   * The file's bytes from start to end, in pieces that are made on demand; weights are views of the arrays they were
   * read into.
   */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A tensor whose values are read when the file is written. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: keyof typeof bytesOfElement;
  read(): ElementData | Promise<ElementData>;
}

/** Bytes of an element, of the types that files store weights as. */
const bytesOfElement = { float32: 4, float16: 2, uint8: 1 } as const satisfies Partial<Record<ElementType, number>>;

export interface FileOptions {
  readonly fileName: string;
  /** The sizes of values, where they differ from those that the graph was recorded at. */
  readonly sizesOf?: StatedSizes;
  /** The model's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly maxBytes?: number;
  /** The most bytes of a file of weights, if no tensor alone has more. Absent: no limit. */
  readonly maxDataBytes?: number | undefined;
}

/** External data starts at whole memory pages, so that a runtime can map it. */
const pageBytes = 4096;

/** Field numbers of onnx.proto, with wire type 2 (length and bytes), whose contents are written in pieces. */
const fields = { graph: 7, initializer: 5, rawData: 9 } as const;

/**
 * A graph and its weights as files: only `fileName` where it stays below protobuf's 2 GB, else `fileName` with the
 * graph and `fileName`_data with the weights (ONNX's external data), or several of those: `fileName`_data_1 and so on.
 * Weights that the graph does not read are left out.
 */
export function onnxFiles(
  graph: Graph,
  weights: readonly Weight[],
  { fileName, sizesOf, metadata, maxBytes = maxModelBytes, maxDataBytes = Number.POSITIVE_INFINITY }: FileOptions,
): readonly OnnxFile[] {
  const read = new Set(graph.inputs.map(({ name }) => name));
  const used = weights.filter(({ name }) => read.has(name));
  const metadataProps = Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value }));
  const model = { ...modelProto(graph, new Set(used.map(({ name }) => name)), sizesOf), metadataProps };
  const bytes = used.reduce((total, weight) => total + byteLength(weight), 0);
  if (bytes + graphBytes(graph) <= maxBytes) return [withWeights(model, used, fileName)];
  return withExternalWeights(model, used, fileName, maxDataBytes);
}

type Model = ReturnType<typeof modelProto>;

/** Protobuf accepts the fields of a message in any order, so the weights may follow everything else. */
function withWeights({ graph, ...model }: Model, weights: readonly Weight[], name: string): OnnxFile {
  const head = onnx.ModelProto.encode(model).finish();
  const body = onnx.GraphProto.encode(graph).finish();
  const tensors = weights.map((weight) => {
    const start = onnx.TensorProto.encode(tensorProto(weight.name, weight)).finish();
    const data = header(fields.rawData, byteLength(weight));
    const length = start.length + data.length + byteLength(weight);
    return { weight, before: Buffer.concat([header(fields.initializer, length), start, data]) };
  });
  const graphLength = tensors.reduce(
    (total, { weight, before }) => total + before.length + byteLength(weight),
    body.length,
  );
  const beforeGraph = header(fields.graph, graphLength);
  return {
    name,
    byteLength: head.length + beforeGraph.length + graphLength,
    async *chunks() {
      yield head;
      yield beforeGraph;
      yield body;
      for (const { weight, before } of tensors) {
        yield before;
        yield await valuesOf(weight);
      }
    },
  };
}

function withExternalWeights(
  model: Model,
  weights: readonly Weight[],
  name: string,
  maxDataBytes: number,
): readonly OnnxFile[] {
  const files = dataFiles(weights, name, maxDataBytes);
  const external = files.flatMap((file) =>
    file.places.map(({ weight, offset }) => ({
      ...tensorProto(weight.name, weight),
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [
        { key: 'location', value: file.name },
        { key: 'offset', value: String(offset) },
        { key: 'length', value: String(byteLength(weight)) },
      ],
    })),
  );
  const initializer = [...(model.graph.initializer ?? []), ...external];
  const file = onnx.ModelProto.encode({ ...model, graph: { ...model.graph, initializer } }).finish();
  return [
    {
      name,
      byteLength: file.length,
      async *chunks() {
        yield file;
      },
    },
    ...files.map((data) => ({
      name: data.name,
      byteLength: data.byteLength,
      async *chunks() {
        for (const { weight, padding } of data.places) {
          if (padding > 0) yield new Uint8Array(padding);
          yield await valuesOf(weight);
        }
      },
    })),
  ];
}

interface DataFile {
  readonly name: string;
  byteLength: number;
  readonly places: { readonly weight: Weight; readonly offset: number; readonly padding: number }[];
}

/** Divides weights, in their order, into files. */
function dataFiles(weights: readonly Weight[], name: string, maxBytes: number): readonly DataFile[] {
  const files: DataFile[] = [];
  for (const weight of weights) {
    const last = files.at(-1);
    const offset = last === undefined ? 0 : Math.ceil(last.byteLength / pageBytes) * pageBytes;
    if (last !== undefined && offset + byteLength(weight) <= maxBytes) {
      last.places.push({ weight, offset, padding: offset - last.byteLength });
      last.byteLength = offset + byteLength(weight);
    } else {
      const ending = files.length === 0 ? '_data' : `_data_${files.length}`;
      files.push({ name: name + ending, byteLength: byteLength(weight), places: [{ weight, offset: 0, padding: 0 }] });
    }
  }
  return files;
}

/** Tag and length of a field that holds bytes. */
function header(field: number, length: number): Uint8Array {
  const lengthDelimited = 2;
  return protobuf.Writer.create()
    .uint32((field << 3) | lengthDelimited)
    .uint32(length)
    .finish();
}

async function valuesOf(weight: Weight): Promise<Uint8Array> {
  const values = await weight.read();
  const bytes = bytesOf(values);
  if (bytes.length === byteLength(weight)) return bytes;
  throw new RangeError(`${weight.name} [${weight.shape}] was read as ${values.length} values.`);
}

function byteLength({ shape, type }: Weight): number {
  return shape.reduce<number>((product, size) => product * size, bytesOfElement[type]);
}
