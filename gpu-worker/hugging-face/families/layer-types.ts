import type { Qwen2Config } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';

type Sliding = Pick<Qwen2Config, 'slidingLayers'>;

/** transformers' names of what a layer reads. */
const types: ReadonlyMap<string, boolean> = new Map([
  ['full_attention', false],
  ['sliding_attention', true],
]);

/** `layer_types`: which layers read through the window. @param absent says it where the key is absent */
export function readLayerTypes(keys: ConfigKeys, layers: number, absent: (layer: number) => boolean): boolean[] {
  return keys.words('layer_types', layers, types) ?? Array.from({ length: layers }, (_, layer) => absent(layer));
}

export function writeLayerTypes({ slidingLayers }: Sliding): { layer_types: string[] } {
  return { layer_types: slidingLayers.map((isSliding) => (isSliding ? 'sliding_attention' : 'full_attention')) };
}

/**
 * Qwen's keys of the window: layers from `max_window_layers` on have it, where `layer_types` does not say which do. It
 * is off by default.
 */
export function readWindow(keys: ConfigKeys, layers: number): Sliding & Pick<Qwen2Config, 'slidingWindow'> {
  const given = keys.sizeOrNone('sliding_window', 4096);
  const slidingWindow = keys.truth('use_sliding_window', false) ? given : null;
  const first = keys.index('max_window_layers', 28);
  const slidingLayers = readLayerTypes(keys, layers, (layer) => slidingWindow !== null && layer >= first);
  if (slidingWindow === null && slidingLayers.includes(true)) {
    keys.findings.push('layer_types has sliding_attention, but use_sliding_window or sliding_window turns it off');
  }
  return { slidingWindow, slidingLayers };
}

/** The reverse of `readWindow`. Versions before `layer_types` read the number of the first layer with a window. */
export function writeWindow(config: Sliding & Pick<Qwen2Config, 'slidingWindow'>): Record<string, unknown> {
  const { slidingWindow, slidingLayers } = config;
  const first = slidingLayers.indexOf(true);
  return {
    use_sliding_window: slidingWindow !== null,
    sliding_window: slidingWindow,
    ...(first === -1 ? {} : { max_window_layers: first }),
    ...writeLayerTypes(config),
  };
}
