/**
 * Where a worker thread is right now, asked of V8's debugger: it stops a loop without an end for a moment and shows its stack.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../cli/package-info.ts';

interface Message {
  readonly method?: string;
  readonly params?: {
    readonly scriptId?: string;
    readonly url?: string;
    readonly callFrames?: readonly Frame[];
  };
}

interface Frame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
}

/** `mine.mjs:12:5, in score`: the innermost place outside seatrial and Node; `''` when it cannot be told within `limitMs`. */
export async function placeInThread(threadId: number, limitMs: number): Promise<string> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  try {
    return await new Promise<string>((resolve) => {
      setTimeout(() => resolve(''), limitMs).unref();
      const urls = new Map<string, string>();
      let attached = '';
      const send = (id: number, method: string): void =>
        session.post('NodeWorker.sendMessageToWorker', {
          sessionId: attached,
          message: JSON.stringify({ id, method }),
        });
      session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
        if (workerInfo.workerId !== String(threadId)) return;
        attached = sessionId;
        send(1, 'Debugger.enable');
        send(2, 'Debugger.pause');
      });
      session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
        if (sessionId !== attached) return;
        const { method, params = {} } = JSON.parse(message) as Message;
        if (method === 'Debugger.scriptParsed') urls.set(params.scriptId ?? '', params.url ?? '');
        if (method !== 'Debugger.paused') return;
        // A thread that the debugger holds cannot be ended.
        send(3, 'Debugger.disable');
        resolve(placeOf(params.callFrames ?? [], urls));
      });
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    });
  } finally {
    session.post('NodeWorker.disable');
    session.disconnect();
  }
}

function placeOf(frames: readonly Frame[], urls: ReadonlyMap<string, string>): string {
  const own = `${packageRoot()}${path.sep}dist${path.sep}`;
  for (const { functionName, location } of frames) {
    const url = urls.get(location.scriptId) ?? '';
    if (!url.startsWith('file:')) continue;
    const file = fileURLToPath(url.replace(/\?.*$/, ''));
    if (file.startsWith(own) || file.includes(`${path.sep}node_modules${path.sep}`)) continue;
    const where = `${path.relative(process.cwd(), file)}:${location.lineNumber + 1}:${location.columnNumber + 1}`;
    return functionName === '' ? where : `${where}, in ${functionName}`;
  }
  return '';
}
