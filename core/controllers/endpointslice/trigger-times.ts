/**
 * The instant of the oldest change a slice update brings, for the annotation that measures network programming latency.
 * Source: Kubernetes 1.34 staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go.
 */
import type { Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import type { Service } from '../../types/service.ts';

/** What one service's syncs have seen. Times are metav1.Time strings, whose order is that of the times. */
export class TriggerTimes {
  readonly #pods = new Map<number, string>();
  #service = '';
  #oldest = '';

  /** Begins a sync. */
  begin(service: Service): void {
    this.#oldest = '';
    const created = service.metadata.creationTimestamp ?? '';
    if (created > this.#service) {
      this.#service = created;
      this.#oldest = created;
    }
  }

  /** A pod that the sync looks at; undefined = it is gone or no longer selected. */
  see(id: number, pod: Pod | undefined): void {
    const time = findCondition(pod?.status?.conditions, 'Ready')?.lastTransitionTime ?? '';
    if (time === '') {
      this.#pods.delete(id);
      return;
    }
    const last = this.#pods.get(id) ?? '';
    this.#pods.set(id, time);
    if (time > last && (this.#oldest === '' || time < this.#oldest)) this.#oldest = time;
  }

  /** The annotation's value for this sync, '' when nothing that is measured changed. */
  get oldest(): string {
    return this.#oldest;
  }
}
