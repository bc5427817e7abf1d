/**
 * Node models that can be bought, from a CSV file: `name,cpu,memory,price` and, where wanted, `pods`, `gpus`, `gpu_model`, `zone`.
 *
 * Quantities as Kubernetes writes them (`4`, `3900m`, `16Gi`); prices are numbers of any currency and period.
 */
import { GPU_COUNT, GPU_MODEL_LABEL } from '../../core/cluster/placement.ts';
import { amountOf, type Node } from '../../core/cluster/vocabulary.ts';
import { statPath } from '../cli/stat-path.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { readDataText } from '../conform/data-files.ts';
import { type CsvRow, csvRows } from '../traces/csv-rows.ts';

/** A model and what one node of it costs. */
export interface NodeOffer {
  readonly name: string;
  readonly price: number;
  /** The node as it would be added; its name is the model's. */
  readonly node: Node;
}

const COLUMNS: readonly string[] = ['name', 'cpu', 'memory', 'price'];
const OFFERS_MAX = 100;
const PRICE_MAX = 1e9;

/** Reads a price list; problems are added, the result is then not to be used. */
export function readPriceList(file: string, problems: ProblemList): NodeOffer[] {
  const found = statPath(file);
  if (found?.isFile() !== true) {
    const message = found === undefined ? 'no such file' : 'a folder or device, expected a CSV file';
    problems.error({ file }, CLI_CODES.noInput, message);
    return [];
  }
  const names = new Set<string>();
  const offers = csvRows(file, readDataText(file), COLUMNS, problems).map((row): NodeOffer => {
    const name = row.text('name');
    if (name === '') row.refuse('name', 'a name');
    else if (names.has(name)) row.refuse('name', 'a name of its own');
    names.add(name);
    const price = Number(row.text('price') || Number.NaN);
    if (!(price > 0 && price <= PRICE_MAX)) row.refuse('price', `a number above 0, at most ${PRICE_MAX}`);
    return { name, price, node: nodeOf(row, name) };
  });
  if (offers.length === 0 && problems.errorCount === 0) {
    problems.error({ file, line: 1 }, 'TRC-001', 'no node model, expected at least one row below the header');
  }
  if (offers.length > OFFERS_MAX) problems.error({ file }, 'TRC-001', `more than ${OFFERS_MAX} node models`);
  return offers;
}

function nodeOf(row: CsvRow, name: string): Node {
  const cpu = quantity(row, 'cpu');
  const memory = quantity(row, 'memory');
  const pods = row.optionalInteger('pods', 1, 10_000) ?? 110;
  const gpus = row.optionalInteger('gpus', 0, 256) ?? 0;
  const model = row.text('gpu_model');
  const zone = row.text('zone');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...(zone === '' ? {} : { 'topology.kubernetes.io/zone': zone }),
        ...(model === '' ? {} : { [GPU_MODEL_LABEL]: model }),
      },
    },
    spec: {},
    status: { allocatable: { cpu, memory, pods: String(pods), ...(gpus === 0 ? {} : { [GPU_COUNT]: String(gpus) }) } },
  } as Node;
}

function quantity(row: CsvRow, column: string): string {
  const text = row.text(column);
  try {
    if (amountOf(column, text) > 0) return text;
  } catch {
    // Refused below.
  }
  row.refuse(column, 'a quantity above 0');
  return '1';
}
