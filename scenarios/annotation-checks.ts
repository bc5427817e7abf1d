/**
 * Annotations of pods and workloads below `seatrial.dev/`: a name or a value that the simulation would not understand is an error here, not a default there.
 */
import { FLOOR_KINDS } from '../core/chaos/predicates/ready-floor-check.ts';
import { ANNOTATION_PREFIX } from '../core/node/options.ts';
import { parseGoDuration } from '../core/types/go-duration.ts';
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import { tryParseQuantity } from '../core/types/quantity.ts';
import type { FieldPath } from './manifest-fields.ts';
import { METADATA_PATHS, valueAt } from './manifest-pods.ts';
import type { Place, ProblemList } from './problem.ts';

/** Words that an annotation takes, and whether it takes a duration. */
interface Values {
  readonly words: readonly string[];
  readonly duration: boolean;
  /** Whether it takes a quantity of cpu. */
  readonly cpu?: boolean;
  /** Whether it takes a count. */
  readonly count?: boolean;
  /** Whether it may be said of one container, `crash-after.NAME`. */
  readonly ofContainer?: boolean;
  /** Whether it is about the workload itself; else about its pods. */
  readonly ofWorkload?: boolean;
}

const VALUES: Readonly<Record<string, Values>> = {
  'image-pull': { words: ['never'], duration: true },
  'ready-after': { words: [], duration: true },
  'never-ready': { words: ['true', 'false'], duration: false },
  'run-for': { words: [], duration: true, ofContainer: true },
  exit: { words: ['ok', 'error', 'never'], duration: false, ofContainer: true },
  'crash-after': { words: [], duration: true, ofContainer: true },
  'stop-after': { words: [], duration: true },
  'cpu-usage': { words: [], duration: false, cpu: true },
  'min-ready': { words: [], duration: false, count: true, ofWorkload: true },
};

/** Reports what is wrong with the annotations of an object's pods; `placeOf` tells where its fields stand. */
export function checkAnnotations(object: KubeObject, placeOf: (path: FieldPath) => Place, problems: ProblemList): void {
  for (const path of METADATA_PATHS) {
    const annotations = valueAt(object, [...path, 'annotations']);
    if (!isRecord(annotations)) continue;
    for (const [key, value] of Object.entries(annotations)) {
      if (!key.startsWith(ANNOTATION_PREFIX)) continue;
      const [name = '', ...container] = key.slice(ANNOTATION_PREFIX.length).split('.');
      const place = placeOf([...path, 'annotations', key]);
      const found = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
      const known = container.length === 0 || found?.ofContainer === true ? found : undefined;
      if (known === undefined) {
        const names = Object.keys(VALUES).map((each) => ANNOTATION_PREFIX + each);
        problems.unknownName(place, 'MAN-013', 'annotation', key, names);
        continue;
      }
      const containers = valueAt(object, [...path.slice(0, -1), 'spec', 'containers']);
      if (container.length > 0 && Array.isArray(containers)) {
        const names = containers.map((one: unknown) => String(valueAt(one, ['name'])));
        if (!names.includes(container.join('.'))) {
          problems.unknownName(place, 'MAN-013', 'container', container.join('.'), names);
          continue;
        }
      }
      const belongs = placeOfItsOwn(object, path, known);
      if (belongs !== '') problems.error(place, 'MAN-013', `${key} means nothing here: it belongs to ${belongs}`);
      else if (typeof value === 'string' && !isValue(value, known)) {
        const forms = [
          ...(known.duration ? ['a duration such as 30s'] : []),
          ...(known.cpu ? ['cores such as 250m'] : []),
          ...(known.count ? ['a count such as 2'] : []),
        ];
        problems.error(place, 'MAN-013', `${key}: "${value}", expected ${[...forms, ...known.words].join(' or ')}`);
      }
    }
  }
}

/** Where an annotation that stands at `path` should stand; '' where it is right, or an operator may hand it on. */
function placeOfItsOwn({ kind, spec }: KubeObject, path: FieldPath, { ofWorkload = false }: Values): string {
  const own = path.length === 1;
  if (ofWorkload)
    return own && FLOOR_KINDS.includes(kind) ? '' : `the metadata of a workload: ${FLOOR_KINDS.join(', ')}`;
  if (!own) return '';
  if (isRecord(valueAt(spec, ['jobTemplate']))) return 'the pods, spec.jobTemplate.spec.template.metadata';
  return isRecord(valueAt(spec, ['template', 'spec'])) ? 'the pods, spec.template.metadata' : '';
}

function isValue(text: string, { words, duration, cpu = false, count = false }: Values): boolean {
  if (words.includes(text) || (duration && parseGoDuration(text) !== undefined)) return true;
  if (count) return /^\d{1,7}$/.test(text);
  return cpu && tryParseQuantity(text) !== undefined && !text.startsWith('-');
}
