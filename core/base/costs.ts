/**
 * What work costs in virtual time, all in one table (µs unless the name says otherwise). Passed at construction, so a
 * scenario can change any row.
 *
 * Each row names where its figure is from: a manual section (title of the reference), a recording, or `uncalibrated`.
 */

export interface CostRow {
  readonly us: number;
  readonly source: string;
}

const row = (us: number, source: string): CostRow => ({ us, source });

/** Defaults. `uncalibrated` rows are plausible, but no recording fixes them; results that hinge on them say so. */
export const COST_ROWS = {
  linkLatencyUs: row(200, 'performance model §1: link latency 200 µs'),
  linkJitterUs: row(100, 'uncalibrated: jitter on one network hop'),
  loopbackLatencyUs: row(20, 'uncalibrated: hop on one machine'),
  tcpRetransmitUs: row(200_000, 'RFC 6298 minimum in Linux: 200 ms'),
  http2PingAfterUs: row(30_000_000, 'golang.org/x/net/http2 ReadIdleTimeout as client-go sets it: 30 s'),
  http2PingTimeoutUs: row(15_000_000, 'golang.org/x/net/http2 PingTimeout: 15 s'),
  storeFsyncUs: row(1_000, 'performance model §1: group commit with 1 ms fsync'),
  storeTxnUs: row(10, 'uncalibrated: apply of one transaction'),
  storeRangePerKeyUs: row(2, 'uncalibrated: reading one key of a range'),
  apiRequestUs: row(200, 'performance model §1: 200 µs virtual work a request'),
  apiMutationUs: row(800, 'recording deployment-create: about 2–3 ms a write as a client sees it, fsync included'),
  apiListPerObjectUs: row(
    20,
    'recordings: list of 5,000 pods 540 ms, 108 µs an object with JSON; protobuf about a fifth',
  ),
  watchDispatchUs: row(100, 'uncalibrated: cache to watcher'),
  schedulerCycleUs: row(
    400,
    'uncalibrated: one scheduling cycle of a small cluster; 1.45 ms at 5,000 nodes with sampling',
  ),
  schedulerPerNodeUs: row(0, 'scheduling cost grows with nodes: see schedulerCycleUs'),
  controllerSyncUs: row(0, 'workers run side by side on a machine with many cores; set it to model a starved one'),
  kubeletSyncUs: row(1_000, 'uncalibrated: pod worker start-up'),
  fakeKubeletUs: row(
    14_000,
    'recording deployment-create: 17 ms (median of both runs) from binding to Ready with fake kubelets, 3 ms of it the write and its watch',
  ),
  sandboxUs: row(300_000, 'uncalibrated: RunPodSandbox 200–800 ms'),
  sandboxJitterUs: row(200_000, 'uncalibrated'),
  containerCreateUs: row(80_000, 'uncalibrated: CreateContainer 50–150 ms'),
  containerStartUs: row(120_000, 'uncalibrated: StartContainer 50–300 ms'),
  imagePullUs: row(1_500_000, 'uncalibrated: pull of an ordinary image, once a node and image'),
  imagePullJitterUs: row(1_000_000, 'uncalibrated'),
  containerStopUs: row(500_000, 'uncalibrated: an application that ends on SIGTERM'),
  readinessUs: row(
    1_000_000,
    'uncalibrated: first successful readiness probe after start, without initialDelaySeconds',
  ),
  volumeProvisionUs: row(3_000_000, 'uncalibrated: a CSI driver makes a volume in 1–10 s'),
  proxyMinSyncUs: row(1_000_000, 'kube-proxy minSyncPeriod 1 s'),
  proxyApplyUs: row(50_000, 'uncalibrated: writing the rules'),
  processStartUs: row(2_000_000, 'uncalibrated: restart of a control-plane process by its supervisor'),
} as const satisfies Record<string, CostRow>;

export type CostName = keyof typeof COST_ROWS;
export type CostTable = { readonly [name in CostName]: number };

/**
 * What a process's own work costs. The rest are times of others: the network, disks, storage, containers, and the supervisor that starts a process again.
 */
const WORK_COSTS = [
  'storeTxnUs',
  'storeRangePerKeyUs',
  'apiRequestUs',
  'apiMutationUs',
  'apiListPerObjectUs',
  'watchDispatchUs',
  'schedulerCycleUs',
  'schedulerPerNodeUs',
  'controllerSyncUs',
] as const satisfies readonly CostName[];

/** What work that costs nothing as a rule (a controller's sync) costs a slow process before it is multiplied, µs. */
const FREE_US = 10;

/** No piece of work takes longer, µs: clients wait no longer for an answer. */
const WORK_US_MAX = 60_000_000;

/** The table of a process whose work takes `times` as long (1: `costs` itself). */
export function slowedCosts(costs: CostTable, times: number): CostTable {
  if (times === 1) return costs;
  const table: { -readonly [name in CostName]: number } = { ...costs };
  for (const name of WORK_COSTS) table[name] = Math.min(WORK_US_MAX, Math.round((costs[name] || FREE_US) * times));
  return table;
}

let defaults: CostTable | null = null;

/** The default table with `overrides` laid over it; without any it is one table for all. */
export function costTable(overrides?: Partial<CostTable>): CostTable {
  if (overrides !== undefined && Object.keys(overrides).length > 0) return tableWith(overrides);
  defaults ??= Object.freeze(tableWith({}));
  return defaults;
}

function tableWith(overrides: Partial<CostTable>): CostTable {
  const names = Object.keys(COST_ROWS) as CostName[];
  // What gets so many fields one by one becomes a dictionary, in which each message and request would search for its costs.
  return Object.fromEntries(names.map((name) => [name, overrides[name] ?? COST_ROWS[name].us])) as CostTable;
}
