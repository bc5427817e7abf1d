/**
 * Resolves the operations of one workload: parameters become numbers, paths become templates, sets become single operations.
 */
import { parseDuration } from '../../../scenarios/duration.ts';
import type { Place, ProblemList } from '../../../scenarios/problem.ts';
import { type ExpectedKind, ObjectTemplate } from '../objects/object-template.ts';
import type { CreateNodes, CreatePodGroups, CreatePods, NodeStrategy, Operation, WriteAny } from './operation.ts';
import type { Parameters } from './parameters.ts';
import type { CreatePodsFile, OperationFile, TestCaseFile } from './schema.ts';
import type { TemplateFiles } from './template-files.ts';

/** Most objects that one workload may make: more is a mistake in a parameter. */
const OBJECTS_MAX = 2_000_000;
const CHURN_INTERVAL_MS = 500;

/** Where an operation stands. */
type At = (...path: (string | number)[]) => Place;

/** What resolving needs. */
export interface ResolveContext {
  readonly file: string;
  readonly parameters: Parameters;
  readonly files: TemplateFiles;
  readonly problems: ProblemList;
  readonly testCase: TestCaseFile;
  readonly at: At;
}

type Counted = { readonly count?: number | undefined; readonly countParam?: string | undefined };
type OfCode<C extends OperationFile['opcode']> = Extract<OperationFile, { readonly opcode: C }>;
type Templated = { readonly templateParams?: Readonly<Record<string, unknown>> | undefined };

/** The operations of a workload. */
export function resolveOperations(context: ResolveContext): readonly Operation[] {
  return new Resolver(context).all();
}

class Resolver {
  readonly #context: ResolveContext;
  readonly #found: Operation[] = [];
  #objects = 0;
  /** The count that makes most of them, and the parameter it comes from. */
  #largest: { readonly count: number; readonly reference: string } = { count: 0, reference: '' };

  constructor(context: ResolveContext) {
    this.#context = context;
  }

  all(): readonly Operation[] {
    const { testCase, at, problems } = this.#context;
    for (const [index, operation] of testCase.workloadTemplate.entries()) {
      this.#resolve(operation, (...path) => at('workloadTemplate', index, ...path));
    }
    if (this.#objects > OBJECTS_MAX) {
      const { count, reference } = this.#largest;
      const { workload } = this.#context.parameters;
      const message = `${workload}: ${this.#objects} objects, ${count} of them by ${reference}, at most ${OBJECTS_MAX}`;
      problems.error(at('workloadTemplate'), 'SPF-014', message);
    }
    return this.#found;
  }

  #resolve(operation: OperationFile, at: At): void {
    if (operation.opcode === 'createPodSets' && 'createPodsOp' in operation) this.#podSets(operation, at);
    else this.#found.push(this.#single(operation, at));
  }

  /** The inner operation once in each namespace. */
  #podSets(operation: OfCode<'createPodSets'>, at: At): void {
    const sets = this.#count(operation, at, 0);
    if (sets > OBJECTS_MAX) return;
    for (let i = 0; i < sets; i++) {
      const inner = { ...operation.createPodsOp, namespace: `${operation.namespacePrefix}-${i}` };
      this.#found.push(this.#createPods(inner, (...path) => at('createPodsOp', ...path)));
    }
  }

  #single(operation: OperationFile, at: At): Operation {
    switch (operation.opcode) {
      case 'createNodes':
        return this.#createNodes(operation, at);
      case 'createNamespaces': {
        const count = this.#count(operation, at, 0);
        const template = this.#template(operation.namespaceTemplatePath, {}, count, at('namespaceTemplatePath'));
        return { opcode: 'createNamespaces', prefix: operation.prefix, count, template };
      }
      case 'createPods':
        return this.#createPods(operation, at);
      case 'deletePods': {
        const { namespace, labelSelector = {}, skipWaitToCompletion = false, deletePodsPerSecond = 0 } = operation;
        return {
          opcode: 'deletePods',
          namespace,
          labelSelector,
          skipWait: skipWaitToCompletion,
          perSecond: deletePodsPerSecond,
        };
      }
      case 'churn':
        return this.#churn(operation, at);
      case 'barrier': {
        const { namespaces = [], labelSelector = {}, stageRequirement } = operation;
        const stage = stageRequirement === 'Attempted' ? 'Attempted' : 'Scheduled';
        return { opcode: 'barrier', namespaces, labelSelector, stage };
      }
      case 'sleep':
        return { opcode: 'sleep', us: this.#duration(operation, at) };
      case 'startCollectingMetrics': {
        const { name = '', namespaces, labelSelector = {} } = operation;
        return { opcode: 'startCollectingMetrics', name, namespaces, labelSelector };
      }
      case 'stopCollectingMetrics':
        return { opcode: 'stopCollectingMetrics' };
      case 'createAny':
      case 'updateAny':
        return this.#writeAny(operation, at);
      case 'createResourceClaims':
        return this.#writeAny({ ...operation, opcode: 'createAny' }, at);
      case 'createResourceDriver': {
        const { driverName, nodes, maxClaimsPerNode: count, maxClaimsPerNodeParam: countParam } = operation;
        return {
          opcode: 'createResourceDriver',
          driverName,
          nodes,
          devicesPerNode: this.#count({ count, countParam }, at, 0),
        };
      }
      case 'createPodGroups': {
        const count = this.#count(operation, at, 1);
        const template = this.#template(operation.templatePath, operation, count, at('templatePath'), null, at);
        // Without its template the problem is known already, and nothing will be run.
        return {
          opcode: 'createPodGroups',
          namespace: operation.namespace,
          count,
          template: template as CreatePodGroups['template'],
        };
      }
      case 'allocResourceClaims':
        return { opcode: 'allocResourceClaims', namespace: operation.namespace ?? '' };
      default:
        return this.#notSimulated(operation, at);
    }
  }

  #createNodes(operation: OfCode<'createNodes'>, at: At): CreateNodes {
    const count = this.#count(operation, at, 0);
    const { nodeTemplatePath } = operation;
    const template = this.#template(nodeTemplatePath, operation, count, at('nodeTemplatePath'), 'Node', at);
    return { opcode: 'createNodes', count, template, strategy: strategyOf(operation) };
  }

  #createPods(operation: CreatePodsFile, at: At): CreatePods {
    const { parameters, testCase, problems } = this.#context;
    const { countMultiplierParam, collectMetrics = false, skipWaitToCompletion: skipWait = false } = operation;
    let count = this.#count(operation, at, 0);
    if (countMultiplierParam !== undefined) {
      count *= parameters.count(countMultiplierParam, at('countMultiplierParam')) ?? 0;
    }
    const { steadyStateParam, steadyState = false, signatureBatchSizeParam, signatureBatchSize = 1 } = operation;
    const steady =
      steadyStateParam === undefined
        ? steadyState
        : (parameters.get(steadyStateParam, 'boolean', at('steadyStateParam')) ?? false);
    const durationUs = this.#duration(operation, at);
    if (collectMetrics && skipWait) {
      problems.error(
        at('skipWaitToCompletion'),
        'SPF-011',
        'collectMetrics and skipWaitToCompletion exclude each other',
      );
    }
    if (steady && skipWait) {
      problems.error(at('skipWaitToCompletion'), 'SPF-011', 'steadyState and skipWaitToCompletion exclude each other');
    }
    if (steady && durationUs === 0) problems.error(at(), 'SPF-011', 'a steady state needs a duration above 0');
    const batch =
      signatureBatchSizeParam === undefined
        ? signatureBatchSize
        : (parameters.count(signatureBatchSizeParam, at('signatureBatchSizeParam')) ?? 1);
    const own = operation.podTemplatePath;
    const podPath = own ?? testCase.defaultPodTemplatePath;
    const podPlace = own === undefined ? this.#context.at('defaultPodTemplatePath') : at('podTemplatePath');
    return {
      opcode: 'createPods',
      count,
      namespace: operation.namespace ?? `namespace-${this.#found.length}`,
      template: this.#template(podPath, operation, count, podPlace, 'Pod', at),
      volume: this.#volume(operation, at),
      collectMetrics,
      skipWait,
      signatureBatchSize: Math.max(1, batch),
      steadyStateUs: steady ? durationUs : 0,
    };
  }

  #volume(operation: CreatePodsFile, at: At): CreatePods['volume'] {
    const { persistentVolumeTemplatePath, persistentVolumeClaimTemplatePath } = operation;
    if (persistentVolumeClaimTemplatePath === undefined) return null;
    if (persistentVolumeTemplatePath === undefined) {
      const message = 'persistentVolumeClaimTemplatePath needs persistentVolumeTemplatePath';
      this.#context.problems.error(at('persistentVolumeClaimTemplatePath'), 'SPF-011', message);
    }
    const volume = this.#template(persistentVolumeTemplatePath, {}, 1, at('persistentVolumeTemplatePath'));
    const claim = this.#template(persistentVolumeClaimTemplatePath, {}, 1, at('persistentVolumeClaimTemplatePath'));
    return volume === null || claim === null ? null : { volume, claim };
  }

  #churn(operation: OfCode<'churn'>, at: At): Operation {
    const { mode, number = 0, intervalMilliseconds = 0, templatePaths } = operation;
    const templates = templatePaths.flatMap((path, index) => {
      return this.#template(path, {}, 1, at('templatePaths', index)) ?? [];
    });
    return {
      opcode: 'churn',
      mode,
      number,
      intervalUs: (intervalMilliseconds || CHURN_INTERVAL_MS) * 1000,
      namespace: operation.namespace ?? `namespace-${this.#found.length}`,
      templates,
    };
  }

  #writeAny(operation: OfCode<'createAny'> | OfCode<'updateAny'>, at: At): Operation {
    const count = this.#count(operation, at, 1);
    const template = this.#template(operation.templatePath, operation, count, at('templatePath'), null, at);
    const isUpdate = operation.opcode === 'updateAny';
    const any = {
      opcode: operation.opcode,
      namespace: operation.namespace ?? '',
      count,
      perSecond: isUpdate ? (operation.updatePerSecond ?? 0) : 0,
      subresources: isUpdate ? (operation.subresources ?? []) : [],
    };
    // Without its template the problem is known already, and nothing will be run.
    return { ...any, template: template as WriteAny['template'] };
  }

  /** Its references count as used. */
  #notSimulated(operation: OperationFile, at: At): Operation {
    const { parameters } = this.#context;
    const fields = operation as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(fields)) {
      if (name.endsWith('Param') && typeof value === 'string')
        parameters.forTemplate({ [name]: value }, () => at(name));
    }
    const given = fields['templateParams'];
    if (typeof given === 'object' && given !== null) {
      parameters.forTemplate(given as Readonly<Record<string, unknown>>, (name) => at('templateParams', name));
    }
    return { opcode: 'notSimulated', name: operation.opcode };
  }

  #count({ count, countParam }: Counted, at: At, absent: number): number {
    const found =
      countParam === undefined
        ? (count ?? absent)
        : (this.#context.parameters.count(countParam, at('countParam')) ?? absent);
    this.#objects += found;
    if (found > this.#largest.count) this.#largest = { count: found, reference: countParam ?? 'count' };
    return found;
  }

  #duration(operation: { duration?: string | undefined; durationParam?: string | undefined }, at: At): number {
    const { durationParam, duration } = operation;
    const text =
      durationParam === undefined
        ? duration
        : this.#context.parameters.get(durationParam, 'string', at('durationParam'));
    if (text === undefined) return 0;
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.us;
    const place = at(durationParam === undefined ? 'duration' : 'durationParam');
    this.#context.problems.error(place, 'SPF-011', `"${text}": ${parsed.reason}`);
    return 0;
  }

  /** The template at a path of the file; null without one, or with problems. `at` places the parameters. */
  #template(
    path: string | undefined,
    { templateParams = {} }: Templated,
    count: number,
    place: Place,
    expected: ExpectedKind = null,
    at?: At,
  ): ObjectTemplate | null {
    const { parameters, files, problems, file } = this.#context;
    const resolved = problems.errorCount;
    const params = parameters.forTemplate(templateParams, (name) => at?.('templateParams', name) ?? place);
    if (path === undefined) return null;
    if (path === '') {
      problems.error(place, 'SPF-020', 'an empty path names no template; leave the field out for the default pod');
      return null;
    }
    const before = problems.errorCount;
    const template = files.read(file, path, problems);
    if (template !== null) {
      const made = new ObjectTemplate(template, params, count, parameters.workload, expected);
      if (count > 0 && before === resolved) problems.collect(() => made.at(0));
      return made;
    }
    if (problems.errorCount > before) problems.error(place, 'SPF-020', `${path}: this template cannot be used`);
    return null;
  }
}

function strategyOf(operation: OfCode<'createNodes'>): NodeStrategy | null {
  const { nodeAllocatableStrategy, labelNodePrepareStrategy, uniqueNodeLabelStrategy } = operation;
  if (nodeAllocatableStrategy !== undefined) {
    const { nodeAllocatable = {}, csiNodeAllocatable = {} } = nodeAllocatableStrategy;
    const limits = Object.entries(csiNodeAllocatable).map(([driver, { count }]) => [driver, count] as const);
    return { allocatable: nodeAllocatable, csiLimits: Object.fromEntries(limits), label: null };
  }
  if (labelNodePrepareStrategy !== undefined) {
    const { labelKey, labelValues } = labelNodePrepareStrategy;
    return { allocatable: {}, csiLimits: null, label: { key: labelKey, values: labelValues } };
  }
  if (uniqueNodeLabelStrategy === undefined) return null;
  return { allocatable: {}, csiLimits: null, label: { key: uniqueNodeLabelStrategy.labelKey, values: [] } };
}
