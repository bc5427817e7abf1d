/**
 * Orders of simultaneous events as a plan names them: "at this instant what B sent comes before what A sent".
 */
import type { Order } from '../../sim/order.ts';
import type { Pid } from '../../sim/process.ts';
import type { ProcessTable } from '../../sim/process-table.ts';
import type { Reordering } from '../plan.ts';

/** The order that `reorderings` make; their instants count from `originUs`. Processes that are not there are passed over. */
export function reordered(processes: ProcessTable, reorderings: readonly Reordering[], originUs: number): Order {
  const ranks = new Map<number, ReadonlyMap<Pid, number>>();
  for (const { atUs, order } of reorderings) {
    const pids = order.flatMap((name) => processes.find(name) ?? []);
    const places = [...pids].sort((left, right) => left - right);
    ranks.set(originUs + atUs, new Map(pids.map((pid, index) => [pid, places[index] as number])));
  }
  return (sender, timeUs) => ranks.get(timeUs)?.get(sender) ?? sender;
}
