/**
 * What a fault did, as a sentence without its time: "scheduler-0 crashed".
 */
import type { FaultPlan } from '../../core/chaos/plan.ts';
import { andText } from '../report/counted.ts';
import { showVirtual } from '../report/virtual-time.ts';
import { targetText } from './operation-deed.ts';

/** Names shown before they are counted. */
const NAMES_MAX = 4;

/** The deed of `fault` on `targets`, the processes it hit. */
export function faultDeed(fault: FaultPlan, targets: readonly string[]): string {
  const who = targets.length === 0 ? 'nothing' : namesText(targets);
  return `${who} ${deedOf(fault)}`;
}

/** Deeds without parameters. */
const PLAIN = {
  'node-crash': 'lost power',
  'kubelet-stop': 'lost its kubelet, containers went on',
  'process-pause': 'was frozen',
  'registry-outage': 'had no registry to pull images from',
  'pleg-stall': 'did not hear what became of its containers',
  'address-shortage': 'had no address for a new pod',
  'proxy-lag': 'had a proxy that programmed no rules',
  'leader-transfer': 'handed its leadership over',
  'crash-in-apply': 'crashed in the middle of applying a batch',
  'disk-loss': 'lost its disk, and came back empty under its old identity',
  'lost-replies': 'got no answers to its writes, which were carried out',
  'no-jitter': 'waited exactly its back-offs and retry periods, with nothing drawn',
  'slow-watchers': 'closed each watch that had something to deliver',
  'instance-removed': 'was removed by the cloud for good',
} as const satisfies Partial<Record<FaultPlan['kind'], string>>;

type PlainFault = Extract<FaultPlan, { kind: keyof typeof PLAIN }>;

function isPlain(fault: FaultPlan): fault is PlainFault {
  return fault.kind in PLAIN;
}

function deedOf(fault: FaultPlan): string {
  if (isPlain(fault)) return PLAIN[fault.kind];
  switch (fault.kind) {
    case 'process-crash':
      return `crashed${fault.unsynced === undefined || fault.unsynced === 'lost' ? '' : `, writes not yet synced ${fault.unsynced}`}`;
    case 'partition':
      return `${CUTS[fault.direction ?? 'both']} ${targetText(fault.peer)}`;
    case 'slow-link':
      return `had ${showVirtual(fault.latencyUs)} of latency to ${targetText(fault.peer)}${jitterText(fault)}`;
    case 'lossy-link':
      return fault.lost === undefined
        ? `lost ${fault.lossPercent ?? 0} % of the messages from and to ${targetText(fault.peer)}`
        : `lost ${ordinalsText(fault.lost)} of the messages from and to ${targetText(fault.peer)}`;
    case 'held-link':
      return `had everything from and to ${targetText(fault.peer)} held back`;
    case 'impaired-link':
      return `had a bad link to ${targetText(fault.peer)}: ${impairmentText(fault)}`;
    case 'slow-process':
      return `took ${fault.times} times as long for everything`;
    case 'clock-rate':
      return `had a clock that ran at ${fault.rate} times its rate`;
    case 'clock-offset':
      return `had a wall clock ${showVirtual(Math.abs(fault.offsetUs))} ${fault.offsetUs < 0 ? 'behind' : 'ahead'}`;
    case 'slow-disk':
      return `had a disk on which a sync took ${showVirtual(fault.extraSyncUs)} longer`;
    case 'disk-failure':
      return fault.reason === 'no-space' ? 'had a full disk' : 'had a disk that failed';
    case 'bit-flip':
      return `had a damaged record in its ${fault.file}`;
    case 'slow-snapshot':
      return `sent snapshots ${showVirtual(fault.latencyUs)} late`;
    case 'slow-apply':
      return `applied each batch ${showVirtual(fault.latencyUs)} late`;
    case 'compaction-storm':
      return `was compacted to its newest revision every ${showVirtual(fault.everyUs)}`;
    case 'container-kill':
      return `had its ${fault.container === undefined ? '' : `${fault.container} `}containers killed`;
    case 'slow-pulls':
      return `pulled images ${showVirtual(fault.latencyUs)} slower`;
    case 'watch-lag': {
      const caches = fault.resource === undefined ? 'watch caches' : `a watch cache of ${fault.resource}`;
      if (fault.latencyUs !== null) return `had ${caches} ${showVirtual(fault.latencyUs)} behind`;
      return `had ${caches} that stood still`;
    }
    case 'node-panic':
      return `panicked where more than ${fault.percent} % of its ${fault.fullOf} was requested`;
    case 'expired-watches':
      return `ended watches${ofResource(fault)} whose positions were then too old`;
    case 'repeated-events':
      return `was told of each change${ofResource(fault)} twice, deletions apart`;
    case 'no-bookmarks':
      return `sent no bookmarks${ofResource(fault)}`;
    case 'informer-lag':
      return fault.latencyUs === null
        ? `had a copy of ${fault.resource} that stood still`
        : `had a copy of ${fault.resource} ${showVirtual(fault.latencyUs)} behind`;
    case 'refused-requests':
      return `refused ${refusedText(fault)} with ${fault.code}`;
    case 'plugin-errors':
      return `had ${shareText(fault.percent, fault.attempts)}attempts fail in a plugin at ${fault.extensionPoint}`;
    case 'load-burst':
      return `got ${fault.perSecond} ${fault.load === 'events' ? 'Events' : `${fault.load} of ${fault.resource ?? 'pods'}`} a second from outside`;
    case 'changed-field':
      return `took a change of ${fault.field} of ${fault.object} ${fault.value === undefined ? 'by one bit' : `to ${fault.value}`}, taken back at the end`;
  }
}

function ofResource({ resource }: { readonly resource?: string }): string {
  return resource === undefined ? '' : ` of ${resource}`;
}

const CUTS = {
  both: 'was cut off from',
  from: 'could no longer reach',
  to: 'could no longer be reached by',
} as const;

function impairmentText({
  bytesPerSecond,
  duplicatePercent,
  reorderPercent,
  doubled,
  late,
}: Extract<FaultPlan, { kind: 'impaired-link' }>): string {
  return [
    ...(bytesPerSecond === undefined ? [] : [`${bytesPerSecond} bytes a second`]),
    ...(duplicatePercent === undefined ? [] : [`${duplicatePercent} % of datagrams came twice`]),
    ...(doubled === undefined ? [] : [`datagrams ${ordinalsText(doubled)} came twice`]),
    ...(reorderPercent === undefined ? [] : [`${reorderPercent} % of datagrams came late`]),
    ...(late === undefined ? [] : [`datagrams ${ordinalsText(late)} came late`]),
  ].join(', ');
}

function jitterText({ jitterUs = 0, late }: Extract<FaultPlan, { kind: 'slow-link' }>): string {
  if (jitterUs === 0) return '';
  const more = showVirtual(jitterUs);
  return late === undefined
    ? `, and up to ${more} more`
    : `, and ${more} more for ${ordinalsText(late)} of the messages`;
}

/** `30 % of: `, `number 3 of: `; '' for all. */
function shareText(percent: number | undefined, exact: readonly number[] | undefined): string {
  if (exact !== undefined) return `${ordinalsText(exact)} of: `;
  return percent === undefined || percent === 100 ? '' : `${percent} % of: `;
}

/** `number 1, 4 and 9`. */
function ordinalsText(numbers: readonly number[]): string {
  return `number ${namesText(numbers.map(String))}`;
}

function refusedText({
  user,
  verb,
  resource,
  percent,
  requests,
}: Extract<FaultPlan, { kind: 'refused-requests' }>): string {
  const what = `${verb ?? 'any'} request${resource === undefined ? '' : ` for ${resource}`}`;
  const whose = user === undefined ? '' : ` of ${user}`;
  return `${shareText(percent, requests)}${what}${whose}`;
}

/** `a, b, c, d and 3 more`. */
export function namesText(names: readonly string[]): string {
  if (names.length > NAMES_MAX) return `${names.slice(0, NAMES_MAX).join(', ')} and ${names.length - NAMES_MAX} more`;
  return andText(names);
}
