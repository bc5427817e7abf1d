/**
 * `seatrial help card`: how to read the report card of `trial`.
 */

/** The text, within 110 columns and 40 lines. The rules themselves are in bench/trial: mark.ts, floors.ts and bounds.ts. */
export const CARD_TOPIC = `How to read the report card of seatrial trial

Under each workload stands a row a trial, worst first: the worst of all its runs (nodes or zones × seeds).
Trials in which it was never short of a pod share a line. Nine workloads and more stand in one table (ok =
survived; a time = so long none was ready; low = so long below the floor; late = back after so long), with
what they have in common below. --verbose shows every row.

  mark        what the row is worth, see below
  worst       what was hit in that run, and its seed; empty where it survived
  ready       fewest ready endpoints at any moment; pods, where no Service selects them
  floor       fewest that the trial allows
  of          the replicas wanted
  none for    longest time with none ready
  back after  from the fault to full strength; empty = never short, or a drain; never = not back at the end
  bound       latest that back after may be; in a drain: longest that one node may take
  why         what was broken, or what the mark hangs on; "as without a fault": see above the rows;
              "below the floor for 3s: 1 ready, floor 2": the fewest then, and the floor then

Marks
  failed      none ready for longer than --tolerate (10s), or not converged at the end of the run (never back)
  degraded    below the floor, or back later than the bound, or the drain of a node was not done in time
  unknown     hangs on something that is read but not simulated; the numbers of the row hold without it;
              --assume KIND,… declares such things harmless, and the mark is computed without them
  survived    none of these
Exit 1 from the mark on that --fail-on names (failed); --strict exits with 4 where a mark is unknown.

Floors
  node-crash, zone-loss         replicas − the pods on what failed
  drain                         what the budget keeps; without one replicas − the pods on that node
  rolling-update, broken-image  replicas − maxUnavailable; all, for workloads that are not the updated one
  all others                    all replicas: faults of the control plane cost no pod

Bounds come from the run's own settings: when a node is given up, how long pods stay on it, how long they pull
and start. A StatefulSet's pod waits for its lost node, so there the bound counts from the node's return.

A Job's row says only whether it completed: it failed, or is unfinished at the end, or it survived. Its other
cells are empty.

Below the rows: what blocked (the line in the manifests to look at), and again (what shows the row once more).
`;
