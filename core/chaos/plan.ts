/**
 * A scenario as plain data: what the loader makes of a YAML file, what properties draw and the minimiser shrinks.
 *
 * All times are µs of virtual time since the cluster is up (the warm-up begins at 0).
 */
import type { ClusterDescription } from '../cluster/description.ts';
import type { ExtensionPoint } from '../scheduler/points.ts';
import type { KubeObject } from '../types/object.ts';
import type { ComparisonId } from './comparison/compare-runs.ts';

/** How many of what a target names are hit; drawn from the fault's own stream, anew for each time that it begins. */
export type TargetMode =
  /** One. */
  | 'one'
  /** Every one. */
  | 'all'
  /** `value` of them. */
  | 'fixed'
  /** `value` percent of them, rounded up. */
  | 'fixed-percent'
  /** One at least, `value` percent of them (rounded up) at most. */
  | 'random-max-percent';

/** Which processes or nodes a fault hits. Exactly one of the fields that name a thing is set. */
export interface Target {
  /** A node by name. */
  readonly node?: string;
  /** All nodes of a zone. */
  readonly zone?: string;
  /** Nodes with all of these labels. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Whole groups of nodes that have the same value of this label, such as zones or racks: `mode` counts groups. */
  readonly topologyKey?: string;
  /** Nodes that host a pod of this workload (`Deployment/ns/name`) when the fault begins. */
  readonly hosting?: string;
  /** Any node. */
  readonly anyNode?: true;
  /** A control-plane component: `etcd`, `apiserver`, `scheduler`, `controller-manager`, `cloud-controller-manager`. */
  readonly component?: string;
  /** Which instance of the component: a number, `leader` (the lease's holder) or `all`. Default 0; absent where there is a `mode`. */
  readonly instance?: number | 'leader' | 'all';
  /** Default `all`. */
  readonly mode?: TargetMode;
  /** Count or percentage of the modes that take one. */
  readonly value?: number;
}

/**
 * When a task reaches a numbered point for the first time: label (`replicaset`, `binding` …), key, n-th run of that key, yield. At that
 * instant what the step sent is on its way and no answer has come.
 */
export interface TaskCondition {
  readonly kind: 'task';
  readonly label: string;
  readonly key?: string;
  readonly run?: number;
  readonly point?: number;
}

/** When an object changes for the `nth` time, where `seenBy` sees it. */
export interface ObjectCondition {
  readonly kind: 'object';
  /** Kind: `Pod`. */
  readonly of: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly change: 'created' | 'deleted' | 'changed';
  /** Dotted path of the field that has to change: `status.phase`. With `from` and `to` from and to these values, as text. */
  readonly field?: string;
  readonly from?: string;
  readonly to?: string;
  readonly nth?: number;
  /** `store` (committed; the default), `apiserver` (sent to a watcher), or the component whose informer takes it in. */
  readonly seenBy?: string;
}

/** When another fault has begun for the first time, or has ended for good: a repeated one after its last time. */
export interface FaultCondition {
  readonly kind: 'fault';
  readonly id: string;
  readonly state: 'begun' | 'ended';
}

/** What can be waited for; conditions combine. `sequence`: each is looked for when the one before it has come true. */
export type Condition =
  | { readonly kind: 'at'; readonly atUs: number }
  /** So long after it is first looked for: a pause in a sequence. */
  | { readonly kind: 'wait'; readonly forUs: number }
  | TaskCondition
  | ObjectCondition
  | FaultCondition
  | { readonly kind: 'all' | 'any' | 'sequence'; readonly of: readonly Condition[] };

/** When a fault begins. */
export type Trigger = Condition;

/** A fault that comes and goes until the heal point. It lasts a time, which is shorter than `everyUs`. */
export interface Repeat {
  /** From one beginning to the next, µs; on average where there is a dwell. */
  readonly everyUs: number;
  /** Most beginnings; absent = until the heal point. */
  readonly times?: number;
  /**
   * With it both the fault and the pause after it are drawn, evenly around their means, and neither is ever shorter than this, µs: a rate
   * with a minimum dwell.
   */
  readonly dwellUs?: number;
}

interface FaultBase {
  readonly id: string;
  readonly target: Target;
  readonly trigger: Trigger;
  /** How long, µs; null = until the heal point. */
  readonly forUs: number | null;
  readonly repeat?: Repeat;
}

/**
 * HTTP codes of refusals: 401 as for an expired certificate or token, 504 as of a request that ran out of time before it was carried out (whoever asked
 * cannot know that).
 */
export type RefusalCode = 401 | 409 | 429 | 500 | 503 | 504;

/** What a field may be given. */
export type FieldValue = string | number | boolean;

export type FaultPlan =
  /** The machine loses power: containers and kubelet are gone, nobody is told. At the end it boots again. */
  | (FaultBase & { readonly kind: 'node-crash' })
  /** A machine loses power as soon as the pods that run on it request more than `percent` of a resource of it, `memory` or `cpu`; at the end it boots again. */
  | (FaultBase & { readonly kind: 'node-panic'; readonly fullOf: 'cpu' | 'memory'; readonly percent: number })
  /** The kubelet process stops; containers go on. */
  | (FaultBase & { readonly kind: 'kubelet-stop' })
  /** A control-plane process crashes and stays down for the time; connections are reset. */
  | (FaultBase & { readonly kind: 'process-crash'; readonly unsynced?: 'lost' | 'kept' | 'torn' })
  /** Frozen: nothing lost, everything waits. */
  | (FaultBase & { readonly kind: 'process-pause' })
  /** The network between target and peer is cut (`direction`: both, only from the target, only to it). */
  | (FaultBase & { readonly kind: 'partition'; readonly peer: Target; readonly direction?: 'both' | 'from' | 'to' })
  | (FaultBase & {
      readonly kind: 'slow-link';
      readonly peer: Target;
      readonly latencyUs: number;
      readonly jitterUs?: number;
      /** Exactly these of the messages, counted from 1 since the fault began, have the whole of the jitter, the others none. */
      readonly late?: readonly number[];
    })
  /** A share of the transmissions is lost, or with `lost` exactly these, counted from 1 since the fault began. */
  | (FaultBase & {
      readonly kind: 'lossy-link';
      readonly peer: Target;
      readonly lossPercent?: number;
      readonly lost?: readonly number[];
    })
  /** What is sent between target and peer waits until the end; nobody's connection breaks. */
  | (FaultBase & { readonly kind: 'held-link'; readonly peer: Target })
  /** A link with a bandwidth, on which datagrams (of store members) come twice or out of order. */
  | (FaultBase & {
      readonly kind: 'impaired-link';
      readonly peer: Target;
      readonly bytesPerSecond?: number;
      readonly duplicatePercent?: number;
      readonly reorderPercent?: number;
      /** Exactly these datagrams, counted from 1 since the fault began, come twice, and late, instead of a share. */
      readonly doubled?: readonly number[];
      readonly late?: readonly number[];
    })
  /** A process takes `times` as long for everything it does: too little cpu, too much load. */
  | (FaultBase & { readonly kind: 'slow-process'; readonly times: number })
  /** Nodes cannot pull images: those they have not wait for the end. */
  | (FaultBase & { readonly kind: 'registry-outage' })
  /** Each pull that nodes begin takes longer. */
  | (FaultBase & { readonly kind: 'slow-pulls'; readonly latencyUs: number })
  /**
   * Kubelets do not hear what becomes of their containers: they start and stop what they are told, but report nothing of it and restart nothing; after three
   * minutes their nodes are not Ready.
   */
  | (FaultBase & { readonly kind: 'pleg-stall' })
  /** The first container of pods on nodes, or that of this name, is killed once; with a target `hosting` only of that workload. */
  | (FaultBase & { readonly kind: 'container-kill'; readonly container?: string | undefined })
  /** Nodes have no address for a new pod: it waits, and is tried again. */
  | (FaultBase & { readonly kind: 'address-shortage' })
  /** The proxies of nodes program no rules: traffic goes where it went before. */
  | (FaultBase & { readonly kind: 'proxy-lag' })
  | (FaultBase & { readonly kind: 'clock-rate'; readonly rate: number })
  | (FaultBase & { readonly kind: 'clock-offset'; readonly offsetUs: number })
  | (FaultBase & { readonly kind: 'slow-disk'; readonly extraSyncUs: number })
  /** Syncs fail, or the disk is full: whoever depends on it ends itself. */
  | (FaultBase & { readonly kind: 'disk-failure'; readonly reason: 'io-error' | 'no-space' })
  /** A record of a store member's file is damaged; found at its next start. */
  | (FaultBase & { readonly kind: 'bit-flip'; readonly file: 'wal' | 'snapshot' | 'backend' })
  /** The leading store member hands its leadership to another. */
  | (FaultBase & { readonly kind: 'leader-transfer' })
  /** Snapshots that store members send each other take longer. */
  | (FaultBase & { readonly kind: 'slow-snapshot'; readonly latencyUs: number })
  /** A store member takes longer to apply each batch of what is committed; its log and its group go on. */
  | (FaultBase & { readonly kind: 'slow-apply'; readonly latencyUs: number })
  /** A store member crashes right after the first change that it applies: in the middle of a batch, before any answer. */
  | (FaultBase & { readonly kind: 'crash-in-apply' })
  /** A store member goes down and its disk is lost; at the end it starts with an empty one and believes to be who it was. */
  | (FaultBase & { readonly kind: 'disk-loss' })
  /** The store is compacted to its newest revision, over and over. */
  | (FaultBase & { readonly kind: 'compaction-storm'; readonly everyUs: number })
  /**
   * Watch caches of API servers hear of changes late, of one resource (plural name) or of all; `latencyUs` null = not at all until the fault ends ("time
   * travel").
   */
  | (FaultBase & { readonly kind: 'watch-lag'; readonly resource?: string; readonly latencyUs: number | null })
  /** API servers send no bookmarks, for one resource or for all: who watches keeps an old position. */
  | (FaultBase & { readonly kind: 'no-bookmarks'; readonly resource?: string })
  /** A component's copy of all objects of one resource (plural name) hears of changes late, its other copies do not; null as above. */
  | (FaultBase & { readonly kind: 'informer-lag'; readonly resource: string; readonly latencyUs: number | null })
  /** API servers close each watch (of one resource, or of all) at its next change, again and again, and its position is too old: its client lists anew. */
  | (FaultBase & { readonly kind: 'expired-watches'; readonly resource?: string })
  /** A component's handlers are told of each change (of one resource, or of all) but deletions twice, as after a new list or a resync. */
  | (FaultBase & { readonly kind: 'repeated-events'; readonly resource?: string })
  /** A component waits exactly its back-off or retry period, with nothing drawn: clients that failed together come back together. */
  | (FaultBase & { readonly kind: 'no-jitter' })
  /** Writes of a component are carried out, and their answers are lost: the outcome stays unknown. */
  | (FaultBase & { readonly kind: 'lost-replies' })
  /** API servers refuse requests, all or some. */
  | (FaultBase & {
      readonly kind: 'refused-requests';
      readonly code: RefusalCode;
      readonly user?: string;
      readonly verb?: string;
      readonly resource?: string;
      readonly percent?: number;
      /** Exactly these of the requests meant, counted from 1 since the fault began, instead of a share. */
      readonly requests?: readonly number[];
    })
  /** A plugin of schedulers fails at an extension point, for all or some of the pods that get there. */
  | (FaultBase & {
      readonly kind: 'plugin-errors';
      readonly extensionPoint: ExtensionPoint;
      /** As messages name it. */
      readonly plugin?: string;
      readonly percent?: number;
      /** Exactly these of the attempts that get there, counted from 1 since the fault began, instead of a share. */
      readonly attempts?: readonly number[];
    })
  /** Other clients list all of a resource (plural name), begin to watch it, or create Events, over and over. */
  | (FaultBase & {
      readonly kind: 'load-burst';
      readonly load: 'lists' | 'watches' | 'events';
      readonly resource?: string;
      readonly perSecond: number;
    })
  /** Somebody changes one field of an object; at the end it is as it was, unless somebody else has changed it since. */
  | (FaultBase & {
      readonly kind: 'changed-field';
      /** `Kind/namespace/name` or `Kind/name`; with a star at its end each whose name begins so. */
      readonly object: string;
      /** Dotted path, list items by number: `spec.ports.0.port`. */
      readonly field: string;
      /** Absent: one bit of it is flipped, or a letter of it swapped. */
      readonly value?: FieldValue;
    })
  /** API servers close each watch that has something to deliver. */
  | (FaultBase & { readonly kind: 'slow-watchers' })
  /** The provider removes the instance of a node for good. */
  | (FaultBase & { readonly kind: 'instance-removed' });

export type FaultKind = FaultPlan['kind'];

/** Faults that are over as soon as they have begun: their `forUs` is null. */
export const ENDS_AT_ONCE: readonly FaultKind[] = ['leader-transfer', 'container-kill'];

/** Faults of machines and of what runs there: they hit nodes. */
export const NODE_FAULTS = [
  'node-crash',
  'node-panic',
  'instance-removed',
  'registry-outage',
  'slow-pulls',
  'pleg-stall',
  'container-kill',
  'address-shortage',
  'proxy-lag',
] as const satisfies readonly FaultKind[];

/**
 * Fields that name exactly what is hit, as a fault reports its hits, each with the share that it stands for and excludes; '' where it stands beside what it
 * needs.
 */
export const EXACT_FIELDS: Readonly<Partial<Record<FaultKind, Readonly<Record<string, string>>>>> = {
  'lossy-link': { lost: 'lossPercent' },
  'impaired-link': { doubled: 'duplicatePercent', late: 'reorderPercent' },
  'slow-link': { late: '' },
  'refused-requests': { requests: 'percent' },
  'plugin-errors': { attempts: 'percent' },
} satisfies { readonly [K in FaultKind]?: ExactFieldsOf<K> };

/** Of a kind of fault: some of its fields, each with another one or ''. */
type ExactFieldsOf<K extends FaultKind> = Readonly<
  Partial<Record<keyof Extract<FaultPlan, { readonly kind: K }>, keyof Extract<FaultPlan, { readonly kind: K }> | ''>>
>;

/** What becomes of what a deleted object owns: it is deleted after it, before it, or stays without an owner. */
export type Cascade = 'background' | 'foreground' | 'orphan';

/** What a user does meanwhile. */
export type Operation =
  | { readonly kind: 'scale'; readonly atUs: number; readonly workload: string; readonly replicas: number }
  | { readonly kind: 'set-image'; readonly atUs: number; readonly workload: string; readonly image: string }
  /** `Kind/namespace/name`, or `Kind/name` of what has no namespace; `cascade` as of `kubectl delete`, default background. */
  | { readonly kind: 'delete'; readonly atUs: number; readonly workload: string; readonly cascade?: Cascade }
  | { readonly kind: 'apply'; readonly atUs: number; readonly objects: readonly KubeObject[] }
  /** A further store member joins the group as a learner, restarts of all members in turn. */
  | { readonly kind: 'store-member-add' | 'store-rolling-restart' | 'store-alarm-disarm'; readonly atUs: number }
  /** One member, or without `instance` all of them in turn. */
  /** A new group of one begins with what this member has; the others stay down. The revision is raised. */
  | { readonly kind: 'store-restore'; readonly atUs: number; readonly instance: number; readonly bumpRevision: number }
  | { readonly kind: 'store-defragment'; readonly atUs: number; readonly instance?: number }
  /** A learner becomes a voter; a member leaves the group for good. Instances count from 0; added ones follow the first. */
  | {
      readonly kind: 'store-member-promote' | 'store-member-remove';
      readonly atUs: number;
      readonly instance: number;
    }
  | { readonly kind: 'cordon' | 'uncordon'; readonly atUs: number; readonly target: Target }
  /** As `kubectl drain --ignore-daemonsets --delete-emptydir-data`: cordon, then evict until the node is empty; then uncordon. */
  | {
      readonly kind: 'drain';
      readonly atUs: number;
      readonly target: Target;
      readonly timeoutUs: number;
      readonly uncordon: boolean;
    };

export interface Phases {
  readonly warmUpUs: number;
  readonly safetyUs: number;
  /** `all`, or the ids of faults that are healed; others stay. */
  readonly heal: 'all' | readonly string[];
  /** Time to converge after heal, µs; `auto` = from the run's own settings. */
  readonly boundUs: number | 'auto';
  readonly stableUs: number;
}

export type Expectation = 'pass' | { readonly fail: string };

export interface ScenarioPlan {
  readonly name: string;
  readonly about: string;
  readonly source: string;
  readonly cluster: ClusterDescription;
  readonly workload: readonly KubeObject[];
  readonly operations: readonly Operation[];
  readonly faults: readonly FaultPlan[];
  readonly phases: Phases;
  /** Ids of predicates to check; empty = all that apply. */
  readonly predicates: readonly string[];
  /** Runs that this one is compared with when it has passed; absent = none. */
  readonly comparisons?: readonly ComparisonId[];
  /** Names of excuses that may stand in for a liveness failure. */
  readonly excuses: readonly string[];
  /** Bug switches that are on. */
  readonly bugs: readonly string[];
  readonly expect: Expectation;
  readonly eventsMax: number;
  /** Seed that permutes events of equal time; absent = by process id. */
  readonly interleaving?: number;
  /** Other orders at single instants; not together with `interleaving`. */
  readonly reorderings?: readonly Reordering[];
}

/** What these processes sent, to arrive at one instant, comes in this order; among others they share out the places that they had. */
export interface Reordering {
  readonly atUs: number;
  /** Names of processes: `scheduler-0`, `kubelet-node-1`, `harness` for what is done to the cluster. */
  readonly order: readonly string[];
}
