/**
 * Plugins that fail when a fault says so: not "this node will not do", but an error, which ends the attempt.
 *
 * The pod is queued again with back-off, its condition says SchedulerError. Source: kube-scheduler 1.34 runtime/framework.go (wording), schedule_one.go.
 */
import type { Context } from '../../sim/context.ts';
import type { Pod } from '../../types/pod.ts';
import { StatusError } from '../../types/status-error.ts';
import { type ExtensionPoint, POINT_PLUGIN } from '../points.ts';

/** Reason of the errors of plugins that run before a binding. */
export const PLUGIN_FAILED = 'PluginFailed';

/** The failure of a plugin at `point` for `pod`, in kube-scheduler's words; null as long as nothing fails. */
export function pluginFailure(ctx: Context, point: ExtensionPoint, pod: Pod): string | null {
  if (!ctx.isIntercepted(POINT_PLUGIN)) return null;
  const plugin = ctx.intercept(POINT_PLUGIN, { point, pod });
  if (plugin === undefined) return null;
  const quoted = JSON.stringify(plugin);
  if (point === 'Filter') return `running ${quoted} filter plugin: injected failure`;
  if (point === 'Score') return `running Score plugins: plugin ${quoted} failed with: injected failure`;
  return `running ${point} plugin ${quoted}: injected failure`;
}

/** As {@link pluginFailure}, thrown. @throws StatusError */
export function throwPluginFailure(ctx: Context, point: ExtensionPoint, pod: Pod): void {
  const message = pluginFailure(ctx, point, pod);
  if (message !== null) throw new StatusError(500, PLUGIN_FAILED, message);
}
