/**
 * Which workloads a label filter means. Source: Kubernetes 1.37, scheduler_perf, `enabled`.
 */

/** Whether labels pass a filter: a comma list of labels that must be there, or with `-` before them must not. '' lets all pass. */
export function passesLabels(filter: string, labels: readonly string[]): boolean {
  return filter.split(',').every((part) => {
    const word = part.trim();
    if (word === '') return true;
    const wanted = !word.startsWith('-');
    return labels.includes(word.replace(/^[+-]/, '')) === wanted;
  });
}
