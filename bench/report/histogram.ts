/**
 * Latency histograms: hdr-histogram-js in WebAssembly mode, with an owner.
 *
 * Always: values are integers from 0 to VALUE_MAX (the unit is in the histogram's name); anything else is refused here,
 * because the library keeps NaN and fractions silently in one of its modes. Memory lies outside the collected heap: who
 * makes a histogram calls destroy(). Merging is addition, so it does not depend on order or worker.
 * Cost: 17–26 ns a value, about 130 kB each: the range is fixed, so that equal content encodes to equal bytes.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as HdrHistogram,
  HistogramLogWriter,
  initWebAssemblySync,
} from 'hdr-histogram-js';

/** Largest value: about 12 days in microseconds. */
export const VALUE_MAX = 2 ** 40;
const SIGNIFICANT_DIGITS = 3;

let webAssemblyReady = false;

/** A histogram that is destroyed by whoever made it. */
export class Histogram {
  /** Name with the unit last, such as `pod-startup-us`. */
  readonly name: string;
  #hdr: HdrHistogram | undefined;

  constructor(name: string, encoded?: string) {
    if (!webAssemblyReady) initWebAssemblySync();
    webAssemblyReady = true;
    this.name = name;
    this.#hdr = encoded === undefined ? buildHdr() : decodeFromCompressedBase64(encoded, 32, true, VALUE_MAX);
  }

  /** Records a value. @throws RangeError unless it is an integer from 0 to VALUE_MAX. */
  record(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > VALUE_MAX) {
      throw new RangeError(`histogram ${this.name}: ${value} is not an integer from 0 to ${VALUE_MAX}`);
    }
    this.#live().recordValue(value);
  }

  /** Adds all values of another histogram. */
  add(other: Histogram): void {
    this.#live().add(other.#live());
  }

  get count(): number {
    return this.#live().totalCount;
  }

  /** Largest value to three digits (the top of its bucket); 0 when empty. */
  get max(): number {
    return this.count === 0 ? 0 : this.#live().maxValue;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#live().mean;
  }

  /** Value that `percent` (0–100) of all values do not exceed, to three digits; null when empty. */
  quantile(percent: number): number | null {
    if (!(percent >= 0 && percent <= 100)) throw new RangeError(`histogram ${this.name}: quantile ${percent}`);
    return this.count === 0 ? null : this.#live().getValueAtPercentile(percent);
  }

  /** Compressed base64, the form that travels between threads and into files; equal content, equal text. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#live());
  }

  /** Frees the memory. Using the histogram afterwards throws; destroying it again does nothing. */
  destroy(): void {
    this.#hdr?.destroy();
    this.#hdr = undefined;
  }

  /** Appends this histogram as one line of an HDR log; see hdrLog. */
  appendTo(writer: HistogramLogWriter, durationSeconds: number): void {
    const hdr = this.#live();
    hdr.tag = this.name;
    writer.outputIntervalHistogram(hdr, 0, durationSeconds, 1);
  }

  #live(): HdrHistogram {
    if (this.#hdr === undefined) throw new Error(`histogram ${this.name}: used after destroy()`);
    return this.#hdr;
  }
}

/**
 * The text of an HDR log (format 1.3): one tagged interval a histogram, all from virtual second 0 to `durationSeconds`.
 * The maximum stands in the histogram's own unit. No start time is written: equal runs give equal bytes.
 */
export function hdrLog(histograms: readonly Histogram[], durationSeconds: number): string {
  let text = '';
  const writer = new HistogramLogWriter((part) => {
    text += part;
  });
  writer.outputComment('[seatrial, virtual time; values in the unit that ends the tag]');
  writer.outputLogFormatVersion();
  writer.outputLegend();
  for (const histogram of histograms) histogram.appendTo(writer, durationSeconds);
  return text;
}

function buildHdr(): HdrHistogram {
  return build({
    useWebAssembly: true,
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: VALUE_MAX,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });
}
