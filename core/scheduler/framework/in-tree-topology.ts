/**
 * The topology that the node affinity of an in-tree volume asks for once a CSI driver has taken the volume over. Source: Kubernetes 1.34.1,
 * csi-translation-lib (plugins/in_tree_volume.go).
 */
import type { StringMap } from '../../types/object.ts';
import type { NodeSelectorTerm } from '../../types/pod.ts';
import { BETA_REGION, BETA_ZONE, REGION, ZONE, ZONE_SEPARATOR } from './zone-labels.ts';

/**
 * Zones of the affinity take the driver's key; without any there, those of the volume's labels are added to each term. Old regions
 * take their present key. Source: translateTopologyFromInTreeToCSI.
 */
export function translatedTerms(
  terms: readonly NodeSelectorTerm[] | undefined,
  labels: StringMap,
  zoneKey: string,
): readonly NodeSelectorTerm[] | undefined {
  const isOldLabelled = labels[ZONE] === undefined && labels[BETA_ZONE] !== undefined;
  const isOld = !hasKey(terms, ZONE) && (hasKey(terms, BETA_ZONE) || isOldLabelled);
  const oldZone = isOld ? BETA_ZONE : ZONE;
  let translated = terms;
  if (hasKey(terms, oldZone, 1)) translated = withKey(terms, oldZone, zoneKey);
  else if (labels[oldZone] !== undefined) translated = withZones(terms, zoneKey, labels[oldZone]);
  return isOld && hasKey(translated, BETA_REGION, 1) ? withKey(translated, BETA_REGION, REGION) : translated;
}

/** Whether an expression of the terms asks for a label, with at least so many values. */
function hasKey(terms: readonly NodeSelectorTerm[] | undefined, key: string, values = 0): boolean {
  return (terms ?? []).some(({ matchExpressions = [] }) =>
    matchExpressions.some((each) => each.key === key && (each.values?.length ?? 0) >= values),
  );
}

function withKey(
  terms: readonly NodeSelectorTerm[] | undefined,
  old: string,
  key: string,
): readonly NodeSelectorTerm[] | undefined {
  return terms?.map((term) => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((each) => (each.key === old ? { ...each, key } : each)),
  }));
}

function withZones(
  terms: readonly NodeSelectorTerm[] | undefined,
  key: string,
  label: string,
): readonly NodeSelectorTerm[] | undefined {
  const values = label.split(ZONE_SEPARATOR).flatMap((zone) => zone.trim() || []);
  if (values.length === 0) return terms;
  const all = terms === undefined || terms.length === 0 ? [{}] : terms;
  return all.map((term: NodeSelectorTerm) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), { key, operator: 'In', values }],
  }));
}
