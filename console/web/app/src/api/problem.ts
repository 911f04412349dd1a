/** A failed call as the server describes it (RFC 9457, with where and next of ours). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly where: string;
  readonly next: string;
  readonly id: string;
  /** 0-based character of a query at which it stops making sense. */
  readonly position: number | undefined;
  /** Both sides of a change that met another one. */
  readonly conflict: Conflict | undefined;

  constructor(status: number, body: ProblemBody) {
    super(body.title ?? String(status));
    this.status = status;
    this.code = body.code ?? (status === 0 ? "offline" : "error");
    this.detail = body.detail ?? "";
    this.where = body.where ?? "";
    this.next = body.next ?? "";
    this.id = body.id ?? "";
    this.position = body.position;
    this.conflict = body.conflict;
  }
}

export interface Conflict {
  yours: string;
  theirs: string;
  base: string;
  version: number;
  revision: number;
  by: string;
  at: string | null;
  reason: string;
}

export interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  where?: string;
  next?: string;
  id?: string;
  position?: number;
  conflict?: Conflict;
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, { title: error instanceof Error ? error.message : String(error) });
}
